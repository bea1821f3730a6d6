"""Pages of a competition as the sections of a statement."""

import re
from html.parser import HTMLParser
from pathlib import Path

from challenges.codabench.competition import LARGEST_PAGE, Competition, inside
from challenges.statement import sections

PLACES = {
    "Background": ("overview", "welcome", "description", "introduction", "about"),
    "Data": ("data",),
    "Success criteria": ("evaluation", "metric", "scoring"),
    "Hints": ("hint", "tips", "getting started", "starting"),
    "References": ("reference", "credit", "citation"),
}
"""Words of a page's title, and the section that it goes to; the first that fits."""
OTHERWISE = "Background"
TERMS = ("terms", "rules")
_HEADING = re.compile(r"^#{1,6}\s+")
_BLOCKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre")
_SKIPPED = ("script", "style", "head")


def section_of(title: str) -> str:
    """The section of the statement that a page of this title belongs to; empty for terms."""
    words = title.lower()
    if any(word in words for word in TERMS):
        return ""
    for section, keys in PLACES.items():
        if any(key in words for key in keys):
            return section
    return OTHERWISE


def with_pages(statement: str, folder: Path, competition: Competition) -> str:
    """Put the text of each page into its section of a statement, under a heading of its own."""
    parts = sections(statement)
    for page in competition.pages:
        place, path = section_of(page.title), inside(folder, page.file)
        if place and path is not None:
            text = text_of(path)
            parts[place] = f"{parts[place]}\n\n### {page.title}\n\n{text}".strip()
    return "\n\n".join(f"## {heading}\n\n{text}" for heading, text in parts.items()) + "\n"


def text_of(path: Path) -> str:
    """A page's text as Markdown whose headings fit below the statement's own."""
    raw = path.read_bytes()[:LARGEST_PAGE].decode("utf-8", "replace")
    return _plain(raw) if path.suffix.lower() in (".html", ".htm") else _lowered(raw)


def _lowered(text: str) -> str:
    """Make headings smaller than those of a section; text in fenced code stays."""
    lines, fenced = [], False
    for line in text.splitlines():
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        lines.append(line if fenced else _HEADING.sub("#### ", line))
    # A fence that never ends would swallow what follows.
    return "\n".join([*lines, "```"] if fenced else lines).strip()


class _Text(HTMLParser):
    """Keeps the words of a page, a line a block."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skipping += tag in _SKIPPED
        if tag in _BLOCKS:
            self.pieces.append("\n\n- " if tag == "li" else "\n\n")

    def handle_endtag(self, tag: str) -> None:
        self.skipping = max(0, self.skipping - (tag in _SKIPPED))
        if tag in _BLOCKS:
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.pieces.append(re.sub(r"\s+", " ", data))


def _plain(text: str) -> str:
    reader = _Text()
    reader.feed(text)
    blocks = [block.strip() for block in "".join(reader.pieces).split("\n\n")]
    return "\n\n".join(_escaped(block) for block in blocks if block and block != "-")


def _escaped(block: str) -> str:
    """Text of HTML that would be a heading or a fence in Markdown is neither."""
    return "\\" + block if block.startswith(("#", "`", "~")) else block

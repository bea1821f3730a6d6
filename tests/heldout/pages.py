"""Looking at pages as a browser and its reader would."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any


class InlineCode(HTMLParser):
    """Collects the scripts and styles that stand within a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        self.found += [value for value in names.values() if value and value.startswith("javascript:")]


def words(response: Any) -> str:
    """The text of a page, without its markup."""
    text = re.sub(r"<[^>]*>", " ", response.content.decode())
    return " ".join(unescape(text).split())


def inline_code(response: Any) -> list[str]:
    """Scripts and styles within the page, which the site's policy forbids."""
    parser = InlineCode()
    parser.feed(response.content.decode())
    return parser.found


def wears_our_look(response: Any) -> bool:
    """Whether the page has the site's own frame."""
    return 'id="main"' in response.content.decode() and "css/tokens" in response.content.decode()

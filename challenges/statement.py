"""The parts of a challenge's statement, and whether all of them are there."""

from collections.abc import Iterator

from challenges.faults import Fault

HEADINGS = ("Background", "Your task", "Data", "Success criteria", "Hints", "References")
"""The second-level headings of every statement, in this order."""


def sections(text: str) -> dict[str, str]:
    """Split Markdown at its second-level headings; headings inside fenced code are text."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line, heading in _lines(text):
        if heading is None:
            current.append(line)
        else:
            current = found.setdefault(heading, [])
    return {heading: "\n".join(lines).strip() for heading, lines in found.items()}


def headings(text: str) -> list[str]:
    """The second-level headings of Markdown in order, one that comes twice twice."""
    return [heading for _, heading in _lines(text) if heading is not None]


def _lines(text: str) -> Iterator[tuple[str, str | None]]:
    """Each line, with its heading where it is one."""
    fenced = False
    for line in text.splitlines():
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        is_heading = line.startswith("## ") and not fenced
        yield line, line.removeprefix("## ").strip() if is_heading else None


def statement_faults(text: str, file: str) -> list[Fault]:
    """Find headings that are missing, empty or out of order."""
    parts = sections(text)
    faults = [_missing(heading, file) for heading in HEADINGS if heading not in parts]
    faults += [_empty(heading, file) for heading in HEADINGS if parts.get(heading) == ""]
    order = [heading for heading in parts if heading in HEADINGS]
    if order != sorted(order, key=HEADINGS.index):
        faults.append(
            Fault(file=file, field="headings", found=", ".join(order), expected=", ".join(HEADINGS))
        )
    return faults


def _missing(heading: str, file: str) -> Fault:
    return Fault(file=file, field=heading, found="no such heading", expected=f"a heading '## {heading}'")


def _empty(heading: str, file: str) -> Fault:
    return Fault(file=file, field=heading, found="a heading without text", expected="a few lines below it")

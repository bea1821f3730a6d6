"""The hints of a challenge: a Markdown file, one hint a second-level heading."""

from collections import Counter

from challenges.faults import Fault
from challenges.statement import headings, sections
from challenges.task import Model


class Hint(Model):
    """A help that a coach may open for a team. `text` is Markdown."""

    title: str
    text: str


def hints_in(text: str) -> list[Hint]:
    """Give the hints of a file in its order; text before the first heading is for authors alone."""
    return [Hint(title=title, text=body) for title, body in sections(text).items()]


def hints_faults(text: str, file: str) -> list[Fault]:
    """Find hints without a text, two of one title, and a file that has none."""
    titles = headings(text)
    if not titles:
        return [Fault(file=file, field="headings", found="none", expected="a heading '## ...' for each hint")]
    repeated = [title for title, count in Counter(titles).items() if count > 1]
    faults = [Fault(file=file, field=t, found="the same heading twice", expected="it once") for t in repeated]
    return faults + [
        Fault(file=file, field=hint.title, found="a hint without text", expected="a few lines below it")
        for hint in hints_in(text)
        if not hint.text or not hint.title
    ]

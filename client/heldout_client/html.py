"""Tables for notebooks: everything that a site says is escaped, and dark and light both show it well."""

from collections.abc import Iterable, Sequence
from html import escape

LINES = "border-bottom:1px solid rgba(128,128,128,.35)"
CELL = f"padding:.25em .9em .25em 0;text-align:left;background:none;color:inherit;{LINES}"
OWN = "font-weight:bold;background:rgba(46,160,110,.18)"
QUIET = "opacity:.75"


def table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], own: Iterable[int] = (), note: str = ""
) -> str:
    """A table with a caption and perhaps a note below it; `own` are the numbers of rows to bring out."""
    marked = set(own)
    head = "".join(f'<th scope="col" style="{CELL};{QUIET}">{escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr style="{OWN if number in marked else "background:none"}">{_cells(row)}</tr>'
        for number, row in enumerate(rows)
    )
    return _framed(caption, f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>", note)


def facts(caption: str, pairs: Iterable[tuple[str, str]], note: str = "") -> str:
    """Names and values, one pair a line; a value that is empty is left out."""
    body = "".join(
        f'<tr style="background:none"><th scope="row" style="{CELL};{QUIET}">{escape(name)}</th>'
        f"{_cells([value])}</tr>"
        for name, value in pairs
        if value
    )
    return _framed(caption, f"<tbody>{body}</tbody>", note)


def _cells(row: Sequence[str]) -> str:
    return "".join(f'<td style="{CELL}">{escape(cell)}</td>' for cell in row)


def _framed(caption: str, content: str, note: str) -> str:
    below = f'<p style="{QUIET};margin:.4em 0;white-space:pre-wrap">{escape(note)}</p>' if note else ""
    return (
        '<div style="color:inherit;background:none">'
        '<table style="border-collapse:collapse;font-variant-numeric:tabular-nums">'
        f'<caption style="text-align:left;font-weight:bold;color:inherit;padding:.3em 0">{escape(caption)}'
        f"</caption>{content}</table>{below}</div>"
    )

"""Mails from words with placeholders. Pure: a placeholder is a name to fill in, and nothing is run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from django.utils.html import escape

from heldout.events.wording_kinds import WordingKind
from heldout.markdown import to_html

PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
BUTTON = '<p><a class="button" href="{}">{}</a></p>'


@dataclass(frozen=True)
class Written:
    """A mail as it goes out. `html` is the inner part, cleaned."""

    subject: str
    text: str
    html: str


def faults(kind: WordingKind, subject: str, body: str) -> dict[str, list[str]]:
    """What is wrong with the words, by field; empty when they can be sent."""
    found = {"subject": _unknown(kind, subject), "body": _unknown(kind, body)}
    if not subject.strip():
        found["subject"].append("A mail needs a subject.")
    for name in kind.required:
        if name not in _names(body):
            found["body"].append(f"{{{{ {name} }}}} is missing, and the mail is of no use without it.")
    return {where: texts for where, texts in found.items() if texts}


def write(kind: WordingKind, subject: str, body: str, values: Mapping[str, str]) -> Written:
    """Fill the placeholders in. What people have typed stays text: it is no Markdown, no HTML, no header."""
    plain = PLACEHOLDER.sub(lambda found: _line(values.get(found[1].strip(), "")), body)
    html = to_html(PLACEHOLDER.sub(partial(_marked, values), body))
    return Written(
        subject=_line(PLACEHOLDER.sub(lambda found: values.get(found[1].strip(), ""), subject)),
        text=_without_marks(plain),
        html=_with_button(kind, str(html), values.get("link", "")),
    )


def _unknown(kind: WordingKind, text: str) -> list[str]:
    known = ", ".join(kind.examples)
    unknown = [name for name in _names(text) if name not in kind.examples]
    found = [f"Found {{{{ {name} }}}}; expected one of: {known}." for name in unknown]
    rest = PLACEHOLDER.sub("", text)
    if "{{" in rest or "}}" in rest:
        found.append("Found {{ or }} without its other half; expected {{ name }}.")
    return found


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in PLACEHOLDER.findall(text)))


def _line(text: str) -> str:
    """On one line, so that it ends neither a header nor a paragraph."""
    return " ".join(text.split())


def _marked(values: Mapping[str, str], found: "re.Match[str]") -> str:
    """A value for Markdown: an address as a link, all else as plain words."""
    name = found[1].strip()
    value = _line(values.get(name, ""))
    if name != "link":
        return PUNCTUATION.sub(r"\\\1", value)
    before = found.string[: found.start()][-1:]
    return value if before in ("(", "<") else f"<{value}>"


def _without_marks(text: str) -> str:
    """Markdown as a plain mail: links are written out, and words stand without stars."""
    text = re.sub(r"\[([^\]]*)\]\((https?://[^)\s]+)\)", r"\1: \2", text)
    text = re.sub(r"<(https?://[^>\s]+)>", r"\1", text)
    return re.sub(r"\*\*(\S(?:[^*\n]*\S)?)\*\*", r"\1", text)


def _with_button(kind: WordingKind, html: str, link: str) -> str:
    """The link as a button, where it stands alone in its paragraph."""
    if not (kind.button and link):
        return html
    address = escape(link)
    alone = re.compile(rf'<p><a href="{re.escape(address)}"[^>]*>{re.escape(address)}</a></p>')
    button = BUTTON.format(address, escape(kind.button))
    return alone.sub(lambda _: button, html)

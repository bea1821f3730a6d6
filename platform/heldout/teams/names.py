"""Names of teams that are too alike, or not wanted. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from heldout.events.rules import Refusal

LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһкмтвнгαονρτυχκι0134578@$",  # noqa: RUF001 - that they are mistaken is the point
    "aeopcyxijsdhkmtbhraovptuxkioieastbas",
)
"""Cyrillic, Greek and other characters, and the Latin letters that they are mistaken for."""
UNWELCOME = [
    "arschloch",
    "asshole",
    "bastard",
    "bitch",
    "cunt",
    "dick",
    "faggot",
    "fuck",
    "fucker",
    "fucking",
    "hitler",
    "hure",
    "klootzak",
    "kut",
    "motherfucker",
    "nazi",
    "neger",
    "nigga",
    "nigger",
    "paki",
    "penis",
    "pussy",
    "retard",
    "retarded",
    "scheisse",
    "shit",
    "slut",
    "tranny",
    "twat",
    "wanker",
    "whore",
]
"""A short list. Whole words are compared, so that Scunthorpe may have a team."""


def skeleton(name: str) -> str:
    """What a name looks like: without case, marks, spaces and signs, with look-alikes folded into one."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(LOOKALIKES)
    letters = "".join(letter for letter in plain if letter.isalnum())
    return letters.replace("l", "i") or name


def refuse_lookalike(name: str, others: Iterable[str]) -> None:
    """Refusal for a name that cannot be told from one of `others` at a glance."""
    for other in others:
        if skeleton(other) == skeleton(name):
            raise Refusal(
                f"That looks like {other}, which is a team.", "Choose a name nobody mistakes for it."
            )


def refuse_unwelcome(name: str, own: Iterable[str] = ()) -> None:
    """Refusal for a name with a word of the list, or of the event's `own`, also in disguise."""
    unwanted = {skeleton(word) for word in (*UNWELCOME, *own) if word.strip()}
    # A sign between letters may stand for one, as in sh!t: words are what blanks and hyphens part.
    parts = re.split(r"[\s\-_.,]+", unicodedata.normalize("NFKC", name))
    if unwanted & {skeleton(name), *(skeleton(part) for part in parts if part)}:
        raise Refusal("That name is not welcome here.", "Choose one that everybody can read aloud.")

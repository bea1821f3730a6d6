"""Lists that can grow, piece by piece: `?limit=` and `?cursor=`, answered by `items` and `next`."""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema
from ninja.errors import ValidationError
from pydantic import Field

T = TypeVar("T")
M = TypeVar("M", bound=Model)
LARGEST = 2**63 - 1


class Piece(Schema):
    """Which piece of a list is asked for."""

    limit: int = Field(50, ge=1, le=100, description="How many items to answer with at most.")
    cursor: str | None = Field(
        None, max_length=64, description="The `next` of the answer before; without it, the list's beginning."
    )

    @property
    def before(self) -> int | None:
        """Below which number the piece lies; None at the list's beginning."""
        return None if self.cursor is None else _number(self.cursor)


class Listed(Schema, Generic[T]):
    """A piece of a list. `next` is the cursor of the piece after it; null when there is none."""

    items: list[T]
    next: str | None = Field(None, description="Send it as `cursor` for the items after these.")


def whole(items: Iterable[T]) -> Listed[T]:
    """A list that is bounded, and so always answered whole."""
    return Listed(items=list(items), next=None)


def cut(found: Sequence[T], limit: int, number: Callable[[T], int]) -> tuple[list[T], str | None]:
    """The piece and the cursor of the next one, from one item more than `limit`, if there are so many.

    `number` is what the list falls by. It stays with an item, so that new ones move nothing.
    """
    kept = list(found[:limit])
    return kept, cursor(number(kept[-1])) if len(found) > limit else None


def newest_first(rows: "QuerySet[M, Any]", piece: Piece, shown: Callable[[M], T]) -> Listed[T]:
    """The piece of a table that was asked for, the newest row first."""
    rest = rows if piece.before is None else rows.filter(pk__lt=piece.before)
    kept, after = cut(list(rest.order_by("-pk")[: piece.limit + 1]), piece.limit, lambda row: int(row.pk))
    return Listed(items=[shown(row) for row in kept], next=after)


def cursor(number: int) -> str:
    """A place in a list, as clients keep it: they need not know what it is made of."""
    return base64.urlsafe_b64encode(f"before:{number}".encode()).decode().rstrip("=")


def _number(text: str) -> int:
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        word, _, digits = decoded.decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        word, digits = "", ""
    if word != "before" or not digits.isdecimal() or int(digits) > LARGEST:
        found = f"{text!r} is no cursor: send the `next` of an earlier answer, or leave it out"
        raise ValidationError([{"type": "cursor", "loc": ["query", "cursor"], "msg": found}])
    return int(digits)

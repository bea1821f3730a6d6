"""What people write, as the API takes it: as bounded as the pages' forms, and text that a database keeps."""

from datetime import datetime
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from heldout.events.forms import check_year


def _writable(text: str) -> str:
    """Raise ValueError for what no database keeps: the NUL character, and halves of characters."""
    if "\x00" in text:
        raise ValueError("found the character NUL; expected text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("found half of a character; expected text") from error
    return text


def _in_use(at: datetime) -> datetime:
    """Raise ValueError for years in which there are no events."""
    try:
        check_year(at)
    except ValidationError as error:
        raise ValueError(f"found {at.isoformat()}. {error.messages[0]}") from error
    return at


Written = AfterValidator(_writable)
Line = Annotated[str, StringConstraints(min_length=1, max_length=200), Written]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=300), Written]
Note = Annotated[str, StringConstraints(max_length=300), Written]
Question = Annotated[str, StringConstraints(min_length=1, max_length=2000), Written]
Answer = Annotated[str, StringConstraints(min_length=1, max_length=4000), Written]
Page = Annotated[str, StringConstraints(max_length=10_000), Written]
Slug = Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]{1,60}$"), Written]
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_use)]


def changes(given: Schema, *may_be_empty: str) -> dict[str, Any]:
    """What a PATCH changes: the fields that were sent. Null empties those that may be, and no other."""
    sent = given.model_dump(exclude_unset=True)
    return {name: value for name, value in sent.items() if value is not None or name in may_be_empty}

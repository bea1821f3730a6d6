"""What is wrong with a bundle, said so that its author can put it right."""

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from challenges.task import Model

LONGEST_FOUND = 80

EXPECTED = {
    "missing": "a value",
    "extra_forbidden": "no field of this name",
    "literal_error": "{expected}",
    "union_tag_invalid": "type to be {expected_tags}",
    "union_tag_not_found": "a field type, 'image' or 'table'",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "list_type": "a list",
    "model_type": "a table",
    "dict_type": "a table",
    "model_attributes_type": "a table",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_short": "at least {min_length} character(s)",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} item(s)",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than_equal": "a number of at most {le:g}",
}
"""Pydantic's kinds of error in plain words; the names in braces are pydantic's own context."""


class Fault(Model):
    """One thing that is wrong: where, what was found, and what was expected instead."""

    file: str
    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}, {self.field}" if self.field else self.file
        return f"{place}: found {self.found}; expected {self.expected}"


class BundleError(Exception):
    """A bundle cannot be used. `faults` holds every reason, not only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def from_validation(error: ValidationError, file: str) -> list[Fault]:
    """Say pydantic's errors in plain words, one fault for each."""
    return [
        Fault(file=file, field=dotted(detail["loc"]), found=_found(detail), expected=_expected(detail))
        for detail in error.errors()
        if detail["loc"]
    ]


def dotted(location: tuple[int | str, ...]) -> str:
    """Turn pydantic's location into the author's words: `baselines[0].name`."""
    if location[:2] == ("task", "input"):
        # The third part of a discriminated union's location is its tag, which is no field.
        location = (*location[:2], *location[3:])
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def shown(value: Any) -> str:
    """A value as it is quoted in a fault: its repr, cut when it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_FOUND else f"{text[: LONGEST_FOUND - 3]}..."


def _found(detail: ErrorDetails) -> str:
    if detail["type"] == "missing":
        return "nothing"
    if detail["type"] == "union_tag_not_found":
        return "no type"
    return shown(detail["input"])


def _expected(detail: ErrorDetails) -> str:
    template = EXPECTED.get(detail["type"])
    if template is None:
        return detail["msg"]
    return template.format_map(detail.get("ctx", {}))

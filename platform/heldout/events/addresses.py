"""Reading mail addresses that somebody has pasted into a text field."""

import re
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from heldout.events.rules import Refusal

MOST_AT_ONCE = 200
LONGEST_ADDRESS = 254
"""Mail knows no longer ones (RFC 5321), and an account has no room for them."""


def read_addresses(text: str) -> dict[str, int]:
    """The addresses in `text`, in lower case, each with the number of its line (from 1).

    They may stand one a line or be parted by commas or semicolons, as `a@b.org` or as `Name <a@b.org>`.
    Raises Refusal, which names every line that holds something else or repeats an address.
    """
    found: dict[str, int] = {}
    faults: list[str] = []
    for number, piece in _pieces(text):
        address = parseaddr(piece)[1].lower() if "<" in piece else piece.lower()
        if not _is_address(address):
            faults.append(f"Line {number}: “{piece}” is not a mail address.")
        elif address in found:
            faults.append(f"Line {number}: {address} stands in line {found[address]} already.")
        else:
            found[address] = number
    refuse_faults(faults)
    _refuse_number(len(found))
    return found


def refuse_faults(faults: list[str]) -> None:
    """Raise Refusal if there are any, one a line."""
    if faults:
        raise Refusal("Nobody was invited. Correct these lines and try again.", "\n".join(faults))


def _refuse_number(addresses: int) -> None:
    if addresses == 0:
        raise Refusal("Nobody was invited.", "Write at least one mail address.")
    if addresses > MOST_AT_ONCE:
        raise Refusal("Nobody was invited.", f"{addresses} addresses at once; at most {MOST_AT_ONCE}.")


def _pieces(text: str) -> list[tuple[int, str]]:
    lines = enumerate(text.splitlines(), start=1)
    parted = [(number, piece.strip()) for number, line in lines for piece in re.split("[,;]", line)]
    return [(number, piece) for number, piece in parted if piece]


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return len(address) <= LONGEST_ADDRESS

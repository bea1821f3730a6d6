"""How pages answer when they have called an action."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest

from heldout.events.rules import Refusal


def attempt(request: HttpRequest, action: Callable[[], object], done: str) -> None:
    """Do `action`, and tell on the next page that it is `done` or why it was refused."""
    try:
        action()
    except Refusal as refusal:
        messages.error(request, f"{refusal.subject} {refusal.text}")
    else:
        messages.success(request, done)

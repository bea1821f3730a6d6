"""Who may see a board, remembered for a moment, so that a board can be handed out without a query.

A ticket belongs to a session, by a digest of its key, and to one board. It is written only after the whole
check has said yes, and it is good for `SECONDS`: that long at most a role that was taken away, or a session
that was ended elsewhere, still sees the board. Signing out ends it at once.
"""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from heldout.catalog.access import find_challenge
from heldout.catalog.models import Challenge
from heldout.events.access import find_event
from heldout.events.rules import Viewer, is_organizer
from heldout.leaderboards import shelf
from heldout.teams.queries import team_of

SECONDS = 30


@dataclass(frozen=True)
class Ticket:
    """What is known of a viewer without a query: the team, if any, and whether boards never stand still."""

    team: int | None
    organizes: bool = False


@dataclass(frozen=True)
class Entry:
    """A viewer at a board: the ticket and the board's edition."""

    ticket: Ticket
    edition: str
    event: str
    challenge: str

    def find(self) -> Challenge:
        """The challenge, when a part has to be made."""
        found = Challenge.objects.select_related("event", "bundle", "preparation")
        return found.get(event__slug=self.event, slug=self.challenge)


def enter(request: HttpRequest, event: str, challenge: str) -> Entry | None:
    """The viewer at the board, by a ticket or by the whole check. None for nobody; Http404 for strangers."""
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not cookie:
        return enter_as(request.user, event, challenge) if request.user.is_authenticated else None
    session = _digest(cookie)
    key = f"board-ticket:{session}:{event}:{challenge}"
    place = shelf.edition_key(event, challenge)
    known = shelf.peek([key, _gone(session), place])
    if key in known and _gone(session) not in known and place in known:
        return Entry(known[key], known[place], event, challenge)
    if not request.user.is_authenticated:
        return None
    entry = enter_as(request.user, event, challenge)
    shelf.write(key, entry.ticket, SECONDS)
    return entry


def enter_as(user: Viewer, event: str, challenge: str) -> Entry:
    """The viewer at the board after the whole check. Raises Http404 for strangers."""
    found = find_challenge(find_event(user, event), challenge, user)
    team = team_of(user, found.event)
    ticket = Ticket(team.pk if team else None, is_organizer(user, found.event))
    return Entry(ticket, shelf.edition(event, challenge), event, challenge)


def sign_out(request: HttpRequest) -> None:
    """No ticket of the session is good any more."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    shelf.write(_gone(_digest(session)), True, 2 * SECONDS)


def _digest(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()


def _gone(session: str) -> str:
    return f"board-signed-out:{session}"

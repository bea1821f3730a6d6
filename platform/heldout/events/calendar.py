"""An agenda as iCalendar text (RFC 5545), which calendars subscribe to."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from heldout.events.models import Event, Session

LONGEST_LINE = 75
"""Octets; longer lines are folded."""


def calendar(event: Event, sessions: Iterable[Session], now: datetime) -> str:
    """The sessions of one event as a calendar; times are in UTC, which calendars show in their own zone."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Heldout//Agenda//EN",
        f"X-WR-CALNAME:{_text(event.name)}",
    ]
    for session in sessions:
        lines += _entry(event, session, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _entry(event: Event, session: Session, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:session-{session.pk}@{event.slug}.heldout"
    yield f"DTSTAMP:{_moment(now)}"
    yield f"DTSTART:{_moment(session.starts_at)}"
    yield f"DTEND:{_moment(session.ends_at)}"
    yield f"SUMMARY:{_text(session.title)}"
    place = ", ".join(part for part in (session.room, event.venue) if part)
    if place:
        yield f"LOCATION:{_text(place)}"
    about = "\n\n".join(part for part in (session.speaker, session.abstract, session.slides_url) if part)
    if about:
        yield f"DESCRIPTION:{_text(about)}"
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(raw: str) -> str:
    """Escape what has a meaning in a value, and line breaks, without which a title could add entries."""
    clean = raw.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(clean.splitlines())


def _folded(line: str) -> Iterator[str]:
    """Cut a line into parts of at most 75 octets, never within a letter; later ones begin with a space."""
    part = ""
    for letter in line:
        if len((part + letter).encode()) > LONGEST_LINE:
            yield part
            part = " "
        part += letter
    yield part

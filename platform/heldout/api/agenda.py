"""The API: what is on the agenda, which organizers change."""

from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import Field, StringConstraints

from heldout.api.auth import ORGANIZE, READ
from heldout.api.finding import EVENT, caller, organized
from heldout.api.paging import Listed, whole
from heldout.api.schemas import SessionOut
from heldout.api.words import Moment, Number, Written, changes
from heldout.events import agenda, agenda_queries
from heldout.events.access import find_event
from heldout.events.models import Session

router = Router(auth=ORGANIZE, tags=["agenda"])
AGENDA = EVENT + "/agenda"
Title = Annotated[str, StringConstraints(min_length=1, max_length=120), Written]
Room = Annotated[str, StringConstraints(max_length=80), Written]
Speaker = Annotated[str, StringConstraints(max_length=120), Written]
Abstract = Annotated[str, StringConstraints(max_length=2000), Written]
Url = Annotated[str, StringConstraints(max_length=200), Written]
Seats = Annotated[int, Field(ge=1, le=32_767)]


class SessionIn(Schema):
    """An item of the agenda. To an open one anybody may register, while there are seats (`capacity`)."""

    title: Title
    starts_at: Moment
    ends_at: Moment
    room: Room = ""
    speaker: Speaker = ""
    abstract: Abstract = ""
    slides_url: Url = ""
    is_open: bool = False
    capacity: Seats | None = None


class SessionChangeIn(Schema):
    """What is to change about a session. What is left out stays as it is."""

    title: Title | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    room: Room | None = None
    speaker: Speaker | None = None
    abstract: Abstract | None = None
    slides_url: Url | None = None
    is_open: bool | None = None
    capacity: Seats | None = None


def _session(request: HttpRequest, event: str, number: int) -> Session:
    found = organized(request, event)
    return get_object_or_404(Session.objects.select_related("event"), pk=number, event=found)


@router.get(AGENDA, response=Listed[SessionOut], auth=READ, summary="The event's agenda")
def event_agenda(request: HttpRequest, event: str) -> Listed[SessionOut]:
    """Its sessions in order. The list always comes whole."""
    days = agenda_queries.agenda(find_event(request.user, event), timezone.now())
    return whole(SessionOut.model_validate(row.session) for day in days for row in day.rows)


@router.post(AGENDA, response={201: SessionOut}, summary="Put a session on the agenda")
def add_session(request: HttpRequest, event: str, given: SessionIn) -> Status[SessionOut]:
    """Everybody of the event sees it."""
    found = organized(request, event)
    made = agenda.add_session(found, caller(request), **given.model_dump())
    return Status(201, SessionOut.model_validate(made))


@router.patch(AGENDA + "/{session}", response=SessionOut, summary="Change a session")
def change_session(
    request: HttpRequest, event: str, session: Path[Number], given: SessionChangeIn
) -> SessionOut:
    """Seats that become free go to the waitlist."""
    found = _session(request, event, session)
    agenda.change_session(found, caller(request), **changes(given, "capacity"))
    return SessionOut.model_validate(found)


@router.delete(AGENDA + "/{session}", response={204: None}, summary="Take a session off the agenda")
def remove_session(request: HttpRequest, event: str, session: Path[Number]) -> Status[None]:
    """Whoever registered is told by mail."""
    agenda.remove_session(_session(request, event, session), caller(request))
    return Status(204, None)

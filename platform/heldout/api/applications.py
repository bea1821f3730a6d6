"""The API for organizers: who asks to take part, what becomes of them, and whom the event invites."""

from datetime import datetime
from typing import Annotated, Any, get_args

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema
from pydantic import Field, StringConstraints

from heldout.api.auth import ORGANIZE
from heldout.api.description import file_form
from heldout.api.finding import EVENT, all_named, caller, organized
from heldout.api.keeping import keeps_by_itself, once
from heldout.api.paging import Listed, Piece, newest_first, whole
from heldout.api.problems import problem
from heldout.api.words import Number, Written
from heldout.applications import actions, queries, roster
from heldout.applications.models import Application, ApplicationState
from heldout.applications.rules import Decision, may_become
from heldout.events.models import Event

router = Router(auth=ORGANIZE, tags=["applications"])
APPLICATIONS = EVENT + "/applications"
FIELD = "roster"


class ApplicationOut(Schema):
    """Somebody who asks to take part."""

    id: int
    name: str
    email: str
    company: str
    skill: int
    """From 1, new to machine learning, to 5, who could teach it."""
    state: ApplicationState
    at: datetime
    decided_at: datetime | None
    decided_by: str | None

    @classmethod
    def shown(cls, made: Application) -> "ApplicationOut":
        """An application in a list."""
        return cls(**_common(made))


class ReplyOut(Schema):
    """A question of the form, and what was answered."""

    question: str
    answer: str


class ApplicationDetailOut(ApplicationOut):
    """An application with its answers and the organizers' notes, which applicants never see."""

    agreed_at: datetime
    """When the applicant agreed to the code of conduct and to the use of these data."""
    notes: str
    answers: list[ReplyOut]
    may_become: list[Decision]
    """What can be decided about it now."""

    @classmethod
    def whole(cls, made: Application) -> "ApplicationDetailOut":
        """All of an application."""
        replies = made.answers.select_related("question")
        return cls(
            **_common(made),
            agreed_at=made.agreed_at,
            notes=made.notes,
            answers=[ReplyOut(question=one.question.text, answer=one.text) for one in replies],
            may_become=[decision for decision in get_args(Decision) if may_become(made.state, decision)],
        )


class Filters(Schema):
    """Which applications are wanted; all without any."""

    state: ApplicationState | None = None
    skill: Annotated[int, Field(ge=1, le=5)] | None = None
    text: Annotated[
        str,
        StringConstraints(max_length=100),
        Written,
        Field(description="In names, addresses, companies, notes and answers.", examples=["Delft"]),
    ] = ""


class DecisionIn(Schema):
    """What becomes of them, all or none. Accepted ones are invited; who is put off or declined has a mail."""

    applications: Annotated[list[Number], Field(min_length=1, max_length=500)]
    decision: Decision


class NotesIn(Schema):
    """The organizers' notes, in place of what they were."""

    notes: Annotated[str, StringConstraints(max_length=4000), Written]


class RowOut(Schema):
    """A row of a roster."""

    row: int
    """As a spreadsheet counts: 2 is the first below the names of the columns."""
    email: str
    role: str
    team: str


class RosterOut(Schema):
    """What a roster says, and how many were invited by it: with `?check=true` nobody."""

    people: list[RowOut]
    invited: int


def _common(made: Application) -> dict[str, Any]:
    fields = ("name", "email", "company", "skill", "state", "at", "decided_at")
    by = str(made.decided_by) if made.decided_by else None
    return {"id": made.pk, "decided_by": by, **{name: getattr(made, name) for name in fields}}


def _one(event: Event, number: int) -> Application:
    return get_object_or_404(queries.applications_of(event, queries.Filters()), pk=number)


@router.get(APPLICATIONS, response=Listed[ApplicationOut], summary="Who asks to take part")
def applications(
    request: HttpRequest, event: str, piece: Query[Piece], asked: Query[Filters]
) -> Listed[ApplicationOut]:
    """Newest first."""
    filters = queries.Filters(state=asked.state or "", skill=asked.skill, text=asked.text)
    return newest_first(
        queries.applications_of(organized(request, event), filters), piece, ApplicationOut.shown
    )


@router.post(APPLICATIONS + "/decide", response=Listed[ApplicationOut], summary="Decide about applications")
def decide(request: HttpRequest, event: str, given: DecisionIn) -> Listed[ApplicationOut]:
    """All of them or none. The answer has them as they are then."""
    found = organized(request, event)
    everybody = queries.applications_of(found, queries.Filters())
    numbers = [
        one.pk for one in all_named(everybody, "applications", given.applications, "numbers of this event's")
    ]
    actions.decide(found, numbers, given.decision, caller(request))
    return whole(ApplicationOut.shown(one) for one in everybody.filter(pk__in=numbers))


@router.get(APPLICATIONS + "/{application}", response=ApplicationDetailOut, summary="One application")
def application(request: HttpRequest, event: str, application: Path[Number]) -> ApplicationDetailOut:
    """With its answers and your notes."""
    return ApplicationDetailOut.whole(_one(organized(request, event), application))


@router.patch(APPLICATIONS + "/{application}", response=ApplicationDetailOut, summary="Note something down")
def note(request: HttpRequest, event: str, application: Path[Number], given: NotesIn) -> ApplicationDetailOut:
    """For organizers alone."""
    found = _one(organized(request, event), application)
    actions.note(found, given.notes, caller(request))
    return ApplicationDetailOut.whole(found)


@router.post(
    EVENT + "/invitations/roster",
    response=RosterOut,
    openapi_extra=file_form(FIELD),
    summary="Invite people by a CSV file",
)
@keeps_by_itself
def invite_by_roster(request: HttpRequest, event: str, check: bool = False) -> Any:
    """Send the file as `roster`, with the columns email, role and team. Everybody is invited, or nobody.

    Each fault is named. With `?check=true` it is only read.
    """
    found, file = organized(request, event), request.FILES.get(FIELD)
    content = file.read() if file else b""
    if check:
        return _invited(request, found, content, invite=False)
    return once(request, content, lambda: _invited(request, found, content, invite=True))


def _invited(request: HttpRequest, event: Event, content: bytes, *, invite: bool) -> RosterOut | JsonResponse:
    read = roster.read(content, event)
    if read.faults:
        return _faults(read.faults)
    rows = [RowOut(**vars(person)) for person in read.people]
    return RosterOut(people=rows, invited=roster.invite_roster(event, read, caller(request)) if invite else 0)


def _faults(faults: list[roster.Fault]) -> JsonResponse:
    said = f"{len(faults)} fault{'s' * (len(faults) != 1)}: see `errors`. Nobody was invited."
    return problem(422, "The roster is not in order", said, errors=[vars(fault) for fault in faults])

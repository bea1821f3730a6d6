"""The API: what organizers announce, and what teams ask."""

from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema, Status
from pydantic import StringConstraints

from heldout.api.auth import COACH, ORGANIZE, READ, TEAM
from heldout.api.finding import EVENT, caller, challenge_open_to, organized, own_team
from heldout.api.paging import Listed, Piece, cut, newest_first
from heldout.api.words import Answer, Number, Page, Question, Slug, Written, changes
from heldout.events.access import find_event
from heldout.events.models import Event
from heldout.notices import actions, queries
from heldout.notices.models import Announcement, Audience
from heldout.notices.queries import InquiryRow

router = Router(auth=READ, tags=["notices"])
Title = Annotated[str, StringConstraints(min_length=1, max_length=120), Written]


class AnnouncementOut(Schema):
    """A word of the organizers."""

    id: int
    title: str
    body: str
    """In Markdown."""
    audience: str
    pinned: bool
    by: str
    at: datetime
    edited_at: datetime | None

    @classmethod
    def shown(cls, made: Announcement) -> "AnnouncementOut":
        """An announcement as its readers see it."""
        fields = ("title", "body", "audience", "pinned", "at", "edited_at")
        return cls(id=made.pk, by=str(made.by), **{name: getattr(made, name) for name in fields})


class AnnouncementIn(Schema):
    """Something to tell the people of an event."""

    title: Title
    body: Page = ""
    audience: Audience = Audience.ALL
    pinned: bool = False
    by_mail: bool = False


class AnnouncementChangeIn(Schema):
    """What is to change about an announcement. What is left out stays as it is."""

    title: Title | None = None
    body: Page | None = None
    audience: Audience | None = None
    pinned: bool | None = None


class QuestionOut(Schema):
    """A question and its answer. `team` is empty for whoever may not know who asked."""

    id: int
    challenge: str | None
    team: str
    text: str
    is_public: bool
    at: datetime
    answer: str
    answered_at: datetime | None
    answered_by: str | None
    may_answer: bool

    @classmethod
    def shown(cls, row: InquiryRow) -> "QuestionOut":
        """A question as this reader sees it."""
        asked = row.inquiry
        return cls(
            id=asked.pk,
            challenge=asked.challenge.slug if asked.challenge else None,
            team=row.asker,
            text=asked.text,
            is_public=asked.is_public,
            at=asked.at,
            answer=asked.answer,
            answered_at=asked.answered_at,
            answered_by=str(asked.answered_by) if asked.answered_by else None,
            may_answer=row.may_answer,
        )


class QuestionIn(Schema):
    """A question, about a challenge or, without one, about the event."""

    text: Question
    challenge: Slug | None = None
    is_public: bool = True


class QuestionChangeIn(Schema):
    """Who reads a question."""

    is_public: bool


class AnswerIn(Schema):
    """An answer, or another one in place of the first."""

    answer: Answer


@router.get(EVENT + "/announcements", response=Listed[AnnouncementOut], summary="What was announced")
def announcements(request: HttpRequest, event: str, piece: Query[Piece]) -> Listed[AnnouncementOut]:
    """To you, newest first; what organizers want on top is `pinned`."""
    found = queries.announcements_for(find_event(request.user, event), caller(request))
    return newest_first(found, piece, AnnouncementOut.shown)


@router.post(
    EVENT + "/announcements", response={201: AnnouncementOut}, auth=ORGANIZE, summary="Announce something"
)
def announce(request: HttpRequest, event: str, given: AnnouncementIn) -> Status[AnnouncementOut]:
    """Open pages show it at once; with `by_mail` it is sent by mail, too."""
    found = organized(request, event)
    made = actions.announce(found, caller(request), **given.model_dump())
    return Status(201, AnnouncementOut.shown(made))


@router.patch(
    EVENT + "/announcements/{announcement}",
    response=AnnouncementOut,
    auth=ORGANIZE,
    summary="Change an announcement",
)
def change_announcement(
    request: HttpRequest, event: str, announcement: Path[Number], given: AnnouncementChangeIn
) -> AnnouncementOut:
    """Readers see that it was edited; no mail goes out again."""
    found = _announcement(organized(request, event), announcement)
    actions.edit(found, caller(request), **changes(given))
    return AnnouncementOut.shown(found)


@router.delete(
    EVENT + "/announcements/{announcement}",
    response={204: None},
    auth=ORGANIZE,
    summary="Withdraw an announcement",
)
def withdraw_announcement(request: HttpRequest, event: str, announcement: Path[Number]) -> Status[None]:
    """It is off every page at once."""
    found = _announcement(organized(request, event), announcement)
    actions.withdraw(found, caller(request))
    return Status(204, None)


def _announcement(event: Event, number: int) -> Announcement:
    rows = Announcement.objects.select_related("event", "by").filter(event=event, withdrawn_at=None)
    return get_object_or_404(rows, pk=number)


@router.get(EVENT + "/questions", response=Listed[QuestionOut], summary="Questions and their answers")
def questions(
    request: HttpRequest, event: str, piece: Query[Piece], answered: bool | None = None
) -> Listed[QuestionOut]:
    """Public ones and your team's, newest first; `answered` keeps one of both kinds."""
    found = find_event(request.user, event)
    rows = queries.inquiries_before(found, caller(request), piece.before, piece.limit + 1, answered=answered)
    kept, after = cut(rows, piece.limit, lambda row: row.inquiry.pk)
    return Listed(items=[QuestionOut.shown(row) for row in kept], next=after)


@router.post(EVENT + "/questions", response={201: QuestionOut}, auth=TEAM, summary="Ask for your team")
def ask(request: HttpRequest, event: str, given: QuestionIn) -> Status[QuestionOut]:
    """Organizers and coaches answer. Public questions are shown without your team's name."""
    found = find_event(request.user, event)
    about = challenge_open_to(request, event, given.challenge) if given.challenge else None
    made = actions.inquire(
        found,
        own_team(request, found),
        caller(request),
        given.text,
        challenge=about,
        is_public=given.is_public,
    )
    return Status(201, _question(request, found, made.pk))


@router.post(
    EVENT + "/questions/{question}/answer", response=QuestionOut, auth=COACH, summary="Answer a question"
)
def answer_question(request: HttpRequest, event: str, question: Path[Number], given: AnswerIn) -> QuestionOut:
    """Organizers, the team's coach, and any coach what is public."""
    found = find_event(request.user, event)
    asked = queries.inquiry_or_none(found, question, caller(request))
    if asked is None:
        raise Http404(f"no question {question} for this reader")
    actions.answer(asked, given.answer, caller(request))
    return _question(request, found, question)


@router.patch(
    EVENT + "/questions/{question}", response=QuestionOut, auth=ORGANIZE, summary="Say who reads a question"
)
def change_question(
    request: HttpRequest, event: str, question: Path[Number], given: QuestionChangeIn
) -> QuestionOut:
    """Everybody, without the team's name, or its team alone. Organizers may."""
    found = organized(request, event)
    asked = queries.inquiry_or_none(found, question, caller(request))
    if asked is None:
        raise Http404(f"no question {question} for this reader")
    actions.set_public(asked, given.is_public, caller(request))
    return _question(request, found, question)


def _question(request: HttpRequest, event: Event, number: int) -> QuestionOut:
    [row] = queries.inquiries_before(event, caller(request), number + 1, 1)
    return QuestionOut.shown(row)

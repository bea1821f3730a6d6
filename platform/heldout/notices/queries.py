"""Reads about notices. What somebody is told of is worked out from what has happened, and stored nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from heldout.accounts.models import User
from heldout.catalog.models import Opening, SignOff
from heldout.catalog.queries import challenges_for
from heldout.events.models import Event
from heldout.events.rules import is_organizer, role_of
from heldout.notices.models import Announcement, Audience, Inquiry, Reading
from heldout.notices.rules import answers, audiences_of
from heldout.teams.models import Team
from heldout.teams.queries import approaches_for, coached_teams, team_of

LATEST = 30
HIDDEN_STATES = ("draft", "preparing", "red", "ready", "locked")


@dataclass(frozen=True)
class Notice:
    """Something that has happened and concerns the reader."""

    text: str
    url: str
    at: datetime
    is_new: bool


@dataclass(frozen=True)
class InquiryRow:
    """A question as the reader may see it. `asker` is empty for whoever may not know."""

    inquiry: Inquiry
    asker: str
    may_answer: bool


@dataclass(frozen=True)
class Bell:
    """What is new: how much, and the newest announcement of it."""

    number: int
    newest: Announcement | None


def announcements_for(event: Event, user: User) -> "QuerySet[Announcement]":
    """What the reader is told, pinned ones first, then the newest."""
    own = Announcement.objects.filter(event=event, withdrawn_at=None)
    return own.filter(audience__in=audiences_of(user, event)).select_related("by")


def announced_to_all(event: Event) -> "QuerySet[Announcement]":
    """What everybody of the event is told, pinned ones first, then the newest: for a hall to read."""
    return Announcement.objects.filter(event=event, withdrawn_at=None, audience=Audience.ALL)


def inquiries_for(event: Event, user: User, *, answered: bool | None = None) -> list[InquiryRow]:
    """The questions that the reader may see, the newest first: public ones on challenges that are open to the
    reader, and those of the own teams."""
    return _inquiry_rows(_related(event, user, answered), event, user)


def inquiries_before(
    event: Event, user: User, number: int | None, most: int, *, answered: bool | None = None
) -> list[InquiryRow]:
    """As `inquiries_for`, but at most so many, and of those with a number below `number`."""
    found = _related(event, user, answered).order_by("-pk")
    return _inquiry_rows((found if number is None else found.filter(pk__lt=number))[:most], event, user)


def _related(event: Event, user: User, answered: bool | None) -> "QuerySet[Inquiry]":
    found = _visible(event, user).select_related("challenge", "team__coach", "event", "answered_by")
    return found if answered is None else found.filter(answered_at__isnull=not answered)


def _inquiry_rows(found: "QuerySet[Inquiry]", event: Event, user: User) -> list[InquiryRow]:
    organizes, own, role = is_organizer(user, event), _own_teams(event, user), role_of(user, event)
    return [
        InquiryRow(
            one,
            one.team.name if organizes or one.team in own else "",
            answers(user, role, one, organizes=organizes),
        )
        for one in found
    ]


def inquiry_or_none(event: Event, number: int, user: User) -> Inquiry | None:
    """The question with that number, if the reader may see it."""
    return _visible(event, user).select_related("event", "team").filter(pk=number).first()


def _visible(event: Event, user: User) -> "QuerySet[Inquiry]":
    found = Inquiry.objects.filter(event=event)
    if is_organizer(user, event):
        return found
    open_ones = [card.challenge for card in challenges_for(event, user) if card.state not in HIDDEN_STATES]
    public = Q(is_public=True) & (Q(challenge=None) | Q(challenge__in=open_ones))
    return found.filter(public | Q(team__in=_own_teams(event, user)))


def _own_teams(event: Event, user: User) -> list[Team]:
    team = team_of(user, event)
    return [*([team] if team else []), *coached_teams(user, event)]


def open_inquiries(event: Event) -> int:
    """Questions that wait for an answer."""
    return Inquiry.objects.filter(event=event, answered_at=None).count()


def read_until(event: Event, user: User) -> datetime | None:
    """Until when the reader has seen the notices."""
    return Reading.objects.filter(event=event, user=user).values_list("until", flat=True).first()


def bell(event: Event, user: User) -> Bell:
    """What is new to the reader."""
    new = [notice for notice in notices(event, user) if notice.is_new]
    until = read_until(event, user)
    fresh = announcements_for(event, user).exclude(by=user)
    if until is not None:
        fresh = fresh.filter(at__gt=until)
    return Bell(len(new), fresh.order_by("-at").first())


def notices(event: Event, user: User) -> list[Notice]:
    """The latest of what concerns the reader, the newest first."""
    until = read_until(event, user)
    found = sorted(_notices(event, user), key=lambda one: one[2], reverse=True)[:LATEST]
    return [Notice(text, url, at, until is None or at > until) for text, url, at in found]


def _notices(event: Event, user: User) -> Iterator[tuple[str, str, datetime]]:
    here = reverse("notices", args=[event.slug])
    for one in announcements_for(event, user).exclude(by=user)[:LATEST]:
        yield one.title, f"{here}#announcement-{one.pk}", one.at
    own = _own_teams(event, user)
    asked = Inquiry.objects.filter(team__in=own, answered_at__isnull=False).exclude(answered_by=user)
    for inquiry in asked.order_by("-answered_at")[:LATEST]:
        if inquiry.answered_at is not None:
            page = reverse("questions", args=[event.slug])
            yield f"Answered: {inquiry}", f"{page}#question-{inquiry.pk}", inquiry.answered_at
    team = team_of(user, event)
    for approach in (
        approaches_for(user, event).exclude(kind="request", user=user).select_related("team", "user")
    ):
        is_mine = approach.user_id == user.pk
        text = f"{approach.team} would like you to join" if is_mine else f"{approach.user} would like to join"
        yield text, reverse("team", args=[event.slug]), approach.at
    opened = Opening.objects.filter(challenge__event=event, team=team).select_related("challenge")
    for opening in opened if team else ():
        page = reverse("challenge", args=[event.slug, opening.challenge.slug])
        yield f"Opened for your team: {opening.challenge}", page, opening.at
    signed = SignOff.objects.filter(challenge__event=event, team=team).select_related("challenge")
    for sign_off in signed if team else ():
        page = reverse("challenge", args=[event.slug, sign_off.challenge.slug])
        yield f"Signed off: {sign_off.challenge}", page, sign_off.at

"""The API for organizers: the control room, and what is opened, paused, frozen and published."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import Field

from heldout.accounts.models import User
from heldout.api.auth import ORGANIZE
from heldout.api.finding import CHALLENGE, EVENT, caller, organized
from heldout.api.words import Line, Moment, Number, Slug, changes
from heldout.catalog import actions as catalog
from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.leaderboards import ending
from heldout.leaderboards.models import BoardRules, FinalRule, TieOrder
from heldout.leaderboards.rules import is_frozen, rules_of
from heldout.submissions import intervening
from heldout.submissions.intervention_models import Pause, PauseScope
from heldout.submissions.queries import failed_in, workers
from heldout.web.queries import ControlItem, control_items

router = Router(auth=ORGANIZE, tags=["organizing"])


class WorkersOut(Schema):
    """How the scoring workers are."""

    alive: int
    known: int
    queue_length: int
    oldest_wait_seconds: float | None
    gpu_alive: bool


class ControlChallengeOut(Schema):
    """A challenge as its organizers see it."""

    slug: str
    title: str
    state: str
    passed_checks: int
    checks: int
    unserved: list[str]
    """Its formats that no living worker may run."""
    needs_gpu: bool

    @classmethod
    def shown(cls, item: ControlItem) -> "ControlChallengeOut":
        """A line of the control room."""
        return cls(
            slug=item.card.challenge.slug,
            title=item.card.challenge.title,
            state=item.card.state,
            passed_checks=item.passed_checks,
            checks=len(item.report.checks) if item.report else 0,
            unserved=list(item.unserved),
            needs_gpu=item.needs_gpu,
        )


class PauseOut(Schema):
    """Something that stands still, on one challenge or, without one, on all."""

    id: int
    scope: str
    challenge: str | None
    reason: str
    at: datetime

    @classmethod
    def shown(cls, pause: Pause) -> "PauseOut":
        """A pause as the API says it."""
        slug = pause.challenge.slug if pause.challenge else None
        return cls(id=pause.pk, scope=pause.scope, challenge=slug, reason=pause.reason, at=pause.at)


class ControlOut(Schema):
    """The control room."""

    workers: WorkersOut
    challenges: list[ControlChallengeOut]
    pauses: list[PauseOut]
    failed: int
    """Submissions that failed by a fault of the site's and were not run again."""


class RulesOut(Schema):
    """How the event's boards end."""

    frozen: bool
    freezes_at: datetime | None
    final: FinalRule
    choices: int
    """How many submissions a team may choose on each challenge, where chosen ones count."""
    tie_order: TieOrder
    rank_bonus: int
    growth_bonus: int
    published_at: datetime | None

    @classmethod
    def shown(cls, rules: BoardRules) -> "RulesOut":
        """The rules as they are now."""
        return cls(
            frozen=is_frozen(rules, timezone.now()),
            freezes_at=rules.freezes_at,
            final=FinalRule(rules.final),
            choices=rules.choices,
            tie_order=TieOrder(rules.tie_order),
            rank_bonus=rules.rank_bonus,
            growth_bonus=rules.growth_bonus,
            published_at=rules.published_at,
        )


class RulesChangeIn(Schema):
    """What is to change. What is left out stays as it is; without a time boards do not freeze."""

    freezes_at: Moment | None = None
    final: FinalRule | None = None
    choices: Annotated[int, Field(ge=1, le=10)] | None = None
    tie_order: TieOrder | None = None
    rank_bonus: Annotated[int, Field(ge=0, le=1000)] | None = None
    growth_bonus: Annotated[int, Field(ge=0, le=1000)] | None = None


class PauseIn(Schema):
    """What is to stand still, and why; teams read the reason."""

    scope: PauseScope
    challenge: Slug | None = None
    reason: Line


def challenge_of(event: Event, slug: str) -> Challenge:
    """A challenge of the event, open or not. Raises Http404."""
    return get_object_or_404(Challenge.objects.select_related("event", "bundle"), event=event, slug=slug)


@router.get(EVENT + "/control", response=ControlOut, summary="The control room")
def control_room(request: HttpRequest, event: str) -> ControlOut:
    """Challenges with their self-tests, workers, what stands still, what went wrong."""
    found, work = organized(request, event), workers()
    pauses = Pause.objects.filter(event=found).select_related("challenge")
    return ControlOut(
        workers=WorkersOut.model_validate(work),
        challenges=[ControlChallengeOut.shown(one) for one in control_items(found, caller(request), work)],
        pauses=[PauseOut.shown(pause) for pause in pauses],
        failed=len(failed_in(found)),
    )


@router.post(CHALLENGE + "/prepare", response=ControlChallengeOut, summary="Start a challenge's self-test")
def prepare_challenge(request: HttpRequest, event: str, challenge: str) -> ControlChallengeOut:
    """It must be green before the challenge opens."""
    return _stepped(request, event, challenge, catalog.prepare)


@router.post(CHALLENGE + "/open", response=ControlChallengeOut, summary="Open a challenge")
def open_challenge(request: HttpRequest, event: str, challenge: str) -> ControlChallengeOut:
    """To everybody of the event, as its gates allow."""
    return _stepped(request, event, challenge, catalog.open_challenge)


@router.post(CHALLENGE + "/close", response=ControlChallengeOut, summary="Close a challenge")
def close_challenge(request: HttpRequest, event: str, challenge: str) -> ControlChallengeOut:
    """It takes no more submissions. What was handed in before is still scored."""
    return _stepped(request, event, challenge, catalog.close_challenge)


def _stepped(
    request: HttpRequest, event: str, slug: str, step: Callable[[Challenge, User], object]
) -> ControlChallengeOut:
    found = organized(request, event)
    step(challenge_of(found, slug), caller(request))
    items = control_items(found, caller(request), workers())
    return next(ControlChallengeOut.shown(item) for item in items if item.card.challenge.slug == slug)


@router.post(EVENT + "/pauses", response={201: PauseOut}, summary="Pause handing in, or scoring")
def pause_event(request: HttpRequest, event: str, given: PauseIn) -> Status[PauseOut]:
    """On one challenge or on all. What was handed in waits, nothing is lost."""
    found = organized(request, event)
    on = challenge_of(found, given.challenge) if given.challenge else None
    made = intervening.pause(found, on, given.scope, given.reason, caller(request))
    return Status(201, PauseOut.shown(made))


@router.delete(EVENT + "/pauses/{pause}", response={204: None}, summary="Let what was paused go on")
def resume(request: HttpRequest, event: str, pause: Path[Number]) -> Status[None]:
    """The control room lists what stands still."""
    paused = Pause.objects.select_related("event", "challenge").filter(event=organized(request, event))
    intervening.resume(get_object_or_404(paused, pk=pause), caller(request))
    return Status(204, None)


@router.get(EVENT + "/board/rules", response=RulesOut, summary="How the boards end")
def board_rules(request: HttpRequest, event: str) -> RulesOut:
    """When they freeze, what counts in the end, whether the final ones are published."""
    return RulesOut.shown(rules_of(organized(request, event)))


@router.patch(EVENT + "/board/rules", response=RulesOut, summary="Change how the boards end")
def change_rules(request: HttpRequest, event: str, given: RulesChangeIn) -> RulesOut:
    """Until the final boards are published: take them back first."""
    values = changes(given, "freezes_at")
    return _ended(request, event, lambda found, actor: ending.change_rules(found, actor, **values))


@router.post(EVENT + "/board/freeze", response=RulesOut, summary="Freeze the boards")
def freeze_boards(request: HttpRequest, event: str) -> RulesOut:
    """Others see them as they stand now; each team still sees its own scores."""
    return _ended(request, event, ending.freeze)


@router.post(EVENT + "/board/unfreeze", response=RulesOut, summary="Let the boards move again")
def unfreeze_boards(request: HttpRequest, event: str) -> RulesOut:
    """For everybody."""
    return _ended(request, event, ending.unfreeze)


@router.post(EVENT + "/board/publish", response=RulesOut, summary="Publish the final boards")
def publish_final(request: HttpRequest, event: str) -> RulesOut:
    """Everybody of the event sees them, with their private scores."""
    return _ended(request, event, ending.publish_final)


@router.post(EVENT + "/board/take-back", response=RulesOut, summary="Hide the final boards again")
def take_back_final(request: HttpRequest, event: str) -> RulesOut:
    """Whoever has seen them has."""
    return _ended(request, event, ending.take_back_final)


def _ended(request: HttpRequest, event: str, step: Callable[[Event, User], object]) -> RulesOut:
    found = organized(request, event)
    step(found, caller(request))
    return RulesOut.shown(rules_of(Event.objects.get(pk=found.pk)))

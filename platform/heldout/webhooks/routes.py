"""The API: webhooks of the organizers, or of the caller's team.

Each of them sends what happens to a place outside, so that even to see them a token needs the scope by which
its person acts there: `organize`, or `team`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Schema, Status
from pydantic import Field, StringConstraints

from heldout.accounts.models import Scope, User
from heldout.api.auth import ANY, need
from heldout.api.finding import EVENT, caller
from heldout.api.keeping import told_once
from heldout.api.paging import Listed, whole
from heldout.api.schemas import TeamOut
from heldout.api.words import Number, Written
from heldout.events.access import find_event
from heldout.teams.models import Team
from heldout.webhooks import actions
from heldout.webhooks.access import find_delivery, find_hook, find_owner, hooks_of, latest
from heldout.webhooks.addresses import LONGEST
from heldout.webhooks.models import Delivery, Hook, Topic

router = Router(auth=ANY, tags=["webhooks"])
EXAMPLE = Field(examples=["https://hooks.example.org/in"])
HOOKS = EVENT + "/webhooks"
HOOK = HOOKS + "/{hook}"

Do = Literal["pause", "resume", "test"]
ACTIONS: dict[Do, Callable[[Hook, User], None]] = {
    "pause": actions.pause,
    "resume": actions.resume,
    "test": actions.send_test,
}


class HookOut(Schema):
    """An address that hears of the event, or of one team alone."""

    id: int
    url: Annotated[str, EXAMPLE]
    topics: list[Topic]
    team: TeamOut | None
    """Null for the organizers' own."""
    created_at: datetime
    paused_at: datetime | None
    paused_why: str
    rests_until: datetime | None
    """After a failure nothing is sent until then."""

    @classmethod
    def shown(cls, hook: Hook) -> "HookOut":
        """An address as its people see it, without the secret."""
        return cls.model_validate(hook)


class NewHookOut(HookOut):
    """A new address. The secret, by which messages are signed, is told once: keep it."""

    secret: str | None = Field(description="Null where an answer is given again by its `Idempotency-Key`.")


class SecretOut(Schema):
    """The new secret, which is told once. For a day messages are signed with both."""

    secret: str | None = Field(description="Null where an answer is given again by its `Idempotency-Key`.")


class HookIn(Schema):
    """A new address: https, in the public Internet."""

    url: Annotated[
        str,
        StringConstraints(min_length=1, max_length=LONGEST),
        Written,
        EXAMPLE,
    ]
    topics: Annotated[list[Topic], Field(min_length=1, max_length=10)]


class DeliveryOut(Schema):
    """A message, and what the address said to it last."""

    id: UUID
    topic: str
    state: str
    """waiting, delivered or failed, which is given up."""
    tries: int
    answer_code: int | None
    answer: str
    created_at: datetime
    tried_at: datetime | None

    @classmethod
    def shown(cls, message: Delivery) -> "DeliveryOut":
        """A message as the address's people see it."""
        return cls.model_validate(message)


def _owner(request: HttpRequest, event: str) -> Team | None:
    """The caller's team, or None for organizers, whose token may deal with their webhooks."""
    team = find_owner(request.user, find_event(request.user, event))
    _need(request, team)
    return team


def _hook(request: HttpRequest, event: str, number: int) -> Hook:
    found = find_hook(request.user, find_event(request.user, event), number)
    _need(request, found.team)
    return found


def _need(request: HttpRequest, team: Team | None) -> None:
    need(request, Scope.TEAM if team else Scope.ORGANIZE)


@router.get(HOOKS, response=Listed[HookOut], summary="Your webhooks")
def webhooks(request: HttpRequest, event: str) -> Listed[HookOut]:
    """Your team's, or the organizers' if you are one of them. The list always comes whole."""
    team = _owner(request, event)
    return whole(HookOut.shown(hook) for hook in hooks_of(find_event(request.user, event), team))


@router.post(HOOKS, response={201: NewHookOut}, summary="Add a webhook")
@told_once("secret")
def add_webhook(
    request: HttpRequest, response: HttpResponse, event: str, given: HookIn
) -> Status[NewHookOut]:
    """It hears of your team alone; the organizers' hear of all."""
    team, found = _owner(request, event), find_event(request.user, event)
    made = actions.add(found, team, given.url, sorted(set(given.topics)), caller(request))
    response["Cache-Control"] = "no-store"
    return Status(201, NewHookOut(**dict(HookOut.shown(made)), secret=made.secret))


@router.get(HOOK, response=HookOut, summary="One webhook")
def webhook(request: HttpRequest, event: str, hook: Path[Number]) -> HookOut:
    """Whether it is paused and why, and until when it rests."""
    return HookOut.shown(_hook(request, event, hook))


@router.delete(HOOK, response={204: None}, summary="Remove a webhook")
def remove_webhook(request: HttpRequest, event: str, hook: Path[Number]) -> Status[None]:
    """With what it was told."""
    actions.remove(_hook(request, event, hook), caller(request))
    return Status(204, None)


@router.post(HOOK + "/secret", response=SecretOut, summary="Give a webhook another secret")
@told_once("secret")
def rotate_webhook(request: HttpRequest, response: HttpResponse, event: str, hook: Path[Number]) -> SecretOut:
    """For a day messages are signed with both, so that none is refused meanwhile."""
    found = _hook(request, event, hook)
    response["Cache-Control"] = "no-store"
    return SecretOut(secret=actions.rotate(found, caller(request)))


@router.get(HOOK + "/deliveries", response=Listed[DeliveryOut], summary="What a webhook was told lately")
def deliveries(request: HttpRequest, event: str, hook: Path[Number]) -> Listed[DeliveryOut]:
    """The last 100 messages, the newest first, in one piece."""
    return whole(DeliveryOut.shown(message) for message in latest(_hook(request, event, hook)))


@router.post(HOOKS + "/deliveries/{delivery}/again", response=DeliveryOut, summary="Send a message again")
def deliver_again(request: HttpRequest, event: str, delivery: UUID) -> DeliveryOut:
    """The same message, under the same id."""
    found = find_event(request.user, event)
    message = find_delivery(request.user, found, delivery)
    _need(request, message.hook.team)
    actions.deliver_again(message, caller(request))
    return DeliveryOut.shown(find_delivery(request.user, found, delivery))


@router.post(HOOK + "/{do}", response=HookOut, summary="Pause, resume or test a webhook")
def change_webhook(request: HttpRequest, event: str, hook: Path[Number], do: Do) -> HookOut:
    """While it is paused it is told nothing. A test sends a message that says nothing: see its deliveries."""
    found = _hook(request, event, hook)
    ACTIONS[do](found, caller(request))
    return HookOut.shown(find_hook(request.user, found.event, hook))

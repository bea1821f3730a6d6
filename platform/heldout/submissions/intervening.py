"""What organizers do when an event goes otherwise than planned: with a reason, audited, and to be undone."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.catalog.models import Challenge
from heldout.events.actions import lock
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.submissions.intervention_models import Disqualification, Extension, Grant, Pause, PauseScope
from heldout.submissions.models import Submission
from heldout.teams.models import Team

MOST_TRIES = 100


@transaction.atomic
def pause(event: Event, challenge: Challenge | None, scope: PauseScope, reason: str, actor: User) -> Pause:
    """Stop handing in, or scoring, on a challenge or on all. What was handed in waits, nothing is lost.

    Raises Refusal when that is paused already.
    """
    event = lock(event)
    if Pause.objects.filter(event=event, challenge=challenge, scope=scope).exists():
        raise Refusal("That is paused already.", "Resume it first to give another reason.")
    made = Pause.objects.create(event=event, challenge=challenge, scope=scope, reason=reason, by=actor)
    _write("paused", made, actor, event, after={"what": str(made)}, reason=reason)
    _tell(event, challenge)
    return made


@transaction.atomic
def resume(found: Pause, actor: User) -> None:
    """Let it go on."""
    event, challenge = found.event, found.challenge
    _write("resumed", found, actor, event, before={"what": str(found)}, reason=found.reason)
    found.delete()
    _tell(event, challenge)


@transaction.atomic
def grant_tries(challenge: Challenge, team: Team, tries: int, reason: str, actor: User) -> Grant:
    """Give a team more tries on a challenge today. Raises Refusal for a number that makes no sense."""
    if not 1 <= tries <= MOST_TRIES:
        raise Refusal("No tries were granted.", f"Found {tries}; grant 1 to {MOST_TRIES}.")
    made = Grant.objects.create(challenge=challenge, team=team, tries=tries, reason=reason, by=actor)
    _write("tries.granted", made, actor, challenge.event, after={"tries": tries}, reason=reason)
    _tell(challenge.event, challenge)
    return made


@transaction.atomic
def extend(challenge: Challenge, team: Team, until: datetime, reason: str, actor: User) -> Extension:
    """Let a team hand in on a challenge until then. A later call replaces the time. Raises Refusal."""
    if until <= timezone.now():
        raise Refusal("The deadline was not extended.", "That time is over; choose a later one.")
    made, _ = Extension.objects.update_or_create(
        challenge=challenge, team=team, defaults={"until": until, "reason": reason, "by": actor}
    )
    _write("deadline.extended", made, actor, challenge.event, after={"until": str(until)}, reason=reason)
    _tell(challenge.event, challenge)
    return made


@transaction.atomic
def disqualify(
    event: Event, actor: User, reason: str, *, submission: Submission | None = None, team: Team | None = None
) -> Disqualification:
    """Take a submission, or all that a team has handed in, off the boards. The team still sees its scores.

    Standings and points are the caller's to make anew. Raises Refusal when that was done before.
    """
    lock(event)
    if Disqualification.objects.filter(submission=submission, team=team).exists():
        raise Refusal("It is disqualified already.", "Undo that first to give another reason.")
    made = Disqualification.objects.create(submission=submission, team=team, reason=reason, by=actor)
    _write("disqualified", made, actor, event, after={"what": str(made)}, reason=reason)
    return made


@transaction.atomic
def take_back(made: "Grant | Extension | Disqualification", event: Event, actor: User) -> None:
    """Undo it. Of a disqualification, standings and points are the caller's to make anew."""
    kind = made._meta.verbose_name
    _write(f"{kind}.taken_back", made, actor, event, before={"what": str(made)}, reason=made.reason)
    challenge = getattr(made, "challenge", None)
    made.delete()
    _tell(event, challenge)


def _write(action: str, target: Model, actor: User, event: Event, **facts: Any) -> None:
    audit.write(action, target, actor=actor, event_slug=event.slug, **facts)


def _tell(event: Event, challenge: Challenge | None) -> None:
    publish_on_commit("challenge", event=event.pk, challenge=challenge.slug if challenge else "")

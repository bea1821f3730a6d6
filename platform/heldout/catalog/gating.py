"""Changes of what opens a challenge."""

from datetime import datetime

from django.db import transaction

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.catalog.models import Challenge, Gate, GateKind, Opening
from heldout.catalog.passing import tell_team
from heldout.catalog.rules import gate_text
from heldout.events.actions import lock
from heldout.events.rules import Refusal
from heldout.teams.models import Team
from heldout.teams.rules import visible_text


@transaction.atomic
def add_gate(
    challenge: Challenge,
    kind: GateKind,
    actor: User | None,
    *,
    at: datetime | None = None,
    after: Challenge | None = None,
    score: float | None = None,
) -> Gate:
    """Add one thing that opens the challenge: from the first on, teams need one of them. Raises Refusal."""
    lock(challenge.event)
    if kind == GateKind.TIME:
        after, score = None, None
        if at is None:
            raise Refusal("A time is missing.", "Say when the challenge opens.")
    else:
        at, score = None, _score(kind, score)
        after = _earlier(challenge, after)
    same = Gate.objects.filter(challenge=challenge, kind=kind, at=at, after=after, score=score)
    if same.exists():
        raise Refusal("There is such a gate already.", "Each is needed once.")
    gate = Gate.objects.create(challenge=challenge, kind=kind, at=at, after=after, score=score)
    _audit("gate.added", gate, actor)
    return gate


@transaction.atomic
def remove_gate(gate: Gate, actor: User | None) -> None:
    """Take a gate away. Without any, the challenge is open to every team."""
    lock(gate.challenge.event)
    _audit("gate.removed", gate, actor)
    gate.delete()


@transaction.atomic
def open_by_hand(challenge: Challenge, team: Team, actor: User, reason: str) -> Opening:
    """Open the challenge for one team, whatever its gates say. Raises Refusal without a reason."""
    why = visible_text(reason)[:200]
    if not why:
        raise Refusal("A reason is missing.", "Say why this team goes on; it is kept in the audit log.")
    if team.event_id != challenge.event_id:
        raise Refusal("That team is of another event.", "Choose a team of this event.")
    opening, is_new = Opening.objects.get_or_create(
        challenge=challenge, team=team, defaults={"by": actor, "reason": why}
    )
    if not is_new:
        raise Refusal(f"{challenge} is open to {team} already.", f"{opening.by} opened it: {opening.reason}")
    slug = challenge.event.slug
    audit.write("challenge.opened_by_hand", opening, actor=actor, event_slug=slug, reason=why)
    tell_team(challenge, team)
    return opening


def _score(kind: GateKind, score: float | None) -> float | None:
    if kind != GateKind.THRESHOLD:
        return None
    if score is None:
        raise Refusal("A score is missing.", "Say which score opens the challenge.")
    return score


def _earlier(challenge: Challenge, after: Challenge | None) -> Challenge:
    """A challenge that comes before this one, so that no two wait for each other."""
    if after is None or after.event_id != challenge.event_id:
        raise Refusal("An earlier challenge is missing.", "Choose one of this event.")
    if after.position >= challenge.position:
        raise Refusal(
            f"{after} does not come before {challenge}.", "A challenge can only wait for an earlier one."
        )
    return after


def _audit(action: str, gate: Gate, actor: User | None) -> None:
    event = gate.challenge.event
    audit.write(action, gate, actor=actor, event_slug=event.slug, after={"gate": gate_text(gate)})
    publish_on_commit("challenge", event=event.pk, challenge=gate.challenge.slug)

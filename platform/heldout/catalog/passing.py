"""Changes of what a team has reached on a challenge: scores come, a coach ticks and signs off."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.catalog.criteria import checklist, has_passed
from heldout.catalog.models import Attainment, Challenge, SignOff, Tick
from heldout.events.rules import Refusal
from heldout.teams.models import Team
from heldout.teams.rules import may_coach, visible_text

LONGEST_NOTE = 300


@transaction.atomic
def reach(
    challenge: Challenge, team: Team, *, best: float | None, best_at: datetime | None, met: Sequence[str]
) -> Attainment:
    """Keep what the team's scored submissions come to: their best score and the criteria they meet."""
    _lock(team)
    attained, _ = Attainment.objects.get_or_create(challenge=challenge, team=team)
    changed = (attained.best, list(attained.met)) != (best, list(met))
    attained.best, attained.best_at, attained.met = best, best_at, list(met)
    attained.save(update_fields=["best", "best_at", "met"])
    _settle(attained, changed=changed)
    return attained


@transaction.atomic
def sign_off(
    challenge: Challenge, team: Team, actor: User, *, seen: Collection[str], note: str = ""
) -> SignOff | None:
    """Tick the evidence that a coach has `seen`; with all of it ticked, sign the challenge off.

    Gives the sign-off, or None while evidence is missing. Raises Refusal.
    """
    _refuse(challenge, team, actor)
    _lock(team)
    evidence = [criterion.text for criterion in challenge.bundle.manifest.criteria if criterion.evidence]
    unknown = [text for text in seen if text not in evidence]
    if unknown:
        raise Refusal("That is no criterion of this challenge.", "Reload the page and tick again.")
    clean = visible_text(note)[:LONGEST_NOTE]
    _tick(challenge, team, actor, seen, clean)
    missing = set(evidence) - set(_ticked(challenge, team))
    if missing and not seen:
        raise Refusal("Nothing is ticked.", "Tick what the team has shown you.")
    signed = None if missing else _sign(challenge, team, actor, clean)
    attained, _ = Attainment.objects.get_or_create(challenge=challenge, team=team)
    _settle(attained, changed=True)
    return signed


@transaction.atomic
def withdraw_sign_off(challenge: Challenge, team: Team, actor: User, reason: str) -> None:
    """Take back the sign-off and every tick of a challenge, as after a mistake. Raises Refusal."""
    _refuse(challenge, team, actor)
    if not (why := visible_text(reason)):
        raise Refusal("Say why.", "The team sees the reason in the audit of what happened.")
    _lock(team)
    before = {"ticks": _ticked(challenge, team)}
    SignOff.objects.filter(challenge=challenge, team=team).delete()
    Tick.objects.filter(challenge=challenge, team=team).delete()
    attained, _ = Attainment.objects.get_or_create(challenge=challenge, team=team)
    _audit("sign_off.withdrawn", attained, actor, before=before, reason=why)
    _settle(attained, changed=True)


def _tick(challenge: Challenge, team: Team, actor: User, seen: Collection[str], note: str) -> None:
    for text in seen:
        tick, is_new = Tick.objects.get_or_create(
            challenge=challenge, team=team, criterion=text, defaults={"by": actor, "note": note}
        )
        if is_new:
            _audit("criterion.ticked", tick, actor, after={"criterion": text, "note": note})


def _sign(challenge: Challenge, team: Team, actor: User, note: str) -> SignOff:
    signed, is_new = SignOff.objects.get_or_create(
        challenge=challenge, team=team, defaults={"by": actor, "note": note}
    )
    if is_new:
        _audit("challenge.signed_off", signed, actor, after={"note": note})
    return signed


def _ticked(challenge: Challenge, team: Team) -> list[str]:
    ticks = Tick.objects.filter(challenge=challenge, team=team)
    return list(ticks.values_list("criterion", flat=True))


def _settle(attained: Attainment, *, changed: bool) -> None:
    """Pass the challenge, or no longer, as the checklist says; then let the team's open pages know."""
    ticks = Tick.objects.filter(challenge=attained.challenge, team=attained.team)
    lines = checklist(attained.challenge.bundle.manifest, attained.best, attained.met, ticks)
    passed, before = has_passed(lines), attained.passed_at
    attained.passed_at = (before or timezone.now()) if passed else None
    if attained.passed_at != before:
        attained.save(update_fields=["passed_at"])
        _audit("challenge.passed" if passed else "challenge.unpassed", attained, None)
        event, slug = attained.challenge.event_id, attained.challenge.slug
        publish_on_commit("challenge", event=event, challenge=slug)  # The event's board is everybody's.
    elif changed:
        tell_team(attained.challenge, attained.team)


def tell_team(challenge: Challenge, team: Team) -> None:
    """Let a team, its coach and the organizers look at their challenges again."""
    publish_on_commit("challenge", event=challenge.event_id, team=team.pk, challenge=challenge.slug)


def _refuse(challenge: Challenge, team: Team, actor: User) -> None:
    if team.event_id != challenge.event_id or not may_coach(actor, team):
        raise Refusal(f"You do not coach {team}.", "Its coach signs off, or an organizer.")


def _lock(team: Team) -> None:
    """Two words about one team are taken one after the other."""
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)


def _audit(action: str, row: Attainment | SignOff | Tick, actor: User | None, **facts: object) -> None:
    audit.write(action, row, actor=actor, event_slug=row.challenge.event.slug, **facts)  # type: ignore[arg-type]

"""Who is let into which challenge: loads what `rules.admission` decides by."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from heldout.catalog.models import Attainment, Challenge, Gate, Opening, SignOff
from heldout.catalog.rules import Admission, Key, Reached, admission
from heldout.events.models import Event, RoleName
from heldout.events.rules import Refusal, Viewer, is_organizer, role_of
from heldout.teams.models import Team
from heldout.teams.queries import team_of


def reached_by(team: Team | None) -> Reached:
    """What the team has reached in its event; nothing, for people without one."""
    if team is None:
        return Reached()
    mine = Attainment.objects.filter(team=team)
    return Reached(
        attained={row.challenge_id: row for row in mine},
        signed_off=dict(SignOff.objects.filter(team=team).values_list("challenge", "at")),
        by_hand=dict(Opening.objects.filter(team=team).values_list("challenge", "at")),
    )


def team_admission(challenge: Challenge, team: Team | None) -> Admission:
    """Whether the challenge is open to a team, and what opens it."""
    gates = list(_gates().filter(challenge=challenge))
    return admission(challenge, gates, reached_by(team), timezone.now())


def team_admissions(challenges: Iterable[Challenge], team: Team | None) -> dict[int, Admission]:
    """The same for many challenges, by their key, in a constant number of queries."""
    listed, now, reached = list(challenges), timezone.now(), reached_by(team)
    gates: dict[int, list[Gate]] = {}
    for gate in _gates().filter(challenge__in=listed):
        gates.setdefault(gate.challenge_id, []).append(gate)
    return {c.pk: admission(c, gates.get(c.pk, []), reached, now) for c in listed}


def admission_of(viewer: Viewer, challenge: Challenge) -> Admission:
    """Whether the challenge is open to a viewer: organizers always, coaches once it has opened, participants
    as their team is."""
    if is_organizer(viewer, challenge.event):
        return Admission(challenge.opened_at or challenge.event.created_at)
    if role_of(viewer, challenge.event) == RoleName.PARTICIPANT:
        return team_admission(challenge, team_of(viewer, challenge.event))
    return _opened(challenge, timezone.now())


def admissions_of(viewer: Viewer, event: Event, challenges: Iterable[Challenge]) -> dict[int, Admission]:
    """As `admission_of`, for the challenges of one event."""
    listed = list(challenges)
    if is_organizer(viewer, event):
        return {c.pk: Admission(c.opened_at or event.created_at) for c in listed}
    if role_of(viewer, event) == RoleName.PARTICIPANT:
        return team_admissions(listed, team_of(viewer, event))
    return {c.pk: _opened(c, timezone.now()) for c in listed}


def refuse_unless_admitted(team: Team, challenge: Challenge) -> None:
    """Refusal when the challenge has opened, but not for this team; it says what opens it."""
    found = team_admission(challenge, team)
    if not found.admitted:
        raise Refusal("This challenge is not open to your team yet.", found.text)


def _opened(challenge: Challenge, now: datetime) -> Admission:
    return admission(challenge, [], Reached(), now)


def _gates() -> "QuerySet[Gate]":
    return Gate.objects.select_related("challenge__event", "after__bundle")


__all__ = [
    "Admission",
    "Key",
    "admission_of",
    "admissions_of",
    "reached_by",
    "refuse_unless_admitted",
    "team_admission",
    "team_admissions",
]

"""Who is let into which challenge: loads what `rules.admission` decides by."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from heldout.catalog.models import Attainment, Challenge, Gate, Opening, SignOff
from heldout.catalog.rules import Admission, Reached, admission
from heldout.events.models import Event, RoleName
from heldout.events.rules import Refusal, Viewer, is_organizer, role_of
from heldout.teams.models import Team
from heldout.teams.queries import team_of

Facts = tuple[dict[int, Attainment], dict[int, datetime], dict[int, datetime]]
"""Attainments, sign-offs and openings by hand, each by challenge."""


def reached_by(team: Team | None) -> Reached:
    """What the team has reached in its event; nothing, for people without one."""
    return reached_by_each([team])[team.pk] if team else Reached()


def reached_by_each(teams: Iterable[Team]) -> dict[int, Reached]:
    """What each team has reached, in a constant number of queries."""
    found: dict[int, Facts] = {team.pk: ({}, {}, {}) for team in teams}
    for row in Attainment.objects.filter(team__in=found):
        found[row.team_id][0][row.challenge_id] = row
    for signed in SignOff.objects.filter(team__in=found):
        found[signed.team_id][1][signed.challenge_id] = signed.at
    for opening in Opening.objects.filter(team__in=found):
        found[opening.team_id][2][opening.challenge_id] = opening.at
    return {team: Reached(*facts) for team, facts in found.items()}


def team_admission(challenge: Challenge, team: Team | None) -> Admission:
    """Whether the challenge is open to a team, and what opens it."""
    gates = list(_gates().filter(challenge=challenge))
    return admission(challenge, gates, reached_by(team), timezone.now())


def admissions_by_team(
    challenges: Iterable[Challenge], teams: Iterable[Team]
) -> dict[int, dict[int, Admission]]:
    """The same for many challenges, by team and challenge, in a constant number of queries."""
    listed, now = list(challenges), timezone.now()
    gates = _gates_of(listed)
    return {
        team: {c.pk: admission(c, gates.get(c.pk, []), reached, now) for c in listed}
        for team, reached in reached_by_each(teams).items()
    }


def _gates_of(challenges: list[Challenge]) -> dict[int, list[Gate]]:
    gates: dict[int, list[Gate]] = {}
    for gate in _gates().filter(challenge__in=challenges):
        gates.setdefault(gate.challenge_id, []).append(gate)
    return gates


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
        gates, reached = _gates_of(listed), reached_by(team_of(viewer, event))
        return {c.pk: admission(c, gates.get(c.pk, []), reached, timezone.now()) for c in listed}
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

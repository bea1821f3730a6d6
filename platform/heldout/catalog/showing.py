"""What teams have shown on challenges: their checklists, as pages say them."""

from dataclasses import dataclass
from datetime import datetime

from heldout.catalog.criteria import Judged, checklist
from heldout.catalog.models import Attainment, Challenge, SignOff, Tick
from heldout.events.models import Event
from heldout.teams.models import Team


@dataclass(frozen=True)
class Showing:
    """A team's checklist on a challenge, and when it was passed and signed off, if it was."""

    lines: list[Judged]
    passed_at: datetime | None
    signed: SignOff | None


def showing(challenge: Challenge, team: Team | None) -> Showing:
    """What the team has shown on the challenge. Without a team: what anybody must show."""
    if team is None:
        return _showing(challenge, None, [], None)
    mine = {"challenge": challenge, "team": team}
    return _showing(
        challenge,
        Attainment.objects.filter(**mine).first(),
        list(Tick.objects.filter(**mine).select_related("by")),
        SignOff.objects.filter(**mine).select_related("by").first(),
    )


def showings(event: Event, team: Team | None) -> dict[int, Showing]:
    """The team's checklists on all challenges of the event, by challenge; empty without a team."""
    if team is None:
        return {}
    found = showings_of(event, [team])
    return {challenge: shown for (challenge, _), shown in found.items()}


def showings_of(event: Event, teams: list[Team]) -> dict[tuple[int, int], Showing]:
    """The checklists of several teams, by challenge and team, in a constant number of queries."""
    attained = {(a.challenge_id, a.team_id): a for a in Attainment.objects.filter(team__in=teams)}
    signed = {(s.challenge_id, s.team_id): s for s in SignOff.objects.filter(team__in=teams)}
    ticks: dict[tuple[int, int], list[Tick]] = {}
    for tick in Tick.objects.filter(team__in=teams):
        ticks.setdefault((tick.challenge_id, tick.team_id), []).append(tick)
    challenges = Challenge.objects.filter(event=event).select_related("bundle")
    keys = [(challenge, (challenge.pk, team.pk)) for challenge in challenges for team in teams]
    return {
        key: _showing(challenge, attained.get(key), ticks.get(key, []), signed.get(key))
        for challenge, key in keys
    }


def _showing(
    challenge: Challenge, attained: Attainment | None, ticks: list[Tick], signed: SignOff | None
) -> Showing:
    best, met = (attained.best, attained.met) if attained else (None, [])
    lines = checklist(challenge.bundle.manifest, best, met, ticks)
    return Showing(lines, attained.passed_at if attained else None, signed)

"""The demo event around its scoring: the agenda, what opens challenges, and what its coach does.

Done twice, each of these adds nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta

from heldout.accounts.models import User
from heldout.catalog import gating, passing
from heldout.catalog.models import Challenge, GateKind, SignOff
from heldout.coaching import actions as coaching
from heldout.coaching.models import HelpCall
from heldout.demo import story
from heldout.demo.story import Item, Planned
from heldout.events import agenda
from heldout.events.models import Event, RoleName


def make_agenda(event: Event) -> None:
    """Three days of sessions, two of them open, with guests who have registered for the last."""
    if event.sessions.exists():
        return
    for item in story.AGENDA:
        agenda.add_session(event, None, **_values(event, item))
    reveal = next(item for item in reversed(story.AGENDA) if item.seats)
    session = event.sessions.get(title=reveal.title)
    for name, email in story.GUESTS:
        agenda.register(session, name, email)


def add_gates(challenge: Challenge, planned: Planned) -> None:
    """Let the challenge open in the ways that the story says."""
    for way in planned.ways:
        if way.kind == GateKind.TIME:
            gating.add_gate(challenge, way.kind, None, at=at(challenge.event, way.day, way.clock))
        else:
            earlier = challenge.event.challenges.get(slug=way.after)
            gating.add_gate(challenge, way.kind, None, after=earlier, score=way.score)


def coach(event: Event) -> None:
    """What the coach has signed off, and whose hand is up, on challenges that have opened."""
    tomas = User.objects.get(roles__event=event, roles__name=RoleName.COACH)
    opened = event.challenges.filter(opened_at__isnull=False).select_related("event", "bundle")
    challenges = {challenge.slug: challenge for challenge in opened}
    teams = {team.name: team for team in event.teams.select_related("event")}
    for name, challenge, note in _about(story.SIGNED_OFF, challenges):
        team = teams[name]
        if not SignOff.objects.filter(challenge=challenge, team=team).exists():
            evidence = [c.text for c in challenge.bundle.manifest.criteria if c.evidence]
            passing.sign_off(challenge, team, tomas, seen=evidence, note=note)
    for name, challenge, words in _about(story.RAISED, challenges):
        team = teams[name]
        if not HelpCall.objects.filter(challenge=challenge, team=team).exists():
            coaching.raise_hand(challenge, team, team.memberships.earliest("joined_at").user, words)


def at(event: Event, day: int, clock: time) -> datetime:
    """A clock of a day of the event, which counts from 1, in the event's time zone."""
    first = event.starts_at.astimezone(event.zone).date()
    return datetime.combine(first + timedelta(days=day - 1), clock, event.zone)


def _values(event: Event, item: Item) -> dict[str, object]:
    return {
        "title": item.title,
        "starts_at": at(event, item.day, item.starts),
        "ends_at": at(event, item.day, item.ends),
        "room": item.room,
        "speaker": item.speaker,
        "abstract": item.abstract,
        "slides_url": item.slides,
        "is_open": item.seats is not None,
        "capacity": item.seats,
    }


def _about(
    told: Iterable[tuple[str, str, str]], challenges: Mapping[str, Challenge]
) -> Iterator[tuple[str, Challenge, str]]:
    """What is told of teams on challenges, of those that have opened."""
    return ((team, challenges[slug], words) for team, slug, words in told if slug in challenges)

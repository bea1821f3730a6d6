"""Pure questions about challenges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar

from heldout.catalog.criteria import passes
from heldout.catalog.models import Attainment, Challenge, Gate, GateKind, Preparation, PreparationState
from heldout.events.rules import Refusal

T = TypeVar("T")
ChallengeState = Literal["draft", "preparing", "red", "ready", "locked", "open", "closed"]
"""`locked`: it has opened, but not yet for the viewer's team."""


class NotReady(Refusal):
    """A challenge may not open, because its self-test is not green."""


def closing_time(challenge: Challenge) -> datetime:
    """When the challenge takes no more submissions: its own time, and at the latest the event's end."""
    return min(challenge.closes_at or challenge.event.ends_at, challenge.event.ends_at)


def is_opened(challenge: Challenge, now: datetime) -> bool:
    """Whether participants may see it: it was opened, and may be closed by now."""
    return challenge.opened_at is not None and challenge.opened_at <= now


def is_open(challenge: Challenge, now: datetime) -> bool:
    """Whether it takes submissions."""
    return is_opened(challenge, now) and now < closing_time(challenge)


def state_of(challenge: Challenge, latest: Preparation | None, now: datetime) -> ChallengeState:
    """Where a challenge is on its way; `latest` is its newest preparation."""
    if is_opened(challenge, now):
        return "open" if is_open(challenge, now) else "closed"
    if latest is None:
        return "draft"
    if latest.state == PreparationState.QUEUED:
        return "preparing"
    return "ready" if latest.state == PreparationState.GREEN else "red"


def why_not_ready(latest: Preparation | None) -> str:
    """What keeps a challenge from opening, with the failed checks; empty when nothing does."""
    if latest is None:
        return "It has not been prepared yet. Start its self-test first."
    if latest.state == PreparationState.GREEN:
        return ""
    if latest.state == PreparationState.QUEUED:
        return "Its self-test is still running. Wait for the result."
    report = latest.report
    if report is None:
        return "No worker finished its self-test. See that a worker runs, then prepare it again."
    failed = [f"{c.name}: found {c.found}, expected {c.expected}." for c in report.checks if not c.passed]
    if report.verdict:
        failed.append(f"{report.verdict.title}: {report.verdict.found}. {report.verdict.fix}")
    return " ".join(failed) or "Its self-test made no checks. Prepare it again."


@dataclass(frozen=True)
class Reached:
    """What a team has reached in its event, by challenge."""

    attained: Mapping[int, Attainment] = field(default_factory=dict)
    signed_off: Mapping[int, datetime] = field(default_factory=dict)
    by_hand: Mapping[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Key:
    """One way into a challenge, in words, and since when it fits; None when it does not yet."""

    text: str
    since: datetime | None


@dataclass(frozen=True)
class Admission:
    """Whether a challenge is open to a team, since when, and what opens it."""

    since: datetime | None
    keys: tuple[Key, ...] = ()

    @property
    def admitted(self) -> bool:
        """Whether the team is let in."""
        return self.since is not None

    @property
    def text(self) -> str:
        """What opens it, in one sentence."""
        ways = [key.text for key in self.keys]
        return f"It opens when {', or when '.join(ways)}."


def admission(challenge: Challenge, gates: Sequence[Gate], reached: Reached, now: datetime) -> Admission:
    """Decide whether a team that has `reached` this is let into the challenge.

    Pages, the API, downloads and hand-ins all ask here. Any one of the gates is enough; so is an
    organizer who opens it by hand. Nothing is open before the organizers have opened the challenge.
    """
    if challenge.opened_at is None or challenge.opened_at > now:
        return Admission(None, (Key("the organizers open it", None),))
    if not gates:
        return Admission(challenge.opened_at)
    keys = tuple(Key(gate_text(gate), _fits_since(gate, reached, now)) for gate in gates)
    times = [key.since for key in keys if key.since is not None]
    if challenge.pk in reached.by_hand:
        times.append(reached.by_hand[challenge.pk])
    return Admission(max(challenge.opened_at, min(times)) if times else None, keys)


def gate_text(gate: Gate) -> str:
    """A gate in words, to go on after "it opens when"."""
    match gate.kind:
        case GateKind.TIME:
            at = _given(gate.at).astimezone(gate.challenge.event.zone)
            return f"it is {at:%A}, {at:%H:%M}"
        case GateKind.PASSED:
            return f"your team has passed {gate.after}"
        case GateKind.THRESHOLD:
            side = "or more" if _given(gate.after).bundle.manifest.task.higher_is_better else "or less"
            return f"your team has {gate.score:.12g} {side} on {gate.after}"
        case _:
            return f"your coach has signed off {gate.after}"


def _fits_since(gate: Gate, reached: Reached, now: datetime) -> datetime | None:
    if gate.kind == GateKind.TIME:
        return gate.at if gate.at is not None and gate.at <= now else None
    earlier = _given(gate.after)
    if gate.kind == GateKind.SIGNED_OFF:
        return reached.signed_off.get(earlier.pk)
    attained = reached.attained.get(earlier.pk)
    if attained is None:
        return None
    if gate.kind == GateKind.PASSED:
        return attained.passed_at
    higher = earlier.bundle.manifest.task.higher_is_better
    enough = attained.best is not None and passes(attained.best, _given(gate.score), higher_is_better=higher)
    return attained.best_at if enough else None


def _given(value: T | None) -> T:
    """A field that the database's constraints promise for this kind of gate."""
    if value is None:
        raise ValueError("a gate without the field that its kind needs")
    return value

"""Pure questions about challenges."""

from datetime import datetime
from typing import Literal

from heldout.catalog.models import Challenge, Preparation, PreparationState
from heldout.events.rules import Refusal

ChallengeState = Literal["draft", "preparing", "red", "ready", "open", "closed"]


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

"""What addresses are told: messages, written down in the transaction of what they tell.

Nothing is told that its receiver could not see on a page: no private score ever, and while the boards stand
still no score to the organizers' addresses, which often lead to a room where everybody reads.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.events.models import Event, RoleName
from heldout.leaderboards.rules import is_frozen, rules_of
from heldout.submissions.models import Submission
from heldout.submissions.queries import scores_for
from heldout.submissions.rules import digits, visible_splits
from heldout.teams.models import Team
from heldout.webhooks.models import TEST, Delivery, Hook, Topic


def listening(event: Event, topic: Topic, team: Team | None = None) -> list[Hook]:
    """Addresses that hear of the topic: the organizers', and with `team` that team's."""
    hooks: QuerySet[Hook] = Hook.objects.filter(event=event, paused_at=None)
    hooks = hooks.filter(Q(team=None) | Q(team=team)) if team else hooks
    return [hook for hook in hooks if topic in hook.topics]


def write(hook: Hook, topic: str, data: dict[str, Any], now: datetime) -> Delivery:
    """Write a message down; it is sent once that is committed."""
    body = {"type": topic, "timestamp": now.isoformat(), "data": data}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Delivery.objects.create(hook=hook, topic=topic, body=text, next_try_at=now)


def submission_scored(submission: Submission) -> None:
    """Tell that it is scored. A rehearsal is its team's own, and told to that team alone."""
    challenge, now = submission.challenge, timezone.now()
    hooks = listening(challenge.event, Topic.SCORED, submission.team)
    if not hooks:
        return
    hidden = is_frozen(rules_of(challenge.event), now)
    for hook in hooks:
        if hook.team_id is None and submission.rehearsal:
            continue
        about = _about(submission)
        if not (hook.team_id is None and hidden):
            about["scores"] = _scores(submission)
        write(hook, Topic.SCORED, about, now)


def _about(submission: Submission) -> dict[str, Any]:
    return {
        "event": submission.challenge.event.slug,
        "challenge": submission.challenge.slug,
        "team": {"id": submission.team_id, "name": submission.team.name},
        "submission": str(submission.pk),
        "number": submission.number,
        "rehearsal": submission.rehearsal,
    }


def _scores(submission: Submission) -> dict[str, dict[str, float]]:
    """What participants may see, with the decimals that its interval supports, as everywhere."""
    shown = {}
    for split, score in scores_for(submission, visible_splits(RoleName.PARTICIPANT)).items():
        decimals = digits(score.low, score.high)
        named = {"value": score.value, "low": score.low, "high": score.high}
        shown[str(split)] = {name: round(value, decimals) for name, value in named.items()}
    return shown


def ranks_changed(challenge: Challenge, changes: list[dict[str, Any]], hooks: Iterable[Hook]) -> None:
    """Tell who moved on a board, to the organizers all of it, to a team its own."""
    now = timezone.now()
    for hook in hooks:
        own = [change for change in changes if hook.team_id in (None, change["team"]["id"])]
        if own:
            about = {"event": challenge.event.slug, "challenge": challenge.slug, "changes": own}
            write(hook, Topic.RANK, about, now)


def trial_message(hook: Hook) -> Delivery:
    """A message that says nothing, to try the address."""
    return write(hook, TEST, {"event": hook.event.slug, "words": "This is a test."}, timezone.now())

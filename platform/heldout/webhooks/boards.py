"""Ranks that have changed, as others see the boards: while those stand still, nothing changes.

Ranks follow from more than scores: from ties, rules, sign-offs, disqualifications. So boards are looked at,
again and again, and held against what was told last. What is told and that it was told are written together.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from heldout.catalog.models import Challenge
from heldout.leaderboards.freezing import sight
from heldout.leaderboards.queries import BoardRow, kept_contents
from heldout.webhooks.models import Hook, ToldBoard, Topic
from heldout.webhooks.telling import listening, ranks_changed


def look() -> int:
    """Look at the board of every challenge of which somebody wants to hear; gives how many changed."""
    events = {hook.event_id for hook in Hook.objects.filter(paused_at=None) if Topic.RANK in hook.topics}
    ToldBoard.objects.exclude(challenge__event__in=events).delete()
    challenges = Challenge.objects.filter(event__in=events, opened_at__isnull=False)
    return sum(look_at(each) for each in challenges.select_related("event", "bundle", "preparation"))


def look_at(challenge: Challenge) -> bool:
    """Tell what has changed since the last look. The first one only remembers."""
    view = kept_contents(challenge, sight(challenge, AnonymousUser()))
    rows = {str(row.team_id): row for row in view.rows if not row.is_baseline}
    ranks = {team: row.rank for team, row in rows.items()}
    with transaction.atomic():
        told, is_new = ToldBoard.objects.get_or_create(challenge=challenge, defaults={"ranks": ranks})
        told = ToldBoard.objects.select_for_update().get(pk=told.pk)
        if is_new or told.ranks == ranks:
            return False
        before: dict[str, int | None] = told.ranks
        told.ranks = ranks
        told.save(update_fields=["ranks"])
        ranks_changed(challenge, _changes(before, rows), _hooks(challenge))
    return True


def _hooks(challenge: Challenge) -> list[Hook]:
    return listening(challenge.event, Topic.RANK)


def _changes(before: dict[str, int | None], rows: dict[str, BoardRow]) -> list[dict[str, Any]]:
    """Whoever's rank is another now, the best first; who left the board stands last."""
    found = [_change(row, before.get(team)) for team, row in rows.items() if before.get(team) != row.rank]
    gone = [team for team in before if team not in rows]
    return found + [_left(int(team), before[team]) for team in gone]


def _change(row: BoardRow, before: int | None) -> dict[str, Any]:
    team = {"id": row.team_id, "name": row.name}
    return {"team": team, "before": before, "rank": row.rank, "tied": row.tied, "score": row.score}


def _left(team: int, before: int | None) -> dict[str, Any]:
    return {"team": {"id": team, "name": None}, "before": before, "rank": None, "tied": False, "score": None}

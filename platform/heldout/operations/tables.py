"""An event's data as tables: what organizers export as CSV and JSON."""

from collections.abc import Callable, Iterator
from typing import Any

from heldout.audit.models import AuditEntry
from heldout.catalog.models import Attainment, Challenge, SignOff, Tick
from heldout.events.models import Event, Role
from heldout.leaderboards.models import Standing
from heldout.submissions.models import Score, Submission
from heldout.teams.models import Membership, Team

Row = dict[str, Any]


def people(event: Event) -> Iterator[Row]:
    """Everybody with a role."""
    for role in Role.objects.filter(event=event).select_related("user").order_by("pk"):
        yield {
            "name": role.user.name,
            "email": role.user.email,
            "role": role.name,
            "since": role.since,
            "agreed_at": role.agreed_at,
        }


def teams(event: Event) -> Iterator[Row]:
    """Every membership, and teams without members."""
    members = Membership.objects.filter(event=event).select_related("user")
    by_team: dict[int, list[str]] = {}
    for membership in members:
        by_team.setdefault(membership.team_id, []).append(membership.user.email)
    for team in Team.objects.filter(event=event).select_related("coach"):
        coach = team.coach.email if team.coach else ""
        for email in by_team.get(team.pk, [""]):
            yield {"team": team.name, "member": email, "coach": coach}


def challenges(event: Event) -> Iterator[Row]:
    """Every challenge."""
    for challenge in Challenge.objects.filter(event=event).select_related("bundle"):
        yield {
            "challenge": challenge.slug,
            "title": challenge.title,
            "position": challenge.position,
            "points": challenge.points,
            "bundle": challenge.bundle.digest,
            "version": challenge.bundle.version,
            "opened_at": challenge.opened_at,
            "closes_at": challenge.closes_at,
        }


def submissions(event: Event) -> Iterator[Row]:
    """Every submission and rehearsal, with its verdict, its scores and its cost."""
    scores: dict[Any, Row] = {}
    measured = Score.objects.filter(evaluation__submission__challenge__event=event, evaluation__current=True)
    for of, split, value in measured.values_list("evaluation__submission", "split", "value"):
        scores.setdefault(of, {})[split] = value
    found = Submission.objects.filter(challenge__event=event).order_by("created_at")
    related = found.select_related("team", "challenge", "author", "disqualification")
    for submission in related.iterator(chunk_size=500):
        verdict = submission.verdict_json or {}
        own = scores.get(submission.pk, {})
        yield {
            "id": str(submission.pk),
            "challenge": submission.challenge.slug,
            "team": submission.team.name,
            "number": submission.number,
            "rehearsal": submission.rehearsal,
            "author": submission.author.email,
            "file": submission.file_name,
            "sha256": submission.blob_id,
            "format": submission.format,
            "state": submission.state,
            "verdict": verdict.get("code", ""),
            "note": submission.note,
            "validation": own.get("validation"),
            "public": own.get("public"),
            "private": own.get("private"),
            "disqualified": getattr(getattr(submission, "disqualification", None), "reason", ""),
            "created_at": submission.created_at,
            "finished_at": submission.finished_at,
        }


def standings(event: Event) -> Iterator[Row]:
    """Each team's place on each board, as it is now."""
    found = Standing.objects.filter(challenge__event=event).select_related("team", "challenge")
    for standing in found.order_by("challenge__position", "team__name_key"):
        yield {
            "challenge": standing.challenge.slug,
            "team": standing.team.name,
            "score": standing.score,
            "low": standing.low,
            "high": standing.high,
            "submission": str(standing.submission_id),
            "achieved_at": standing.achieved_at,
            "scored": standing.scored_count,
        }


def passing(event: Event) -> Iterator[Row]:
    """What teams have reached, and who has signed it off."""
    signed = {
        (one.challenge_id, one.team_id): one
        for one in SignOff.objects.filter(challenge__event=event).select_related("by")
    }
    ticks: dict[tuple[int, int], list[str]] = {}
    for tick in Tick.objects.filter(challenge__event=event):
        ticks.setdefault((tick.challenge_id, tick.team_id), []).append(tick.criterion)
    reached = Attainment.objects.filter(challenge__event=event).select_related("challenge", "team")
    for one in reached.order_by("challenge__position", "team__name_key"):
        key = (one.challenge_id, one.team_id)
        yield {
            "challenge": one.challenge.slug,
            "team": one.team.name,
            "best": one.best,
            "passed_at": one.passed_at,
            "criteria_met": "; ".join([*one.met, *ticks.get(key, [])]),
            "signed_off_by": signed[key].by.email if key in signed else "",
            "signed_off_at": signed[key].at if key in signed else None,
        }


def audit(event: Event) -> Iterator[Row]:
    """Who did what to what."""
    for entry in AuditEntry.objects.filter(event_slug=event.slug).select_related("actor").order_by("at"):
        yield {
            "at": entry.at,
            "actor": entry.actor.email if entry.actor else "",
            "action": entry.action,
            "target": entry.target_label,
            "before": str(entry.before or ""),
            "after": str(entry.after or ""),
            "reason": entry.reason,
        }


TABLES: dict[str, Callable[[Event], Iterator[Row]]] = {
    "people": people,
    "teams": teams,
    "challenges": challenges,
    "submissions": submissions,
    "standings": standings,
    "passing": passing,
    "audit": audit,
}

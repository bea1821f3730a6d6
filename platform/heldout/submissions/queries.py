"""Reads about submissions that pages and the API share. Who may see one is decided in `rules.may_see`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min, QuerySet
from django.utils import timezone

from challenges.manifest import Split
from heldout.catalog.models import Challenge
from heldout.events.models import Event, RoleName
from heldout.events.rules import Viewer
from heldout.submissions.dispatching import alive_workers
from heldout.submissions.models import (
    Attempt,
    AttemptState,
    Score,
    Submission,
    SubmissionState,
    Worker,
)
from heldout.submissions.progress import Line, ProgressView, progress_of, queue_line
from heldout.submissions.rules import digits, may_see, score_text, visible_splits
from heldout.teams.models import Team
from scoring.job import Cost, Passport, Verdict


@dataclass(frozen=True)
class SubmissionRow:
    """A submission as its team sees it. Scores are rounded to what their interval supports."""

    submission: Submission
    state: str
    format: str
    note: str
    author_name: str
    created_at: datetime
    score: float | None
    score_text: str
    low: float | None
    high: float | None
    validation: float | None
    verdict: Verdict | None
    passport: Passport | None
    cost: Cost | None
    progress: ProgressView
    is_best: bool


@dataclass(frozen=True)
class WorkersView:
    """How the scoring workers are."""

    alive: int
    known: int
    queue_length: int
    oldest_wait_seconds: float | None


def submissions_of(team: Team, challenge: Challenge) -> list[SubmissionRow]:
    """The team's submissions to a challenge, newest first, in a constant number of queries."""
    submissions = list(_complete().filter(team=team, challenge=challenge).order_by("-number"))
    line = queue_line(timezone.now()) if any(_waits(s) for s in submissions) else Line()
    best = _best(submissions, challenge)
    return [_row(submission, line, best) for submission in submissions]


def submission_row(submission: Submission) -> SubmissionRow:
    """One submission as its team sees it."""
    complete = _complete().get(pk=submission.pk)
    line = queue_line(timezone.now()) if _waits(complete) else Line()
    same_team = _complete().filter(
        team=complete.team_id, challenge=complete.challenge_id, state=SubmissionState.SCORED
    )
    return _row(complete, line, _best(same_team, complete.challenge))


def submission_or_none(event: Event, submission: UUID, viewer: Viewer) -> Submission | None:
    """The submission, if `viewer` may see it."""
    found = _complete().filter(pk=submission, challenge__event=event).first()
    return found if found and may_see(viewer, found) else None


def failed_in(event: Event) -> list[Submission]:
    """The event's submissions that failed by a fault of ours and were not run again, the newest first."""
    failed = Submission.objects.filter(challenge__event=event, state=SubmissionState.FAILED)
    return list(failed.select_related("team", "challenge").defer("passport_json").order_by("-finished_at"))


def scores_for(submission: Submission, visible: frozenset[Split]) -> dict[Split, Score]:
    """The submission's scores on the splits that somebody may see, as `rules.splits_for` says."""
    return {split: score for split, score in _scores(submission).items() if split in visible}


def _complete() -> "QuerySet[Submission]":
    related = Submission.objects.select_related(
        "author", "team__event", "challenge__bundle", "challenge__event"
    )
    return related.prefetch_related("attempts", "evaluations__scores")


def _waits(submission: Submission) -> bool:
    return submission.state == SubmissionState.QUEUED


def _scores(submission: Submission) -> dict[Split, Score]:
    return {score.split: score for run in submission.evaluations.all() for score in run.scores.all()}  # type: ignore[misc]


def _best(submissions: Iterable[Submission], challenge: Challenge) -> UUID | None:
    """The team's best scored submission; the earlier one among equals."""
    sign = -1 if challenge.bundle.manifest.task.higher_is_better else 1
    ranked = [
        (sign * _scores(s)["public"].value, s.created_at, s.pk)
        for s in submissions
        if s.state == SubmissionState.SCORED
    ]
    return min(ranked)[2] if ranked else None


def _row(submission: Submission, line: Line, best: UUID | None) -> SubmissionRow:
    scores = scores_for(submission, visible_splits(RoleName.PARTICIPANT))
    public = scores.get("public")
    validation = scores.get("validation")
    evaluation = next(iter(submission.evaluations.all()), None)
    passport = submission.passport
    return SubmissionRow(
        submission=submission,
        state=submission.state,
        format=submission.format,
        note=submission.note,
        author_name=str(submission.author),
        created_at=submission.created_at,
        score=_rounded(public, "value"),
        score_text=_score_text(public, submission.challenge.bundle.manifest.pass_score),
        low=_rounded(public, "low"),
        high=_rounded(public, "high"),
        validation=_rounded(validation, "value"),
        verdict=shown_verdict(submission),
        passport=passport,
        cost=(evaluation.cost if evaluation else None) or (passport.cost if passport else None),
        progress=progress_of(submission, line),
        is_best=submission.pk == best,
    )


def shown_verdict(submission: Submission) -> Verdict | None:
    """The verdict as its team may read it: with what its model printed only where the organizers allow."""
    verdict = submission.verdict
    if verdict is None or submission.challenge.event.shows_excerpts:
        return verdict
    return verdict.model_copy(update={"excerpt": ""})


def _score_text(public: Score | None, pass_score: float) -> str:
    return score_text(public.value, public.low, public.high, pass_score) if public else ""


def _rounded(score: Score | None, field: str) -> float | None:
    return round(getattr(score, field), digits(score.low, score.high)) if score else None


def workers() -> WorkersView:
    """The state of the workers and of the queue of scoring jobs, inspections included."""
    now = timezone.now()
    waiting = Attempt.objects.filter(state__in=(AttemptState.WAITING, AttemptState.DISPATCHED))
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    return WorkersView(
        alive=alive_workers(now).count(),
        known=Worker.objects.count(),
        queue_length=waiting.count(),
        oldest_wait_seconds=(now - oldest).total_seconds() if oldest else None,
    )

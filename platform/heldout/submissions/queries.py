"""Reads about submissions that pages and the API share. Who may see one is decided in `rules.may_see`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Prefetch, Q, QuerySet
from django.utils import timezone

from challenges.manifest import Format, Split
from heldout.catalog.models import Challenge
from heldout.events.models import Event, RoleName
from heldout.events.rules import Viewer
from heldout.submissions.dispatching import alive_workers, serves
from heldout.submissions.intervention_models import Disqualification
from heldout.submissions.models import (
    Attempt,
    AttemptState,
    Evaluation,
    Score,
    Submission,
    SubmissionState,
    Worker,
)
from heldout.submissions.progress import Line, ProgressView, progress_of, queue_line
from heldout.submissions.rules import (
    digits,
    may_see,
    may_submit_rehearsed,
    score_text,
    splits_for,
    visible_splits,
)
from heldout.teams.models import Team
from scoring.job import GPU_QUEUE, Cost, Passport, Verdict
from scoring.learned import Insight


@dataclass(frozen=True)
class SubmissionRow:
    """A submission as its team sees it. Scores are rounded to what their interval supports.

    `score` is that of the public split; of a rehearsal, that of the validation split.
    """

    submission: Submission
    rehearsal: bool
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
    may_submit: bool
    """Whether it was a rehearsal that went well, and its file may be handed in for real."""


@dataclass(frozen=True)
class WorkersView:
    """How the scoring workers are. `formats` are those that a living one may run."""

    alive: int
    known: int
    queue_length: int
    oldest_wait_seconds: float | None
    gpu_alive: bool
    waiting_for_gpu: int
    formats: frozenset[Format]


def submissions_of(team: Team, challenge: Challenge) -> list[SubmissionRow]:
    """The team's submissions to a challenge, newest first, in a constant number of queries."""
    return _rows(_complete().filter(team=team, challenge=challenge).order_by("-number"), team, challenge)


def submissions_before(
    team: Team, challenge: Challenge, number: int | None, most: int
) -> list[SubmissionRow]:
    """As `submissions_of`, but at most so many, and of those with a number below `number`.

    A number is given once, so that such a piece of the list stays the same while new ones arrive.
    """
    found = _complete().filter(team=team, challenge=challenge).order_by("-number")
    return _rows((found if number is None else found.filter(number__lt=number))[:most], team, challenge)


def submission_row(submission: Submission) -> SubmissionRow:
    """One submission as its team sees it."""
    found = _complete().filter(pk=submission.pk)
    return _rows(found, submission.team, submission.challenge)[0]


def _rows(found: "QuerySet[Submission]", team: Team, challenge: Challenge) -> list[SubmissionRow]:
    submissions = list(found)
    line = queue_line(timezone.now()) if any(_waits(s) for s in submissions) else Line()
    best = _best(team, challenge)
    return [_row(submission, line, best) for submission in submissions]


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


def insight_of(submission: Submission, viewer: Viewer) -> Insight | None:
    """What can be learned from the model's mistakes, for those who may see the submission.

    None for others, and where there is none. Aggregates of hidden splits follow `rules.splits_for`.
    """
    if not may_see(viewer, submission):
        return None
    found = submission.evaluations.filter(current=True, insight_json__isnull=False).first()
    insight = found.insight if found else None
    if insight is None:
        return None
    visible = splits_for(viewer, submission.challenge.event)
    hidden = {split: scores for split, scores in insight.hidden.items() if split in visible}
    return insight.model_copy(update={"hidden": hidden})


def log_of(submission: Submission, viewer: Viewer) -> str:
    """All that a rehearsal printed, for those who may see it: no hidden example was near.

    Empty for a submission: what it prints on hidden data reaches its team as a verdict's excerpt alone.
    """
    if not submission.rehearsal or not may_see(viewer, submission):
        return ""
    logs = submission.evaluations.order_by("-created_at").values_list("log_excerpt", flat=True)
    return logs.first() or ""


def rescored_note(submission: Submission) -> str:
    """What its history says of the last time that it was scored anew; empty if it never was."""
    again = submission.changes.filter(old=SubmissionState.SCORED, new=SubmissionState.SCORED)
    return again.order_by("-at", "-pk").values_list("reason", flat=True).first() or ""


def _complete() -> "QuerySet[Submission]":
    related = Submission.objects.select_related(
        "author", "team__event", "challenge__bundle", "challenge__event"
    )
    own = Prefetch("attempts", queryset=Attempt.objects.filter(rescoring=None))
    return related.prefetch_related(own, current_evaluations())


def current_evaluations() -> "Prefetch[str, QuerySet[Evaluation], str]":
    """Fetches with submissions what counts of their runs, without what is long."""
    light = Evaluation.objects.filter(current=True).defer("insight_json", "log_excerpt")
    return Prefetch("evaluations", queryset=light.prefetch_related("scores"))


def _waits(submission: Submission) -> bool:
    return submission.state == SubmissionState.QUEUED


def _scores(submission: Submission) -> dict[Split, Score]:
    return {score.split: score for run in submission.evaluations.all() for score in run.scores.all()}  # type: ignore[misc]


def _best(team: Team, challenge: Challenge) -> UUID | None:
    """The team's best scored submission; the earlier one among equals."""
    sign = "-" if challenge.bundle.manifest.task.higher_is_better else ""
    counted = Submission.objects.filter(
        team=team,
        challenge=challenge,
        state=SubmissionState.SCORED,
        rehearsal=False,
        evaluations__current=True,
        evaluations__scores__split="public",
    )
    ranked = counted.order_by(f"{sign}evaluations__scores__value", "created_at", "pk")
    return ranked.values_list("pk", flat=True).first()


def _row(submission: Submission, line: Line, best: UUID | None) -> SubmissionRow:
    scores = scores_for(submission, visible_splits(RoleName.PARTICIPANT))
    validation = scores.get("validation")
    main = validation if submission.rehearsal else scores.get("public")
    evaluation = next(iter(submission.evaluations.all()), None)
    passport = submission.passport
    return SubmissionRow(
        submission=submission,
        rehearsal=submission.rehearsal,
        state=submission.state,
        format=submission.format,
        note=submission.note,
        author_name=author_of(submission),
        created_at=submission.created_at,
        score=_rounded(main, "value"),
        score_text=_score_text(main, submission.challenge),
        low=_rounded(main, "low"),
        high=_rounded(main, "high"),
        validation=_rounded(validation, "value"),
        verdict=shown_verdict(submission),
        passport=passport,
        cost=(evaluation.cost if evaluation else None) or (passport.cost if passport else None),
        progress=progress_of(submission, line),
        is_best=submission.pk == best,
        may_submit=may_submit_rehearsed(submission),
    )


def author_of(submission: Submission) -> str:
    """Who handed it in, and by which of the team's tokens, if by one."""
    by = f" (token {submission.by_token})" if submission.by_token else ""
    return f"{submission.author}{by}"


def shown_verdict(submission: Submission) -> Verdict | None:
    """The verdict as its team may read it: with what its model printed only where the organizers allow.

    A rehearsal has seen no hidden data, so that what it printed is its team's.
    """
    verdict = submission.verdict
    if verdict is None or submission.rehearsal or submission.challenge.event.shows_excerpts:
        return verdict
    return verdict.model_copy(update={"excerpt": ""})


def _score_text(score: Score | None, challenge: Challenge) -> str:
    if score is None:
        return ""
    manifest = challenge.bundle.manifest
    higher = manifest.task.higher_is_better
    return score_text(score.value, score.low, score.high, manifest.pass_score, higher_is_better=higher)


def _rounded(score: Score | None, field: str) -> float | None:
    return round(getattr(score, field), digits(score.low, score.high)) if score else None


def workers() -> WorkersView:
    """The state of the workers and of the queue of scoring jobs, inspections included."""
    now = timezone.now()
    waiting = Attempt.objects.filter(state__in=(AttemptState.WAITING, AttemptState.DISPATCHED))
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    alive = list(alive_workers(now))
    return WorkersView(
        alive=len(alive),
        known=Worker.objects.count(),
        queue_length=waiting.count(),
        oldest_wait_seconds=(now - oldest).total_seconds() if oldest else None,
        gpu_alive=serves(alive, GPU_QUEUE),
        waiting_for_gpu=waiting.filter(accelerator="required").count(),
        formats=frozenset(name for worker in alive for name in worker.formats),
    )


def disqualification_of(submission: Submission) -> Disqualification | None:
    """Why it counts on no board: for itself, or with all of its team's."""
    why = Q(submission=submission) | Q(team=submission.team_id)
    return Disqualification.objects.filter(why).first()

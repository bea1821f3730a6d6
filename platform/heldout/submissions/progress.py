"""How far a submission is: its place in the line, what is done, what comes, how long it may take."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from django.db.models import Count

from heldout.submissions.dispatching import alive_workers, served_of_late
from heldout.submissions.models import Attempt, AttemptJob, AttemptState, Evaluation, Submission
from heldout.submissions.rules import expected_order
from heldout.submissions.transitions import FINAL

StageKey = Literal["inspecting", "queued", "preparing", "predicting", "scoring", "done"]

STAGES: tuple[tuple[StageKey, str], ...] = (
    ("inspecting", "Inspect"),
    ("queued", "Queue"),
    ("preparing", "Prepare"),
    ("predicting", "Predict"),
    ("scoring", "Score"),
)
RECENT_RUNS = 20


@dataclass(frozen=True)
class Step:
    """One stage of the way. `seconds` is what it took, once that is known."""

    key: str
    label: str
    state: Literal["done", "now", "next"]
    seconds: float | None


@dataclass(frozen=True)
class ProgressView:
    """Where a submission is. `place` 1 is served next; `wait_seconds` is what recent runs let expect."""

    stage: StageKey
    fraction: float
    place: int | None
    wait_seconds: float | None
    steps: list[Step]


@dataclass(frozen=True)
class Line:
    """The line of scoring attempts that have not started, and how fast it moves."""

    places: dict[UUID, int] = field(default_factory=dict)
    seconds_each: float | None = None


def queue_line(now: datetime) -> Line:
    """Everybody's place, in the order that the fair dispatcher will take if nothing else comes."""
    places: dict[UUID, int] = {}
    fields = ("pk", "submission__team", "created_at")
    scoring = Attempt.objects.filter(job=AttemptJob.SCORING)
    for pk in (
        scoring.filter(state=AttemptState.DISPATCHED).order_by("dispatched_at").values_list("pk", flat=True)
    ):
        places[pk] = len(places) + 1
    waiting: dict[int, list[tuple[datetime, UUID]]] = defaultdict(list)
    for pk, team, since in (
        scoring.filter(state=AttemptState.WAITING).order_by("created_at").values_list(*fields)
    ):
        waiting[team].append((since, pk))
    served = served_of_late(now).values_list("submission__team").annotate(count=Count("pk")).order_by()
    times = {team: [since for since, _ in mine] for team, mine in waiting.items()}
    for team, index in expected_order(times, dict(served)):
        places[waiting[team][index][1]] = len(places) + 1
    return Line(places, _seconds_each(now))


def _seconds_each(now: datetime) -> float | None:
    """How often a place in the line frees itself: the mean of recent runs over the workers."""
    finished = Attempt.objects.filter(
        job=AttemptJob.SCORING, state=AttemptState.DONE, started_at__isnull=False
    ).order_by("-finished_at")
    runs = finished.values_list("started_at", "finished_at")[:RECENT_RUNS]
    seconds = [(ended - began).total_seconds() for began, ended in runs if began and ended]
    if not seconds:
        return None
    return sum(seconds) / len(seconds) / max(1, alive_workers(now).count())


def progress_of(submission: Submission, line: Line) -> ProgressView:
    """Where `submission` is; its attempts and evaluations should be prefetched."""
    attempts = sorted(submission.attempts.all(), key=lambda attempt: attempt.created_at)
    scoring = next((a for a in reversed(attempts) if a.job == AttemptJob.SCORING), None)
    stage = _stage(submission, scoring)
    place = line.places.get(scoring.pk) if scoring else None
    return ProgressView(
        stage=stage,
        fraction=scoring.fraction if scoring and stage not in ("queued", "done") else float(stage == "done"),
        place=place,
        wait_seconds=place * line.seconds_each if place and line.seconds_each is not None else None,
        steps=_steps(stage, _seconds(submission, attempts, scoring)),
    )


def _stage(submission: Submission, scoring: Attempt | None) -> StageKey:
    if submission.state in FINAL:
        return "done"
    if scoring is None:
        return "inspecting"
    if scoring.state != AttemptState.RUNNING:
        return "queued"
    return cast(StageKey, scoring.stage or "preparing")


def _steps(now: StageKey, seconds: dict[StageKey, float]) -> list[Step]:
    keys = [key for key, _ in STAGES]
    at = keys.index(now) if now in keys else len(keys)
    states: list[Literal["done", "now", "next"]] = [
        "done" if index < at else "now" if index == at else "next" for index in range(len(keys))
    ]
    return [
        Step(key, label, state, seconds.get(key)) for (key, label), state in zip(STAGES, states, strict=True)
    ]


def _seconds(
    submission: Submission, attempts: list[Attempt], scoring: Attempt | None
) -> dict[StageKey, float]:
    known: dict[StageKey, float] = {}
    inspected = [a for a in attempts if a.job == AttemptJob.INSPECTION and a.finished_at]
    if inspected and inspected[-1].finished_at:
        known["inspecting"] = (inspected[-1].finished_at - inspected[0].created_at).total_seconds()
    if scoring and scoring.started_at:
        known["queued"] = (scoring.started_at - scoring.created_at).total_seconds()
    evaluation = next(iter(submission.evaluations.all()), None)
    return known | (_measured(evaluation) if evaluation else {})


def _measured(evaluation: Evaluation) -> dict[StageKey, float]:
    """What the worker measured, under the names that pages show."""
    stages: dict[str, float] = evaluation.stages
    rest = sum(seconds for name, seconds in stages.items() if name not in ("queue", "predict", "metric"))
    return {
        "preparing": rest,
        "predicting": stages.get("predict", 0.0),
        "scoring": stages.get("metric", 0.0),
    }

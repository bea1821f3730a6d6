"""How far a submission is: its place in the line, what is done, what comes, how long it may take."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from django.db.models import Count

from heldout.submissions.dispatching import alive_workers, served_of_late, serves
from heldout.submissions.models import Attempt, AttemptJob, AttemptState, Evaluation, Submission, Worker
from heldout.submissions.rules import REHEARSAL_PATIENCE, expected_order, queue_for
from heldout.submissions.transitions import FINAL
from scoring.job import GPU_QUEUE

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
class Place:
    """Where an attempt stands in its queue; 1 is served next. None: no run tells how long that takes."""

    number: int
    wait_seconds: float | None


@dataclass(frozen=True)
class Line:
    """The lines of scoring attempts that have not started, one for each queue of the broker."""

    places: dict[UUID, Place] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """A scoring attempt that has not been given to a worker."""

    pk: UUID
    team: int
    since: datetime
    rehearsal: bool


def queue_line(now: datetime) -> Line:
    """Everybody's place, in the order that the fair dispatcher will take if nothing else comes."""
    workers = list(alive_workers(now))
    order = _dispatched()
    for queue, waiting in _waiting(gpu_alive=serves(workers, GPU_QUEUE)).items():
        order[queue] += _expected(waiting, queue, now)
    places: dict[UUID, Place] = {}
    for queue, attempts in order.items():
        each = _seconds_each(queue, workers)
        for number, pk in enumerate(attempts, start=1):
            places[pk] = Place(number, None if each is None else number * each)
    return Line(places)


def _dispatched() -> dict[str, list[UUID]]:
    """By queue, what is with the broker, in its order."""
    order: dict[str, list[UUID]] = defaultdict(list)
    sent = Attempt.objects.filter(job=AttemptJob.SCORING, state=AttemptState.DISPATCHED)
    for queue, pk in sent.order_by("dispatched_at").values_list("queue", "pk"):
        order[queue].append(pk)
    return order


def _waiting(*, gpu_alive: bool) -> dict[str, list[Waiting]]:
    """By queue, what is not with the broker yet, the oldest first."""
    found: dict[str, list[Waiting]] = defaultdict(list)
    waiting = Attempt.objects.filter(job=AttemptJob.SCORING, state=AttemptState.WAITING, rescoring=None)
    fields = ("accelerator", "pk", "submission__team", "created_at", "submission__rehearsal")
    for accelerator, *facts in waiting.order_by("created_at").values_list(*fields):
        found[queue_for(accelerator, gpu_alive=gpu_alive)].append(Waiting(*facts))
    return found


def _expected(waiting: list[Waiting], queue: str, now: datetime) -> list[UUID]:
    """In which order a queue's attempts will be served: submissions and patient rehearsals first."""
    runs = served_of_late(now).filter(queue=queue).values_list("submission__team")
    served = Counter(dict(runs.annotate(count=Count("pk")).order_by()))
    order: list[UUID] = []
    for first in (True, False):
        lane: dict[int, list[Waiting]] = defaultdict(list)
        for each in sorted(waiting, key=lambda each: (each.rehearsal, each.since)):
            if first == (not each.rehearsal or each.since <= now - REHEARSAL_PATIENCE):
                lane[each.team].append(each)
        times = {team: [each.since for each in mine] for team, mine in lane.items()}
        order += [lane[team][index].pk for team, index in expected_order(times, served)]
        served.update({team: len(mine) for team, mine in lane.items()})
    return order


def _seconds_each(queue: str, workers: list[Worker]) -> float | None:
    """How often a place in the queue frees itself: the mean of recent runs over its workers."""
    finished = Attempt.objects.filter(
        job=AttemptJob.SCORING, queue=queue, state=AttemptState.DONE, started_at__isnull=False
    ).order_by("-finished_at")
    runs = finished.values_list("started_at", "finished_at")[:RECENT_RUNS]
    seconds = [(ended - began).total_seconds() for began, ended in runs if began and ended]
    if not seconds:
        return None
    return sum(seconds) / len(seconds) / max(1, sum(queue in worker.queues for worker in workers))


def progress_of(submission: Submission, line: Line) -> ProgressView:
    """Where `submission` is; its attempts and evaluations should be prefetched."""
    attempts = sorted(submission.attempts.all(), key=lambda attempt: attempt.created_at)
    scoring = next((a for a in reversed(attempts) if a.job == AttemptJob.SCORING), None)
    stage = _stage(submission, scoring)
    place = line.places.get(scoring.pk) if scoring else None
    return ProgressView(
        stage=stage,
        fraction=scoring.fraction if scoring and stage not in ("queued", "done") else float(stage == "done"),
        place=place.number if place else None,
        wait_seconds=place.wait_seconds if place else None,
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
    shown = ("queue", "predict", "metric", "insight")
    rest = sum(seconds for name, seconds in stages.items() if name not in shown)
    return {
        "preparing": rest,
        "predicting": stages.get("predict", 0.0),
        "scoring": stages.get("metric", 0.0) + stages.get("insight", 0.0),
    }

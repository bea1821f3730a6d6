"""Runs that may or must have a GPU: which queue they are put into, and what is said when none is there."""

from datetime import timedelta
from typing import Any, get_args

import pytest
import time_machine
from django.utils import timezone

from challenges.manifest import Format
from heldout.catalog.models import Challenge
from heldout.submissions import actions
from heldout.submissions.models import Submission
from heldout.submissions.queries import submission_row, workers
from heldout.submissions.rules import queue_for
from scoring.job import CPU_QUEUE, GPU_QUEUE, INSPECT_QUEUE
from tests.heldout.broker import jobs_in
from tests.heldout.factories import make_team
from tests.heldout.handing_in import attempt_of, heartbeat, inspected, make_challenge

pytestmark = pytest.mark.django_db(transaction=True)


def on(accelerator: str) -> Challenge:
    limits: Any = {"wall_seconds": 30, "artefact_mb": 1, "accelerator": accelerator}
    return make_challenge(limits=limits, quota_per_day=20)


def handed_in(challenge: Challenge) -> Submission:
    return inspected(challenge, make_team(challenge.event))


def gpu_worker(name: str = "big") -> None:
    actions.record_worker(heartbeat(name, queues=[CPU_QUEUE, GPU_QUEUE, INSPECT_QUEUE]))


@pytest.mark.parametrize(
    ("accelerator", "gpu_alive", "queue"),
    [
        ("none", True, CPU_QUEUE),
        ("preferred", False, CPU_QUEUE),
        ("preferred", True, GPU_QUEUE),
        ("required", True, GPU_QUEUE),
        ("required", False, GPU_QUEUE),
    ],
)
def test_the_queue_follows_the_limits_and_who_is_there(accelerator: str, gpu_alive: bool, queue: str) -> None:
    actions.record_worker(heartbeat("small"))
    if gpu_alive:
        gpu_worker()
    submission = handed_in(on(accelerator))
    assert queue_for(accelerator, gpu_alive=gpu_alive) == queue
    assert [job["attempt"] for job in jobs_in(queue)] == [str(attempt_of(submission).pk)]


def test_what_waits_for_a_gpu_holds_up_nobody_else() -> None:
    actions.record_worker(heartbeat("small"))
    demanding, modest = on("required"), on("none")
    for _ in range(3):
        handed_in(demanding)
    last = handed_in(demanding)
    first = handed_in(modest)
    assert [len(jobs_in(queue)) for queue in (GPU_QUEUE, CPU_QUEUE)] == [1, 1]
    assert submission_row(last).progress.place == 4
    assert submission_row(first).progress.place == 1


def test_what_prefers_a_gpu_moves_on_when_the_last_one_is_gone() -> None:
    with time_machine.travel(timezone.now()) as clock:
        gpu_worker()
        submission = handed_in(on("preferred"))
        assert len(jobs_in(GPU_QUEUE)) == 1
        clock.shift(timedelta(minutes=1))
        actions.record_worker(heartbeat("small"))
        assert actions.sweep(timezone.now()).sent_again == 1
    assert [job["attempt"] for job in jobs_in(CPU_QUEUE)] == [str(attempt_of(submission).pk)]


def test_what_requires_a_gpu_waits_and_is_told_of() -> None:
    actions.record_worker(heartbeat("small"))
    handed_in(on("required"))
    seen = workers()
    assert (seen.gpu_alive, seen.waiting_for_gpu) == (False, 1)
    gpu_worker()
    assert workers().gpu_alive


def test_a_worker_names_each_format_that_it_may_run() -> None:
    formats = list(get_args(Format))
    actions.record_worker(heartbeat("all", formats=formats))
    actions.record_worker(heartbeat("few", formats=["predictions"]))
    assert len(formats) == 6
    assert workers().formats == set(formats)

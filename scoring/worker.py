"""The scoring worker: Celery tasks that take one message, call one function, send one answer.

    python -m scoring.worker                 # the whole worker: a supervisor and its three processes
    python -m scoring.worker --role score    # one of the processes alone

Settings come from the environment alone: HELDOUT_BROKER_URL, HELDOUT_BLOBS, HELDOUT_HIDDEN,
HELDOUT_WORKER_NAME, and HELDOUT_STORE where files are in a bucket. A worker knows no database and no site.
"""

import argparse
import functools
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast, get_args
from uuid import UUID

from celery import Celery, current_task
from celery.signals import worker_ready

from challenges.manifest import Format
from scoring import accelerator, logs, settings, supervisor
from scoring.formats.exam import OnRows
from scoring.job import (
    CPU_QUEUE,
    GPU_QUEUE,
    INSPECT_QUEUE,
    INSPECT_TASK,
    PREPARE_QUEUE,
    PREPARE_TASK,
    RECORD_EVALUATION_TASK,
    RECORD_PASSPORT_TASK,
    RECORD_PREPARATION_TASK,
    RECORD_PREPARING_TASK,
    RECORD_PROGRESS_TASK,
    RECORD_WORKER_TASK,
    SCORE_TASK,
    SITE_QUEUE,
    InspectJob,
    PrepareJob,
    Preparing,
    ScoreJob,
    Verdict,
    WorkerSeen,
)
from scoring.message import Message
from scoring.reporting import Reporter, repeat, repeating
from scoring.sandbox.policy import KEPT_WARM_SECONDS, BoxKind
from scoring.sandbox.pool import Pool
from scoring.sandbox.work import Outcome, Work
from scoring.service import Service
from scoring.store import Blobs, Store, blobs_of
from scoring.supervisor import Role
from scoring.verdicts import no_sandbox

logger = logging.getLogger("scoring.worker")

SEEN_SECONDS = 5.0
QUEUES: dict[Role, str] = {"inspect": INSPECT_QUEUE, "score": CPU_QUEUE, "prepare": PREPARE_QUEUE}
WARM_BOXES: dict[Role, dict[BoxKind, int]] = {
    "inspect": {"onnx": 1, "sklearn": 1},
    "score": {"onnx": 2, "sklearn": 1},
    "prepare": {},
}
"""Boxes that always wait. Of another kind one is kept for a while after a job of the kind."""
PREPARE_NICENESS = 10

_PATIENT = {"max_retries": 100, "interval_start": 0.0, "interval_step": 0.2, "interval_max": 2.0}
"""An answer is worth waiting for a broker that is being restarted: about three minutes."""

app = Celery("scoring")
app.conf.update(
    accept_content=["json"],
    broker_connection_max_retries=None,
    broker_connection_retry_on_startup=True,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_transport_options={"socket_keepalive": True, "socket_connect_timeout": 5},
    task_acks_late=False,
    task_ignore_result=True,
    task_serializer="json",
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
)


def _stores(found: settings.Settings) -> tuple[Blobs, Store]:
    """The blobs and the hidden sets. Raises OSError where their folders cannot be made or held."""
    blobs = blobs_of(found.blobs, found.bucket, found.most_bytes)
    return blobs, Store(found.hidden, private=True)


class Process:
    """What one process of the worker has: its pool, its service, its voice."""

    def __init__(self, role: Role, formats: list[Format]) -> None:
        found = settings.read()
        trusted_only = not {"onnx", "sklearn"} & set(formats)
        self.name, self.formats = found.name, formats
        gpu = None if trusted_only else accelerator.here()
        self.queues = [*QUEUES.values(), *([GPU_QUEUE] if gpu else [])]
        kept = 0.0 if trusted_only or role == "prepare" else KEPT_WARM_SECONDS
        self.pool = Pool({} if trusted_only else WARM_BOXES[role], kept, accelerator=gpu)
        run = _refuse if trusted_only else accelerator.guarded(self.pool.run, gpu)
        self.service = Service(*_stores(found), run, formats, found.name)
        self.reporter = Reporter(found.name, functools.partial(send, RECORD_PROGRESS_TASK, patient=False))

    def seen(self) -> None:
        """Tell the site that this worker is there."""
        running = self.reporter.running
        message = WorkerSeen(worker=self.name, queues=self.queues, formats=self.formats, running=running)
        send(RECORD_WORKER_TASK, message, patient=False)


_process: Process | None = None


def process() -> Process:
    """This process's means; there are none before `serve`."""
    if _process is None:
        raise RuntimeError("no role is served here; start it with `python -m scoring.worker`")
    return _process


def _refuse(kind: BoxKind, work: Work, on_rows: OnRows) -> Outcome:
    raise no_sandbox(kind)


def send(task: str, message: Message, patient: bool = True) -> None:
    """Send a message to the site as a task with one argument."""
    app.send_task(
        task,
        args=[message.model_dump_json()],
        queue=SITE_QUEUE,
        retry=patient,
        retry_policy=_PATIENT if patient else None,
    )


@contextmanager
def told_of(what: str, attempt: UUID) -> Iterator[Callable[[Verdict | None], None]]:
    """Lines of the log are about the attempt and, where the site said so, its submission."""
    submission = getattr(current_task.request, "submission", "")
    with logs.about(submission=submission, attempt=attempt):
        logger.info("%s begins on %s", what, process().name)
        yield lambda verdict: logger.info("%s ended: %s", what, verdict.code if verdict else "well")


@app.task(name=INSPECT_TASK)
def inspect(message: str) -> None:
    """Answer an InspectJob with a Passport."""
    job = InspectJob.model_validate_json(message)
    with told_of("inspection", job.attempt) as end:
        passport = process().service.inspect(job)
        end(passport.verdict)
        send(RECORD_PASSPORT_TASK, passport)


@app.task(name=SCORE_TASK)
def score(message: str) -> None:
    """Answer a ScoreJob with an Evaluation, and tell of the progress meanwhile."""
    job = ScoreJob.model_validate_json(message)
    with process().pool.refilled_afterwards(), told_of("scoring", job.attempt) as end:
        with process().reporter.attempt(job.attempt) as report:
            evaluation = process().service.score(job, report)
        end(evaluation.verdict)
        send(RECORD_EVALUATION_TASK, evaluation)


@app.task(name=PREPARE_TASK)
def prepare(message: str) -> None:
    """Answer a PrepareJob with a PreparationReport."""
    job = PrepareJob.model_validate_json(message)
    preparing = Preparing(preparation=job.preparation, worker=process().name)
    sign = functools.partial(send, RECORD_PREPARING_TASK, preparing, patient=False)
    with repeating(sign, SEEN_SECONDS, "word of a preparation"):
        report = process().service.prepare(job)
    send(RECORD_PREPARATION_TASK, report)


def served(role: Role, queues: list[str]) -> str:
    """The queues of a role, by commas. The one that scores also takes what needs the GPU, if there is one."""
    return f"{QUEUES[role]},{GPU_QUEUE}" if role == "score" and GPU_QUEUE in queues else QUEUES[role]


def serve(role: Role, formats: list[Format], on_ready: Callable[[], None]) -> None:
    """Serve one role until a signal ends it. One task at a time: the boxes are where work is done."""
    global _process  # noqa: PLW0603 - Celery's tasks are functions of the module
    app.conf.update(broker_url=settings.read().broker_url)
    _process = Process(role, formats)
    if role == "prepare":
        os.nice(PREPARE_NICENESS)
    if role == "score":
        repeat(_process.seen, SEEN_SECONDS, "the worker's sign of life")
    worker_ready.connect(lambda **_: on_ready(), weak=False)
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    queues = served(role, _process.queues)
    try:
        app.worker_main(
            ["--quiet", "worker", "-P", "solo", "-Q", queues, "-n", f"{role}@{_process.name}", *quiet]
        )
    finally:
        _process.pool.close()


def _announce(descriptor: int) -> None:
    os.write(descriptor, b"1")
    os.close(descriptor)


def main() -> None:
    """Be the supervisor, or with --role one of its processes."""
    parser = argparse.ArgumentParser(description="Heldout's scoring worker.")
    parser.add_argument("--role", choices=get_args(Role), help="serve one queue alone, without supervisor")
    parser.add_argument("--formats", help="formats that were found safe here; without it, they are tested")
    parser.add_argument("--ready-fd", type=int, help="where to write a byte when the role is ready")
    options = parser.parse_args()
    try:
        logs.begin()
    except logs.UnknownFormat as error:
        sys.exit(str(error))
    # It warns of pickle, which this worker neither sends nor accepts.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser")
    try:
        found = settings.read()
        _stores(found)
    except settings.Missing as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"found {error}; expected HELDOUT_BLOBS to be readable and HELDOUT_HIDDEN the worker's own")
    given: list[Any] = options.formats.split(",") if options.formats else supervisor.safe_formats()
    formats = cast(list[Format], given)
    if options.role is None:
        sys.exit(supervisor.supervise(formats))
    announce = functools.partial(_announce, options.ready_fd) if options.ready_fd else lambda: None
    serve(options.role, formats, announce)


if __name__ == "__main__":
    main()

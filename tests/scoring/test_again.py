"""Scoring anew says what a worker says, and asks nobody but the stores."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from challenges.manifest import Limits
from scoring.again import score_again
from scoring.job import AgainAnswer, AgainJob
from scoring.sandbox.pool import Pool
from scoring.store import BlobMissing, Store
from tests.scoring.fixtures import Score
from tests.scoring.models import identity, never, table_splits, table_task

MODEL = identity().SerializeToString()


class Stores:
    """The stores of a worker, with a hidden set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blobs, self.hidden = Store(folder / "blobs"), Store(folder / "hidden", private=True)
        arrays = {f"{n}_{f}": a for n, split in table_splits().items() for f, a in split._asdict().items()}
        np.savez(folder / "hidden.npz", allow_pickle=False, **arrays)
        self.hidden_set = self.hidden.put(folder / "hidden.npz")

    def job(self, content: bytes) -> AgainJob:
        file = self.folder / "file"
        file.write_bytes(content)
        return AgainJob(
            artefact=self.blobs.put(file),
            hidden_set=self.hidden_set,
            bundle="b" * 64,
            formats=["onnx", "predictions"],
            task=table_task(),
            limits=Limits(wall_seconds=20, memory_mb=512),
        )


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(tmp_path)


def test_a_model_gets_the_scores_that_it_got(stores: Stores, pool: Pool, score: Score) -> None:
    answer = score_again(stores.job(MODEL), stores.blobs, stores.hidden, pool.run)
    assert answer.verdict is None
    assert answer.format == "onnx"
    assert answer.scores == score(MODEL, splits=table_splits()).scores
    assert [outcomes.split for outcomes in answer.outcomes] == ["public"]


def test_a_file_that_does_not_fit_gets_its_verdict(stores: Stores) -> None:
    answer = score_again(stores.job(b"not a model"), stores.blobs, stores.hidden, never)
    assert answer.verdict is not None
    assert answer.verdict.code == "unknown_format"
    assert answer.scores == []


def test_a_file_that_is_not_there_is_an_error(stores: Stores) -> None:
    asked = stores.job(MODEL).model_copy(update={"artefact": "c" * 64})
    with pytest.raises(BlobMissing):
        score_again(asked, stores.blobs, stores.hidden, never)


def test_the_command_answers_line_by_line(stores: Stores) -> None:
    jobs = [stores.job(MODEL), stores.job(b"not a model")]
    done = subprocess.run(
        [sys.executable, "-m", "scoring.again"],
        input="".join(f"{job.model_dump_json()}\n" for job in jobs),
        env={"HELDOUT_BLOBS": str(stores.blobs.folder), "HELDOUT_HIDDEN": str(stores.hidden.folder),
             "PATH": "/usr/bin:/bin", "HOME": str(stores.folder)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answers = [AgainAnswer.model_validate_json(line) for line in done.stdout.splitlines()]
    assert [answer.artefact for answer in answers] == [job.artefact for job in jobs]
    assert [answer.verdict is None for answer in answers] == [True, False]

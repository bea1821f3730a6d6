"""One pool of real boxes for all tests, and a short way to score a file in it."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from challenges.manifest import Format, Limits, Split
from challenges.splits import LabelledSplit
from challenges.task import Task
from scoring import engine
from scoring.formats.peek import of_bytes
from scoring.formats.registry import detect
from scoring.job import Evaluation, InspectJob, Passport, ScoreJob, Stage
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.pool import Pool
from tests.scoring.models import table_splits, table_task

LIMITS = Limits(wall_seconds=20, memory_mb=512, artefact_mb=8)
ATTEMPT = UUID("00000000-0000-4000-8000-000000000001")
NO_DIGEST = "0" * 64

WARM: dict[BoxKind, int] = {"onnx": 1, "sklearn": 2}
BOXES = pytest.StashKey[Pool]()

Score = Callable[..., Evaluation]
Inspect = Callable[..., Passport]


@pytest.fixture(scope="session")
def pool(request: pytest.FixtureRequest) -> Pool:
    """The same pool for every folder of tests that names this fixture."""
    stash = request.config.stash
    if BOXES not in stash:
        stash[BOXES] = Pool(WARM)
        request.config.add_cleanup(stash[BOXES].close)
    return stash[BOXES]


@pytest.fixture
def score(pool: Pool, tmp_path: Path) -> Score:
    """Score bytes as a file; the format is told by its content."""

    def scored(
        content: bytes,
        task: Task | None = None,
        splits: dict[Split, LabelledSplit] | None = None,
        limits: Limits = LIMITS,
        seed: int = 1,
        report: Callable[[Stage, float], None] = lambda stage, share: None,
        train: LabelledSplit | None = None,
    ) -> Evaluation:
        artefact = tmp_path / "artefact"
        artefact.write_bytes(content)
        found: Format | None = detect(of_bytes(content))
        assert found is not None
        job = ScoreJob(
            attempt=ATTEMPT,
            artefact=NO_DIGEST,
            format=found,
            hidden_set=NO_DIGEST,
            bundle=NO_DIGEST,
            task=task or table_task(),
            limits=limits,
            seed=seed,
        )
        return engine.evaluate(job, artefact, splits or table_splits(), pool.run, report, "tester", train)

    return scored


@pytest.fixture
def inspect(pool: Pool, tmp_path: Path) -> Inspect:
    def inspected(
        content: bytes,
        task: Task | None = None,
        limits: Limits = LIMITS,
        formats: tuple[Format, ...] = ("onnx", "sklearn", "predictions"),
    ) -> Passport:
        artefact = tmp_path / "artefact"
        artefact.write_bytes(content)
        job = InspectJob(
            attempt=ATTEMPT,
            artefact=NO_DIGEST,
            file_name="artefact",
            formats=list(formats),
            task=task or table_task(),
            limits=limits,
        )
        return engine.inspect(job, artefact, pool.run)

    return inspected

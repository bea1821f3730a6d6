"""A dress rehearsal: green for a sound bundle, red with the reason for each way of spoiling one."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from challenges import bundle
from challenges.manifest import Format, Split
from challenges.splits import LabelledSplit, read_split
from scoring import checks
from scoring.job import BaselineResult, Cost, PreparationReport, PrepareJob, SplitScore
from scoring.prepare import Means, prepare
from scoring.sandbox.pool import Pool
from scoring.store import BlobMissing, Store, hidden_set
from tests.scoring.bundles import spoil, write_bundle
from tests.scoring.models import never

SECRET = "5ec2e7" * 8
ALL: list[Format] = ["onnx", "sklearn", "predictions"]


@pytest.fixture
def means(tmp_path: Path, pool: Pool) -> Means:
    return Means(Store(tmp_path / "blobs"), Store(tmp_path / "hidden", private=True), pool.run, ALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


def prepared(folder: Path, means: Means) -> PreparationReport:
    archive = folder.parent / "bundle.zip"
    bundle.pack(folder, archive)
    job = PrepareJob(preparation=uuid4(), bundle=means.blobs.put(archive), secret=SECRET)
    return prepare(job, means.blobs, means.hidden, means.run, means.formats)


def failed(report: PreparationReport) -> dict[str, str]:
    assert not report.green
    return {check.name: check.found for check in report.checks if not check.passed}


def test_a_sound_bundle_is_green_and_its_data_is_stored(folder: Path, means: Means) -> None:
    report = prepared(folder, means)
    assert report.verdict is None
    assert [(c.name, c.found) for c in report.checks if not c.passed] == []
    assert report.green
    assert [(b.name, [s.split for s in b.scores]) for b in report.baselines] == [
        ("One number", ["public", "private"]),
        ("Two numbers", ["public", "private"]),
    ]
    assert report.given is not None
    assert report.hidden_set is not None
    assert means.blobs.fetch(report.given).stat().st_size > 0
    assert all(means.blobs.fetch(baseline.artefact).is_file() for baseline in report.baselines)
    with pytest.raises(BlobMissing):
        means.blobs.fetch(report.hidden_set)
    assert len(hidden_set(means.hidden, report.hidden_set)["private"].labels) == 100


def test_the_secret_is_in_nothing_that_leaves_the_worker(folder: Path, means: Means) -> None:
    spoil(
        folder, "strong.py", "import argparse", "import argparse, os, sys\nprint(os.environ, sys.argv)\n1 / 0"
    )
    report = prepared(folder, means)
    assert "ZeroDivisionError" in report.model_dump_json()
    assert SECRET not in report.model_dump_json()


def test_without_a_sandbox_only_predictions_are_rehearsed_and_the_report_says_so(
    folder: Path, means: Means
) -> None:
    report = prepared(folder, replace(means, formats=["predictions"]))
    found = {check.name: check.found for check in report.checks}
    assert [baseline.name for baseline in report.baselines] == ["One number"]
    assert "cannot enforce the sandbox" in found["Baseline 'Two numbers' scores as promised"]


def test_a_baseline_that_misses_its_promise_is_red(folder: Path, means: Means) -> None:
    spoil(folder, "challenge.toml", "score = 0.75", "score = 0.55")
    assert list(failed(prepared(folder, means))) == ["Baseline 'One number' scores as promised"]


def test_a_baseline_that_writes_nothing_is_red(folder: Path, means: Means) -> None:
    (folder / "weak.py").write_text("print('done')\n")
    found = failed(prepared(folder, means))
    assert "wrote no weak.csv" in found["Baseline 'One number' scores as promised"]


def test_a_challenge_none_of_whose_baselines_could_be_scored_is_red(folder: Path, means: Means) -> None:
    assert failed(prepared(folder, replace(means, formats=[])))["Baselines were scored"] == "0 of 2"


def test_a_look_up_in_the_public_source_is_reported(folder: Path, means: Means) -> None:
    with (folder / "data.py").open("a") as builder:
        builder.write("\n\ndef public_source():\n")
        builder.write("    return Examples(np.zeros((4, 2), np.float32), np.zeros(4, np.int64))\n")
    (check,) = (c for c in prepared(folder, means).checks if c.name.startswith("Looking hidden examples up"))
    assert check.found == "accuracy 0.5000 by look-up"
    assert check.passed


@pytest.mark.parametrize(("look_up", "passed"), [(0.70, True), (0.80, False), (0.95, False)])
def test_a_look_up_that_does_as_well_as_the_best_baseline_is_red(look_up: float, passed: bool) -> None:
    score = SplitScore(split="private", value=0.8, low=0.7, high=0.9, count=100, metrics={"accuracy": 0.8})
    best = BaselineResult(
        name="best",
        format="onnx",
        artefact="ab" * 32,
        file_name="best.onnx",
        scores=[score],
        cost=Cost(artefact_bytes=1),
    )
    assert [check.passed for check in checks.of_look_up(look_up, [best])] == [passed]
    assert checks.of_look_up(None, [best]) == []


def test_a_builder_that_fails_is_told_with_its_own_words(folder: Path, means: Means) -> None:
    spoil(folder, "data.py", "rng.normal", "rng.abnormal")
    report = prepared(folder, means)
    assert report.hidden_set is None
    assert "abnormal" in failed(report)["The data can be built"]


def test_a_bundle_with_a_fault_is_not_built(folder: Path, means: Means) -> None:
    (folder / "statement.md").unlink()
    assert "statement.md" in failed(prepared(folder, means))["The bundle is in order"]


def test_a_bundle_that_is_missing_is_our_fault(means: Means) -> None:
    job = PrepareJob(preparation=uuid4(), bundle="ab" * 32, secret=SECRET)
    report = prepare(job, means.blobs, means.hidden, means.run, means.formats)
    assert report.verdict is not None
    assert report.verdict.fault == "platform"


@pytest.fixture
def splits(folder: Path, tmp_path: Path) -> tuple[Path, dict[Split, LabelledSplit]]:
    from challenges.build import build

    built = build(folder, bytes.fromhex(SECRET), tmp_path / "built")
    assert built.hidden_set is not None
    names: tuple[Split, ...] = ("validation", "public", "private")
    return built.given, {name: read_split(built.hidden_set, name) for name in names}


def red(folder: Path, given: Path, hidden: dict[Split, LabelledSplit]) -> list[str]:
    found = checks.of_data(bundle.read(folder).manifest, given, hidden, never)
    return [check.name for check in found if not check.passed]


def test_hidden_examples_among_the_given_ones_are_found(
    folder: Path, splits: tuple[Path, dict[Split, LabelledSplit]]
) -> None:
    given, hidden = splits
    train = read_split(given, "train")
    private = hidden["private"]
    leaked = private._replace(inputs=train.inputs[:100], labels=train.labels[:100])
    assert red(folder, given, {**hidden, "private": leaked}) == [
        "No hidden example is among the given ones",
        "Knowing the given examples by heart is worth nothing",
    ]


def test_labels_beside_released_inputs_are_found(
    folder: Path, splits: tuple[Path, dict[Split, LabelledSplit]]
) -> None:
    given, hidden = splits
    with np.load(given / "hidden_inputs.npz") as arrays:
        np.savez(given / "hidden_inputs.npz", labels=np.zeros(3), **dict(arrays))
    assert red(folder, given, hidden) == ["Released hidden inputs come without labels"]


def test_released_inputs_that_are_too_few_are_found(
    folder: Path, splits: tuple[Path, dict[Split, LabelledSplit]]
) -> None:
    given, hidden = splits
    with np.load(given / "hidden_inputs.npz") as arrays:
        kept = {name: array[1:] for name, array in arrays.items()}
    np.savez(given / "hidden_inputs.npz", **kept)
    assert red(folder, given, hidden) == ["Released hidden inputs are complete"]


def test_output_that_is_no_text_is_told_as_far_as_it_can_be_read(folder: Path, means: Means) -> None:
    (folder / "weak.py").write_text("import sys\nsys.stdout.buffer.write(b'\\xff no text')\nsys.exit(1)\n")
    report = prepared(folder, means)
    assert report.verdict is None
    assert "no text" in failed(report)["Baseline 'One number' scores as promised"]

"""The built-in bundles of classification: what their data are, and that their scripts do as promised."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import skops.io
from PIL import Image

from challenges.build import Built, build, load_builder
from challenges.bundle import built_in, read
from challenges.lookup import look_up
from challenges.splits import Examples, read_split

pytestmark = pytest.mark.usefixtures("prepared_data")

BY_NAME = {folder.name: folder for folder in built_in()}
FOLDERS = [folder for folder in built_in() if read(folder).manifest.task.kind == "classification"]
SECRET = bytes(range(32))
SMALL = "sizes = { train = 300, validation = 60, public = 50, private = 100 }"
TRAINED = ("small-cnn.onnx", "small-alexnet.onnx", "narrow-resnet.onnx")
"""Artefacts of which one pass over the data is enough to test the script."""
BASELINES = [(folder, baseline) for folder in FOLDERS for baseline in read(folder).manifest.baselines]
Small = Callable[[Path], tuple[Path, Built]]


def resized(folder: Path, target: Path, sizes: str = SMALL) -> Path:
    """Copy a bundle, with splits of another size."""
    copy = Path(shutil.copytree(folder, target))
    manifest = (copy / "challenge.toml").read_text()
    text, changed = re.subn("^sizes = .*$", sizes, manifest, flags=re.MULTILINE)
    assert changed == 1
    (copy / "challenge.toml").write_text(text)
    return copy


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Build a bundle at a reduced size, once for all tests."""
    made: dict[str, tuple[Path, Built]] = {}

    def make(folder: Path) -> tuple[Path, Built]:
        if folder.name not in made:
            root = tmp_path_factory.mktemp(folder.name)
            copy = resized(folder, root / "bundle")
            made[folder.name] = copy, build(copy, SECRET, root / "built")
        return made[folder.name]

    return make


def run(script: Path, *arguments: str | Path) -> str:
    command = [sys.executable, str(script), *map(str, arguments)]
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=script.parent, env=one_thread
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_item_is_both_given_and_hidden(folder: Path) -> None:
    builder = load_builder(read(folder))
    given, hidden = (set(np.concatenate(list(pool)).tolist()) for pool in builder.item_pools(1871))
    assert not given & hidden
    assert min(len(given), len(hidden)) >= 740


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_hidden_splits_follow_the_secret(folder: Path) -> None:
    bundle = read(folder)
    builder = load_builder(bundle)
    sizes = {"train": 40, "validation": 20, "public": 20, "private": 30}

    def public(secret: bytes) -> Examples:
        made: dict[str, Any] = builder.hidden(5, secret, sizes)
        assert np.array_equal(np.unique(made["private"].labels), np.arange(len(bundle.manifest.task.classes)))
        examples: Examples = made["public"]
        return examples

    assert np.array_equal(public(SECRET).inputs, public(SECRET).inputs)
    assert not np.array_equal(public(SECRET).inputs, public(b"another secret").inputs)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_order_and_ids_say_nothing_of_the_class(folder: Path, small: Small) -> None:
    _, built = small(folder)
    assert built.hidden_set is not None
    private = read_split(built.hidden_set, "private")
    for order in (np.arange(len(private.labels)), np.argsort(private.ids)):
        neighbours = private.labels[order][1:] == private.labels[order][:-1]
        assert 0.0 < neighbours.mean() < 0.3


def test_scenes_have_a_preview_and_no_released_inputs(small: Small) -> None:
    _, built = small(BY_NAME["first-steps"])
    names = sorted(path.name for path in built.given.iterdir())
    assert names == ["README.md", "preview.png", "train.npz", "validation.npz"]
    assert (built.given / "preview.png").stat().st_size < 400_000
    with Image.open(built.given / "preview.png") as preview:
        assert preview.size[0] > 700
        assert len(preview.getcolors() or []) > 200


def test_a_look_up_of_scenes_fails_and_one_of_numbers_does_as_the_data_card_says(small: Small) -> None:
    found = {}
    for name in ("first-steps", "numbers-too"):
        copy, built = small(BY_NAME[name])
        assert built.hidden_set is not None
        found[name] = look_up(copy, built.hidden_set)
    scenes, numbers = found["first-steps"], found["numbers-too"]
    assert scenes is not None
    assert numbers is not None
    assert 0.2 < scenes.accuracy < 0.5
    assert 0.57 < numbers.accuracy < 0.81


@pytest.mark.parametrize(("folder", "baseline"), BASELINES, ids=lambda value: value.name)
def test_a_baseline_writes_its_artefact_and_prints_its_score(
    folder: Path, baseline: Any, small: Small, tmp_path: Path
) -> None:
    copy, built = small(folder)
    slow = ["--epochs", "1"] if baseline.artefact in TRAINED else []
    printed = run(copy / baseline.script, "--data", built.given, "--out", tmp_path, *slow)
    metric = read(folder).manifest.task.metric
    assert re.fullmatch(rf"validation {metric} [01]\.\d{{4}}", printed.strip().splitlines()[-1])
    assert [path.name for path in tmp_path.iterdir()] == [baseline.artefact]
    look_into = {"onnx": one_output, "sklearn": only_trusted_types, "predictions": a_line_an_id}
    look_into |= {"dataset": changes}
    look_into[baseline.format](tmp_path / baseline.artefact)


def one_output(path: Path) -> None:
    model = onnx.load(path, load_external_data=False)
    onnx.checker.check_model(model)
    assert len(model.graph.input) == len(model.graph.output) == 1
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 0
    assert b"/challenges/" not in path.read_bytes()


def only_trusted_types(path: Path) -> None:
    assert skops.io.get_untrusted_types(file=path) == []


def a_line_an_id(path: Path) -> None:
    header, *lines = path.read_text().splitlines()
    assert header == "id,label"
    assert len({line.split(",")[0] for line in lines}) == 150


def changes(path: Path) -> None:
    header, *lines = path.read_text().splitlines()
    assert header == "id,action,label"
    assert len(lines) <= 150
    assert all(re.fullmatch(r"train-\d{5},relabel,\w+", line) for line in lines)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_starter_runs_and_writes_a_file_to_submit(folder: Path, small: Small, tmp_path: Path) -> None:
    copy, built = small(folder)
    out = tmp_path / "submission"
    printed = run(copy / "starter" / "starter.py", "--data", built.given, "--out", out)
    assert f"Submit {out}" in printed
    assert out.stat().st_size > 400


@pytest.mark.parametrize("folder", built_in(), ids=lambda folder: folder.name)
def test_coaches_have_a_guide_and_hints_that_go_from_gentle_to_concrete(folder: Path) -> None:
    bundle = read(folder)
    assert 3 <= len(bundle.hints) <= 4
    assert "solution" in bundle.coach_guide
    assert any(criterion.evidence for criterion in bundle.manifest.criteria)
    assert any(criterion.metric for criterion in bundle.manifest.criteria)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_pass_line_lies_between_the_weak_and_the_strong_baselines(folder: Path) -> None:
    manifest = read(folder).manifest
    weak = [baseline.score for baseline in manifest.baselines if baseline.strength == "weak"]
    strong = [baseline.score for baseline in manifest.baselines if baseline.strength == "strong"]
    assert max(weak) < manifest.pass_score < min(strong)


def test_the_right_data_has_wrong_labels_where_its_card_says_so() -> None:
    folder = BY_NAME["the-right-data"]
    builder = load_builder(read(folder))
    labels = np.arange(3000) % 6
    wrong = builder.mislabelled(labels, np.random.default_rng(1))
    changed = wrong != labels
    assert changed.sum() == 900
    alike = np.array(builder.MISTAKEN_FOR)[labels[changed]] == wrong[changed]
    assert 0.7 < alike.mean() < 0.82
    assert (folder / "starter" / "trainer.py").read_bytes() == (folder / "trainer.py").read_bytes()


def test_another_seed_gives_other_wrong_labels_of_other_scenes() -> None:
    builder = load_builder(read(BY_NAME["the-right-data"]))
    sizes = {"train": 60, "validation": 6}
    one, other = (builder.given(seed, sizes)["train"] for seed in (1, 2))
    assert not (one.inputs == other.inputs).all(axis=(1, 2, 3)).any()
    assert not np.array_equal(one.labels, other.labels)

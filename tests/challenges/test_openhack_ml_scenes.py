"""The built-in bundles of detection, segmentation and similarity."""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from challenges.build import Built, build, load_builder
from challenges.bundle import built_in, read
from challenges.manifest import Baseline
from challenges.splits import Inputs, LabelledSplit, read_split
from challenges.task import Task
from scoring.kinds.registry import KINDS
from tests.challenges.test_openhack_ml import one_output, resized, run

pytestmark = pytest.mark.usefixtures("prepared_data")

BY_NAME = {folder.name: folder for folder in built_in()}
WHERE, WHICH, LIKE = (BY_NAME[name] for name in ("where-is-it", "which-pixels", "what-is-like-it"))
FOLDERS = [WHERE, WHICH, LIKE]
BASELINES = [(folder, baseline) for folder in FOLDERS for baseline in read(folder).manifest.baselines]
SECRET = bytes(range(32))
SMALL = "sizes = { train = 150, validation = 50, public = 50, private = 50 }"
Small = Callable[[Path], Built]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Build a bundle at a reduced size, once for all tests."""
    made: dict[str, Built] = {}

    def make(folder: Path) -> Built:
        if folder.name not in made:
            root = tmp_path_factory.mktemp(folder.name)
            copy = resized(folder, root / "bundle", SMALL)
            made[folder.name] = build(copy, SECRET, root / "built")
        return made[folder.name]

    return make


def hidden(built: Built) -> LabelledSplit:
    """The private and the public split in one."""
    assert built.hidden_set is not None
    splits = [read_split(built.hidden_set, split) for split in ("public", "private")]
    return LabelledSplit(*(np.concatenate(parts) for parts in zip(*splits, strict=True)))


def measure_of(folder: Path) -> ModuleType:
    """The starter's own measure."""
    spec = importlib.util.spec_from_file_location(f"measure_{folder.name}", folder / "starter" / "measure.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_item_is_both_given_and_hidden(folder: Path) -> None:
    builder = load_builder(read(folder))
    given, kept = (set(np.concatenate(list(pool)).tolist()) for pool in builder.item_pools(5))
    assert not given & kept
    assert min(len(given), len(kept)) >= 20_000


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_hidden_splits_follow_the_secret(folder: Path) -> None:
    builder = load_builder(read(folder))
    sizes = {"public": 20, "private": 20}

    def public(secret: bytes) -> Any:
        return builder.hidden(5, secret, sizes)["public"].inputs

    assert np.array_equal(public(SECRET), public(SECRET))
    assert not np.array_equal(public(SECRET), public(b"another secret"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_hidden_scene_is_nearly_a_given_one(folder: Path, small: Small) -> None:
    built = small(folder)
    given = np.concatenate(
        [described(read_split(built.given, split).inputs) for split in ("train", "validation")]
    )
    assert (described(hidden(built).inputs) @ given.T).max() < 0.95


def described(images: Inputs) -> Any:
    """Each image's brightness in 16 x 16 cells as a vector of mean 0 and length 1."""
    count, _, height, width = images.shape
    cells = images.reshape(count, 3, 16, height // 16, 16, width // 16).mean((1, 3, 5)).reshape(count, -1)
    cells -= cells.mean(1, keepdims=True)
    return cells / np.linalg.norm(cells, axis=1, keepdims=True)


def test_boxes_hold_something_else_than_what_is_around_them(small: Small) -> None:
    """A box whose place in the picture were wrong would differ from it no more than any other place."""
    split = read_split(small(WHERE).given, "train")
    edges = np.abs(np.diff(split.inputs.astype(float).mean(1), axis=2))
    inside, everywhere = [], []
    for image, boxes in zip(edges, split.labels, strict=True):
        for x0, y0, x1, y1 in boxes[boxes[:, 4] >= 0, :4].astype(int):
            inside.append(image[y0:y1, x0 : x1 - 1].mean())
            everywhere.append(image.mean())
    assert np.mean(np.array(inside) > np.array(everywhere)) > 0.85


def test_masks_follow_the_edges_of_the_picture(small: Small) -> None:
    split = read_split(small(WHICH).given, "train")
    steps = np.abs(np.diff(split.inputs.astype(float), axis=3)).max(1)
    border = np.diff(split.labels.astype(int), axis=2) != 0
    assert steps[border].mean() > 2 * steps[~border].mean()


def test_each_article_has_three_pictures_in_the_gallery_and_two_queries(small: Small) -> None:
    built = small(LIKE)
    assert built.hidden_set is not None
    private = read_split(built.hidden_set, "private")
    for article in np.unique(private.labels[:, 0]):
        assert sorted(private.labels[private.labels[:, 0] == article, 1]) == [0, 0, 0, 1, 1]
    given, kept = read_split(built.given, "train").labels[:, 0], private.labels[:, 0]
    assert len(set(given.tolist())) == 30
    assert (kept[1:] == kept[:-1]).mean() < 0.3, "the order gives an article's pictures away"


def test_the_starters_measure_as_the_platform_does(small: Small) -> None:
    rng = np.random.default_rng(0)
    for folder in FOLDERS:
        task, truth = read(folder).manifest.task, hidden(small(folder)).labels
        answers = prepared_answers(truth, task, rng)
        expected = KINDS[task.kind].metrics(truth, answers, task)
        measured = measure_of(folder)
        if folder == WHERE:
            assert measured.average_precision(truth, answers) == pytest.approx(expected["ap"])
        elif folder == WHICH:
            assert measured.mean_iou_foreground(truth, answers) == pytest.approx(expected["miou_foreground"])
        else:
            wanted = pytest.approx((expected["recall_at_1"], expected["map_at_r"]))
            assert measured.recall_and_map(truth, answers) == wanted
        assert 0.01 < expected[task.metric] < 0.99


def prepared_answers(truth: Any, task: Task, rng: np.random.Generator) -> Any:
    """Predictions that are right of some examples and guesses of the others."""
    kind = KINDS[task.kind]
    answers, guesses = kind.reference(truth, task), kind.guess(truth, task, rng)
    wrong = rng.random(len(truth)) < 0.5
    answers[wrong] = guesses[wrong]
    return kind.prepared(answers, task)


@pytest.mark.parametrize(("folder", "baseline"), BASELINES, ids=lambda value: value.name)
def test_a_baseline_writes_one_file_of_onnx_and_prints_its_score(
    folder: Path, baseline: Baseline, small: Small, tmp_path: Path
) -> None:
    slow = ["--epochs", "2"] if baseline.strength == "strong" else []
    printed = run(folder / baseline.script, "--data", small(folder).given, "--out", tmp_path, *slow)
    metric = read(folder).manifest.task.metric
    assert re.fullmatch(rf"validation {metric} [01]\.\d{{4}}", printed.strip().splitlines()[-1])
    assert [path.name for path in tmp_path.iterdir()] == [baseline.artefact]
    one_output(tmp_path / baseline.artefact)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_pass_line_lies_between_the_weak_and_the_strong_baselines(folder: Path) -> None:
    manifest = read(folder).manifest
    weak, strong = ([b.score for b in manifest.baselines if b.strength == s] for s in ("weak", "strong"))
    assert max(weak) < manifest.pass_score < min(strong)

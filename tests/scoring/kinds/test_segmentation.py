"""Our own mask metrics beside torchmetrics', in ordinary and in degenerate cases."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torchmetrics.functional.classification import multiclass_accuracy, multiclass_jaccard_index

from challenges.task import IGNORED, ImageInput, MetricName, Task
from scoring import scores
from scoring.kinds import segmentation
from scoring.kinds.outcomes import unpacked
from scoring.kinds.resamples import counts
from scoring.statistics import RESAMPLES
from scoring.verdicts import Rejected
from tests.scoring.models import never

Masks = NDArray[np.uint8]
Case = tuple[Masks, Masks, int]
METRICS: list[MetricName] = ["miou", "miou_foreground", "dice", "pixel_accuracy"]


def task_of(classes: int = 3, size: int = 4, metric: MetricName = "miou") -> Task:
    names = [f"class {number}" for number in range(classes)]
    image = ImageInput(type="image", channels=3, height=size, width=size)
    return Task(kind="segmentation", classes=names, metric=metric, input=image)


def masks(*images: list[list[int]]) -> Masks:
    return np.array(images, np.uint8)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Masks of 2 to 255 classes, of which few occur; some pixels are ignored."""
    classes = draw(st.sampled_from([2, 3, 7, 255]))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    some = generator.choice(classes, min(classes, draw(st.integers(1, 5))), replace=False)
    images = draw(st.integers(1, 5))
    truth = generator.choice(some, (images, 6, 5)).astype(np.uint8)
    given_masks = generator.integers(0, classes, truth.shape).astype(np.uint8)
    predicted = np.where(generator.random(truth.shape) < 0.8, truth, given_masks)
    truth[generator.random(truth.shape) < draw(st.sampled_from([0, 0.3]))] = IGNORED
    truth[0, 0, 0] = some[0]
    return truth, predicted, classes


@settings(max_examples=25, deadline=None)
@given(cases())
def test_iou_and_accuracy_are_those_of_torchmetrics(case: Case) -> None:
    truth, predicted, classes = case
    ours = segmentation.metrics(truth, predicted, task_of(classes))
    arrays = torch.from_numpy(predicted).int(), torch.from_numpy(truth).int()
    jaccard = multiclass_jaccard_index(*arrays, num_classes=classes, ignore_index=IGNORED)
    accuracy = multiclass_accuracy(*arrays, num_classes=classes, ignore_index=IGNORED, average="micro")
    assert ours["miou"] == pytest.approx(float(jaccard), abs=1e-5)
    assert ours["pixel_accuracy"] == pytest.approx(float(accuracy), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_means_are_over_the_classes_that_occur_or_are_predicted_on_scored_pixels(case: Case) -> None:
    truth, predicted, classes = case
    ours = segmentation.metrics(truth, predicted, task_of(classes))
    scored = truth != IGNORED
    wanted, found = truth[scored], predicted[scored]
    present = sorted(set(wanted.tolist()) | set(found.tolist()))
    ious = {c: ((wanted == c) & (found == c)).sum() / ((wanted == c) | (found == c)).sum() for c in present}
    assert ours["miou"] == pytest.approx(np.mean(list(ious.values())))
    assert ours["dice"] == pytest.approx(np.mean([2 * iou / (1 + iou) for iou in ious.values()]))
    foreground = [iou for label, iou in ious.items() if label != 0]
    assert ours.get("miou_foreground") == (pytest.approx(np.mean(foreground)) if foreground else None)


def test_a_worked_example_by_hand() -> None:
    truth = masks([[0, 0, 1, 1], [0, 0, 1, IGNORED]])
    predicted = masks([[0, 0, 1, 0], [0, 1, 1, 1]])
    ours = segmentation.metrics(truth, predicted, task_of())
    expected = {"miou": (3 / 5 + 2 / 4) / 2, "dice": (6 / 8 + 4 / 6) / 2, "pixel_accuracy": 5 / 7}
    assert ours == pytest.approx({**expected, "miou_foreground": 2 / 4})


def test_where_everything_is_ignored_nothing_is_defined() -> None:
    truth, predicted = np.full((2, 4, 4), IGNORED, np.uint8), np.ones((2, 4, 4), np.uint8)
    assert segmentation.metrics(truth, predicted, task_of()) == {}
    with pytest.raises(ValueError, match="miou cannot be measured"):
        scores.of_split("private", truth, predicted, task_of(), never)
    assert not segmentation.chance(truth, predicted, task_of()).passed


def random_case(images: int = 40, size: int = 12) -> tuple[Masks, Masks]:
    generator = np.random.default_rng(8)
    truth = generator.choice([0, 0, 0, 1, 2, IGNORED], (images, size, size)).astype(np.uint8)
    noise = generator.integers(0, 3, truth.shape).astype(np.uint8)
    share = generator.random((images, 1, 1)) / 2
    kept = np.where(truth == IGNORED, np.uint8(0), truth)
    return truth, np.where(generator.random(truth.shape) < share, noise, kept)


@pytest.mark.parametrize("metric", METRICS)
def test_perfect_predictions_reach_1_and_the_interval_contains_the_value(metric: MetricName) -> None:
    truth, predicted = random_case()
    task = task_of(size=12, metric=metric)
    perfect = segmentation.prepared(segmentation.reference(truth, task), task)
    assert scores.of_split("private", truth, perfect, task, never).value == pytest.approx(1, abs=1e-12)
    found = scores.of_split("private", truth, predicted, task, never)
    assert 0 < found.low < found.value < found.high < 1


def test_resamples_are_what_the_drawn_images_give() -> None:
    truth, predicted = random_case(images=9)
    fast = segmentation.resampled(METRICS, truth, predicted, task_of())
    drawn = np.concatenate(list(counts(len(truth), RESAMPLES)))
    for row in range(0, RESAMPLES, 50):
        images = np.repeat(np.arange(len(truth)), drawn[row])
        slow = segmentation.metrics(truth[images], predicted[images], task_of())
        assert {name: fast[name][row] for name in METRICS} == pytest.approx(slow, abs=1e-12)


def test_a_resample_without_a_scored_pixel_counts_as_the_whole_split() -> None:
    truth = np.stack([np.full((4, 4), IGNORED, np.uint8), np.zeros((4, 4), np.uint8)])
    found = segmentation.resampled(["pixel_accuracy"], truth, np.zeros_like(truth), task_of())
    assert (found["pixel_accuracy"] == 1).all()


def test_an_image_is_worth_its_own_mean_iou() -> None:
    truth = masks([[0, 1], [0, 1]], [[2, 2], [2, 2]], [[IGNORED] * 2] * 2)
    predicted = masks([[0, 1], [0, 0]], [[2, 2], [2, 2]], [[0, 0], [0, 0]])
    packed = segmentation.outcomes("public", truth, predicted, task_of(size=2))
    values = unpacked(packed.values, "<f4")
    assert packed.count == 3
    assert values[:2].tolist() == pytest.approx([(2 / 3 + 1 / 2) / 2, 1])
    assert np.isnan(values[2])


def test_classes_have_iou_and_dice_and_the_images_that_have_them() -> None:
    truth = masks([[0, 1], [0, 1]], [[0, 0], [0, 0]])
    predicted = masks([[0, 1], [0, 0]], [[0, 0], [0, 0]])
    ground, tents, lamps = segmentation.per_class(truth, predicted, task_of(size=2))
    assert (ground.count, tents.count, lamps.count) == (2, 1, 0)
    assert ground.scores == pytest.approx({"iou": 6 / 7, "dice": 12 / 13})
    assert tents.scores == pytest.approx({"iou": 1 / 2, "dice": 2 / 3})
    assert lamps.scores == {"iou": None, "dice": None}


def test_random_pixels_are_chance_and_the_truth_is_not() -> None:
    truth, _ = random_case()
    task = task_of(size=12)
    guessed = segmentation.prepared(segmentation.guess(truth, task, np.random.default_rng(1)), task)
    assert segmentation.chance(truth, guessed, task).passed
    assert not segmentation.chance(truth, segmentation.reference(truth, task), task).passed


@pytest.mark.parametrize(
    ("value", "fix"),
    [(3, "counted from 0"), (IGNORED, "marks pixels of the truth")],
    ids=["class", "ignored"],
)
def test_a_pixel_of_an_unknown_class_is_refused_by_value_and_count(value: int, fix: str) -> None:
    predicted = masks([[0, value], [value, 2]])
    with pytest.raises(Rejected) as refusal:
        segmentation.prepared(predicted, task_of(size=2))
    verdict = refusal.value.verdict
    assert verdict.code == "unknown_class"
    assert verdict.found == f"2 of 4 pixels of classes such as {value}"
    assert verdict.expected == "0 to 2"
    assert fix in verdict.fix

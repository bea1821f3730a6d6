"""Our own COCO metrics beside pycocotools', in ordinary and in degenerate cases."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from challenges.task import MOST_BOXES, ImageInput, MetricName, Task
from scoring import scores
from scoring.kinds import detection
from scoring.kinds.outcomes import unpacked
from scoring.kinds.resamples import counts
from scoring.verdicts import Rejected
from tests.scoring.models import never

Boxes = NDArray[np.float32]
STATS: list[MetricName] = ["ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"]


def task_of(classes: int = 3, size: int = 128, metric: MetricName = "ap") -> Task:
    names = [f"class {number}" for number in range(classes)]
    image = ImageInput(type="image", channels=3, height=size, width=size)
    return Task(kind="detection", classes=names, metric=metric, input=image)


def truth_of(images: list[list[list[float]]]) -> Boxes:
    """Ground truth of rows x0, y0, x1, y1, class and perhaps crowd, filled up with class -1."""
    found = np.zeros((len(images), max(1, *(len(rows) for rows in images)), 6), np.float32)
    found[:, :, 4] = -1
    for number, rows in enumerate(images):
        for place, row in enumerate(rows):
            found[number, place, : len(row)] = row
    return found


def answers_of(images: list[list[list[float]]]) -> Boxes:
    """Predictions of rows x0, y0, x1, y1, score, class."""
    found = np.zeros((len(images), MOST_BOXES, 6), np.float32)
    for number, rows in enumerate(images):
        found[number, : len(rows)] = np.array(rows, np.float32).reshape(-1, 6)
    return found


def pycocotools(truth: Boxes, answers: Boxes, classes: int) -> dict[MetricName, float]:
    """The six figures by the reference implementation, without those that it gives as -1."""
    objects: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for image, label in zip(*np.nonzero(truth[:, :, 4] >= 0), strict=True):
        x0, y0, x1, y1, kind, crowd = (float(value) for value in truth[image, label])
        box = [x0, y0, x1 - x0, y1 - y0]
        objects.append(
            {"bbox": box, "area": box[2] * box[3], "iscrowd": int(crowd), "category_id": int(kind)}
            | {"image_id": int(image), "id": len(objects) + 1}
        )
    for image, place in zip(*np.nonzero(answers[:, :, 4] > 0), strict=True):
        x0, y0, x1, y1, score, kind = (float(value) for value in answers[image, place])
        box = [x0, y0, x1 - x0, y1 - y0]
        found.append({"bbox": box, "score": score, "category_id": int(kind), "image_id": int(image)})
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = COCO()
        categories = [{"id": number} for number in range(classes)]
        theirs.dataset = {
            "images": [{"id": n} for n in range(len(truth))],
            "annotations": objects,
            "categories": categories,
        }
        theirs.createIndex()
        other = theirs.loadRes(found) if found else COCO()
        evaluation = COCOeval(theirs, other, "bbox")
        evaluation.params.imgIds = list(range(len(truth)))
        evaluation.params.catIds = list(range(classes))
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return {n: float(v) for n, v in zip(STATS, evaluation.stats, strict=False) if v != -1}


def random_case(seed: int, images: int = 6, classes: int = 3, *, steps: int = 6) -> tuple[Boxes, Boxes]:
    """Objects of all sizes, some of them crowds, and boxes near them; few different scores, so many ties."""
    generator = np.random.default_rng(seed)
    truth = np.zeros((images, 8, 6), np.float32)
    corner, size = generator.uniform(0, 60, (images, 8, 2)), generator.uniform(4, 120, (images, 8, 2))
    truth[:, :, :2], truth[:, :, 2:4] = corner, corner + size
    truth[:, :, 4] = generator.integers(-1, classes, (images, 8))
    truth[:, :, 5] = generator.random((images, 8)) < 0.15
    answers = np.zeros((images, MOST_BOXES, 6), np.float32)
    for copy in range(2):
        rows = slice(8 * copy, 8 * copy + 8)
        answers[:, rows, :4] = truth[:, :, :4] + generator.normal(0, 3, (images, 8, 4))
        answers[:, rows, 2:4] = np.maximum(answers[:, rows, 2:4], answers[:, rows, :2])
        mistaken = generator.integers(0, classes, (images, 8))
        right = (generator.random((images, 8)) < 0.8) & (truth[:, :, 4] >= 0)
        answers[:, rows, 5] = np.where(right, truth[:, :, 4], mistaken)
    answers[:, :16, 4] = generator.integers(0, steps, (images, 16)) / steps
    return truth, answers


def same(ours: dict[MetricName, float], theirs: dict[MetricName, float]) -> bool:
    return ours.keys() == theirs.keys() and all(abs(ours[n] - theirs[n]) < 1e-9 for n in ours)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.sampled_from([2, 6, 1000]))
def test_all_figures_are_those_of_pycocotools(seed: int, classes: int, steps: int) -> None:
    truth, answers = random_case(seed, classes=classes, steps=steps)
    ours = detection.metrics(truth, detection.prepared(answers, task_of(classes)), task_of(classes))
    theirs = pycocotools(truth, answers, classes)
    assert same(ours, theirs), (ours, theirs)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_boxes_on_a_grid_that_overlap_equally_are_matched_as_pycocotools_does(seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth = np.zeros((4, 6, 6), np.float32)
    truth[:, :, :2] = generator.integers(0, 4, (4, 6, 2))
    truth[:, :, 2:4] = truth[:, :, :2] + generator.integers(1, 4, (4, 6, 2))
    truth[:, :, 5] = generator.random((4, 6)) < 0.2
    answers = np.zeros((4, MOST_BOXES, 6), np.float32)
    answers[:, :, :2] = generator.integers(0, 4, (4, MOST_BOXES, 2))
    answers[:, :, 2:4] = answers[:, :, :2] + generator.integers(0, 4, (4, MOST_BOXES, 2))
    answers[:, :, 4] = generator.integers(1, 4, (4, MOST_BOXES)) / 4
    ours, theirs = detection.metrics(truth, answers, task_of(1)), pycocotools(truth, answers, 1)
    assert same(ours, theirs), (ours, theirs)


OBJECT = [10.0, 10.0, 50.0, 50.0, 0.0]
CROWD = [0.0, 0.0, 100.0, 100.0, 0.0, 1.0]
HIT = [10.0, 10.0, 50.0, 50.0, 0.9, 0.0]
MISS = [80.0, 80.0, 90.0, 95.0, 0.8, 0.0]
Images = list[list[list[float]]]
DEGENERATE: dict[str, tuple[Images, Images, dict[MetricName, float]]] = {
    "no detection": ([[OBJECT], []], [[], []], {"ap": 0.0, "ap_medium": 0.0}),
    "no object of a class that is found": ([[OBJECT]], [[HIT, [0, 0, 9, 9, 1, 2]]], {"ap": 1.0}),
    "a false box before the hit": ([[OBJECT]], [[HIT, [80, 80, 90, 90, 0.95, 0]]], {"ap": 0.5}),
    "a false box after the hit": ([[OBJECT]], [[HIT, MISS]], {"ap": 1.0}),
    "an object twice": ([[OBJECT]], [[HIT, HIT]], {"ap": 1.0}),
    "boxes within a crowd": ([[OBJECT, CROWD]], [[HIT, [60, 60, 90, 90, 0.95, 0], MISS]], {"ap": 1.0}),
    "two equal scores": ([[OBJECT], []], [[[*HIT[:4], 0.5, 0]], [[*MISS[:4], 0.5, 0]]], {"ap": 1.0}),
    "a box of no area": ([[OBJECT]], [[[10, 10, 10, 50, 0.9, 0]]], {"ap": 0.0}),
    "half of the objects": ([[OBJECT], [OBJECT]], [[HIT], []], {"ap": 51 / 101}),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_cases_are_those_of_pycocotools(name: str) -> None:
    objects, boxes, expected = DEGENERATE[name]
    truth, answers = truth_of(objects), answers_of(boxes)
    ours = detection.metrics(truth, answers, task_of())
    assert {key: ours[key] for key in expected} == pytest.approx(expected)
    if any(boxes):
        assert same(ours, pycocotools(truth, answers, 3))


@pytest.mark.parametrize("objects", [[[], []], [[CROWD], [CROWD]]], ids=["none", "crowds alone"])
def test_without_an_object_to_be_found_nothing_is_defined(objects: list[list[list[float]]]) -> None:
    truth, answers = truth_of(objects), answers_of([[HIT], []])
    assert detection.metrics(truth, answers, task_of()) == {}
    with pytest.raises(ValueError, match="ap cannot be measured"):
        scores.of_split("private", truth, answers, task_of(), never)
    assert not detection.chance(truth, answers, task_of()).passed


def test_a_worked_example_one_box_of_iou_0_877_has_an_ap_of_0_8() -> None:
    truth, answers = truth_of([[[0, 0, 100, 100, 0]]]), answers_of([[[0, 0, 87.7, 100, 0.9, 0]]])
    assert detection.metrics(truth, answers, task_of(1))["ap"] == pytest.approx(0.8)


@pytest.mark.parametrize("metric", STATS)
def test_perfect_predictions_reach_1_and_the_interval_contains_the_value(metric: MetricName) -> None:
    truth, answers = random_case(5, images=30)
    task = task_of(metric=metric)
    perfect = detection.prepared(detection.reference(truth, task), task)
    assert scores.of_split("private", truth, perfect, task, never).value == pytest.approx(1, abs=1e-12)
    found = scores.of_split("private", truth, answers, task, never)
    assert 0 <= found.low < found.value < found.high <= 1


def test_resamples_are_what_matching_the_drawn_images_anew_gives() -> None:
    truth, answers = random_case(11, images=12, steps=10**6)
    drawn = np.concatenate(list(counts(len(truth), detection.RESAMPLES)))
    fast = detection.resampled(["ap", "ap75", "ap_small"], truth, answers, task_of())
    for row in range(0, len(drawn), 10):
        images = np.repeat(np.arange(len(truth)), drawn[row])
        slow = detection.metrics(truth[images], answers[images], task_of())
        assert {name: fast[name][row] for name in fast} == pytest.approx({n: slow[n] for n in fast}, abs=1e-9)
        if row == 0:
            assert same(slow, pycocotools(truth[images], answers[images], 3))


def test_a_resample_without_any_object_counts_as_the_whole_split() -> None:
    truth, answers = truth_of([[OBJECT], [], []]), answers_of([[HIT], [MISS], []])
    drawn = np.concatenate(list(counts(3, detection.RESAMPLES)))
    found = detection.resampled(["ap"], truth, answers, task_of())["ap"]
    empty = drawn[:, 0] == 0
    assert empty.any()
    assert (found[empty] == detection.metrics(truth, answers, task_of())["ap"]).all()


def values_of(truth: Boxes, answers: Boxes) -> list[float]:
    packed = detection.outcomes("public", truth, answers, task_of())
    assert packed.count == len(truth)
    return [float(value) for value in unpacked(packed.values, "<f4")]


def test_an_image_is_worth_its_f1_at_the_score_that_is_best_for_the_split() -> None:
    truth = truth_of([[OBJECT], [OBJECT], [OBJECT, [60, 60, 90, 90, 1]], []])
    unsure = [*MISS[:4], 0.1, 0.0]
    answers = answers_of([[HIT, unsure], [HIT, [*MISS[:4], 0.95, 0]], [HIT], [unsure]])
    assert values_of(truth, answers) == pytest.approx([1, 2 / 3, 2 / 3, 1])


def test_where_nothing_is_found_every_box_counts_against_its_image() -> None:
    assert values_of(truth_of([[OBJECT], [], []]), answers_of([[MISS], [MISS], []])) == [0, 0, 1]
    assert values_of(truth_of([[CROWD], []]), answers_of([[], []])) == [1, 1]


def test_classes_have_their_own_ap_and_the_images_that_count() -> None:
    truth = truth_of([[OBJECT, OBJECT, [60, 60, 90, 90, 1]], [OBJECT], [[*OBJECT[:4], 2, 1]]])
    answers = answers_of([[HIT], [HIT], [HIT]])
    tents, boots, lamps = detection.per_class(truth, answers, task_of())
    assert (tents.count, boots.count, lamps.count) == (2, 1, 0)
    assert tents.scores == pytest.approx({"ap": tents.scores["ap50"], "ap50": 67 / 101}, abs=1e-9)
    assert boots.scores == {"ap": 0, "ap50": 0}
    assert lamps.scores == {"ap": None, "ap50": None}


def test_random_boxes_are_chance_and_the_truth_is_not() -> None:
    truth, _ = random_case(3, images=100)
    guessed = detection.guess(truth, task_of(), np.random.default_rng(1))
    assert detection.chance(truth, detection.prepared(guessed, task_of()), task_of()).passed
    assert not detection.chance(truth, detection.reference(truth, task_of()), task_of()).passed


REFUSED: dict[str, tuple[list[float], str, str, str]] = {
    "x, y, width, height": ([60, 60, 30, 20, 0.9, 0], "bad_shape", "(60, 60, 30, 20)", "x, y, width, height"),
    "normalised": ([0.1, 0.2, 0.4, 1, 0.9, 0], "bad_shape", "within 0 and 1", "multiply x by 128"),
    "outside": ([300, 300, 400, 400, 0.9, 0], "bad_shape", "(300, 300, 400, 400)", "scale the boxes"),
    "from 1": ([10, 10, 50, 50, 0.9, 3], "unknown_class", "such as 3", "counted from 1"),
    "unknown": ([10, 10, 50, 50, 0.9, 7], "unknown_class", "such as 7", "in the order of"),
    "negative": ([10, 10, 50, 50, 0.9, -1], "unknown_class", "such as -1", "in the order of"),
    "between two": ([10, 10, 50, 50, 0.9, 0.5], "unknown_class", "such as 0.5", "whole class indices"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_boxes_of_another_form_are_refused_with_what_they_look_like(name: str) -> None:
    box, code, found, fix = REFUSED[name]
    with pytest.raises(Rejected) as refusal:
        detection.prepared(answers_of([[box], []]), task_of())
    verdict = refusal.value.verdict
    assert verdict.code == code
    assert found in verdict.found
    assert fix in verdict.fix
    assert verdict.expected


def test_a_few_pixels_past_the_border_are_fine_and_rows_of_no_score_say_nothing() -> None:
    kept: list[Any] = [-3, -2, 131, 140, 0.9, 2]
    answers = answers_of([[kept, [9, 9, 1, 1, 0, 77], [9, 9, 1, 1, -5, 77]], []])
    prepared = detection.prepared(answers, task_of())
    assert np.array_equal(prepared, answers_of([[kept], []]))
    assert not detection.prepared(answers_of([[], []]), task_of()).any()

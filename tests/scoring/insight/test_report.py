"""What a team learns of its mistakes, and what it must not learn."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from challenges.manifest import Split
from challenges.splits import LabelledSplit
from challenges.task import ImageInput, TableInput, Task
from scoring.insight import pictures, report, suspects
from scoring.insight.report import Answered
from scoring.kinds.registry import KINDS
from scoring.learned import Insight

Values = NDArray[Any]

IMAGE = ImageInput(type="image", channels=3, height=16, width=16)
CLASSES = ["tent", "boot", "lamp"]
TASK = Task(kind="classification", classes=CLASSES, metric="accuracy", input=IMAGE)


def split_of(count: int, seed: int = 5) -> LabelledSplit:
    """Images of random brightness; the classes take turns."""
    generator = np.random.default_rng(seed)
    light = generator.integers(10, 200, (count, 1, 1, 1))
    images = (light + generator.integers(0, 50, (count, 3, 16, 16))).astype(np.uint8)
    return LabelledSplit(images, np.arange(count) % 3, np.array([f"v-{row}" for row in range(count)]))


def answered(split: LabelledSplit, predictions: Values, task: Task = TASK) -> Answered:
    kind = KINDS[task.kind]
    prepared = kind.prepared(predictions, task)
    return Answered(split, prepared, kind.outcomes("validation", split.labels, prepared, task))


def belief_in(classes: Values, sure: float = 0.9) -> Values:
    """Probabilities that name these classes."""
    belief = np.full((len(classes), 3), (1 - sure) / 2)
    belief[np.arange(len(classes)), classes] = sure
    return belief


def made(found: dict[Split, Answered], task: Task = TASK) -> Insight:
    insight = report.make(found, task)
    assert insight is not None
    return insight


def test_the_confusion_matrix_counts_true_classes_by_predicted_ones() -> None:
    split = split_of(30)
    predicted = split.labels.copy()
    predicted[:4] = 2
    insight = made({"validation": answered(split, belief_in(predicted))})
    assert insight.confusion == [[8, 0, 2], [0, 9, 1], [0, 0, 10]]
    assert [(c.name, c.count, c.scores["recall"]) for c in insight.classes] == [
        ("tent", 10, 0.8),
        ("boot", 10, 0.9),
        ("lamp", 10, 1.0),
    ]


def test_the_most_confident_mistake_comes_first_and_shows_the_image() -> None:
    split = split_of(30)
    belief = belief_in(split.labels)
    belief[3] = [0.1, 0.3, 0.6]
    belief[4] = [0.01, 0.04, 0.95]
    first, second = made({"validation": answered(split, belief)}).mistakes
    assert (first.id, first.truth, first.predicted, first.confidence) == ("v-4", "boot", "lamp", 0.95)
    assert second.id == "v-3"
    with Image.open(io.BytesIO(base64.b64decode(first.picture))) as picture:
        assert picture.size == (160, 160)
        shown = np.asarray(picture.convert("RGB")).mean((0, 1))
    assert np.allclose(shown, split.inputs[4].mean((1, 2)), atol=3)


def test_a_model_without_mistakes_has_none_to_show() -> None:
    split = split_of(30)
    insight = made({"validation": answered(split, belief_in(split.labels))})
    assert insight.mistakes == []
    assert insight.suspects == []


def test_a_slice_tells_that_dark_images_are_answered_worse() -> None:
    split = split_of(90)
    predicted = split.labels.copy()
    dark = split.inputs.mean((1, 2, 3)) < np.quantile(split.inputs.mean((1, 2, 3)), 1 / 3)
    predicted[dark] = (predicted[dark] + 1) % 3
    slices = {s.name: s for s in made({"validation": answered(split, belief_in(predicted))}).slices}
    assert slices["brightness: darkest"].value == 0
    assert slices["brightness: brightest"].value == 1
    assert sum(s.count for name, s in slices.items() if name.startswith("brightness")) == 90


def test_a_table_is_sliced_by_the_features_that_tell_most() -> None:
    names = [f"f{number}" for number in range(8)]
    task = TASK.model_copy(update={"input": TableInput(type="table", features=names)})
    inputs = np.random.default_rng(1).normal(size=(90, 8)).astype(np.float32)
    split = LabelledSplit(inputs, np.arange(90) % 3, np.arange(90).astype(str))
    predicted = np.where(inputs[:, 6] > 0.4, (split.labels + 1) % 3, split.labels)
    slices = made({"validation": answered(split, belief_in(predicted), task)}, task).slices
    assert [s.name for s in slices[:3]] == ["f6: lowest", "f6: middle", "f6: highest"]
    assert len({s.name.split(":")[0] for s in slices}) == 5


def test_planted_wrong_labels_are_suspected() -> None:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 3, 300)
    labels = truth.copy()
    wrong = generator.choice(300, 30, replace=False)
    labels[wrong] = (labels[wrong] + 1) % 3
    belief = belief_in(truth, 0.8) + generator.uniform(0, 0.1, (300, 3))
    found = suspects.rows(labels, belief / belief.sum(1, keepdims=True))
    assert set(found) == set(wrong.tolist())


def test_confident_learning_is_that_of_a_slow_loop() -> None:
    generator = np.random.default_rng(3)
    labels, belief = generator.integers(0, 4, 200), generator.dirichlet(np.ones(4), 200)
    thresholds = [belief[labels == k, k].mean() for k in range(4)]
    slow = set()
    for row in range(200):
        sure = [k for k in range(4) if belief[row, k] >= thresholds[k]]
        if sure and max(sure, key=lambda k: belief[row, k]) != labels[row]:
            slow.add(row)
    assert set(suspects.rows(labels, belief)) == slow


def test_nothing_of_a_hidden_example_and_nothing_of_the_private_split_is_told() -> None:
    splits: dict[Split, Answered] = {}
    names: list[Split] = ["validation", "public", "private"]
    for seed, name in enumerate(names):
        split = split_of(90, seed)._replace(ids=np.array([f"{name}-{row}" for row in range(90)]))
        splits[name] = answered(split, belief_in((split.labels + 1) % 3))
    insight = made(splits)
    assert list(insight.hidden) == ["public"]
    text = insight.model_dump_json()
    assert "public-" not in text
    assert "private" not in text
    assert {case.id.split("-")[0] for case in (*insight.mistakes, *insight.suspects)} == {"validation"}


def test_a_hidden_class_of_few_examples_keeps_its_scores_to_itself() -> None:
    split = split_of(90)
    rows = np.flatnonzero((split.labels != 2) | (np.arange(90) < 30))
    few = LabelledSplit(split.inputs[rows], split.labels[rows], split.ids[rows])
    insight = made(
        {
            "validation": answered(split, belief_in(split.labels)),
            "public": answered(few, belief_in(few.labels)),
        }
    )
    known = {score.name: score.scores["recall"] for score in insight.hidden["public"]}
    assert known == {"tent": 1.0, "boot": 1.0, "lamp": None}


def test_without_validation_answers_there_is_no_insight() -> None:
    split = split_of(30)
    assert report.make({"public": answered(split, belief_in(split.labels))}, TASK) is None


def test_the_whole_stays_small_and_loses_its_last_pictures_first(monkeypatch: pytest.MonkeyPatch) -> None:
    split = split_of(60)
    found: dict[Split, Answered] = {"validation": answered(split, belief_in((split.labels + 1) % 3))}
    whole = made(found)
    assert all(case.picture for case in whole.mistakes)
    most = len(whole.model_dump_json()) // 4
    monkeypatch.setattr(report, "MOST_BYTES", most)
    small = made(found)
    assert len(small.model_dump_json()) <= most
    assert len(small.mistakes) == len(whole.mistakes)
    shown = [bool(case.picture) for case in small.mistakes]
    assert shown == sorted(shown, reverse=True)
    assert shown[0]
    assert not shown[-1]


def colours_of(layer: str) -> dict[tuple[int, ...], int]:
    """How many pixels of a layer have each colour that is seen."""
    with Image.open(io.BytesIO(base64.b64decode(layer))) as image:
        pixels = np.asarray(image.convert("RGBA")).reshape(-1, 4)
    seen, counts = np.unique(pixels[pixels[:, 3] > 0][:, :3], axis=0, return_counts=True)
    return {tuple(map(int, colour)): int(count) for colour, count in zip(seen, counts, strict=True)}


def test_boxes_and_masks_are_layers_in_two_colours_each_with_an_edge() -> None:
    picture = pictures.Picture(np.full((3, 40, 40), 128, np.uint8))
    mask = np.zeros((40, 40), np.uint8)
    mask[5:20, 5:20] = 1
    beyond_the_edge, inside_out = (-5, 4, 20, 90), (30, 30, 10, 12)
    for layer in (picture.boxes([beyond_the_edge], pictures.TRUTH), picture.mask(mask, pictures.TRUTH)):
        assert set(colours_of(layer)) == {pictures.TRUTH, (255, 255, 255)}
    solid = picture.boxes([inside_out], pictures.TRUTH)
    dashed = picture.boxes([inside_out], pictures.PREDICTION)
    assert set(colours_of(dashed)) == {pictures.PREDICTION, (0, 0, 0)}
    assert colours_of(dashed)[pictures.PREDICTION] < 0.7 * colours_of(solid)[pictures.TRUTH]
    assert picture.boxes([], pictures.TRUTH) == ""


def test_a_picture_with_its_layers_is_one_picture() -> None:
    picture = pictures.Picture(np.full((3, 40, 40), 128, np.uint8))
    layers = [picture.boxes([(5, 5, 20, 20)], colour) for colour in (pictures.TRUTH, pictures.PREDICTION)]
    with Image.open(io.BytesIO(pictures.composed(picture.text(), [*layers, ""]))) as whole:
        colours = {tuple(map(int, colour)) for colour in np.asarray(whole).reshape(-1, 3)}
    assert {(128, 128, 128), pictures.PREDICTION, (0, 0, 0)} <= colours


def test_a_large_image_shrinks_and_a_small_one_grows() -> None:
    assert pictures.Picture(np.zeros((1, 300, 600), np.uint8)).image.size == (160, 80)
    assert pictures.Picture(np.zeros((3, 28, 14), np.uint8)).image.size == (70, 140)

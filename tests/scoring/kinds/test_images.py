"""Images made of examples: right within a tolerance, or not."""

import numpy as np
import pytest

from challenges.task import ImageInput, Task
from scoring.kinds import images
from scoring.kinds.outcomes import unpacked
from scoring.sandbox.inside import answers
from scoring.sandbox.inside.faults import Refused

RANDOM = np.random.default_rng(5)
IMAGE = ImageInput(type="image", channels=3, height=6, width=4)
TASK = Task(kind="images", metric="images_right", input=IMAGE, target=IMAGE, tolerance=2)
TRUTH = RANDOM.integers(0, 256, (600, 3, 6, 4)).astype(np.uint8)
JOB = {"kind": "images", "output_shape": [3, 6, 4]}


def test_an_image_is_right_when_no_value_is_off_by_more_than_the_tolerance() -> None:
    given = TRUTH.copy()
    given[:100] = np.where(given[:100] < 128, given[:100] + 2, given[:100] - 2)
    given[100:200, 0, 0, 0] = np.where(given[100:200, 0, 0, 0] < 128, 255, 0)
    found = images.metrics(TRUTH, given, TASK)
    assert found["images_right"] == pytest.approx(500 / 600)
    assert found["mae"] == pytest.approx(np.abs(TRUTH.astype(float) - given).mean())
    right = unpacked(images.outcomes("public", TRUTH, given, TASK).values, "<f4")
    assert right.tolist() == [1.0] * 100 + [0.0] * 100 + [1.0] * 400


def test_intervals_hold_the_value_and_resamples_are_shared() -> None:
    given = TRUTH.copy()
    given[:150] = 255 - given[:150]
    found = images.metrics(TRUTH, given, TASK)
    for metric in ("images_right", "mae"):
        low, high = images.interval(metric, TRUTH, given, TASK)
        assert low < found[metric] < high
    drawn = images.resampled(["images_right", "mae"], TRUTH, given, TASK)
    assert np.corrcoef(drawn["images_right"], drawn["mae"])[0, 1] < -0.9


def test_the_truth_is_perfect_and_other_images_are_not() -> None:
    assert images.metrics(TRUTH, images.reference(TRUTH, TASK), TASK) == {"images_right": 1.0, "mae": 0.0}
    guessed = images.guess(TRUTH, TASK, RANDOM)
    assert images.chance(TRUTH, guessed, TASK).passed
    assert not images.chance(TRUTH, TRUTH, TASK).passed


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_grey_levels_may_be_whole_numbers_or_floats(dtype: type) -> None:
    found = answers.fitted(TRUTH[:3].astype(dtype), 3, JOB)
    assert found.dtype == np.uint8
    assert np.array_equal(found, TRUTH[:3])
    assert answers.fitted(np.full((1, 3, 6, 4), 7.4), 1, JOB).max() == 7


@pytest.mark.parametrize(
    ("given", "code", "found"),
    [
        (TRUTH[:3].swapaxes(1, 3), "bad_shape", "of shape [3, 4, 6, 3] for a batch of 3"),
        (TRUTH[:3].astype(np.int64) + 1000, "bad_type", "values from 1000 to"),
        (np.full((3, 3, 6, 4), -3.0), "bad_type", "values from -3 to -3"),
        (np.full((3, 3, 6, 4), np.nan), "not_finite", "3 of 3"),
        (np.array(["a"]), "bad_type", "an output of <U1"),
    ],
)
def test_what_is_no_image_is_refused(given: object, code: str, found: str) -> None:
    with pytest.raises(Refused) as refused:
        answers.fitted(given, 3, JOB)
    assert refused.value.code == code
    assert found in refused.value.found

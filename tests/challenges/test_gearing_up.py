"""Gearing up: what is stored, what is wanted, and that the two baselines differ by one step."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from challenges.build import Built, build, load_builder
from challenges.bundle import built_in, read
from challenges.splits import read_split
from tests.challenges.test_openhack_ml import resized, run

pytestmark = pytest.mark.usefixtures("prepared_data")

FOLDER = next(folder for folder in built_in() if folder.name == "gearing-up")
SECRET = bytes(range(32))


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    return load_builder(read(FOLDER))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("gearing-up")
    return build(resized(FOLDER, root / "bundle"), SECRET, root / "built")


def test_a_stored_picture_can_be_read_back(builder: ModuleType) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (31, 50, 3), dtype=np.uint8)
    for blue_first in (False, True):
        stored = builder.stored(picture, blue_first)
        assert stored.shape == (3, 65, 64)
        assert stored[:, 0, :3].tolist() == [[31, 50, blue_first]] * 3
        found = np.moveaxis(stored[:, 1:32, :50], 0, -1)
        assert np.array_equal(found[:, :, ::-1] if blue_first else found, picture)
        assert not stored[:, 32:].any()


@pytest.mark.parametrize(
    ("height", "width", "rows", "columns"),
    [
        (64, 64, (0, 48), (0, 48)),
        (60, 40, (0, 48), (8, 40)),
        (27, 64, (14, 34), (0, 48)),
        (64, 62, (0, 48), (0, 47)),
    ],
)
def test_a_prepared_picture_is_whole_undistorted_and_in_the_middle(
    builder: ModuleType, height: int, width: int, rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    wanted = builder.prepared(np.zeros((height, width, 3), np.uint8))
    expected = np.full((3, 48, 48), 255)
    expected[:, slice(*rows), slice(*columns)] = 0
    assert np.array_equal(wanted, expected)


def test_both_makes_of_cameras_and_both_ways_to_hold_them_occur(built: Built) -> None:
    inputs = read_split(built.given, "train").inputs
    heights, widths, orders = inputs[:, 0, 0, :3].astype(int).T
    assert 0.35 < orders.mean() < 0.65
    assert 0.35 < (heights > widths).mean() < 0.65
    assert np.maximum(heights, widths).min() >= 40
    assert np.minimum(heights, widths).min() >= 24


@pytest.mark.parametrize(("script", "low", "high"), [("weak", 0.3, 0.7), ("strong", 1.0, 1.0)])
def test_the_weak_baseline_misses_one_make_of_cameras_and_the_strong_one_none(
    built: Built, tmp_path: Path, script: str, low: float, high: float
) -> None:
    printed = run(FOLDER / f"baseline_{script}.py", "--data", built.given, "--out", tmp_path)
    assert low <= float(printed.split()[-1]) <= high
    [archive] = tmp_path.iterdir()
    assert archive.suffix == ".zip"


def test_the_starter_runs_and_has_nearly_everything_left_to_do(built: Built, tmp_path: Path) -> None:
    printed = run(FOLDER / "starter" / "starter.py", "--data", built.given, "--out", tmp_path / "model.zip")
    assert f"Submit {tmp_path / 'model.zip'}" in printed
    share: Any = printed.split("validation: ")[1].split()[0]
    assert float(share) < 0.3


def test_hidden_pictures_follow_the_secret_and_come_of_other_items(builder: ModuleType) -> None:
    sizes = {"public": 20, "private": 20}
    one, again, other = (builder.hidden(5, secret, sizes)["public"] for secret in (SECRET, SECRET, bytes(32)))
    assert np.array_equal(one.inputs, again.inputs)
    assert not np.array_equal(one.inputs, other.inputs)
    given, hidden = (set(np.concatenate(pool).tolist()) for pool in builder.item_pools(5))
    assert not given & hidden

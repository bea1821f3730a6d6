"""Composed scenes: what is said of an item is what is seen of it."""

from collections.abc import Sequence

import numpy as np
import pytest

from challenges import scenes
from challenges.scenes import Item, Look

LOOK = Look(side=64, scales=(0.8, 1.2), tilt=0, inside=0.9, seen=0.5, barred=0)
BLOCK = np.pad(np.full((12, 16), 200, np.uint8), ((8, 8), (6, 6)))
"""A source image: a light block of 12 x 16 pixels in the middle of nothing."""
BLACK = [np.zeros((256, 256, 3), np.uint8)]


def composed(items: Sequence[Item], look: Look = LOOK, seed: int = 0) -> scenes.Scene:
    return scenes.composed(items, BLACK, np.random.default_rng(seed), look)


def test_the_mask_of_an_item_is_where_the_picture_shows_it() -> None:
    scene = composed([Item(BLOCK, 3)])
    assert scene.pixels.shape == (3, 64, 64)
    assert scene.labels == [3]
    light = scene.pixels.astype(int).max(0)
    (mask,) = scene.masks
    assert np.median(light[mask]) > 3 * np.median(light[~mask])


def test_a_box_is_the_smallest_around_a_mask() -> None:
    mask = np.zeros((10, 12), bool)
    mask[2:5, 7] = mask[3, 4:9] = True
    assert scenes.box_of(mask) == (4, 2, 9, 5)


def test_what_lies_in_front_is_taken_from_what_lies_behind() -> None:
    for seed in range(10):
        scene = composed([Item(BLOCK, 0), Item(BLOCK, 1), Item(BLOCK, 2)], seed=seed)
        assert scene.masks.sum(0).max() <= 1


def test_of_every_item_enough_is_seen_even_behind_a_post() -> None:
    look = LOOK._replace(barred=1, scales=(1.0, 1.0))
    for seed in range(10):
        scene = composed([Item(BLOCK, 0)] * 4, look, seed)
        seen = scene.masks.sum((1, 2))
        # Of the whole item of 192 pixels 0.9 are in the picture, and half of these are not covered.
        assert seen.min() > 0.9 * 0.5 * 192 * 0.8
        assert len(scene.labels) == len(seen)


def test_items_that_find_no_place_are_left_out() -> None:
    look = LOOK._replace(side=24, inside=1.0, seen=1.0, scales=(1.2, 1.2))
    scene = composed([Item(BLOCK, 0), Item(BLOCK, 1), Item(BLOCK, 2)], look)
    assert len(scene.masks) == len(scene.labels) < 3


@pytest.mark.usefixtures("prepared_data")
def test_a_supply_gives_each_item_once_and_as_many_of_each_class() -> None:
    pool = [np.arange(5), np.arange(100, 105)]
    supply = scenes.supply(pool, np.random.default_rng(0))
    given = [next(supply) for _ in range(10)]
    assert sorted(item.label for item in given) == [0] * 5 + [1] * 5
    assert len({item.image.tobytes() for item in given}) == 10
    with pytest.raises(ValueError, match="has 5 items; the splits ask for more"):
        next(supply)

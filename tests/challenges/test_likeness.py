"""Nearly identical images of two splits are found, whatever their size and wherever they stand."""

import numpy as np
import pytest
from PIL import Image

from challenges.likeness import CLOSEST, closest
from challenges.manifest import Split
from challenges.splits import Inputs, LabelledSplit


def made(**inputs: Inputs) -> dict[Split, LabelledSplit]:
    named: dict[Split, LabelledSplit] = {}
    for name in ("train", "validation", "public", "private"):
        if name in inputs:
            images = inputs[name]
            ids = np.array([f"{name}-{row}" for row in range(len(images))])
            named[name] = LabelledSplit(images, np.zeros(len(images), np.int64), ids)
    return named


def images(seed: int, count: int, side: int = 24) -> Inputs:
    coarse = np.random.default_rng(seed).integers(0, 256, (count, 3, 6, 6), dtype=np.uint8)
    return coarse.repeat(side // 6, 2).repeat(side // 6, 3)


def blurred(image: Inputs) -> Inputs:
    """The same picture, made smaller and large again."""
    picture = Image.fromarray(np.moveaxis(image, 0, -1))
    small = picture.resize((20, 20), Image.Resampling.BILINEAR).resize(picture.size)
    return np.moveaxis(np.asarray(small), -1, 0)


def test_different_images_are_far_apart() -> None:
    pair = closest(made(train=images(1, 1100), public=images(2, 30)))
    assert pair.distance > 3 * CLOSEST


@pytest.mark.parametrize("change", [lambda image: image, blurred, lambda image: image // 2 * 2])
def test_a_copy_is_found_wherever_it_stands(change: object) -> None:
    assert callable(change)
    train, private = images(1, 1100), images(2, 30)
    private[7] = change(train[1050])
    pair = closest(made(train=train, public=images(3, 30), private=private))
    assert pair[:2] == ("train-1050", "private-7")
    assert pair.distance < CLOSEST


def test_the_hidden_splits_are_compared_with_one_another() -> None:
    pair = closest(made(train=images(1, 20), public=images(2, 20), private=images(2, 20)[::-1]))
    assert pair.distance == 0
    assert pair.first.startswith("public")

"""The networks against their papers: sizes, costs, and answers that depend on the image."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from scoring.zoo.googlenet import STAGES
from scoring.zoo.registry import NAMES, build

PUBLISHED: dict[str, tuple[int, float]] = {
    "alexnet": (61_100_840, 0.714),
    "vgg-11": (132_863_336, 7.61),
    "vgg-13": (133_047_848, 11.31),
    "vgg-16": (138_357_544, 15.5),
    "vgg-19": (143_667_240, 19.6),
    "googlenet": (7_005_832, 1.58),
    "resnet-18": (11_689_512, 1.82),
    "resnet-34": (21_797_672, 3.67),
    "resnet-50": (25_557_032, 4.09),
    "resnet-101": (44_549_160, 7.80),
    "resnet-152": (60_192_808, 11.51),
}
"""Parameters, and 10**9 multiply-accumulates for an image, of 224 px and 1,000 classes."""


def described(name: str, classes: int = 1000, size: int = 224, channels: int = 3) -> nn.Module:
    """The network without memory for its weights."""
    with torch.device("meta"):
        return build(name, classes, size, channels).eval()


def test_every_network_has_published_figures() -> None:
    assert set(NAMES) == set(PUBLISHED)


@pytest.mark.parametrize("name", NAMES)
def test_a_network_has_the_published_parameters_and_products(name: str) -> None:
    model = described(name)
    parameters, products = PUBLISHED[name]
    assert sum(tensor.numel() for tensor in model.parameters()) == parameters
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        scores = model(torch.empty(1, 3, 224, 224, device="meta"))
    assert scores.shape == (1, 1000)
    assert counter.get_total_flops() / 2 == pytest.approx(products * 1e9, rel=0.01)


def test_googlenet_differs_from_its_paper_by_normalisation_alone() -> None:
    """6,998,552 numbers with a bias for each channel, as in the authors' own model; here are two."""
    model = described("googlenet")
    channels = sum(m.num_features for m in model.modules() if isinstance(m, nn.BatchNorm2d))
    assert sum(t.numel() for t in model.parameters()) - channels == 6_998_552
    kernels = [m.kernel_size[0] for m in model.modules() if isinstance(m, nn.Conv2d)]
    assert kernels.count(5) == sum(len(stage) for stage in STAGES) == 9


@pytest.mark.parametrize("name", NAMES)
def test_images_of_any_size_from_32_px_and_of_any_channels_are_taken(name: str) -> None:
    for size in (32, 33, 47, 62, 63, 96, 131, 256):
        scores = described(name, 7, size, 1)(torch.empty(2, 1, size, size, device="meta"))
        assert scores.shape == (2, 7)


@pytest.mark.parametrize("name", ["alexnet", "vgg-11", "googlenet", "resnet-18", "resnet-152"])
def test_fresh_weights_answer_two_images_differently(name: str) -> None:
    torch.manual_seed(0)
    model = build(name, 10, 32).eval()
    with torch.no_grad():
        scores = model(torch.rand(2, 3, 32, 32))
    between, within = (scores[0] - scores[1]).abs().mean(), scores.std()
    assert 1e-2 < within < 1e2
    assert between > within / 100


def test_what_cannot_be_built_is_named() -> None:
    with pytest.raises(ValueError, match=r"vgg-11 for images of 31 px.*at least 32 px"):
        build("vgg-11", 10, 31)
    with pytest.raises(ValueError, match=r"'lenet'; expected one of alexnet, vgg-11"):
        build("lenet", 10)
    with pytest.raises(ValueError, match="0 classes"):
        build("resnet-18", 0)

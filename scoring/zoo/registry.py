"""The networks by name. The package is `scoring.zoo` here and `zoo` inside a box."""

from collections.abc import Callable
from functools import partial

from torch import nn

from .alexnet import AlexNet
from .googlenet import GoogLeNet
from .resnet import BLOCKS, ResNet
from .vgg import CONVOLUTIONS, VGG

_BUILDERS: dict[str, Callable[..., nn.Module]] = {
    "alexnet": AlexNet,
    **{f"vgg-{depth}": partial(VGG, depth) for depth in CONVOLUTIONS},
    "googlenet": GoogLeNet,
    **{f"resnet-{depth}": partial(ResNet, depth) for depth in BLOCKS},
}

NAMES = tuple(_BUILDERS)


def build(name: str, classes: int, size: int = 224, channels: int = 3) -> nn.Module:
    """A network with fresh weights: scores [n, classes] of images [n, channels, size, size].

    Raises ValueError for an unknown name, and for an image of which nothing is left.
    """
    if name not in _BUILDERS:
        raise ValueError(f"no network is called {name!r}; expected one of {', '.join(NAMES)}")
    return _BUILDERS[name](classes, size, channels)

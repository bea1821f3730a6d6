"""GoogLeNet: Szegedy et al. 2014, https://arxiv.org/abs/1409.4842, table 1."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from .layers import check, initialise


class Widths(NamedTuple):
    """Output channels of the branches of an inception module, as the columns of the paper's table 1."""

    one: int
    three_reduced: int
    three: int
    five_reduced: int
    five: int
    pooled: int

    @property
    def total(self) -> int:
        """Channels of the branches side by side."""
        return self.one + self.three + self.five + self.pooled


STAGES = (
    {"3a": Widths(64, 96, 128, 16, 32, 32), "3b": Widths(128, 128, 192, 32, 96, 64)},
    {
        "4a": Widths(192, 96, 208, 16, 48, 64),
        "4b": Widths(160, 112, 224, 24, 64, 64),
        "4c": Widths(128, 128, 256, 24, 64, 64),
        "4d": Widths(112, 144, 288, 32, 64, 64),
        "4e": Widths(256, 160, 320, 32, 128, 128),
    },
    {"5a": Widths(256, 160, 320, 32, 128, 128), "5b": Widths(384, 192, 384, 48, 128, 128)},
)
"""The inception modules, with a pooling of 3 by 2 between the stages."""


def _convolution(before: int, after: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """A convolution that keeps the side (but for its stride), normalised, and ReLU."""
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )


def _pool() -> nn.Module:
    return nn.MaxPool2d(3, 2, ceil_mode=True)


class Inception(nn.Module):
    """Four branches over the same map, side by side in the channels of the result."""

    def __init__(self, before: int, widths: Widths) -> None:
        super().__init__()
        self.one = _convolution(before, widths.one, 1)
        self.three = nn.Sequential(
            _convolution(before, widths.three_reduced, 1), _convolution(widths.three_reduced, widths.three, 3)
        )
        self.five = nn.Sequential(
            _convolution(before, widths.five_reduced, 1), _convolution(widths.five_reduced, widths.five, 5)
        )
        self.pooled = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1), _convolution(before, widths.pooled, 1)
        )

    def forward(self, maps: Tensor) -> Tensor:
        return torch.cat([self.one(maps), self.three(maps), self.five(maps), self.pooled(maps)], 1)


class GoogLeNet(nn.Module):
    """Scores [n, classes] of images [n, channels, height, width].

    As in the paper, without the two auxiliary classifiers, which only training uses, and with batch
    normalisation in the place of biases and of local response normalisation. Its 5x5 branches are of 5x5,
    7,005,832 parameters at 1,000 classes; torchvision has 3x3 there, and 6,624,904.
    """

    def __init__(self, classes: int, size: int = 224, channels: int = 3) -> None:
        super().__init__()
        check("googlenet", classes, size, channels)
        self.stem = nn.Sequential(
            *(_convolution(channels, 64, 7, stride=2), _pool()),
            *(_convolution(64, 64, 1), _convolution(64, 192, 3), _pool()),
        )
        self.inceptions = nn.Sequential()
        before = 192
        for number, stage in enumerate(STAGES, start=3):
            for name, widths in stage.items():
                self.inceptions.add_module(name, Inception(before, widths))
                before = widths.total
            if stage is not STAGES[-1]:
                self.inceptions.add_module(f"pool{number}", _pool())
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), nn.Linear(before, classes)
        )
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        scores: Tensor = self.head(self.inceptions(self.stem(images)))
        return scores

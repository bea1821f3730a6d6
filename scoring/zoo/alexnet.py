"""AlexNet: Krizhevsky et al. 2012, in the form for one device of https://arxiv.org/abs/1404.5997."""

import torch
from torch import Tensor, nn

from .layers import check, initialise, pool_to

GRID = 6
"""Side of the map that the head sees at 224 px; a smaller image leaves a smaller one."""


def _side(size: int, stride: int) -> int:
    """Side of the last map: the first convolution, then three poolings of 3 by 2."""
    side = (size + 2 * 2 - 11) // stride + 1
    for _ in range(3):
        side = (side - 3) // 2 + 1
    return side


def _first_stride(size: int) -> int:
    """The paper's 4; below 63 px less, as the poolings would leave nothing."""
    return next(stride for stride in (4, 2, 1) if _side(size, stride) >= 1)


class AlexNet(nn.Module):
    """Scores [n, classes] of images [n, channels, size, size]. Layers are named as torchvision's are."""

    def __init__(self, classes: int, size: int = 224, channels: int = 3) -> None:
        super().__init__()
        check("alexnet", classes, size, channels)
        stride = _first_stride(size)
        side = _side(size, stride)
        self.features = nn.Sequential(
            *(nn.Conv2d(channels, 64, 11, stride, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
        )
        self.pool = pool_to(side, GRID)
        self.classifier = nn.Sequential(
            *(nn.Dropout(0.5), nn.Linear(256 * min(side, GRID) ** 2, 4096), nn.ReLU()),
            *(nn.Dropout(0.5), nn.Linear(4096, 4096), nn.ReLU()),
            nn.Linear(4096, classes),
        )
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        scores: Tensor = self.classifier(torch.flatten(self.pool(self.features(images)), 1))
        return scores

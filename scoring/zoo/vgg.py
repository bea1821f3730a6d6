"""VGG: Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556, configurations A, B, D and E."""

import torch
from torch import Tensor, nn

from .layers import check, initialise, pool_to

STRIDE = 32
GRID = 7
"""Side of the map that the head sees at 224 px; a smaller image leaves a smaller one."""
WIDTHS = (64, 128, 256, 512, 512)
CONVOLUTIONS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}
"""By depth: how many convolutions of 3x3 each of the five stages has."""


def _features(depth: int, channels: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width, count in zip(WIDTHS, CONVOLUTIONS[depth], strict=True):
        for _ in range(count):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


class VGG(nn.Module):
    """Scores [n, classes] of images [n, channels, size, size]. Layers are named as torchvision's are."""

    def __init__(self, depth: int, classes: int, size: int = 224, channels: int = 3) -> None:
        super().__init__()
        check(f"vgg-{depth}", classes, size, channels)
        side = size // STRIDE
        self.features = _features(depth, channels)
        self.pool = pool_to(side, GRID)
        self.classifier = nn.Sequential(
            *(nn.Linear(512 * min(side, GRID) ** 2, 4096), nn.ReLU(), nn.Dropout(0.5)),
            *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5)),
            nn.Linear(4096, classes),
        )
        initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        scores: Tensor = self.classifier(torch.flatten(self.pool(self.features(images)), 1))
        return scores

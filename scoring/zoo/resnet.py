"""ResNet: He et al. 2015, https://arxiv.org/abs/1512.03385, table 1."""

from math import sqrt

import torch
from torch import Tensor, nn

from .layers import check, initialise

WIDTHS = (64, 128, 256, 512)
BLOCKS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
"""By depth: how many blocks each of the four stages has."""
FIRST_OF_BOTTLENECKS = 50
"""From this depth on, blocks are bottlenecks."""


def _convolution(before: int, after: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, bias=False)


def _shortcut(before: int, after: int, stride: int) -> nn.Sequential | None:
    """A projection where the block changes the shape, else nothing (option B of the paper)."""
    if stride == 1 and before == after:
        return None
    return nn.Sequential(_convolution(before, after, 1, stride), nn.BatchNorm2d(after))


class Basic(nn.Module):
    """Two convolutions of 3x3, added to what came in."""

    expansion = 1

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _convolution(before, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = _convolution(width, width, 3)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _shortcut(before, width, stride)

    def forward(self, maps: Tensor) -> Tensor:
        kept = maps if self.downsample is None else self.downsample(maps)
        return torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(maps))))) + kept)


class Bottleneck(nn.Module):
    """1x1 to fewer channels, 3x3, 1x1 to four times as many, added to what came in.

    The 3x3 has the stride, as in torchvision and in most published weights; the paper has it at the
    first 1x1, with 7 % fewer multiply-accumulates.
    """

    expansion = 4

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _convolution(before, width, 1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = _convolution(width, width, 3, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = _convolution(width, 4 * width, 1)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = _shortcut(before, 4 * width, stride)

    def forward(self, maps: Tensor) -> Tensor:
        kept = maps if self.downsample is None else self.downsample(maps)
        inner = torch.relu(self.bn1(self.conv1(maps)))
        inner = torch.relu(self.bn2(self.conv2(inner)))
        return torch.relu(self.bn3(self.conv3(inner)) + kept)


def _stage(block: type[Basic] | type[Bottleneck], before: int, width: int, count: int) -> nn.Sequential:
    """Blocks of one width; all stages but the first halve the side with their first block."""
    after = width * block.expansion
    first = block(before, width, stride=1 if width == WIDTHS[0] else 2)
    return nn.Sequential(first, *(block(after, width, stride=1) for _ in range(count - 1)))


class ResNet(nn.Module):
    """Scores [n, classes] of images [n, channels, height, width]. Layers are named as torchvision's are."""

    def __init__(self, depth: int, classes: int, size: int = 224, channels: int = 3) -> None:
        super().__init__()
        check(f"resnet-{depth}", classes, size, channels)
        block = Bottleneck if depth >= FIRST_OF_BOTTLENECKS else Basic
        counts, widen = BLOCKS[depth], block.expansion
        self.conv1 = _convolution(channels, 64, 7, stride=2)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        self.layer1 = _stage(block, 64, 64, counts[0])
        self.layer2 = _stage(block, 64 * widen, 128, counts[1])
        self.layer3 = _stage(block, 128 * widen, 256, counts[2])
        self.layer4 = _stage(block, 256 * widen, 512, counts[3])
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512 * widen, classes)
        initialise(self)
        self._quieten_blocks(sum(counts))

    def _quieten_blocks(self, count: int) -> None:
        """Begin with blocks that add a `count`-th of the variance each, so that depth doesn't amplify."""
        for module in self.modules():
            if isinstance(module, Basic | Bottleneck):
                last = module.bn2 if isinstance(module, Basic) else module.bn3
                nn.init.constant_(last.weight, 1 / sqrt(count))

    def forward(self, images: Tensor) -> Tensor:
        maps = self.maxpool(torch.relu(self.bn1(self.conv1(images))))
        maps = self.layer4(self.layer3(self.layer2(self.layer1(maps))))
        scores: Tensor = self.fc(torch.flatten(self.avgpool(maps), 1))
        return scores

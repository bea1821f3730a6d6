"""What the families share: how maps shrink to a fixed grid, and how weights begin."""

from torch import nn

SMALLEST = 32
"""Pixels: the strides of every family here multiply to 32, so that a smaller image leaves no map."""


def check(name: str, classes: int, size: int, channels: int) -> None:
    """Raise ValueError for what no network can be built for."""
    if size < SMALLEST:
        raise ValueError(
            f"{name} for images of {size} px: its strides leave nothing of them; "
            f"expected at least {SMALLEST} px, so enlarge the images at the model's start"
        )
    if classes < 1 or channels < 1:
        raise ValueError(f"{name} with {classes} classes and {channels} channels; expected 1 or more")


def pool_to(side: int, most: int) -> nn.Module:
    """Averages a map of `side` x `side` down to a grid of `most` x `most`; a smaller map stays as it is.

    The papers fix the size of the image instead. Windows are of one size, so that every runtime has the
    operator; where `side` is a multiple of `most`, this is adaptive average pooling.
    """
    if side <= most:
        return nn.Identity()
    stride = side // most
    return nn.AvgPool2d(side - (most - 1) * stride, stride)


def initialise(model: nn.Module) -> None:
    """Kaiming's uniform weights by the fan in, which keep the scale of what passes through.

    He et al. 2015, https://arxiv.org/abs/1502.01852. The default of torch shrinks it in every layer, until
    a deep network without normalisation gives nearly the same answer for every image.
    """
    for module in model.modules():
        if not isinstance(module, nn.Conv2d | nn.Linear):
            continue
        nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)

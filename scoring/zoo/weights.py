"""Weights in a file of safetensors, and the network that they belong to, which its metadata names.

{"architecture": "resnet-18", "classes": "10", "size": "64", "channels": "3"}

`size` is 224 and `channels` 3 where they are not given. The file holds numbers only: nothing in it runs.
"""

import json
from dataclasses import dataclass

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from .registry import NAMES, build

MOST_CLASSES = 100_000
MOST_PIXELS = 4096
_HEADER_BYTES = 8
_MOST_NAMED = 3
_WRAPPED = "module."
"""What torch's wrappers for several devices put before each name."""


@dataclass(frozen=True)
class Network:
    """Which network of the zoo weights are for. `size` is the side of the images in pixels."""

    architecture: str
    classes: int
    size: int = 224
    channels: int = 3

    @property
    def metadata(self) -> dict[str, str]:
        """As a file of safetensors carries it."""
        numbers = {"classes": self.classes, "size": self.size, "channels": self.channels}
        return {"architecture": self.architecture} | {name: str(value) for name, value in numbers.items()}


def _metadata(content: bytes) -> dict[str, str]:
    """The file's own words about itself. Raises ValueError when they cannot be read."""
    length = int.from_bytes(content[:_HEADER_BYTES], "little")
    try:
        header = json.loads(content[_HEADER_BYTES : _HEADER_BYTES + length])
        found = header.get("__metadata__", {})
        return {str(name): str(value) for name, value in found.items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"a safetensors header that does not parse: {type(error).__name__}") from error


def _number(metadata: dict[str, str], name: str, default: int | None, most: int) -> int:
    text = metadata.get(name, "" if default is None else str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
        raise ValueError(f"metadata with {name} = {text[:40]!r}; expected a number from 1 to {most:,}")
    return int(text)


def network_of(content: bytes) -> Network:
    """What the metadata of a file of safetensors names. Raises ValueError."""
    metadata = _metadata(content)
    name = metadata.get("architecture")
    if name is None:
        raise ValueError(
            "weights without the name of their network; expected metadata such as "
            '{"architecture": "resnet-18", "classes": "10", "size": "64"}'
        )
    if name not in NAMES:
        raise ValueError(f"weights of the network {name[:100]!r}; expected one of {', '.join(NAMES)}")
    classes = _number(metadata, "classes", None, MOST_CLASSES)
    size = _number(metadata, "size", 224, MOST_PIXELS)
    return Network(name, classes, size, _number(metadata, "channels", 3, MOST_CLASSES))


def tensors_of(content: bytes) -> dict[str, Tensor]:
    """The tensors of a file of safetensors. Raises ValueError when it does not read."""
    try:
        return dict(load(content))
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"a safetensors file that does not read: {error}") from error


def _named(what: str, names: list[str]) -> list[str]:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return [f"{what} {', '.join(name[:100] for name in names[:_MOST_NAMED])}{more}"] if names else []


def _shape_fault(name: str, found: Tensor, wanted: Tensor) -> str | None:
    if found.shape != wanted.shape:
        return f"{name} {list(found.shape)} in place of {list(wanted.shape)}"
    if found.is_floating_point() != wanted.is_floating_point():
        return f"{name} of {found.dtype} in place of {wanted.dtype}"
    return None


def faults(model: nn.Module, tensors: dict[str, Tensor]) -> list[str]:
    """What does not fit: tensors that are missing, not expected, or of another shape."""
    wanted = model.state_dict()
    missing = [name for name in wanted if name not in tensors]
    strange = [name for name in tensors if name not in wanted]
    both = [(name, tensors[name], wanted[name]) for name in wanted if name in tensors]
    shapes = [fault for case in both if (fault := _shape_fault(*case)) is not None]
    found = [*_named("missing:", missing), *_named("not expected:", strange), *_named("shapes:", shapes)]
    if strange and all(name.startswith(_WRAPPED) for name in strange):
        found.append(f"each name begins with {_WRAPPED!r}: save model.module.state_dict()")
    return found


def restored(network: Network, tensors: dict[str, Tensor]) -> nn.Module:
    """The network with these weights, ready to answer. Raises ValueError when they don't fit exactly.

    Floats of 16 bits become such of 32. Nothing is allocated for a network that the weights don't fit.
    """
    with torch.device("meta"):
        model = build(network.architecture, network.classes, network.size, network.channels)
    found = faults(model, tensors)
    if found:
        named = f"{network.architecture} with {network.classes} classes at {network.size} px"
        raise ValueError(f"weights that do not fit {named}; {'; '.join(found)}")
    full = {name: t.float() if t.is_floating_point() else t for name, t in tensors.items()}
    model.load_state_dict(full, assign=True)
    return model.requires_grad_(False).eval()


def saved(model: nn.Module, network: Network) -> bytes:
    """A file of safetensors with the weights of a model, to be handed in."""
    tensors = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    return bytes(save(tensors, network.metadata))

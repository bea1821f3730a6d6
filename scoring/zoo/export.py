"""Writes a network as a file that can be handed in: ONNX, or weights in safetensors."""

import io
import pickle
import warnings

import torch
from torch import Tensor, nn

from .registry import build
from .weights import Network, network_of, restored, saved, tensors_of

OPSET = 20
_EXAMPLES = 2
_ZIP = b"PK\x03\x04"


def to_onnx(model: nn.Module, network: Network) -> bytes:
    """The model as ONNX, from `images` [n, channels, size, size] to `scores` [n, classes], n being free.

    By torch's exporter from a trace: for these networks it gives the same graph as the newer one
    (`dynamo=True`) in a quarter of the time and with two thirds of the memory, and needs no onnxscript.
    """
    example = torch.rand(_EXAMPLES, network.channels, network.size, network.size)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            model.eval(),
            (example,),
            buffer,  # type: ignore[arg-type]  # it writes to files as well, whatever its types say
            dynamo=False,
            opset_version=OPSET,
            input_names=["images"],
            output_names=["scores"],
            dynamic_axes={"images": {0: "n"}, "scores": {0: "n"}},
        )
    return buffer.getvalue()


def _state(content: bytes) -> dict[str, Tensor]:
    """The tensors of a file of safetensors, or of what torch.save wrote of a state dict."""
    if not content.startswith(_ZIP):
        return tensors_of(content)
    try:
        found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, ValueError) as error:
        raise ValueError(
            f"a file of torch.save that holds more than weights; save model.state_dict() ({error})"
        ) from error
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise ValueError(f"a file of torch.save with a {type(found).__name__}; save model.state_dict()")
    return found


def _check_own(content: bytes, network: Network) -> None:
    """Weights that name their network must name this one."""
    if content.startswith(_ZIP):
        return
    try:
        own = network_of(content)
    except ValueError:
        return  # Without a name they are judged by their shapes alone.
    if own != network:
        raise ValueError(f"weights of {own.metadata}; expected those of {network.metadata}")


def model_of(network: Network, weights: bytes | None) -> nn.Module:
    """The network with weights from a file's bytes, or with fresh ones. Raises ValueError."""
    if weights is None:
        return build(network.architecture, network.classes, network.size, network.channels).eval()
    _check_own(weights, network)
    return restored(network, _state(weights))


def written(network: Network, weights: bytes | None, form: str) -> bytes:
    """The file to be handed in, `form` being "onnx" or "safetensors". Raises ValueError."""
    model = model_of(network, weights)
    return to_onnx(model, network) if form == "onnx" else saved(model, network)

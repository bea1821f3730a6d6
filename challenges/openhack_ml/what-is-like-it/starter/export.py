"""Writing a model as the one file that the challenge takes."""

from pathlib import Path

import onnx
import torch
from torch import nn

SIDE = 64


def export(model: nn.Module, path: Path) -> None:
    """Write a model as one ONNX file with a free batch size, and nothing of this machine in it."""
    program = torch.onnx.export(
        model.eval(),
        (torch.rand(2, 3, SIDE, SIDE),),
        input_names=["images"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch.onnx.export returned no program")
    proto = program.model_proto
    for node in proto.graph.node:
        # The exporter notes the paths and lines of the machine that it runs on.
        del node.metadata_props[:]
    onnx.checker.check_model(proto)
    onnx.save_model(proto, path)

"""Reads, loads and runs an ONNX model with onnxruntime."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from . import answers, onnx_facts
from .faults import Refused
from .inputs import Inputs

_BATCH_VALUES = 2**20
_BATCH_ROWS = 64
_OLDEST_TRIED = 15
_newest_opset = 0


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def providers(accelerator: str, available: list[str]) -> list[str]:
    """Execution providers for a job, the preferred first. The CPU's takes what the other cannot."""
    wanted = ["CUDAExecutionProvider"] if accelerator == "cuda" else []
    return [*(name for name in wanted if name in available), "CPUExecutionProvider"]


def _session(artefact: bytes, threads: int, accelerator: str = "none") -> onnxruntime.InferenceSession:
    if accelerator == "cuda" and hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls()
    chosen = providers(accelerator, onnxruntime.get_available_providers())
    return onnxruntime.InferenceSession(artefact, _options(threads), providers=chosen)


def _small_model(opset: int) -> bytes:
    node = helper.make_node("Gemm", ["x", "w"], ["y"])
    weights = helper.make_tensor("w", TensorProto.FLOAT, [2, 2], [1.0, 0.0, 0.0, 1.0])
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2]) for name in "xy"]
    graph = helper.make_graph([node], "small", values[:1], values[1:], [weights])
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    return bytes(model.SerializeToString())


def warm_up() -> None:
    """Run a small model, and find the newest opset that this onnxruntime takes."""
    global _newest_opset  # noqa: PLW0603 - found once in the life of a box, which serves one job
    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(4)
    for opset in range(onnx.defs.onnx_opset_version(), _OLDEST_TRIED, -1):
        try:
            session = _session(_small_model(opset), threads=1)
        except Exception:  # noqa: S112 - onnxruntime has no public type for it
            continue
        session.run(None, {"x": np.zeros((1, 2), np.float32)})
        _newest_opset = opset
        break
    onnxruntime.set_default_logger_severity(3)
    onnx_facts.read(_small_model(_newest_opset), _newest_opset)


def inspect(artefact: bytes, job: dict[str, Any]) -> dict[str, Any]:
    """What the file says of itself, without running it. Where its cost lies is only told with its scores."""
    return onnx_facts.read(artefact, _newest_opset, job["shape"] if job["action"] == "run" else None)


def load(artefact: bytes, job: dict[str, Any]) -> onnxruntime.InferenceSession:
    """A session for the model, with the threads of the job."""
    try:
        return _session(artefact, job["threads"], job["accelerator"])
    except Exception as error:
        if "bad_alloc" in str(error) or "allocate memory" in str(error):
            raise MemoryError(str(error)) from error
        raise Refused("unreadable", f"onnxruntime does not load it: {error}") from error


def _batch_rows(session: onnxruntime.InferenceSession, inputs: Inputs, job: dict[str, Any]) -> int:
    """Rows of a batch: what the model fixes, or else a number that depends on the input's size alone."""
    first = session.get_inputs()[0].shape[0]
    if isinstance(first, int):
        return first
    return inputs.rows(max(1, min(_BATCH_ROWS, _BATCH_VALUES // int(np.prod(job["shape"])))))


_FLOATS = ("tensor(float)", "tensor(double)")
_DIMENSIONS = {
    "classification": (2,),
    "detection": (3,),
    "segmentation": (4,),
    "similarity": (2,),
    "regression": (1, 2),
    "images": (4,),
}


def _output(session: onnxruntime.InferenceSession, job: dict[str, Any]) -> str:
    """Name of the output with the predictions: the first of floats with as many dimensions as the kind
    of task has, else the first."""
    outputs = session.get_outputs()
    wanted = _DIMENSIONS[job["kind"]]
    floats = [o for o in outputs if o.type in _FLOATS and len(o.shape) in wanted]
    return str((floats or outputs)[0].name)


def predict(
    session: onnxruntime.InferenceSession, inputs: Inputs, job: dict[str, Any]
) -> Iterator["np.ndarray[Any, np.dtype[Any]]"]:
    """Predictions [rows, ...] of each batch, without the rows that only fill it up."""
    size, name = _batch_rows(session, inputs, job), session.get_inputs()[0].name
    output = _output(session, job)
    for batch, count in inputs.batches(size):
        yield answers.fitted(session.run([output], {name: batch})[0], size, job)[:count]

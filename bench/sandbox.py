"""What does a box cost? From handing over a tiny ONNX model to its first prediction, in a box and without.

In turn: onnxruntime in this process (load the model, run it once), and a box, from its start and from the
moment when it waits with its imports done.

    python -m bench.sandbox [--rounds 20]

The last line is one JSON object with medians of seconds: cold_s, warm_s, bare_s.
"""

import argparse
import json
import statistics
import time

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from challenges.manifest import Limits
from challenges.task import TableInput, Task
from scoring.sandbox import launcher
from scoring.sandbox.box import Box
from scoring.sandbox.work import Work

FEATURES = 4
CLASSES = ["first", "second", "third"]


def tiny_model() -> bytes:
    """A linear layer and a softmax."""
    weights = np.random.default_rng(0).normal(size=(FEATURES, len(CLASSES))).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Softmax", ["h"], ["y"])],
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", FEATURES])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", len(CLASSES)])],
        [numpy_helper.from_array(weights, "w")],
    )
    opsets = [helper.make_opsetid("", 18)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())


def work(model: bytes) -> Work:
    """One example for the model."""
    table = TableInput(type="table", features=[f"f{number}" for number in range(FEATURES)])
    task = Task(kind="classification", classes=CLASSES, metric="accuracy", input=table)
    return Work(model, Limits(memory_mb=512), task, np.ones((1, FEATURES), np.float32))


def bare_seconds(model: bytes, inputs: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> float:
    """A session with one thread, and one run."""
    started = time.perf_counter()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    session.run(None, {"x": inputs})
    return time.perf_counter() - started


def first_row_seconds(box: Box, job: Work) -> float:
    """Seconds from handing over a job to its first row."""
    heard: list[float] = []
    started = time.perf_counter()
    box.run(job, lambda share: heard.append(time.perf_counter()))
    return heard[0] - started


def box_seconds(job: Work) -> tuple[float, float]:
    """Seconds to the first row from the start of a box, and from handing over once it is ready."""
    started = time.perf_counter()
    box = Box("onnx", launcher.launch("onnx"))
    try:
        box.wait_until_ready()
        ready = time.perf_counter()
        warm = first_row_seconds(box, job)
        return ready - started + warm, warm
    finally:
        box.close()


def measure(rounds: int) -> dict[str, float]:
    """Medians in seconds; the bare run takes turns with boxes, since a shared machine changes its speed."""
    model = tiny_model()
    job = work(model)
    inputs = np.ones((1, FEATURES), np.float32)
    found: dict[str, list[float]] = {"cold_s": [], "warm_s": [], "bare_s": []}
    for _ in range(rounds + 1):
        found["bare_s"].append(bare_seconds(model, inputs))
        cold, warm = box_seconds(job)
        found["cold_s"].append(cold)
        found["warm_s"].append(warm)
    # The first round fills caches.
    return {name: statistics.median(seconds[1:]) for name, seconds in found.items()}


def show(result: dict[str, float]) -> None:
    """The figures for a person, then for a machine."""
    print(f"  onnxruntime in this process   {result['bare_s'] * 1000:7.1f} ms")
    print(f"  a box that waited             {result['warm_s'] * 1000:7.1f} ms")
    print(f"  a box started for it          {result['cold_s'] * 1000:7.1f} ms")
    print(json.dumps({name: round(seconds, 6) for name, seconds in result.items()}))


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    show(measure(parser.parse_args().rounds))


if __name__ == "__main__":
    main()

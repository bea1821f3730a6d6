"""What does scoring a model cost beyond running it?

Scores a small network on 10,000 images of 28 px, and ResNet-18 and ResNet-50 on 200 images of 224 px, all
with random weights, by the worker's own service in a warm sandbox; in turn with each, a plain process
runs the same model with onnxruntime on the same images, in batches of the same size, on as many threads.
Then many submissions in a row show whether the worker's memory stays flat.

    python -m bench.scoring [--rounds 5] [--submissions 200] [--quick]

The last line is one JSON object: inference_ratio (predictions in the sandbox over bare ones; the worst
model), overhead_s (all of an attempt but its predictions, small network), rss_growth_mb, and all by model.
"""

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import psutil
from numpy.typing import NDArray

from challenges.manifest import Limits, Split
from challenges.task import ImageInput, Task
from scoring.job import Evaluation, ScoreJob
from scoring.kinds.outcomes import unpacked
from scoring.sandbox.pool import Pool
from scoring.service import Service
from scoring.store import Store

SPLITS: dict[Split, float] = {"validation": 0.2, "public": 0.24, "private": 0.56}
CLASSES = 10
WARM = 2
BATCH_VALUES, BATCH_ROWS = 2**20, 64
"""As the sandbox takes them; a bare run in other batches would be another computation."""
STAGES = ("sandbox", "load", "predict", "timing", "metric", "insight")


@dataclass(frozen=True)
class Case:
    """A model and what it is run on; `target` is the whole attempt over bare inference, at most."""

    name: str
    channels: int
    size: int
    examples: int
    target: float

    @property
    def task(self) -> Task:
        """Ten classes by accuracy."""
        image = ImageInput(
            type="image", channels=1 if self.channels == 1 else 3, height=self.size, width=self.size
        )
        names = [f"class {number}" for number in range(CLASSES)]
        return Task(kind="classification", classes=names, metric="accuracy", input=image)

    @property
    def batch_rows(self) -> int:
        """Rows of a batch in the sandbox."""
        return max(1, min(BATCH_ROWS, BATCH_VALUES // (self.channels * self.size**2)))


CASES: tuple[Case, ...] = (
    Case("small", 1, 28, 10_000, 1.15),
    Case("resnet-18", 3, 224, 200, 1.05),
    Case("resnet-50", 3, 224, 200, 1.03),
)
QUICK = (Case("small", 1, 28, 1_000, 1.15), Case("resnet-18", 3, 64, 40, 1.05))


def small_network() -> bytes:
    """Two convolutions and two dense layers, about 2.3 M multiply-accumulates an image."""
    from onnx import TensorProto, helper, numpy_helper

    generator = np.random.default_rng(1)

    def weights(name: str, *shape: int) -> Any:
        scale = np.sqrt(2 / np.prod(shape[1:]))
        return numpy_helper.from_array((generator.standard_normal(shape) * scale).astype(np.float32), name)

    nodes = [
        helper.make_node("Conv", ["x", "k1"], ["c1"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("MaxPool", ["r1"], ["p1"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["p1", "k2"], ["c2"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("MaxPool", ["r2"], ["p2"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p2"], ["f"]),
        helper.make_node("Gemm", ["f", "w1"], ["h"], transB=1),
        helper.make_node("Relu", ["h"], ["hr"]),
        helper.make_node("Gemm", ["hr", "w2"], ["y"], transB=1),
    ]
    found = [weights("k1", 16, 1, 3, 3), weights("k2", 32, 16, 3, 3)]
    found += [weights("w1", 128, 32 * 49), weights("w2", CLASSES, 128)]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 28, 28])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", CLASSES])
    graph = helper.make_graph(nodes, "small", [x], [y], found)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(model.SerializeToString())


def export(name: str, size: int, target: str) -> None:
    """Write a network of the zoo as ONNX with a dynamic batch. In a process of its own: torch is large."""
    import warnings

    import torch

    from scoring.zoo.registry import build

    warnings.filterwarnings("ignore")
    torch.manual_seed(1)
    model = build(name, CLASSES, size).eval()
    axes = {"x": {0: "n"}, "y": {0: "n"}}
    example = torch.zeros(1, 3, size, size)
    torch.onnx.export(
        model, (example,), target, input_names=["x"], output_names=["y"], dynamic_axes=axes, dynamo=False
    )


def serve_bare(model: str, inputs: str, rows: int) -> None:
    """Load the model; for each line on stdin run it on all inputs, answer with seconds and save classes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    stored = np.load(inputs)
    for line in sys.stdin:
        started = time.perf_counter()
        found = [_bare_batch(session, stored[at : at + rows]) for at in range(0, len(stored), rows)]
        seconds = time.perf_counter() - started
        np.save(line.strip(), np.concatenate(found).argmax(axis=1))
        print(seconds, flush=True)


def _bare_batch(session: Any, batch: NDArray[Any]) -> Any:
    return session.run(None, {"x": batch.astype(np.float32) / np.float32(255)})[0]


class Bare:
    """The plain process and what it found last."""

    def __init__(self, model: Path, inputs: Path, rows: int, classes: Path) -> None:
        command = [sys.executable, "-m", "bench.scoring", "--bare", str(model), str(inputs), str(rows)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._classes = classes

    def run(self) -> float:
        """Seconds for all inputs."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{self._classes}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    @property
    def classes(self) -> NDArray[Any]:
        """The class that it gave each input."""
        found: NDArray[Any] = np.load(self._classes)
        return found

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class Bench:
    """A worker's service on folders of its own, with one model and its hidden set."""

    def __init__(self, case: Case, folder: Path, pool: Pool) -> None:
        self.case, self.folder, self.pool = case, folder, pool
        self.model = folder / f"{case.name}.onnx"
        self._make_model()
        generator = np.random.default_rng(2)
        shape = (case.examples, case.channels, case.size, case.size)
        self.inputs = generator.integers(0, 256, shape, dtype=np.uint8)
        blobs, hidden = Store(folder / "blobs"), Store(folder / "hidden", private=True)
        self.service = Service(blobs, hidden, pool.run, ["onnx"], "bench")
        self.job = ScoreJob(
            attempt=uuid4(),
            artefact=blobs.put(self.model),
            format="onnx",
            hidden_set=hidden.put(self._hidden_set(generator)),
            bundle="0" * 64,
            task=case.task,
            limits=Limits(wall_seconds=600, memory_mb=2048, artefact_mb=512),
            seed=1,
        )

    def _make_model(self) -> None:
        if self.case.name == "small":
            self.model.write_bytes(small_network())
            return
        command = [sys.executable, "-m", "bench.scoring", "--export"]
        subprocess.run([*command, self.case.name, str(self.case.size), str(self.model)], check=True)

    def _hidden_set(self, generator: np.random.Generator) -> Path:
        ends = np.cumsum([round(share * self.case.examples) for share in SPLITS.values()])
        parts = zip(SPLITS, np.split(self.inputs, ends[:-1]), strict=True)
        arrays: dict[str, Any] = {}
        for name, inputs in parts:
            labels = generator.integers(0, CLASSES, len(inputs))
            arrays |= {f"{name}_inputs": inputs, f"{name}_labels": labels}
            arrays[f"{name}_ids"] = np.array([f"{name}-{row}" for row in range(len(inputs))])
        path = self.folder / f"{self.case.name}.npz"
        np.savez(path, allow_pickle=False, **arrays)
        return path

    def attempt(self) -> tuple[float, Evaluation]:
        """One whole attempt: its seconds and what it yielded."""
        with self.pool.refilled_afterwards():
            started = time.perf_counter()
            evaluation = self.service.score(self.job, lambda stage, share: None)
            seconds = time.perf_counter() - started
        if evaluation.verdict is not None:
            raise SystemExit(f"{self.case.name} was not scored: {evaluation.verdict}")
        return seconds, evaluation

    def until_warm(self) -> None:
        """Wait for the boxes, so that their start is no part of what is measured."""
        while len(self.pool.waiting("onnx")) < WARM:
            time.sleep(0.02)
        time.sleep(1.5)

    @contextmanager
    def bare(self) -> Iterator[Bare]:
        """The plain process for the same model and inputs."""
        np.save(self.folder / "inputs.npy", self.inputs)
        found = Bare(
            self.model, self.folder / "inputs.npy", self.case.batch_rows, self.folder / "classes.npy"
        )
        try:
            yield found
        finally:
            found.close()


def predicted(evaluation: Evaluation) -> NDArray[Any]:
    """The classes that the platform took from the model, in the order of the inputs."""
    return np.concatenate([unpacked(outcomes.predicted, "<i4") for outcomes in evaluation.outcomes])


def compare(bench: Bench, rounds: int) -> dict[str, Any]:
    """Rounds of an attempt and a bare run in turn; the medians of their ratios."""
    walls, bares, parts = [], [], []
    with bench.bare() as bare:
        bare.run()
        bench.until_warm()
        bench.attempt()
        for _ in range(rounds):
            bench.until_warm()
            seconds, evaluation = bench.attempt()
            bench.until_warm()
            walls.append(seconds)
            parts.append(evaluation.stages)
            bares.append(bare.run())
            same = float((predicted(evaluation) == bare.classes).mean())
            if same < 1:
                raise SystemExit(f"{bench.case.name}: {same:.2%} of classes as in the bare run; expected all")
    pairs = list(zip(walls, parts, bares, strict=True))
    return {
        "examples": bench.case.examples,
        "bare_s": statistics.median(bares),
        "wall_s": statistics.median(walls),
        "inference_ratio": statistics.median(part["predict"] / bare for _, part, bare in pairs),
        "whole_ratio": statistics.median(wall / bare for wall, _, bare in pairs),
        "target": bench.case.target,
        "overhead_s": statistics.median(wall - part["predict"] for wall, part, _ in pairs),
        "stages": {name: statistics.median(part[name] for part in parts) for name in STAGES},
    }


def rss_growth_mb(bench: Bench, submissions: int) -> float:
    """How much the worker's memory grew between the first tenth and the last of many submissions."""
    process, seen = psutil.Process(), []
    for _ in range(submissions):
        bench.attempt()
        gc.collect()
        seen.append(process.memory_info().rss / 2**20)
    tenth = max(1, submissions // 10)
    return float(statistics.median(seen[-tenth:]) - statistics.median(seen[tenth : 2 * tenth]))


def measure(cases: tuple[Case, ...], rounds: int, submissions: int) -> dict[str, Any]:
    """All models, then the memory."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="heldout-bench-") as folder, Pool({"onnx": WARM}) as pool:
        for case in cases:
            bench = Bench(case, Path(folder), pool)
            found[case.name] = compare(bench, rounds if case.name == "small" else max(2, rounds // 2))
            show(case.name, found[case.name])
        few = Case("small", 1, 28, 500, 1.15)
        growth = rss_growth_mb(Bench(few, Path(folder), pool), submissions)
    print(f"memory of the worker over {submissions} submissions: {growth:+.1f} MB")
    return {
        "inference_ratio": max(result["inference_ratio"] for result in found.values()),
        "overhead_s": found["small"]["overhead_s"],
        "rss_growth_mb": growth,
        "models": found,
    }


def show(name: str, result: dict[str, Any]) -> None:
    """The figures of a model for a person."""
    print(f"{name}, {result['examples']} examples")
    print(f"  bare inference                   {result['bare_s']:.3f} s")
    print(f"  attempt                          {result['wall_s']:.3f} s")
    print(f"  predictions over bare inference  {result['inference_ratio']:.3f}")
    print(f"  attempt over bare inference      {result['whole_ratio']:.3f} (target {result['target']:g})")
    print(f"  attempt without predictions      {result['overhead_s']:.3f} s")
    for stage, seconds in result["stages"].items():
        print(f"    {stage:<10}{seconds:8.3f} s", flush=True)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rounds", type=int, default=5, help="of the small network; half as many of the others"
    )
    parser.add_argument("--submissions", type=int, default=200, help="in a row, for the worker's memory")
    parser.add_argument(
        "--quick", action="store_true", help="small inputs and few rounds: does it run at all?"
    )
    parser.add_argument("--bare", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--export", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        return serve_bare(options.bare[0], options.bare[1], int(options.bare[2]))
    if options.export:
        return export(options.export[0], int(options.export[1]), options.export[2])
    cases, rounds, submissions = CASES, options.rounds, options.submissions
    if options.quick:
        cases, rounds, submissions = QUICK, 2, 10
    print(json.dumps(measure(cases, rounds, submissions)))
    return None


if __name__ == "__main__":
    main()

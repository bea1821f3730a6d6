"""Makes what the crowd of a rehearsal hands in: good, bad and hostile files of every format.

    python make_files.py --data given --out files --predictions 400 [--torch]

Writes `good/`, `bad/` and `hostile/`. Each good file is scored, each other one must be rejected.
"""

import argparse
import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from challenges.splits import LabelledSplit, read_split

CLASSES = ("land", "sea", "lull")
MODELS = 6
"""Of each format of models."""
CODE = """
import numpy as np

WEIGHTS = np.array({weights}, np.float32)

def load(folder):
    return None

def predict(batch):
    return batch @ WEIGHTS
"""
HOSTILE_CODE = {
    "loops": "while True: pass",
    "takes-memory": "held = []\nwhile True: held.append(bytearray(1 << 26))",
    "forks": "import os\nwhile True: os.fork()",
    "kills-everybody": "import os\nos.kill(-1, 9)\nos._exit(0)",
    "calls-home": "import socket\nsocket.create_connection(('127.0.0.1', 6379)).send(b'FLUSHALL\\r\\n')",
    "floods": "import os\nwhile True: os.write(1, b'x' * 65536)",
    "reads-secrets": "print(open('/etc/passwd').read())",
    "fills-the-disk": "n = 0\nwhile True:\n    open(f'/tmp/{n}', 'wb').write(bytes(1 << 22)); n += 1",
}


def nearest_means(train: LabelledSplit) -> NDArray[np.float32]:
    """The mean readings of each wind, [winds, readings]."""
    return np.stack([train.inputs[train.labels == wind].mean(axis=0) for wind in range(len(CLASSES))])


class Maker:
    """Writes files, from what a team is given."""

    def __init__(self, data: Path, out: Path, seed: int) -> None:
        self.out, self.rng = out, np.random.default_rng(seed)
        self.train = read_split(data, "train")
        with np.load(data / "hidden_inputs.npz", allow_pickle=False) as hidden:
            self.ids, self.inputs = hidden["ids"], hidden["inputs"]
        self.means = nearest_means(self.train)
        distances = ((self.inputs[:, None] - self.means) ** 2).sum(axis=2)
        self.nearest = distances.argmin(axis=1)
        for folder in ("good", "bad", "hostile"):
            (out / folder).mkdir(parents=True, exist_ok=True)

    def write(self, name: str, content: bytes) -> None:
        """Write one file below `out`."""
        (self.out / name).write_bytes(content)

    def csv(self, winds: NDArray[Any], ids: NDArray[Any] | None = None) -> bytes:
        """A file of predictions."""
        names = self.ids if ids is None else ids
        lines = [f"{name},{CLASSES[wind]}" for name, wind in zip(names, winds, strict=True)]
        return "\n".join(["id,label", *lines, ""]).encode()

    def guessed(self) -> NDArray[Any]:
        """The nearest wind, and for a share of the hours any."""
        share = self.rng.uniform(0, 0.6)
        guesses = self.rng.integers(0, len(CLASSES), len(self.nearest))
        return np.where(self.rng.random(len(guesses)) < share, guesses, self.nearest)

    def weights(self) -> NDArray[np.float32]:
        """A linear model that is more or less right, [readings, winds]."""
        spoiled = self.means + self.rng.normal(size=self.means.shape) * self.rng.uniform(0, 2)
        return np.asarray(spoiled.T, np.float32)

    def linear(self, weights: NDArray[Any], outputs: int = len(CLASSES)) -> bytes:
        """An ONNX model: readings times weights."""
        node = helper.make_node("MatMul", ["x", "w"], ["y"])
        graph = helper.make_graph(
            [node],
            "linear",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", len(weights)])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", outputs])],
            [numpy_helper.from_array(np.ascontiguousarray(weights, np.float32), "w")],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
        return bytes(model.SerializeToString())

    def fitted(self, number: int) -> bytes:
        """A model of scikit-learn, fitted on some of the hours."""
        rows = self.rng.permutation(len(self.train.labels))[: 30 + 30 * number]
        kind = GaussianNB() if number % 2 else LogisticRegression(max_iter=200)
        return bytes(skops.io.dumps(kind.fit(self.train.inputs[rows], self.train.labels[rows])))

    def good(self, predictions: int) -> None:
        """What is scored."""
        for number in range(predictions):
            self.write(f"good/predictions-{number:05}.csv", self.csv(self.guessed()))
        for number in range(MODELS):
            self.write(f"good/onnx-{number}.onnx", self.linear(self.weights()))
            self.write(f"good/sklearn-{number}.skops", self.fitted(number))
            self.write(f"good/code-{number}.zip", zipped(CODE.format(weights=self.weights().tolist())))

    def bad(self) -> None:
        """What is honest, and does not fit."""
        strange = np.array([f"nobody-{number}" for number in range(len(self.ids))])
        half = len(self.ids) // 2
        whole = self.csv(self.nearest)
        self.write("bad/half-of-the-ids.csv", self.csv(self.nearest[:half], self.ids[:half]))
        self.write("bad/other-ids.csv", self.csv(self.nearest, strange))
        self.write("bad/ids-twice.csv", whole + b"\n".join(whole.split(b"\n")[1:]))
        self.write("bad/another-class.csv", whole.replace(b",land", b",monsoon"))
        self.write("bad/cut-off.onnx", self.linear(self.weights())[:100])
        self.write("bad/text.onnx", b"this is not a model\n" * 20)
        self.write("bad/five-winds.onnx", self.linear(self.rng.normal(size=(8, 5)), outputs=5))
        self.write("bad/three-readings.onnx", self.linear(self.rng.normal(size=(3, 3))))
        self.write("bad/not-finite.onnx", self.linear(np.full((8, 3), np.nan)))
        self.write("bad/no-model.zip", zipped("print('hello')", name="readme.py"))
        self.write("bad/wrong-shape.zip", zipped("def load(folder): pass\ndef predict(batch): return batch"))
        self.write("bad/fails.zip", zipped("def load(folder): 1 / 0\ndef predict(batch): return batch"))

    def hostile(self) -> None:
        """What attacks the machine that runs it."""
        for name, code in HOSTILE_CODE.items():
            body = "\n    ".join(["", *code.splitlines()])
            text = f"def load(folder):{body}\ndef predict(batch): return batch\n"
            self.write(f"hostile/{name}.zip", zipped(text))
        climbs = io.BytesIO()
        with zipfile.ZipFile(climbs, "w") as archive:
            archive.writestr("../../../tmp/escaped.py", "print('out')")
            archive.writestr("model.py", CODE.format(weights=self.weights().tolist()))
        self.write("hostile/climbs.zip", climbs.getvalue())
        self.write("hostile/bomb.zip", zipped(CODE + "#" * (1 << 28)))
        self.write(
            "hostile/runs-commands.pkl", pickle.dumps(Attack("import os; os.system('touch /tmp/out')"))
        )
        self.write("hostile/wide-row.csv", b"id,label\n" + b"," * (1 << 20))


class Attack:
    """A pickle of it runs code when it is loaded."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, dict[str, object]]]:
        return exec, (self.code, {})


def zipped(text: str, name: str = "model.py") -> bytes:
    """A zip of one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def torch_program(weights: NDArray[Any]) -> bytes:
    """A linear model as TorchScript."""
    import torch

    readings, winds = weights.shape
    layer = torch.nn.Linear(readings, winds, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(weights.T)))
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.trace(layer.eval(), torch.zeros(2, readings)), buffer)  # type: ignore[no-untyped-call]
    return buffer.getvalue()


def main() -> None:
    """Write every file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the given folder, with hidden_inputs.npz")
    parser.add_argument("--out", type=Path, required=True, help="where the files go")
    parser.add_argument("--predictions", type=int, default=50, help="how many files of predictions")
    parser.add_argument("--torch", action="store_true", help="PyTorch programs too, which take long to run")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.umask(0o077)
    maker = Maker(options.data, options.out, options.seed)
    maker.good(options.predictions)
    maker.bad()
    maker.hostile()
    for number in range(2 if options.torch else 0):
        maker.write(f"good/torch-{number}.pt", torch_program(maker.weights()))


if __name__ == "__main__":
    main()

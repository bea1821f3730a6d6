"""Every kind of task in every format that makes sense for it, by the command line and in the real sandbox.

The models answer by the formula that made the data, so what they must score is known.
"""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from sklearn.linear_model import LinearRegression, LogisticRegression
from typer.testing import CliRunner, Result

from challenges.build import given_folder
from challenges.splits import LabelledSplit, model_input, read_split
from scoring.__main__ import app
from scoring.sandbox.pool import Pool
from tests.scoring import bundles_by_kind as bundles
from tests.scoring.bundles_by_kind import RIGHT, example_of

Make = Callable[[str, Path], Path]

KINDS = ["classification", "detection", "segmentation", "similarity", "regression", "tabular"]
WANTED: dict[str, tuple[float, float]] = {
    "classification": (0.9, 0.9),
    "weighed": (0.88, 0.92),
    "custom": (1.0, 1.0),
    "detection": (0.85, 1.0),
    "segmentation": (0.97, 0.999),
    "similarity": (0.85, 0.95),
    "regression": (0.05, 0.15),
    "tabular": (0.9, 1.0),
}
"""The lowest and the highest score that the formula may have on the validation split."""


@pytest.fixture(scope="module")
def bundle_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a bundle by its name, written once."""
    folder = tmp_path_factory.mktemp("bundles")

    def written(name: str) -> Path:
        place = folder / name.replace(" ", "-")
        return place if place.exists() else bundles.write(name, place)

    return written


@pytest.fixture
def score(
    pool: Pool, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Run the command with boxes that wait already."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))

    def run(model: Path, challenge: Path, *more: str) -> Result:
        return CliRunner().invoke(app, [str(model), "--challenge", str(challenge), *more], obj=pool.run)

    return run


def given(challenge: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return given_folder(challenge, tmp_path_factory.getbasetemp() / "cache" / "heldout" / "given")


def as_onnx(name: str, folder: Path) -> Path:
    path = folder / "model.onnx"
    torch.onnx.export(
        RIGHT[name].module.eval(),
        (example_of(name),),
        str(path),
        dynamo=False,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes={"x": {0: "n"}, "y": {0: "n"}},
        opset_version=17,
    )
    return path


def as_torchscript(name: str, folder: Path) -> Path:
    path = folder / "model.pt"
    traced = torch.jit.trace(RIGHT[name].module.eval(), (example_of(name),))  # type: ignore[no-untyped-call]
    traced.save(str(path))
    return path


def as_exported_program(name: str, folder: Path) -> Path:
    path = folder / "model.pt2"
    batch = {0: torch.export.Dim("n", min=1, max=4096)}
    program = torch.export.export(RIGHT[name].module.eval(), (example_of(name, 3),), dynamic_shapes=(batch,))
    torch.export.save(program, path)
    return path


def as_code(name: str, folder: Path) -> Path:
    path = folder / "model.zip"
    source = f"""
import numpy as np


def load(folder):
    print("loading from a folder")


def predict(batch):
    {RIGHT[name].code}
"""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.py", source)
    return path


MODELS: dict[str, Make] = {
    "onnx": as_onnx,
    "torchscript": as_torchscript,
    "pt2": as_exported_program,
    "code": as_code,
}


def check(done: Result, name: str, wanted: tuple[float, float] | None = None) -> dict[str, Any]:
    """The evaluation of a run that went well, with score, interval and cost as they must be."""
    assert done.exit_code == 0, done.output
    evaluation: dict[str, Any] = json.loads(done.stdout)
    found = evaluation["scores"][0]
    low, high = wanted or WANTED[name]
    assert low <= found["value"] <= high, found
    assert found["low"] <= found["value"] <= found["high"]
    assert found["count"] == 40
    assert evaluation["cost"]["artefact_bytes"] > 0
    return evaluation


@pytest.mark.parametrize("format_", MODELS)
@pytest.mark.parametrize("name", KINDS)
def test_a_model_of_every_kind_is_scored_in_every_format(
    name: str, format_: str, bundle_of: Callable[[str], Path], score: Callable[..., Result], tmp_path: Path
) -> None:
    model = MODELS[format_](name, tmp_path)
    evaluation = check(score(model, bundle_of(name), "--json"), name)
    cost = evaluation["cost"]
    assert cost["milliseconds_per_example"] > 0
    assert cost["milliseconds_alone"] > 0
    assert cost["relative_latency"] > 0
    assert cost["peak_memory_bytes"] > 2**20
    assert cost.get("resolution") == (None if name in ("regression", "tabular") else [12, 12])
    assert evaluation["insight"]["mistakes"]
    assert (evaluation["insight"]["mistakes"][0]["picture"] != "") == (name not in ("regression", "tabular"))


@pytest.mark.parametrize("name", ["weighed", "custom"])
def test_weighed_and_own_metrics_are_scored_too(
    name: str, bundle_of: Callable[[str], Path], score: Callable[..., Result], tmp_path: Path
) -> None:
    check(score(as_code(name, tmp_path), bundle_of(name), "--json"), name)
    plain = score(as_code(name, tmp_path), bundle_of(name)).output
    assert ("Weighed score" if name == "weighed" else "Share within 0.5") in plain


def test_scikit_learn_answers_tables(
    bundle_of: Callable[[str], Path],
    score: Callable[..., Result],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    fits = [("regression", LinearRegression(), (0, 0.15)), ("tabular", LogisticRegression(), (0.7, 1))]
    for name, model, wanted in fits:
        train = read_split(given(bundle_of(name), tmp_path_factory), "train")
        skops.io.dump(model.fit(train.inputs, train.labels), tmp_path / "model.skops")
        check(score(tmp_path / "model.skops", bundle_of(name), "--json"), name, wanted)


def test_weights_of_the_zoo_are_scored_by_their_architecture(
    bundle_of: Callable[[str], Path], score: Callable[..., Result], tmp_path: Path
) -> None:
    from scoring.zoo.registry import build

    torch.manual_seed(0)
    network = build("resnet-18", classes=3, size=32)
    path = tmp_path / "model.safetensors"
    described = {"architecture": "resnet-18", "classes": "3", "size": "32"}
    save_file(network.state_dict(), path, metadata=described)
    done = score(path, bundle_of("classification"))
    assert done.exit_code == 2, done.output
    assert "32" in done.output
    assert "Traceback" not in done.output


def _answers(name: str, split: LabelledSplit) -> NDArray[Any]:
    """What the formula says of a split's inputs."""
    names: dict[str, Any] = {}
    exec(f"import numpy as np\ndef predict(batch):\n    {RIGHT[name].code}", names)  # noqa: S102
    return np.asarray(names["predict"](model_input(split.inputs)))


def _rows(name: str, split: LabelledSplit) -> list[str]:
    """The formula's answers as lines of a CSV."""
    answers = _answers(name, split)
    if name == "detection":
        lines = [
            f"{i},{int(box[5])},{box[4]},{box[0]},{box[1]},{box[2]},{box[3]}"
            for i, (box,) in zip(split.ids, answers, strict=True)
        ]
        return ["id,class,score,x0,y0,x1,y1", *lines]
    if name == "regression":
        return ["id,value", *(f"{i},{value}" for i, value in zip(split.ids, answers, strict=True))]
    if name == "similarity":
        header = ",".join(["id", *(f"e_{place}" for place in range(answers.shape[1]))])
        return [
            header,
            *(f"{i},{','.join(map(str, row))}" for i, row in zip(split.ids, answers, strict=True)),
        ]
    labels = [bundles.COLOURS[number] for number in answers.argmax(1)]
    return ["id,label", *(f"{i},{label}" for i, label in zip(split.ids, labels, strict=True))]


@pytest.mark.parametrize("name", ["classification", "detection", "similarity", "regression", "tabular"])
def test_a_csv_of_predictions_scores_what_the_model_scores(
    name: str,
    bundle_of: Callable[[str], Path],
    score: Callable[..., Result],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    split = read_split(given(bundle_of(name), tmp_path_factory), "validation")
    (tmp_path / "predictions.csv").write_text("\n".join(_rows(name, split)))
    check(score(tmp_path / "predictions.csv", bundle_of(name), "--json"), name)


@pytest.mark.parametrize("name", KINDS)
def test_an_npz_of_predictions_scores_what_the_model_scores(
    name: str,
    bundle_of: Callable[[str], Path],
    score: Callable[..., Result],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    split = read_split(given(bundle_of(name), tmp_path_factory), "validation")
    np.savez(tmp_path / "predictions.npz", ids=split.ids, predictions=_answers(name, split))
    check(score(tmp_path / "predictions.npz", bundle_of(name), "--json"), name)


def test_a_parquet_of_predictions_scores_what_the_model_scores(
    bundle_of: Callable[[str], Path],
    score: Callable[..., Result],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    import pyarrow
    import pyarrow.parquet

    split = read_split(given(bundle_of("regression"), tmp_path_factory), "validation")
    table = pyarrow.table({"id": split.ids.tolist(), "value": _answers("regression", split).tolist()})
    pyarrow.parquet.write_table(table, tmp_path / "predictions.parquet")
    check(score(tmp_path / "predictions.parquet", bundle_of("regression"), "--json"), "regression")


def test_cleaned_labels_score_better_than_the_labels_as_they_are(
    bundle_of: Callable[[str], Path],
    score: Callable[..., Result],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    challenge = bundle_of("noisy labels")
    train = read_split(given(challenge, tmp_path_factory), "train")
    wrong = [i for i, row in zip(train.ids[:24], train.inputs[:24], strict=True) if row.mean() > 1]
    (tmp_path / "nothing.csv").write_text(f"id,action,label\n{train.ids[30]},keep,\n")
    (tmp_path / "cleaned.csv").write_text(
        "\n".join(["id,action,label", *(f"{name},relabel,high" for name in wrong)])
    )
    values = []
    for file in ("nothing.csv", "cleaned.csv"):
        done = score(tmp_path / file, challenge, "--json")
        assert done.exit_code == 0, done.output
        values.append(json.loads(done.stdout)["scores"][0]["value"])
    assert values[0] < values[1]
    assert values[1] > 0.9


def test_mistakes_are_written_with_their_pictures(
    bundle_of: Callable[[str], Path], score: Callable[..., Result], tmp_path: Path
) -> None:
    folder = tmp_path / "insight"
    done = score(as_code("detection", tmp_path), bundle_of("detection"), "--log", "--insight", str(folder))
    assert done.exit_code == 0, done.output
    assert "loading from a folder" in done.output
    document = json.loads((folder / "insight.json").read_text())
    first = document["mistakes"][0]
    assert (folder / first["picture"]).read_bytes().startswith(b"\x89PNG")
    assert "red" in first["truth"]


def test_a_zip_written_in_memory_is_a_file_like_any_other(
    bundle_of: Callable[[str], Path], score: Callable[..., Result], tmp_path: Path
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mine/helper.py", "FACTOR = 4\n")
        archive.writestr(
            "mine/model.py",
            "from helper import FACTOR\n\ndef load(folder):\n    class Model:\n"
            "        def predict(self, batch):\n            return batch * FACTOR\n    return Model()\n",
        )
    (tmp_path / "anything.bin").write_bytes(buffer.getvalue())
    check(score(tmp_path / "anything.bin", bundle_of("tabular"), "--json"), "tabular")

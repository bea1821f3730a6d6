"""Networks of the zoo as files to hand in, each one scored in a real box; the command that writes them."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import save_file
from typer.testing import CliRunner

from scoring.zoo.__main__ import app
from scoring.zoo.export import model_of, to_onnx, written
from scoring.zoo.registry import NAMES, build
from scoring.zoo.weights import Network
from tests.scoring.fixtures import LIMITS, Score
from tests.scoring.models import CLASSES, image_splits, image_task

SIZE = 32
ROOM = LIMITS.model_copy(update={"memory_mb": 3072, "artefact_mb": 600, "wall_seconds": 60})


@pytest.mark.parametrize("name", NAMES)
def test_every_network_is_scored_as_onnx(score: Score, name: str) -> None:
    torch.manual_seed(0)
    network = Network(name, len(CLASSES), SIZE)
    content = to_onnx(model_of(network, None), network)
    evaluation = score(content, image_task(SIZE), image_splits(SIZE), limits=ROOM)
    assert evaluation.verdict is None, evaluation.verdict
    cost = evaluation.cost
    assert cost is not None
    learned = sum(t.numel() for t in build(name, len(CLASSES), SIZE).parameters())
    # The statistics of normalisation are folded into the layer before.
    assert cost.parameters == pytest.approx(learned, rel=0.01)
    assert cost.macs is not None
    assert cost.macs > 10**6


def test_the_file_answers_as_the_network_does_and_takes_any_batch(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = Network("googlenet", 5, 64, channels=1)
    model = model_of(network, None)
    session = onnxruntime.InferenceSession(to_onnx(model, network), providers=["CPUExecutionProvider"])
    for batch in (1, 3):
        images = torch.rand(batch, 1, 64, 64)
        with torch.no_grad():
            wanted = model(images).numpy()
        [found] = session.run(["scores"], {"images": images.numpy()})
        assert np.abs(wanted - wanted.mean()).max() > 1e-3
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize("save", [torch.save, save_file], ids=["torch.save", "safetensors"])
def test_trained_weights_go_into_the_file(tmp_path: Path, save: object) -> None:
    torch.manual_seed(2)
    model = build("alexnet", 3, SIZE).eval()
    assert callable(save)
    save(model.state_dict(), tmp_path / "trained")
    out = tmp_path / "model.onnx"
    command = ["alexnet", "--classes", "3", "--size", "32", "--weights", str(tmp_path / "trained")]
    done = CliRunner().invoke(app, [*command, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "random" not in done.output
    images = torch.rand(2, 3, SIZE, SIZE)
    [found] = onnxruntime.InferenceSession(out).run(None, {"images": images.numpy()})
    with torch.no_grad():
        np.testing.assert_allclose(found, model(images).numpy(), rtol=1e-3, atol=1e-4)


def test_safetensors_name_their_network(tmp_path: Path) -> None:
    network = Network("resnet-18", 4, 64)
    content = written(network, None, "safetensors")
    assert torch.equal(
        model_of(network, content).state_dict()["conv1.weight"],
        model_of(network, content).state_dict()["conv1.weight"],
    )
    with pytest.raises(ValueError, match=r"'classes': '4'.*expected those of.*'classes': '5'"):
        model_of(Network("resnet-18", 5, 64), content)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lenet", "--classes", "3"], "no network is called 'lenet'"),
        (["resnet-18", "--classes", "3", "--size", "16"], "16 px"),
        (["resnet-18", "--classes", "3", "--weights", "nowhere"], "No such file"),
        (["resnet-18", "--classes", "3", "--weights", __file__], "safetensors"),
    ],
)
def test_what_makes_no_file_is_one_sentence_and_exit_code_two(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    done = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "model.onnx")])
    assert done.exit_code == 2
    assert words in done.stderr
    assert not (tmp_path / "model.onnx").exists()

"""Programs of torch and weights of the zoo: what their passports say, and what is refused."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import Tensor, nn

from challenges.manifest import Limits
from scoring.job import Passport
from scoring.zoo.registry import build
from scoring.zoo.weights import Network, saved
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.models import CLASSES, image_task, table_splits, table_task

ROWS = torch.eye(3)
SIZE = 32
LIMITS = Limits(wall_seconds=60, memory_mb=1024, artefact_mb=64)


class Largest(nn.Module):
    """A table's three columns, which answer it by themselves, and a layer that shows in the cost."""

    def __init__(self, first: nn.Module) -> None:
        super().__init__()
        self.first = first

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"hidden": self.first(x).sum(1), "scores": x.clone()}


def script(model: nn.Module, example: Tensor = ROWS) -> bytes:
    buffer = io.BytesIO()
    traced = torch.jit.trace(model, (example,), strict=False)  # type: ignore[no-untyped-call]
    torch.jit.save(traced, buffer)
    return buffer.getvalue()


def exported(model: nn.Module, example: Tensor = ROWS, **more: Any) -> bytes:
    buffer = io.BytesIO()
    torch.export.save(torch.export.export(model, (example,), **more), buffer)
    return buffer.getvalue()


@pytest.fixture
def passport(inspect: Inspect) -> Callable[..., Passport]:
    return lambda content, task=None: inspect(content, task, LIMITS, formats=("torch",))


def facts(passport: Passport) -> dict[str, str]:
    assert passport.verdict is None, passport.verdict
    return {fact.name: fact.value for fact in passport.facts}


@pytest.mark.parametrize("save_as", [script, exported], ids=["TorchScript", "torch.export"])
def test_of_several_outputs_the_one_that_fits_counts(score: Score, save_as: Callable[..., bytes]) -> None:
    """And a program whose batch is fixed is run in batches of that size."""
    evaluation = score(save_as(Largest(nn.Linear(3, 3)).eval()))
    private = table_splits()["private"]
    right = float((private.inputs.argmax(1) == private.labels).mean())
    assert evaluation.verdict is None
    assert evaluation.scores[2].value == pytest.approx(right)


def test_a_passport_says_what_a_program_is_and_costs(passport: Callable[..., Passport]) -> None:
    found = passport(script(Largest(nn.Linear(3, 3)).eval()))
    assert facts(found) | {"Size": ""} == {
        "Size": "",
        "Saved as": "TorchScript",
        "Output for a few made-up examples": "float32 [2]; float32 [2, 3]",
        "Parameters and statistics": "12",
        "Multiply-accumulates": "9",
        "Batch": "any",
    }
    assert found.cost is not None
    assert (found.cost.parameters, found.cost.macs) == (12, 9)


def test_weights_that_were_frozen_into_the_code_are_counted(passport: Callable[..., Passport]) -> None:
    traced = torch.jit.trace(nn.Linear(3, 3).eval(), (ROWS,))  # type: ignore[no-untyped-call]
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.freeze(traced), buffer)
    assert facts(passport(buffer.getvalue()))["Parameters and statistics"] == "12"


def test_a_passport_says_whose_weights_a_file_holds(passport: Callable[..., Passport]) -> None:
    network = Network("resnet-18", len(CLASSES), SIZE)
    content = saved(build(network.architecture, network.classes, network.size), network)
    found = facts(passport(content, image_task(SIZE)))
    assert found["Saved as"] == "weights in safetensors, resnet-18 for 32 px"
    # Summed by hand from the kernels and the maps, of 16, 8, 4, 2 and 1 px.
    assert found["Multiply-accumulates"] == "37,012,992"


DROPPING = nn.Sequential(nn.Linear(3, 64), nn.Dropout(), nn.Linear(64, 3))


def other_size() -> bytes:
    network = Network("resnet-18", 3, SIZE)
    return saved(build("resnet-18", 3, SIZE), network)


def misfitting() -> bytes:
    metadata = {"architecture": "alexnet", "classes": "3", "size": "64"}
    return bytes(save({"features.0.weight": torch.zeros(2, 2)}, metadata))


REFUSED: list[tuple[str, Callable[[], bytes], str, str]] = [
    ("dropout in training", lambda: script(DROPPING), "bad_type", "second time"),
    ("normalised by its batch", lambda: script(nn.BatchNorm1d(3)), "bad_type", "others in its batch"),
    (
        "another input",
        lambda: script(nn.Linear(5, 3), torch.eye(5)),
        "wrong_input",
        "fails on a batch",
    ),
    ("images of another size", other_size, "wrong_input", "[3, 32, 32]"),
    ("weights of other shapes", misfitting, "unreadable", "missing: "),
]


@pytest.mark.parametrize(("made", "code", "words"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_what_does_not_fit_is_told_before_the_queue(
    passport: Callable[..., Passport], made: Callable[[], bytes], code: str, words: str
) -> None:
    task = image_task(64) if made in (other_size, misfitting) else table_task()
    verdict = passport(made(), task).verdict
    assert verdict is not None
    assert (verdict.code, verdict.fault) == (code, "submission"), verdict
    assert words in verdict.found
    assert verdict.fix

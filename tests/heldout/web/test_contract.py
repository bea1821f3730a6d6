"""The challenge page says what to hand in, for each kind of task and each format."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from challenges.manifest import Manifest
from challenges.outputs import expected_output
from challenges.task import Task
from heldout.web.contract import contract, suffixes
from tests.heldout.factories import make_team
from tests.heldout.handing_in import make_challenge, manifest_json, member_of, scored
from tests.heldout.pages import words

IMAGES = {"type": "image", "channels": 3, "height": 16, "width": 24}
TABLE = {"type": "table", "features": ["age", "height"]}
MODELS = ["onnx", "sklearn", "torch", "code"]
TRAINING = {"track": "edits", "budget": 150}

TASKS: dict[str, dict[str, Any]] = {
    "classification": {"classes": ["hat", "boot"], "metric": "accuracy", "input": IMAGES},
    "detection": {"classes": ["tent"], "metric": "ap50", "input": IMAGES},
    "segmentation": {"classes": ["rock", "snow"], "metric": "miou_foreground", "input": IMAGES},
    "similarity": {"metric": "weighed", "weights": {"map_at_r": 0.7, "recall_at_1": 0.3}, "input": IMAGES},
    "regression": {"metric": "rmse", "input": TABLE},
    "images": {"metric": "images_right", "input": IMAGES, "target": {**IMAGES, "width": 20}},
}
SAID = {
    "classification": ["which of 2 classes each image shows", "[n, 2]: a score for each class", "Accuracy"],
    "detection": ["objects of 1 class are in each image", "x0, y0, x1, y1 in pixels", "AP at IoU 0.50"],
    "segmentation": ["each pixel belongs to", "[n, 2, 16, 24]", "Mean IoU of the foreground", "2 classes"],
    "similarity": [
        "an embedding of each image",
        "[n, 1 to 512]",
        "0.7 \u00d7 mAP at R + 0.3 \u00d7 Recall at 1",
    ],
    "images": ["one made of each image", "[n, 3, 16, 20]: an image of each example", "Images right"],
    "regression": ["a number for each row", "float32 [n] or [n, 1]", "RMSE, lower is better", "2 features"],
}


def fields(kind: str, formats: list[str] = MODELS, /, **more: Any) -> dict[str, Any]:
    return {"task": {"kind": kind, **TASKS[kind], **more}, "formats": formats}


def page_of(**manifest: Any) -> str:
    challenge = make_challenge(**manifest)
    client = Client()
    client.force_login(member_of(make_team(challenge.event)))
    return words(client.get(reverse("challenge", args=[challenge.event.slug, challenge.slug])))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", TASKS)
def test_each_kind_of_task_is_explained(kind: str) -> None:
    page = page_of(**fields(kind))
    assert [said for said in SAID[kind] if said not in page] == []
    assert expected_output(Task.model_validate({"kind": kind, **TASKS[kind]})) in page
    assert "Hand in a model" in page
    for format_ in ("ONNX .onnx", "scikit-learn .skops", "PyTorch .pt .pt2 .safetensors", "Code .zip"):
        assert format_ in page


@pytest.mark.django_db
def test_a_data_challenge_asks_for_data() -> None:
    page = page_of(**fields("classification", ["dataset"], training=TRAINING))
    for said in ("Hand in data", "at most 150 edits", "id,action,label", "at least 5 examples"):
        assert said in page
    assert "float32" not in page


@pytest.mark.django_db
def test_a_cost_budget_is_named_before_anybody_trains() -> None:
    limits = {"artefact_mb": 1, "budget": {"macs": 20_000_000, "parameters": 500_000}}
    page = page_of(**fields("classification", ["onnx"]), limits=limits)
    assert "Budget at most 20,000,000 multiply-accumulates for one example and 500,000 parameters" in page
    assert "Budget" not in page_of(**fields("classification", ["onnx"]))


@pytest.mark.parametrize(
    ("kind", "columns"),
    [("detection", "id,class,score,x0,y0,x1,y1"), ("regression", "id,value"), ("similarity", "id,e_0,e_1")],
)
def test_predictions_are_laid_out_by_kind(kind: str, columns: str) -> None:
    [line] = contract(_manifest(kind)).formats
    assert line.columns.startswith(columns)
    assert line.suffixes == [".csv", ".parquet", ".npz", ".npy"]


def test_masks_are_no_table() -> None:
    assert suffixes(_manifest("segmentation")) == [".npz", ".npy"]
    assert contract(_manifest("segmentation")).noun == "predictions"


def _manifest(kind: str) -> Manifest:
    given = manifest_json(**fields(kind, ["predictions"]))
    given["data"]["release_hidden_inputs"] = True
    return Manifest.model_validate(given)


@pytest.mark.django_db
def test_an_error_is_shown_and_ranked_as_one() -> None:
    challenge = make_challenge(**fields("regression"), pass_score=12.0)
    teams = [make_team(challenge.event, name) for name in ("Near", "Far")]
    for team, error in zip(teams, (11.43, 45210.0), strict=True):
        scored(challenge, team, error)
    client = Client()
    client.force_login(member_of(teams[1]))
    page = words(client.get(reverse("board", args=[challenge.event.slug, challenge.slug])))
    assert "RMSE, lower is better" in page
    assert "pass at 12" in page
    assert page.index("Near") < page.index("11.43") < page.index("Far") < page.index("45210.00")


@pytest.mark.django_db
def test_a_challenge_that_needs_a_gpu_says_when_there_is_none() -> None:
    limits = {"artefact_mb": 1, "accelerator": "required"}
    page = page_of(**fields("classification"), limits=limits)
    assert "needs a GPU, and no worker that has one is alive" in page
    assert "on a GPU" in page
    assert "needs a GPU" not in page_of(**fields("classification"))

"""Images as answers, through real boxes: from an ONNX file and from a zip of code."""

import io
import zipfile

import numpy as np
import pytest
from onnx import helper

from challenges.manifest import Limits, Split
from challenges.splits import LabelledSplit
from challenges.task import ImageInput, Task
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.models import image_splits, onnx_model

FULL = ImageInput(type="image", channels=3, height=8, width=8)
HALF = ImageInput(type="image", channels=3, height=4, width=4)
TASK = Task(kind="images", metric="images_right", input=FULL, target=HALF, tolerance=1)
LIMITS = Limits(wall_seconds=30, memory_mb=1024, artefact_mb=8)
HALVED = "batch.reshape(-1, 3, 4, 2, 4, 2).mean((3, 5))"


def splits() -> dict[Split, LabelledSplit]:
    """Images, and the same at half the size; every tenth cannot be guessed."""
    found = {}
    for name, split in image_splits().items():
        halved = split.inputs.reshape(-1, 3, 4, 2, 4, 2).mean((3, 5))
        halved[::10] = 255 - halved[::10]
        found[name] = split._replace(labels=np.rint(halved).astype(np.uint8))
    return found


def halving(levels: float) -> bytes:
    nodes = [
        helper.make_node("AveragePool", ["x"], ["h"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Mul", ["h", "levels"], ["y"]),
    ]
    arrays = {"levels": np.array(levels, np.float32)}
    return bytes(onnx_model(nodes, ["n", 3, 8, 8], ["n", 3, 4, 4], arrays).SerializeToString())


def code(answer: str) -> bytes:
    buffer = io.BytesIO()
    text = f"import numpy as np\n\ndef load(folder):\n    pass\n\ndef predict(batch):\n    return {answer}\n"
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model.py", text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content", [halving(255), code(f"np.rint(255 * {HALVED}).astype(np.uint8)")], ids=["onnx", "code"]
)
def test_images_are_scored_and_wrong_ones_are_shown(score: Score, content: bytes) -> None:
    found = score(content, TASK, splits(), LIMITS)
    assert found.verdict is None
    assert {s.split: s.value for s in found.scores} == {"validation": 0.9, "public": 0.9, "private": 0.9}
    assert found.insight is not None
    assert len(found.insight.mistakes) == 3
    assert all(case.picture and "off by" in case.predicted for case in found.insight.mistakes)


def test_an_answer_between_0_and_1_is_no_image_of_grey_levels(score: Score) -> None:
    found = score(halving(1), TASK, splits(), LIMITS)
    assert [s.value for s in found.scores] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("answer", "code_of", "said"),
    [
        (f"{HALVED} * 1000", "bad_type", "grey levels 0 to 255"),
        (f"{HALVED}.transpose(0, 2, 3, 1)", "bad_shape", "[n, 3, 4, 4]: an image of each"),
    ],
)
def test_what_is_no_image_is_explained(score: Score, answer: str, code_of: str, said: str) -> None:
    verdict = score(code(answer), TASK, splits(), LIMITS).verdict
    assert verdict is not None
    assert verdict.code == code_of
    assert said in f"{verdict.expected} {verdict.fix}"


def test_a_model_of_another_size_does_not_fit(inspect: Inspect) -> None:
    wide = TASK.model_copy(update={"target": HALF.model_copy(update={"width": 5})})
    passport = inspect(halving(255), wide, LIMITS)
    assert passport.verdict is not None
    assert passport.verdict.code == "bad_shape"
    assert "[n, 3, 4, 5]" in passport.verdict.expected

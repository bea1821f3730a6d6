"""Zips of code: what is called how, what may be imported, and where a failure is shown to be."""

import io
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
import skops.io
import torch
from sklearn.linear_model import LogisticRegression

from challenges.manifest import Limits
from challenges.splits import LabelledSplit
from challenges.task import Task
from scoring.formats import code
from scoring.formats.peek import of_bytes
from scoring.formats.registry import detect
from scoring.job import VerdictCode
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.formats.zips import HONEST, renamed, zipped
from tests.scoring.models import CLASSES, identity, image_splits, image_task

LIBRARIES = Limits(wall_seconds=120, memory_mb=2048)
"""Importing torch and scikit-learn takes seconds of the run's own time."""


def test_code_scores_as_the_same_model_in_onnx_does(score: Score) -> None:
    ours, onnx = score(zipped()), score(identity().SerializeToString())
    assert ours.verdict is None
    assert [s.value for s in ours.scores] == [s.value for s in onnx.scores]


WAYS: dict[str, Callable[[], bytes]] = {
    "an object that load gives": lambda: zipped(
        """
        class Model:
            def __init__(self, weights):
                self.weights = weights

            def predict(self, batch):
                return (batch @ self.weights).tolist()

        def load(folder):
            import numpy
            return Model(numpy.load(f"{folder}/data/weights.npy"))
        """,
        {"data/weights.npy": npy(np.eye(3, dtype=np.float32))},
    ),
    "files beside it, imported both ways": lambda: zipped(
        """
        import helpers
        from .parts import scores

        def load(folder):
            assert helpers.__file__.startswith(folder)

        def predict(batch):
            batch *= 2
            return scores(helpers.same(batch))
        """,
        {
            "helpers.py": "def same(batch): return batch",
            "parts/__init__.py": "from .inner import scores",
            "parts/inner.py": "import numpy as np\ndef scores(batch): return np.asarray(batch, np.float16)",
        },
    ),
    "class indices": lambda: zipped(
        "def load(folder): pass\ndef predict(batch): return batch.argmax(axis=1)"
    ),
    "a folder at the top": lambda: renamed(zipped(), "our-model/"),
}


def npy(array: object) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(array))
    return buffer.getvalue()


def macos() -> bytes:
    """With the second folder that the Finder adds."""
    buffer = io.BytesIO(renamed(zipped(), "ours/"))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("__MACOSX/ours/._model.py", b"\0\5\x16\7")
    return buffer.getvalue()


WAYS["a zip as macOS packs it"] = macos


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_writing_it_gives_the_same_score(score: Score, way: str) -> None:
    evaluation = score(WAYS[way]())
    assert evaluation.verdict is None
    assert [round(s.value, 3) for s in evaluation.scores] == [0.833, 0.975, 0.871]


def test_the_great_libraries_work_in_the_box(score: Score) -> None:
    evaluation = score(
        zipped(
            """
            import numpy, onnxruntime, scipy.ndimage, skimage, torch
            from PIL import Image
            from sklearn.linear_model import LogisticRegression

            def load(folder):
                inputs = numpy.repeat(numpy.eye(3, dtype=numpy.float32), 9, axis=0)
                fitted = LogisticRegression().fit(inputs, numpy.repeat(range(3), 9))
                print(torch.__version__, onnxruntime.__version__, numpy.__version__)
                layer = torch.nn.Linear(3, 3)
                layer.weight.data = torch.from_numpy(fitted.coef_).float()
                layer.bias.data.zero_()
                return Model(layer)

            class Model:
                def __init__(self, layer):
                    self.layer = layer

                def predict(self, batch):
                    scipy.ndimage.zoom(skimage.util.img_as_float(numpy.eye(4)), 2)
                    numpy.asarray(Image.fromarray(numpy.zeros((4, 4), numpy.uint8)).resize((2, 2)))
                    with torch.no_grad():
                        return self.layer(torch.from_numpy(batch))
            """
        ),
        limits=LIBRARIES,
    )
    assert evaluation.verdict is None
    assert evaluation.scores[2].value > 0.8
    there = code.libraries()
    for name in ("torch", "onnxruntime", "numpy"):
        assert there[name] in evaluation.log_excerpt


def test_images_arrive_in_their_shape_between_0_and_1(score: Score) -> None:
    content = zipped(
        """
        def load(folder): pass

        def predict(batch):
            assert batch.shape[1:] == (3, 8, 8) and batch.dtype == "float32" and 0 <= batch.min()
            assert 0.5 < batch.max() <= 1
            return batch.mean(axis=(2, 3))
        """
    )
    evaluation = score(content, image_task(), image_splits())
    assert evaluation.verdict is None
    assert evaluation.scores[2].value > 0.9


def test_lists_will_do_for_other_kinds_of_tasks(score: Score) -> None:
    shape = image_task().input
    task = Task(kind="segmentation", classes=CLASSES, metric="miou", input=shape)
    found = image_splits()["private"]
    split = LabelledSplit(found.inputs, found.inputs.argmax(axis=1).astype(np.uint8), found.ids)
    content = zipped("def load(folder): pass\ndef predict(batch): return batch.argmax(axis=1).tolist()")
    evaluation = score(content, task, {"private": split})
    assert evaluation.verdict is None
    assert evaluation.scores[0].value == 1


PREDICTS = "def load(folder): pass\n"
WRONG: list[tuple[str, VerdictCode, str]] = [
    (PREDICTS + "def predict(batch): return batch[:, :2]", "bad_shape", "[64, 2]"),
    (PREDICTS + "def predict(batch): return batch[1:]", "bad_shape", "[63, 3]"),
    (PREDICTS + "def predict(batch): return None", "bad_type", "NoneType"),
    (PREDICTS + "def predict(batch): return ['tent'] * len(batch)", "bad_type", "<U4"),
    (PREDICTS + "def predict(batch): return [[1, 2, 3], [1]]", "bad_type", "makes no array"),
    (PREDICTS + "def predict(batch): return batch / 0", "not_finite", "NaN"),
    (PREDICTS + "def predict(batch): return batch.argmax(axis=1) + 1", "unknown_class", "3 classes"),
    ("def load(folder): return 3", "bad_type", "load gave a int, which has no predict(batch)"),
    ("def load(folder): pass", "bad_type", "model.py has no predict(batch)"),
    ("def predict(batch): return batch", "unreadable", "defines no load(folder); it defines predict"),
    ("def load(folder)\n    pass", "unreadable", "model.py, line 1: expected ':'"),
    (
        PREDICTS + "\nimport xgboost.core",
        "unreadable",
        "model.py, line 3 imports xgboost.core, which is not there",
    ),
    ("def load(folder):\n    import lightgbm", "unreadable", "model.py, line 2 imports lightgbm"),
    ("raise SystemExit(3)\ndef load(folder): pass", "crashed", "SystemExit: 3"),
    ("import os\ndef load(folder): os._exit(0)", "crashed", "ended without a result"),
]


@pytest.mark.parametrize(("model", "code_", "words"), WRONG)
def test_what_is_wrong_with_code_is_said(score: Score, model: str, code_: VerdictCode, words: str) -> None:
    verdict = score(zipped(model)).verdict
    assert verdict is not None
    assert (verdict.code, verdict.fault) == (code_, "submission")
    assert words in verdict.found
    assert "ONNX model" not in verdict.expected


def test_a_missing_library_is_told_before_anything_runs_with_those_that_are_there(inspect: Inspect) -> None:
    content = zipped("from helpers import it\nload = it", {"helpers.py": "import os\nimport lightgbm as it"})
    verdict = inspect(content, formats=("code",)).verdict
    assert verdict is not None
    assert verdict.found == "helpers.py, line 2 imports lightgbm, which is not there"
    for name, version in code.libraries().items():
        assert f"{name} {version}" in verdict.expected


def test_an_import_that_is_only_tried_is_no_reason_to_refuse(score: Score) -> None:
    guarded = "try:\n    import lightgbm\nexcept ImportError:\n    lightgbm = None\n"
    assert score(zipped(guarded + HONEST)).verdict is None


def test_the_passport_says_what_is_in_the_zip_and_what_it_finds(inspect: Inspect) -> None:
    content = zipped("import torch, json\n" + HONEST + "\nraise ValueError('nobody runs this')")
    passport = inspect(content, formats=("code",))
    assert passport.verdict is None
    facts = {fact.name: fact.value for fact in passport.facts}
    assert facts["Contents"].startswith("1 files, ")
    assert facts["Imports"] == "torch"
    assert f"torch {torch.__version__}" in facts["Libraries"]


def test_an_error_is_shown_with_the_teams_own_file_and_line(score: Score) -> None:
    content = zipped(
        "import deep\ndef load(folder): pass\ndef predict(batch):\n    return deep.down(batch, 12)",
        {
            "deep.py": """
            import numpy as np

            def down(batch, depth):
                if depth:
                    return down(batch, depth - 1)
                return np.linalg.inv(batch)
            """
        },
    )
    verdict = score(content).verdict
    assert verdict is not None
    assert verdict.code == "crashed"
    assert verdict.found.startswith("LinAlgError")
    assert 'deep.py", line 7, in down\n    return np.linalg.inv(batch)' in verdict.excerpt
    assert "python -m scoring" in verdict.fix


def test_what_code_prints_is_in_the_log_even_when_it_is_killed(score: Score) -> None:
    loop = "def load(folder):\n    print('reading', flush=False)\n    while True: pass"
    verdict = score(zipped(loop), limits=Limits(wall_seconds=1, memory_mb=256)).verdict
    assert verdict is not None
    assert verdict.code == "timeout"
    assert "reading" in verdict.excerpt
    flood = PREDICTS + "print('x' * 10**6)\ndef predict(batch): return batch"
    evaluation = score(zipped(flood))
    assert evaluation.verdict is None
    assert 0 < len(evaluation.log_excerpt) <= 2**16


def test_weights_of_many_megabytes_are_unpacked_beside_it(score: Score) -> None:
    weights = np.random.default_rng(0).bytes(66 * 2**20)
    content = zipped(
        f"""
        import os

        def load(folder):
            assert os.path.getsize(folder + "/weights.bin") == {len(weights)}

        def predict(batch): return batch
        """,
        {"weights.bin": weights},
        zipfile.ZIP_STORED,
    )
    limits = Limits(wall_seconds=60, memory_mb=512, artefact_mb=100)
    assert score(content, limits=limits).verdict is None


def skops_bytes() -> bytes:
    content: bytes = skops.io.dumps(LogisticRegression().fit(np.eye(3), range(3)))
    return content


def torch_bytes() -> bytes:
    buffer = io.BytesIO()
    torch.save({"w": torch.zeros(3)}, buffer)
    return buffer.getvalue()


def test_a_zip_of_code_is_told_from_other_zips() -> None:
    assert detect(of_bytes(zipped())) == "code"
    assert detect(of_bytes(renamed(zipped(), "ours/"))) == "code"
    holding = zipped(
        files={"weights.pt": torch_bytes(), "model.skops": skops_bytes()}, method=zipfile.ZIP_STORED
    )
    assert detect(of_bytes(holding)) == "code"
    for other in (skops_bytes(), torch_bytes(), renamed(zipped(), "a/b/")):
        assert detect(of_bytes(other)) != "code"


def test_a_list_of_entries_longer_than_a_look_is_still_told() -> None:
    many: dict[str, str | bytes] = {f"part{number:04}.py": "" for number in range(1500)}
    assert detect(of_bytes(zipped(files=many))) == "code"

"""scikit-learn models from skops, pickle and joblib: the same scores from each."""

import io
import json
import pickle
import zipfile
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC

from tests.scoring.fixtures import Inspect, Score
from tests.scoring.models import CLASSES, image_splits, image_task, table_splits, table_task

SPLITS = table_splits()
ROWS = SPLITS["validation"]
LOGISTIC = LogisticRegression().fit(ROWS.inputs, ROWS.labels)


def joblib_bytes(model: object, compress: int) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=compress)
    return buffer.getvalue()


def expected(model: Any) -> float:
    return float(model.score(SPLITS["private"].inputs, SPLITS["private"].labels))


@pytest.mark.parametrize(
    "content",
    [skops.io.dumps(LOGISTIC), pickle.dumps(LOGISTIC), joblib_bytes(LOGISTIC, 0), joblib_bytes(LOGISTIC, 3)],
    ids=["skops", "pickle", "joblib", "compressed joblib"],
)
def test_every_way_of_saving_gives_the_same_score(score: Score, content: bytes) -> None:
    evaluation = score(content)
    assert evaluation.verdict is None
    assert evaluation.scores[2].value == pytest.approx(expected(LOGISTIC))


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(5, random_state=0),
        HistGradientBoostingClassifier(max_iter=5),
        make_pipeline(StandardScaler(), LinearSVC()),
    ],
    ids=["forest", "boosting", "decision function"],
)
def test_trees_and_decision_functions_load_from_skops(score: Score, model: Any) -> None:
    model.fit(ROWS.inputs, ROWS.labels)
    evaluation = score(skops.io.dumps(model))
    assert evaluation.verdict is None
    assert evaluation.scores[2].value == pytest.approx(expected(model))


def test_labels_may_be_the_names_of_the_classes(score: Score) -> None:
    names = np.array(CLASSES)[ROWS.labels]
    named = score(skops.io.dumps(LogisticRegression().fit(ROWS.inputs, names)))
    assert named.scores[2].value == pytest.approx(expected(LOGISTIC))


def test_a_class_that_was_never_seen_gets_no_weight(score: Score) -> None:
    two = ROWS.labels != 1
    model = LogisticRegression().fit(ROWS.inputs[two], ROWS.labels[two])
    assert score(skops.io.dumps(model)).scores[2].value == pytest.approx(expected(model))


def test_labels_counted_from_one_are_refused(score: Score) -> None:
    verdict = score(skops.io.dumps(LogisticRegression().fit(ROWS.inputs, ROWS.labels + 1))).verdict
    assert verdict is not None
    assert verdict.code == "unknown_class"
    assert "3" in verdict.found
    assert "from 0" in verdict.fix


def test_images_arrive_flat(score: Score) -> None:
    splits = image_splits()
    flat = splits["validation"].inputs.reshape(30, -1) / 255
    model = LogisticRegression().fit(flat, splits["validation"].labels)
    evaluation = score(skops.io.dumps(model), image_task(), splits)
    private = splits["private"]
    wanted = model.score(private.inputs.reshape(70, -1) / 255, private.labels)
    assert evaluation.scores[2].value == pytest.approx(wanted)


def test_a_transformer_without_predict_is_of_the_wrong_type(score: Score) -> None:
    verdict = score(skops.io.dumps(StandardScaler().fit(ROWS.inputs))).verdict
    assert verdict is not None
    assert verdict.code == "bad_type"
    assert "StandardScaler" in verdict.found


def test_a_model_for_other_features_crashes_with_the_librarys_own_words(score: Score) -> None:
    verdict = score(skops.io.dumps(LogisticRegression().fit(np.eye(5), range(5))), table_task()).verdict
    assert verdict is not None
    assert verdict.code in ("crashed", "unknown_class")


class Stranger(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """An estimator of nobody's library."""

    def predict(self, rows: NDArray[Any]) -> NDArray[Any]:
        return np.zeros(len(rows))


STRANGE = [skops.io.dumps(Stranger()), skops.io.dumps(FunctionTransformer(json.loads))]


@pytest.mark.parametrize("content", STRANGE, ids=["class", "function"])
def test_foreign_types_in_skops_are_named_and_refused(inspect: Inspect, score: Score, content: bytes) -> None:
    for verdict in (inspect(content).verdict, score(content).verdict):
        assert verdict is not None
        assert verdict.code == "unsafe_file"
        assert "Stranger" in verdict.found or "json" in verdict.found


def test_a_pickle_is_read_and_not_loaded_by_inspection(inspect: Inspect) -> None:
    passport = inspect(pickle.dumps(LOGISTIC))
    names = next(fact.value for fact in passport.facts if fact.name == "Imports")
    assert passport.verdict is None
    assert "LogisticRegression" in names


def zipped(names: list[str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"{}")
    return buffer.getvalue()


def test_a_torch_file_is_told_to_become_onnx(inspect: Inspect) -> None:
    verdict = inspect(zipped(["archive/data.pkl", "archive/version"])).verdict
    assert verdict is not None
    assert verdict.code == "unknown_format"
    assert "PyTorch" in verdict.found
    assert "torch.onnx.export" in verdict.fix


@pytest.mark.parametrize("content", [skops.io.dumps(LOGISTIC)[:300], zipped(["schema.json"])])
def test_a_damaged_skops_file_is_unreadable(inspect: Inspect, content: bytes) -> None:
    verdict = inspect(content).verdict
    assert verdict is not None
    assert verdict.code == "unreadable"

"""Data challenges: what a CSV of changes may say, and that the challenge's own model is trained on it."""

import numpy as np
import pytest

from challenges.manifest import Split
from challenges.splits import LabelledSplit
from challenges.task import Task, Training
from scoring.formats import dataset, edits
from scoring.formats.peek import of_bytes
from scoring.job import VerdictCode
from scoring.verdicts import Rejected
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.models import CLASSES, table_splits, table_task

NEAREST = """
import numpy as np


class Nearest:
    def __init__(self, centres):
        self.centres = centres

    def predict(self, batch):
        return -np.linalg.norm(batch[:, None] - self.centres[None], axis=2)


def train(inputs, labels, seed):
    assert inputs.dtype == np.float32 and labels.dtype == np.int64
    noise = np.random.default_rng(seed).normal(size=inputs.shape[1]) / 1000
    return Nearest(np.stack([inputs[labels == k].mean(axis=0) + noise for k in range(3)]))
"""


def data_task(track: str = "edits", budget: int = 40, source: str = NEAREST) -> Task:
    rules = {"track": track, "budget": budget, "smallest_class": 5, "source": source}
    return table_task("log_loss").model_copy(update={"training": Training.model_validate(rules)})


def noisy() -> tuple[LabelledSplit, list[int]]:
    """A train split of 90 rows, and the true classes: after 30 rows, two classes have each other's label."""
    generator = np.random.default_rng(8)
    truth = np.arange(90) % 3
    inputs = generator.normal(size=(90, 3)).astype(np.float32)
    inputs[np.arange(90), truth] += 2
    labels = np.where((truth < 2) & (np.arange(90) >= 30), 1 - truth, truth)
    ids = np.array([f"train-{row:05}" for row in range(1, 91)])
    return LabelledSplit(inputs, labels.astype(np.int64), ids), truth.tolist()


TRAIN, TRUTH = noisy()
WRONG = [row for row in range(90) if TRAIN.labels[row] != TRUTH[row]]
SPLITS: dict[Split, LabelledSplit] = table_splits()


def csv_of(*rows: str, header: str = "id,action,label") -> bytes:
    return "\n".join([header, *rows, ""]).encode()


NOTHING = csv_of("train-00001,keep,")
REPAIRED = csv_of(*(f"{TRAIN.ids[row]},relabel,{CLASSES[TRUTH[row]]}" for row in WRONG))
DROPPED = csv_of(*(f"{TRAIN.ids[row]},drop," for row in WRONG))


def test_true_labels_for_wrong_ones_raise_the_score(score: Score) -> None:
    found = {
        name: score(content, data_task(), SPLITS, train=TRAIN)
        for name, content in {"raw": NOTHING, "dropped": DROPPED, "repaired": REPAIRED}.items()
    }
    assert [evaluation.verdict for evaluation in found.values()] == [None] * 3
    accuracy = {name: evaluation.scores[2].metrics["accuracy"] for name, evaluation in found.items()}
    assert accuracy["repaired"] > accuracy["raw"] + 0.05
    assert accuracy["dropped"] > accuracy["raw"] + 0.05
    assert [s.split for s in found["raw"].scores] == ["validation", "public", "private"]


def test_the_same_file_gives_the_same_digits_at_every_attempt(score: Score) -> None:
    one, other = (score(REPAIRED, data_task(), SPLITS, seed=seed, train=TRAIN) for seed in (1, 2))
    assert one.verdict is None
    assert one.scores == other.scores
    assert one.outcomes == other.outcomes


def test_a_selection_trains_on_what_it_names_and_nothing_else(score: Score) -> None:
    clean = [str(TRAIN.ids[row]) for row in range(30)]
    task = data_task("selection", budget=30)
    evaluation = score(csv_of(*clean, header="id"), task, SPLITS, train=TRAIN)
    assert evaluation.verdict is None
    same = csv_of(*(f"{name},drop," for name in TRAIN.ids[30:]))
    assert evaluation.scores == score(same, data_task(budget=60), SPLITS, train=TRAIN).scores


def test_changes_keep_the_order_of_the_train_split() -> None:
    rows = [edits.Edit(2, "train-00003", "drop"), edits.Edit(3, "train-00001", "relabel", 2)]
    found = edits.applied(rows, TRAIN, data_task())
    assert found.ids.tolist() == [name for name in TRAIN.ids.tolist() if name != "train-00003"]
    assert found.labels[0] == 2
    assert TRAIN.labels[0] == 0


FAULTS: list[tuple[bytes, VerdictCode, str]] = [
    (csv_of("ghost,drop,"), "unknown_ids", "line 2: 'ghost'"),
    (
        csv_of("train-00001,drop,", "train-00001,keep,"),
        "duplicate_ids",
        "line 3: 'train-00001', as in line 2",
    ),
    (csv_of("train-00001,delete,"), "over_budget", "line 2: action 'delete'"),
    (csv_of("train-00001,relabel,"), "over_budget", "line 2: relabel without a label"),
    (csv_of("train-00001,drop,boot"), "over_budget", "line 2: drop with the label 'boot'"),
    (csv_of("", "train-00001,relabel,shoe"), "unknown_class", "line 3: label 'shoe'"),
    (csv_of("train-00001,relabel,1"), "unknown_class", "line 2: label '1'"),
    (csv_of("train-00001,drop"), "unreadable", "line 2: 2 columns"),
    (csv_of("train-00001;drop;", header="id;action;label"), "unreadable", "id;action;label"),
    (csv_of("train-00001", header="id"), "unreadable", "the header 'id'"),
    (csv_of(*(f"{name},drop," for name in TRAIN.ids[:41])), "over_budget", "41 rows that drop or relabel"),
    (
        csv_of(*(f"{name},drop," for name in TRAIN.ids[2::3][:26])),
        "over_budget",
        "too few are left: lamp with 4",
    ),
    (csv_of('"train-00001', "x"), "unreadable", "does not parse"),
    (csv_of("train-00001,drop,") + b"\xff\xfe", "unreadable", "not UTF-8"),
]


@pytest.mark.parametrize(("content", "code", "words"), FAULTS)
def test_a_fault_of_the_file_is_named_with_its_line(
    score: Score, content: bytes, code: VerdictCode, words: str
) -> None:
    verdict = score(content, data_task(), SPLITS, train=TRAIN).verdict
    assert verdict is not None
    assert (verdict.code, verdict.fault) == (code, "submission")
    assert words in verdict.found


def test_many_faults_are_counted() -> None:
    with pytest.raises(Rejected) as caught:
        edits.applied([edits.Edit(row, f"ghost{row}", "drop") for row in range(2, 22)], TRAIN, data_task())
    assert caught.value.verdict.found.endswith("line 6: 'ghost6'; 15 more")


def test_the_passport_tells_what_the_file_uses_of_the_budget(inspect: Inspect) -> None:
    content = csv_of("a,drop,", "b,relabel,tent", "c,keep,", "d,drop,")
    passport = inspect(content, data_task(), formats=("dataset",))
    assert passport.verdict is None
    facts = {fact.name: fact.value for fact in passport.facts}
    assert facts["Rows"] == "4"
    assert facts["Actions"] == "1 keep, 2 drop, 1 relabel"
    assert facts["Budget"] == "3 of 40 used"


BRITTLE = (
    NEAREST
    + """
_train = train

def train(inputs, labels, seed):
    {check}
    return _train(inputs, labels, seed)
"""
)


def test_a_trainer_that_fails_on_its_own_data_is_the_organizers_fault(score: Score) -> None:
    source = BRITTLE.format(check="raise KeyError('forgotten')")
    verdict = score(REPAIRED, data_task(source=source), SPLITS, train=TRAIN).verdict
    assert verdict is not None
    assert verdict.fault == "platform"
    assert "trainer.py fails on the challenge's own training data: KeyError: 'forgotten'" in verdict.found


def test_a_trainer_that_fails_on_changed_data_alone_is_the_teams(score: Score) -> None:
    source = BRITTLE.format(check="assert len(inputs) == 90, 'ninety'")
    verdict = score(DROPPED, data_task(source=source), SPLITS, train=TRAIN).verdict
    assert verdict is not None
    assert (verdict.code, verdict.fault) == ("crashed", "submission")
    assert "works on the data as given, and fails on yours: AssertionError: ninety" in verdict.found
    assert "trainer.py" in verdict.excerpt


def test_numbers_are_relabelled_as_numbers() -> None:
    task = data_task().model_copy(update={"kind": "regression", "classes": []})
    train = TRAIN._replace(labels=np.arange(90.0))
    found = edits.applied([edits.Edit(2, "train-00002", "relabel", 7.5)], train, task)
    assert found.labels[:3].tolist() == [0.0, 7.5, 2.0]


@pytest.mark.parametrize(
    "head", [b"id,action,label\n", b'\xef\xbb\xbf"id","action","label"\r\n', b"id\n", b"id"]
)
def test_a_file_of_changes_is_told_by_its_header(head: bytes) -> None:
    assert dataset.detect(of_bytes(head))
    for other in (b"id,label\n", b"id,p_tent\n", b"ids\n", b"name\n"):
        assert not dataset.detect(of_bytes(other))

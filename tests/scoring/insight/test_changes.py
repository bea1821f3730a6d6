"""What a file changes in the training data of a data challenge, as its team sees it again."""

from pathlib import Path

import numpy as np

from challenges.splits import LabelledSplit
from challenges.task import Task, Training
from scoring.insight import changes
from scoring.learned import Changes
from tests.scoring.fixtures import Score
from tests.scoring.formats.test_dataset import NOTHING, REPAIRED, SPLITS, TRAIN, WRONG, csv_of, data_task
from tests.scoring.insight.test_report import TASK


def pictured(track: str = "edits") -> tuple[Task, LabelledSplit]:
    """A task on images with 90 training examples, whose classes take turns."""
    rules = {"track": track, "budget": 80, "smallest_class": 1, "source": "def train(): ..."}
    task = TASK.model_copy(update={"training": Training.model_validate(rules)})
    images = np.random.default_rng(0).integers(0, 255, (90, 3, 16, 16)).astype(np.uint8)
    ids = np.array([f"train-{row:05}" for row in range(90)])
    return task, LabelledSplit(images, np.arange(90) % 3, ids)


def of_rows(folder: Path, *rows: str, track: str = "edits") -> Changes:
    file = folder / "changes.csv"
    file.write_bytes(csv_of(*rows, header="id" if track == "selection" else "id,action,label"))
    task, train = pictured(track)
    return changes.of_file(file, train, task)


def test_what_was_dropped_and_relabelled_is_counted_by_class(tmp_path: Path) -> None:
    found = of_rows(
        tmp_path,
        "train-00000,relabel,boot",
        "train-00003,relabel,boot",
        "train-00001,relabel,lamp",
        "train-00002,drop,",
        "train-00005,keep,",
    )
    assert (found.kept, found.dropped, found.relabelled) == (86, 1, 3)
    assert [(c.name, c.given, c.left) for c in found.classes] == [
        ("tent", 30, 28),
        ("boot", 30, 31),
        ("lamp", 30, 30),
    ]
    assert found.pairs == [("tent", "boot", 2), ("boot", "lamp", 1)]


def test_changed_examples_are_shown_with_both_labels(tmp_path: Path) -> None:
    found = of_rows(tmp_path, "train-00000,relabel,boot", "train-00002,drop,", "train-00005,keep,")
    assert [(c.id, c.given, c.new) for c in found.examples] == [
        ("train-00000", "tent", "boot"),
        ("train-00002", "lamp", ""),
    ]
    assert all(change.picture for change in found.examples)


def test_of_many_changes_some_from_all_over_the_file_are_shown(tmp_path: Path) -> None:
    found = of_rows(tmp_path, *(f"train-{row:05},drop," for row in range(75)))
    assert found.dropped == 75
    assert len(found.examples) <= changes.MOST_EXAMPLES
    assert found.examples[-1].id > "train-00065"


def test_a_selection_tells_what_is_left_of_each_class(tmp_path: Path) -> None:
    found = of_rows(tmp_path, *(f"train-{row:05}" for row in range(0, 60, 2)), track="selection")
    assert (found.kept, found.dropped, found.relabelled) == (30, 60, 0)
    assert [c.left for c in found.classes] == [10, 10, 10]
    assert found.examples == []


def test_a_scored_file_brings_its_changes_along(score: Score) -> None:
    evaluation = score(REPAIRED, data_task(), SPLITS, train=TRAIN)
    assert evaluation.insight is not None
    found = evaluation.insight.changes
    assert found is not None
    assert found.relabelled == len(WRONG)
    assert {change.id for change in found.examples} <= {str(TRAIN.ids[row]) for row in WRONG}


def test_a_file_that_changes_nothing_says_so(score: Score) -> None:
    evaluation = score(NOTHING, data_task(), SPLITS, train=TRAIN)
    assert evaluation.insight is not None
    assert evaluation.insight.changes is not None
    assert (evaluation.insight.changes.kept, evaluation.insight.changes.examples) == (90, [])

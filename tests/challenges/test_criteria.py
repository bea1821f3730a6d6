"""What the checker says of success criteria: of sound ones, and of such that nobody could judge."""

from collections.abc import Callable
from pathlib import Path

import pytest

from challenges import bundle

Spoil = Callable[[str, str, str], None]
T = "challenge.toml"
NEITHER = "a metric with at_least or at_most, or evidence = true for what a coach ticks"

SOUND = """
[[criteria]]
text = "Accuracy of 0.80 or more"
metric = "accuracy"
at_least = 0.8
[[criteria]]
text = "A log loss below 1"
metric = "log_loss"
at_most = 1
[[criteria]]
text = "More right than wrong for each class"
metric = "recall"
each_class = true
at_least = 0.5
[[criteria]]
text = "Train and validation loss plotted"
evidence = true
"""


def with_criteria(folder: Path, *criteria: str) -> list[tuple[str, str, str]]:
    """The faults of the bundle with these criteria: field, found, expected."""
    text = "".join(f'\n[[criteria]]\ntext = "Number {n}"\n{rest}\n' for n, rest in enumerate(criteria))
    (folder / T).write_text((folder / T).read_text() + text)
    return [(fault.field, fault.found, fault.expected) for fault in bundle.check(folder)]


def test_sound_criteria_of_each_sort_are_read_in_order(folder: Path) -> None:
    (folder / T).write_text((folder / T).read_text() + SOUND)
    accuracy, loss, classes, evidence = bundle.read(folder).manifest.criteria
    assert (accuracy.metric, accuracy.at_least, accuracy.each_class) == ("accuracy", 0.8, False)
    assert (loss.metric, loss.at_most) == ("log_loss", 1)
    assert (classes.metric, classes.each_class) == ("recall", True)
    assert (evidence.text, evidence.evidence) == ("Train and validation loss plotted", True)


def test_a_bundle_without_criteria_has_none(folder: Path) -> None:
    assert bundle.read(folder).manifest.criteria == []


@pytest.mark.parametrize(
    ("criterion", "fault"),
    [
        ("", ("criteria[0]", "neither metric nor evidence", NEITHER)),
        ("at_least = 0.5", ("criteria[0]", "neither metric nor evidence", NEITHER)),
        (
            'metric = "accuracy"\nevidence = true',
            ("criteria[0]", "evidence with metric", "evidence alone, since a coach judges it"),
        ),
        ('metric = "accuracy"', ("criteria[0]", "neither at_least nor at_most", "one of them")),
        (
            'metric = "accuracy"\nat_least = 0.5\nat_most = 0.9',
            ("criteria[0]", "both at_least and at_most", "one of them"),
        ),
        (
            'metric = "miou"\nat_least = 0.5',
            (
                "criteria[0].metric",
                "'miou'",
                "one of the metrics of kind 'classification': "
                "accuracy, balanced_accuracy, macro_f1, log_loss, top_k, roc_auc",
            ),
        ),
        (
            'metric = "accuracy"\neach_class = true\nat_least = 0.5',
            (
                "criteria[0].metric",
                "'accuracy'",
                "one of the scores of a class of kind 'classification': precision, recall, f1",
            ),
        ),
        (
            'metric = "custom"\nat_least = 0.5',
            (
                "criteria[0].metric",
                "'custom'",
                "one of the metrics of kind 'classification': "
                "accuracy, balanced_accuracy, macro_f1, log_loss, top_k, roc_auc",
            ),
        ),
        (
            'metric = "top_k"\nat_least = 0.5',
            (
                "criteria[0].metric",
                "'top_k' with top_k = 5",
                "another metric, or task.top_k below 2, the number of classes",
            ),
        ),
        (
            'metric = "log_loss"\nat_least = 0.5',
            ("criteria[0]", "at_least for log_loss", "at_most, as lower is better"),
        ),
        (
            'metric = "accuracy"\nat_most = 0.5',
            ("criteria[0]", "at_most for accuracy", "at_least, as higher is better"),
        ),
        (
            'metric = "accuracy"\nat_least = 80',
            ("criteria[0].at_least", "80.0", "a number from 0 to 1, the range of accuracy"),
        ),
        ('metric = "accuracy"\nat_least = nan', ("criteria[0].at_least", "nan", "a finite number")),
        ("evidence = 1.5", ("criteria[0].evidence", "1.5", "true or false")),
    ],
)
def test_a_criterion_that_does_not_hold_together_is_a_fault(
    folder: Path, criterion: str, fault: tuple[str, str, str]
) -> None:
    assert with_criteria(folder, criterion) == [fault]


def test_every_faulty_criterion_is_told(folder: Path) -> None:
    faults = with_criteria(folder, "", "evidence = true", 'metric = "accuracy"')
    assert [field for field, _, _ in faults] == ["criteria[0]", "criteria[2]"]


def test_two_criteria_of_one_text_are_a_fault(folder: Path) -> None:
    twice = '\n[[criteria]]\ntext = "Shown"\nevidence = true\n' * 2
    (folder / T).write_text((folder / T).read_text() + twice)
    (fault,) = bundle.check(folder)
    assert str(fault) == "challenge.toml, criteria.text: found 'Shown' 2 times; expected each once"


def test_scores_by_class_need_a_format_that_yields_them(folder: Path, spoil: Spoil) -> None:
    spoil(T, '["sklearn", "predictions"]', '["predictions"]')
    faults = with_criteria(folder, 'metric = "recall"\neach_class = true\nat_least = 0.5')
    assert ("criteria[0].each_class", "true, with predictions as the only format") in [f[:2] for f in faults]


def test_a_metric_that_the_bundle_brings_can_be_a_criterion(folder: Path, spoil: Spoil) -> None:
    own = '"custom"\ncustom = { name = "Cost", best = 0.0, worst = 9.0, higher_is_better = false }'
    spoil(T, 'metric = "accuracy"', f"metric = {own}")
    (folder / "metric.py").write_text("def score(truth, predictions):\n    return 0.0\n")
    assert with_criteria(folder, 'metric = "custom"\nat_most = 3.0') == []

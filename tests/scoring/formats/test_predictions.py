"""Prediction files: joined by id, and every way of getting them wrong."""

from itertools import chain

import numpy as np
import pytest

from challenges.manifest import MetricName
from scoring.job import VerdictCode
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.models import CLASSES, table_splits, table_task

SPLITS = table_splits()
HIDDEN = [name for split in ("public", "private") for name in SPLITS[split].ids]
TRUTH = {
    name: CLASSES[label]
    for split in SPLITS.values()
    for name, label in zip(split.ids, split.labels, strict=True)
}


def labels(ids: list[str]) -> str:
    return "".join(["id,label\n", *(f"{name},{TRUTH[name]}\n" for name in ids)])


def test_rows_are_joined_by_id_in_any_order(score: Score) -> None:
    shuffled = np.random.default_rng(0).permutation(HIDDEN).tolist()
    evaluation = score(labels(shuffled).encode())
    assert {s.split: s.value for s in evaluation.scores} == {"public": 1.0, "private": 1.0}


def test_validation_is_scored_when_all_of_it_is_there(score: Score) -> None:
    evaluation = score(labels([*HIDDEN, *SPLITS["validation"].ids]).encode())
    assert [s.split for s in evaluation.scores] == ["validation", "public", "private"]


@pytest.mark.parametrize("metric", ["log_loss", "macro_f1"])
def test_probabilities_may_stand_in_any_order_of_columns(score: Score, metric: MetricName) -> None:
    belief = np.random.default_rng(1).dirichlet(np.ones(3), len(HIDDEN))
    straight = chain(
        ["id,p_tent,p_boot,p_lamp"],
        (f"{n},{p[0]:.6f},{p[1]:.6f},{p[2]:.6f}" for n, p in zip(HIDDEN, belief, strict=True)),
    )
    turned = chain(
        ["id,p_lamp,p_tent,p_boot"],
        (f"{n},{p[2]:.6f},{p[0]:.6f},{p[1]:.6f}" for n, p in zip(HIDDEN, belief, strict=True)),
    )
    task = table_task(metric)
    one, other = (score("\n".join(lines).encode(), task).scores for lines in (straight, turned))
    assert len(one) == 2
    assert one == other


FULL = labels(HIDDEN)
WRONG: list[tuple[str, VerdictCode, str]] = [
    (labels(HIDDEN[:-2]), "missing_ids", "private-68, private-69"),
    (FULL + "ghost,tent\n", "unknown_ids", "ghost"),
    (FULL + f"{HIDDEN[0]},tent\n", "duplicate_ids", HIDDEN[0]),
    (FULL.replace(",boot", ",shoe"), "unknown_class", "shoe"),
    (FULL.replace(",boot", ",1"), "unknown_class", "labels 1"),
    ("id,label\n", "unreadable", "no line"),
    ("id,label\na,tent,1\n", "unreadable", "lines of another length: 2"),
    ("id,guess\na,tent\n", "bad_shape", "guess"),
    ("id,p_tent,p_boot\na,0.5,0.5\n", "bad_shape", "p_lamp"),
    ("id,p_tent,p_boot,p_lamp,p_lamp\na,1,0,0,0\n", "bad_shape", "more than once: p_lamp"),
    ("id;label\na;tent\n", "unreadable", "id;label"),
    ("id\tlabel\na\ttent\n", "unreadable", "the header"),
    ("id,p_tent,p_boot,p_lamp\na,1e300,0,1\n", "not_finite", "1 rows"),
    ("id,p_tent,p_boot,p_lamp\na,x,0,1\n", "bad_type", "'x'"),
    ("id,p_tent,p_boot,p_lamp\na,nan,0,1\n", "not_finite", "1 rows"),
    ('id,label\na,"tent\n', "unreadable", "does not parse"),
    ("id,label\na," + "t" * 2000 + "\n", "unreadable", "does not parse"),
]


@pytest.mark.parametrize(("text", "code", "found"), WRONG)
def test_a_wrong_file_is_refused_with_what_was_found(
    score: Score, text: str, code: VerdictCode, found: str
) -> None:
    verdict = score(text.encode()).verdict
    assert verdict is not None
    assert verdict.code == code
    assert found in verdict.found
    assert verdict.fix


def test_bytes_that_are_no_text_are_unreadable(score: Score) -> None:
    verdict = score(b"id,label\n\xff\xfe,tent\n").verdict
    assert verdict is not None
    assert verdict.code == "unreadable"


def test_labels_are_refused_where_log_loss_counts(inspect: Inspect) -> None:
    verdict = inspect(FULL.encode(), table_task("log_loss")).verdict
    assert verdict is not None
    assert verdict.code == "bad_type"
    assert "probability" in verdict.fix


def test_a_passport_counts_the_rows(inspect: Inspect) -> None:
    passport = inspect(FULL.encode())
    assert passport.verdict is None
    assert {"Rows": "110", "Predictions": "labels"}.items() <= {
        f.name: f.value for f in passport.facts
    }.items()


def test_control_characters_of_a_file_do_not_reach_the_reader(score: Score) -> None:
    verdict = score((FULL + "\x1b[2Jghost,tent\n").encode()).verdict
    assert verdict is not None
    assert "\x1b" not in verdict.found
    assert "\\x1b" in verdict.found


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_a_byte_order_mark_and_quotes_are_read(score: Score, end: str) -> None:
    lines = [f'"{name}","{TRUTH[name]}"' for name in HIDDEN]
    evaluation = score(("\ufeff" + end.join(['"id","label"', *lines])).encode())
    assert {s.split: s.value for s in evaluation.scores} == {"public": 1.0, "private": 1.0}


def test_a_file_of_millions_of_rows_is_refused_before_it_fills_the_memory(inspect: Inspect) -> None:
    rows = b"id,label\n" + b"a,tent\n" * 1_100_000
    verdict = inspect(rows).verdict
    assert verdict is not None
    assert verdict.code == "too_large"
    assert "1,000,000 rows" in verdict.found


def test_what_is_missing_of_a_given_split_is_counted_against_that_split(score: Score) -> None:
    ids = [str(name) for name in SPLITS["validation"].ids]
    verdict = score(labels(ids[:-1]).encode(), splits={"validation": SPLITS["validation"]}).verdict
    assert verdict is not None
    assert verdict.code == "missing_ids"
    assert verdict.expected == "a prediction for each of 30 examples"

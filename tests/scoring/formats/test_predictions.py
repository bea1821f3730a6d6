"""Prediction files: joined by id, and every way of getting them wrong."""

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from challenges.manifest import Split
from challenges.tables import sample_name, write_sample_predictions
from challenges.task import Kind, MetricName
from scoring.formats import predictions
from scoring.formats.exam import Exam
from scoring.job import VerdictCode
from scoring.sandbox.inside import tables
from scoring.verdicts import Rejected
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.formats.tables import (
    HEIGHT,
    HIDDEN,
    IDS,
    LIMITS,
    METRICS,
    WIDTH,
    answers,
    csv,
    in_process,
    npy,
    npz,
    parquet,
    task_of,
    verdict_on,
)
from tests.scoring.models import CLASSES, never, table_splits, table_task

SPLITS = table_splits()
SCORED = [name for split in ("public", "private") for name in SPLITS[split].ids]
TRUTH = {
    name: CLASSES[label]
    for split in SPLITS.values()
    for name, label in zip(split.ids, split.labels, strict=True)
}
N = len(HIDDEN)
SCORES = np.eye(5, 3, dtype=np.float32)


def labels(ids: list[str]) -> str:
    return "".join(["id,label\n", *(f"{name},{TRUTH[name]}\n" for name in ids)])


def records(kind: Any, values: Any, ids: list[str] = HIDDEN) -> bytes:
    found = np.zeros(len(ids), dtype=[("id", "U20"), ("prediction", *kind)])
    found["id"], found["prediction"] = ids, values
    return npy(found)


def test_rows_are_joined_by_id_in_any_order(score: Score) -> None:
    shuffled = np.random.default_rng(0).permutation(SCORED).tolist()
    evaluation = score(labels(shuffled).encode())
    assert {s.split: s.value for s in evaluation.scores} == {"public": 1.0, "private": 1.0}


def test_validation_is_scored_when_all_of_it_is_there(score: Score) -> None:
    evaluation = score(labels([*SCORED, *SPLITS["validation"].ids]).encode())
    assert [s.split for s in evaluation.scores] == ["validation", "public", "private"]


@pytest.mark.parametrize("metric", ["log_loss", "macro_f1"])
def test_probabilities_may_stand_in_any_order_of_columns(score: Score, metric: MetricName) -> None:
    belief = np.random.default_rng(1).dirichlet(np.ones(3), len(SCORED))
    straight = chain(
        ["id,p_tent,p_boot,p_lamp"],
        (f"{n},{p[0]:.6f},{p[1]:.6f},{p[2]:.6f}" for n, p in zip(SCORED, belief, strict=True)),
    )
    turned = chain(
        ["id,p_lamp,p_tent,p_boot"],
        (f"{n},{p[2]:.6f},{p[0]:.6f},{p[1]:.6f}" for n, p in zip(SCORED, belief, strict=True)),
    )
    task = table_task(metric)
    one, other = (score("\n".join(lines).encode(), task).scores for lines in (straight, turned))
    assert len(one) == 2
    assert one == other


FROM_A_BOX = {
    "Parquet": parquet(columns={"id": SCORED, "label": [TRUTH[name] for name in SCORED]}),
    "npz": npz(compress=True, ids=SCORED, predictions=[CLASSES.index(TRUTH[name]) for name in SCORED]),
    "npy": records(("<i8",), [CLASSES.index(TRUTH[name]) for name in SCORED], SCORED),
}


@pytest.mark.parametrize("container", FROM_A_BOX)
def test_what_is_not_text_is_read_in_a_box(score: Score, inspect: Inspect, container: str) -> None:
    evaluation = score(FROM_A_BOX[container])
    assert evaluation.verdict is None
    assert {s.split: s.value for s in evaluation.scores} == {"public": 1.0, "private": 1.0}
    assert evaluation.cost is not None
    assert evaluation.cost.milliseconds_per_example is None
    facts = {fact.name: fact.value for fact in inspect(FROM_A_BOX[container]).facts}
    assert {"File": container, "Rows": "110", "Predictions": "labels"}.items() <= facts.items()


def test_a_box_refuses_in_the_same_words_as_this_process(score: Score) -> None:
    verdict = score(npz(ids=np.array(["ghost"]), predictions=SCORES[:1])).verdict
    assert verdict is not None
    assert (verdict.code, verdict.found) == ("unknown_ids", "not known: ghost")
    assert "ids" in verdict.fix


BOXES = np.array(
    [[[1, 1, 2, 2, 0.9, 1], [0, 0, 0, 0, 0, 0]], *[[[0, 0, 1, 1, 0.5, 2], [0, 0, 2, 2, 0.7, 0]]] * 4],
    np.float32,
)
MASKS = np.arange(N * HEIGHT * WIDTH, dtype=np.int64).reshape(N, HEIGHT, WIDTH) % 3
VECTORS = np.arange(1, 2 * N + 1, dtype=np.float32).reshape(N, 2)
BOX_COLUMNS = "id,class,score,x0,y0,x1,y1"
BOX_LINES = [
    "h-1,boot,0.9,1,1,2,2",
    *(line for name in HIDDEN[1:] for line in (f"{name},lamp,0.5,0,0,1,1", f"{name},0,0.7,0,0,2,2")),
]
EMBEDDINGS = pa.array(VECTORS.tolist())

RIGHT: list[tuple[str, Kind, bytes]] = [
    ("numbers as CSV", "regression", csv("id,value", *(f"{n},{k}.5" for k, n in enumerate(HIDDEN)))),
    ("numbers as npz", "regression", npz(ids=HIDDEN, predictions=np.arange(N) + 0.5)),
    ("numbers of one column", "regression", npz(ids=HIDDEN, predictions=np.arange(N)[:, None] + 0.5)),
    ("numbers as npy", "regression", records(("<f8",), np.arange(N) + 0.5)),
    ("big-endian numbers", "regression", records((">f4",), np.arange(N) + 0.5)),
    ("numbers as Parquet", "regression", parquet(columns={"id": HIDDEN, "value": np.arange(N) + 0.5})),
    (
        "embeddings as CSV",
        "similarity",
        csv("id,e_1,e_0", *(f"h-{k},{2 * k},{2 * k - 1}" for k in range(1, 6))),
    ),
    ("embeddings as npz", "similarity", npz(ids=HIDDEN, predictions=VECTORS)),
    ("embeddings as Parquet", "similarity", parquet(columns={"id": HIDDEN, "embedding": EMBEDDINGS})),
    (
        "embeddings by columns",
        "similarity",
        parquet(columns={"e_0": VECTORS[:, 0], "e_1": VECTORS[:, 1], "id": HIDDEN}),
    ),
    ("boxes as CSV", "detection", csv(BOX_COLUMNS, *BOX_LINES)),
    ("boxes in another order", "detection", csv(BOX_COLUMNS, *reversed(BOX_LINES))),
    ("boxes as npz", "detection", npz(ids=HIDDEN, predictions=BOXES)),
    (
        "boxes as Parquet",
        "detection",
        parquet(
            columns={
                name: [line.split(",")[k] if k < 2 else float(line.split(",")[k]) for line in BOX_LINES]
                for k, name in enumerate(BOX_COLUMNS.split(","))
            }
        ),
    ),
    ("masks as npz", "segmentation", npz(compress=True, ids=HIDDEN, predictions=MASKS)),
    ("scores of masks", "segmentation", npz(ids=HIDDEN, predictions=np.moveaxis(np.eye(3)[MASKS], -1, 1))),
    ("masks as npy", "segmentation", records(("u1", (HEIGHT, WIDTH)), MASKS)),
]


def expected(kind: Kind, row: int) -> Any:
    """What the files above say of the id of a row of HIDDEN, without what fills up."""
    if kind == "detection":
        boxes = BOXES[row][BOXES[row, :, 4] > 0]
        return boxes[np.argsort(-boxes[:, 4])]
    return {"regression": [row + 0.5], "similarity": VECTORS[row], "segmentation": MASKS[row]}[kind]


@pytest.mark.parametrize(("kind", "content"), [c[1:] for c in RIGHT], ids=[c[0] for c in RIGHT])
def test_every_kind_of_task_has_its_files(kind: Kind, content: bytes, tmp_path: Path) -> None:
    task = task_of(kind)
    found = answers(content, task, tmp_path).predictions
    assert set(found) == {"public", "private"}
    for split, block in found.items():
        assert block.shape == (len(IDS[split]), *task.output_shape)
        assert block.dtype == task.output_dtype
        for name, prediction in zip(IDS[split], block, strict=True):
            wanted = np.asarray(expected(kind, HIDDEN.index(name)), prediction.dtype)
            inner = tuple(slice(size) for size in wanted.shape)
            assert np.array_equal(prediction[inner], wanted)
            assert prediction.sum() == pytest.approx(wanted.sum())


@pytest.mark.parametrize("kind", METRICS)
def test_the_sample_that_is_given_can_be_handed_in(kind: Kind, tmp_path: Path) -> None:
    task = task_of(kind)
    write_sample_predictions(tmp_path, np.array(HIDDEN), task)
    found = answers((tmp_path / sample_name(task)).read_bytes(), task, tmp_path)
    assert found.examples == N


def test_the_sample_for_log_loss_gives_probabilities(tmp_path: Path) -> None:
    task = task_of("classification", "log_loss")
    write_sample_predictions(tmp_path, np.array(HIDDEN), task)
    found = answers((tmp_path / sample_name(task)).read_bytes(), task, tmp_path)
    assert np.allclose(found.predictions["public"], 1 / 3)


@pytest.mark.parametrize(
    ("kind", "arrays"),
    [("regression", np.arange(7.0)), ("segmentation", np.ones((7, HEIGHT, WIDTH), np.uint8))],
)
def test_a_given_split_is_answered_in_whole_or_not_at_all(kind: Kind, arrays: Any, tmp_path: Path) -> None:
    names = [*HIDDEN, *IDS["validation"]]
    whole = answers(npz(ids=names, predictions=arrays), task_of(kind), tmp_path)
    part = answers(npz(ids=names[:-1], predictions=arrays[:-1]), task_of(kind), tmp_path)
    assert set(whole.predictions) == {"validation", "public", "private"}
    assert set(part.predictions) == {"public", "private"}


def test_a_rehearsal_passes_over_the_ids_that_it_does_not_ask_for(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    path.write_bytes(csv("id,value", *(f"{name},1" for name in [*HIDDEN, *IDS["validation"]])))
    ids: dict[Split, Any] = {"validation": np.array(IDS["validation"])}
    exam = Exam(task_of("regression"), LIMITS, {}, ids, 1, rehearsal=True)
    found = predictions.answer(path, exam, never, lambda share: None)
    assert {split: len(block) for split, block in found.predictions.items()} == {"validation": 2}


def test_an_image_without_boxes_has_a_row_with_its_id_alone(tmp_path: Path) -> None:
    rows = csv(BOX_COLUMNS, "h-1", "h-2,,,,,,", *BOX_LINES[3:])
    found = answers(rows, task_of("detection"), tmp_path)
    assert not found.predictions["public"][0].any()
    assert found.predictions["public"][1].any()
    columns = {"id": ["h-1", *HIDDEN[1:]], "class": [None, 1, 1, 1, 1]}
    numbers = {name: [None, 0.5, 0.5, 0.5, 0.5] for name in BOX_COLUMNS.split(",")[2:]}
    again = answers(parquet(columns=columns | numbers), task_of("detection"), tmp_path)
    assert not again.predictions["public"][0].any()
    assert again.predictions["public"][1].sum() == pytest.approx(3.5)


def test_of_very_many_boxes_the_most_confident_stay(tmp_path: Path) -> None:
    lines = [f"h-1,tent,{k / 1000:.3f},0,0,1,1" for k in range(500)]
    found = answers(csv(BOX_COLUMNS, *lines, *BOX_LINES[1:]), task_of("detection"), tmp_path)
    assert np.allclose(found.predictions["public"][0][:, 4], np.arange(499, 399, -1) / 1000)


FULL = labels(SCORED)
WRONG: list[tuple[str, VerdictCode, str]] = [
    (labels(SCORED[:-2]), "missing_ids", "private-68, private-69, 2 of 110"),
    (FULL + "ghost,tent\n", "unknown_ids", "ghost"),
    (FULL + f"{SCORED[0]},tent\n", "duplicate_ids", SCORED[0]),
    (FULL.replace(",boot", ",shoe"), "unknown_class", "shoe"),
    (FULL.replace(",boot", ",1"), "unknown_class", "labels 1: these are numbers"),
    (FULL.replace(",boot", ",Boot"), "unknown_class", "only upper and lower case differ"),
    ("id,label\n", "unreadable", "no line"),
    ("id,label\na,tent,1\n", "unreadable", "lines of another length: 2"),
    ("id,guess\na,tent\n", "bad_shape", "guess"),
    ("id,p_tent,p_boot\na,0.5,0.5\n", "bad_shape", "p_lamp"),
    ("id,p_tent,p_boot,p_lamp,p_lamp\na,1,0,0,0\n", "bad_shape", "more than once: p_lamp"),
    ("id;label\na;tent\n", "unreadable", "'id;label': semicolons in place of commas"),
    ("id\tlabel\na\ttent\n", "unreadable", "tabs in place of commas"),
    (",id,label\n0,a,tent\n", "unreadable", "an index that was written along"),
    ("id,p_tent,p_boot,p_lamp\na,1e300,0,1\n", "not_finite", "1 rows"),
    ("id,p_tent,p_boot,p_lamp\na,x,0,1\n", "bad_type", "line 2: could not convert string to float: 'x'"),
    ("id,p_tent,p_boot,p_lamp\na,nan,0,1\n", "not_finite", "such as of a"),
    ("id,p_tent,p_boot,p_lamp\na,,0,1\n", "not_finite", "or nothing"),
    ('id,label\na,"tent\n', "unreadable", "does not parse"),
    ("id,label\na," + "t" * 2000 + "\n", "unreadable", "does not parse"),
]


@pytest.mark.parametrize(("text", "code", "found"), WRONG)
def test_a_wrong_file_is_refused_with_what_was_found(
    tmp_path: Path, text: str, code: VerdictCode, found: str
) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text(text)
    ids: dict[Split, Any] = {split: found.ids for split, found in SPLITS.items()}
    with pytest.raises(Rejected) as caught:
        predictions.answer(path, Exam(table_task(), LIMITS, {}, ids, 1), never, lambda share: None)
    verdict = caught.value.verdict
    assert verdict.code == code
    assert found in verdict.found
    assert verdict.expected
    assert verdict.fix


def arrays(values: Any, ids: Any = HIDDEN) -> bytes:
    return npz(ids=np.array(ids), predictions=np.array(values))


def columns(**found: Any) -> bytes:
    return parquet(columns=found)


MISFITS: list[tuple[Kind, bytes, VerdictCode, str]] = [
    # Ids.
    ("regression", arrays(np.ones(5), [1.0, 2.0, 3.0, 4.0, 5.0]), "bad_type", "ids of float64, such as 1.0"),
    ("regression", arrays(np.ones(5), ["1.0", "2.0", "3.0", "4.0", "5.0"]), "unknown_ids", "read as floats"),
    ("regression", arrays(np.ones(5), [0, 1, 2, 3, 4]), "unknown_ids", "row numbers"),
    ("regression", arrays(np.ones(5), [71, 72, 73, 74, 75]), "unknown_ids", "read as numbers"),
    ("regression", arrays(np.ones(5), [f"{n}.png" for n in HIDDEN]), "unknown_ids", "names of files"),
    ("regression", arrays(np.ones(5), [n.upper() for n in HIDDEN]), "unknown_ids", "upper and lower case"),
    ("regression", arrays(np.ones(4), HIDDEN[:4]), "missing_ids", "h-5, 1 of 5"),
    ("regression", arrays(np.ones(6), [*HIDDEN, "h-1"]), "duplicate_ids", "h-1"),
    ("regression", arrays(np.ones(4)), "bad_shape", "5 ids and 4 predictions"),
    ("regression", arrays(np.ones(0), np.empty(0, "U1")), "unreadable", "without a row"),
    # Numbers.
    ("regression", arrays(np.ones((5, 2))), "bad_shape", "[5, 2]"),
    ("regression", arrays(["a"] * 5), "bad_type", "no numbers"),
    ("regression", arrays([1, np.nan, 1, np.inf, 1]), "not_finite", "2 rows with NaN, infinity or nothing"),
    ("regression", csv("id,label", "h-1,2"), "bad_shape", "must be called value"),
    ("regression", csv("id,value", "h-1,1,5"), "unreadable", "a comma inside of a name or a number"),
    ("regression", columns(id=HIDDEN, value=["tall"] * 5), "bad_type", "the column value of string"),
    ("regression", columns(name=HIDDEN, value=[1.0] * 5), "bad_shape", "no one column id among name, value"),
    ("regression", columns(id=HIDDEN, value=[1.0, None, 1, 1, 1]), "not_finite", "such as of h-2"),
    ("regression", columns(id=[1.5] * 5, value=[1.0] * 5), "bad_type", "ids of double"),
    (
        "regression",
        columns(value=[1.0] * 5, __index_level_0__=HIDDEN),
        "bad_shape",
        "reset_index()",
    ),
    # Classes.
    (
        "classification",
        arrays([1, 2, 3, 1, 2]),
        "unknown_class",
        "1 to 3, with 3 classes counted from 0: these",
    ),
    ("classification", arrays([0, 1, 7, 1, 2]), "unknown_class", "class indices 0 to 7"),
    ("classification", arrays([0.0, 1, 2, 1, 2]), "bad_shape", "class indices must be integers"),
    ("classification", arrays(np.ones((5, 4))), "bad_shape", "one more than the 3 classes"),
    ("classification", arrays(["tent", "boat", "tent", "tent", "tent"]), "unknown_class", "labels boat"),
    ("classification", columns(id=HIDDEN, label=[1] * 5), "unknown_class", "not names of classes"),
    ("classification", npz(ids=HIDDEN, probabilities=SCORES), "unreadable", "the arrays ids, probabilities;"),
    ("classification", npy(SCORES), "unreadable", "an array of records with id and prediction"),
    # Boxes.
    ("detection", csv("id,class,score,x,y,w,h", "h-1,tent,1,0,0,1,1"), "bad_shape", "two corners"),
    ("detection", csv("id,label", "h-1,tent"), "bad_shape", "these are labels"),
    ("detection", csv(BOX_COLUMNS, "h-1,hat,1,0,0,1,1"), "unknown_class", "classes hat"),
    ("detection", csv(BOX_COLUMNS, "h-1,3,1,0,0,1,1"), "unknown_class", "counted from 1"),
    ("detection", csv(BOX_COLUMNS, "h-1,tent,,0,0,1,1"), "not_finite", "such as of h-1"),
    ("detection", csv(BOX_COLUMNS, *BOX_LINES[:3]), "missing_ids", "h-3, h-4, h-5, 3 of 5"),
    ("detection", csv(BOX_COLUMNS, *BOX_LINES, "h-9"), "unknown_ids", "h-9"),
    ("detection", arrays(np.ones((5, 2, 5))), "bad_shape", "six values"),
    ("detection", arrays(np.ones((5, 6))), "bad_shape", "a list of boxes"),
    # Masks.
    ("segmentation", csv("id,label", "h-1,tent"), "bad_type", "no room for masks"),
    ("segmentation", columns(id=HIDDEN, mask=[1] * 5), "bad_type", "no room for masks"),
    ("segmentation", arrays(MASKS[:, :2]), "bad_shape", "masks must be of 4 x 6 pixels"),
    ("segmentation", arrays(np.swapaxes(MASKS, 1, 2)), "bad_shape", "height and width are swapped"),
    ("segmentation", arrays(np.zeros((5, HEIGHT, WIDTH, 3), np.uint8)), "bad_shape", "coloured masks"),
    ("segmentation", arrays(MASKS[..., None]), "bad_shape", "use [..., 0]"),
    ("segmentation", arrays(MASKS.astype(float)), "bad_shape", "astype('uint8')"),
    ("segmentation", arrays((MASKS > 0) * 255), "unknown_class", "masks of 0 and 255"),
    ("segmentation", arrays(MASKS + 1), "unknown_class", "counted from 0"),
    # Embeddings.
    ("similarity", arrays(np.ones((5, 9))), "bad_shape", "at most 4 numbers"),
    ("similarity", csv("id,e_0,e_2", "h-1,1,2"), "bad_shape", "columns missing: e_1; unknown: e_2"),
    (
        "similarity",
        columns(id=HIDDEN, embedding=[[1.0], [1.0, 2.0], [1.0], [1.0], [1.0]]),
        "bad_shape",
        "1, 2",
    ),
    ("similarity", columns(id=HIDDEN, embedding=[["a"]] * 5), "bad_type", "string"),
]


@pytest.mark.parametrize(
    ("kind", "content", "code", "found"), MISFITS, ids=[f"{case[0]} {case[3]}" for case in MISFITS]
)
def test_what_does_not_fit_is_explained(
    kind: Kind, content: bytes, code: VerdictCode, found: str, tmp_path: Path
) -> None:
    verdict = verdict_on(content, task_of(kind), tmp_path)
    assert verdict.code == code, verdict
    assert found in verdict.found
    assert verdict.expected
    assert verdict.fix


def test_masks_are_asked_for_as_npz(tmp_path: Path) -> None:
    verdict = verdict_on(csv("id,label", "h-1,tent"), task_of("segmentation"), tmp_path)
    assert "npz" in verdict.expected
    assert "savez" in verdict.fix
    assert "CSV" not in verdict.expected


UNCERTAIN = [
    (arrays(SCORES * 0.7), "sum to 0 to 0.7: neither probabilities nor logits"),
    (arrays(np.full((5, 3), [20, 30, 50])), "percentages"),
    (arrays([0, 1, 2, 0, 1]), "class indices"),
    (csv("id,label", "h-1,tent"), "labels"),
]


@pytest.mark.parametrize(("content", "found"), UNCERTAIN, ids=[case[1] for case in UNCERTAIN])
def test_log_loss_needs_probabilities_or_logits(content: bytes, found: str, tmp_path: Path) -> None:
    verdict = verdict_on(content, task_of("classification", "log_loss"), tmp_path)
    assert verdict.code == "bad_type"
    assert found in verdict.found
    assert "sums to 1" in verdict.fix


def test_where_only_the_order_counts_any_scores_will_do(tmp_path: Path) -> None:
    found = answers(arrays(np.full((5, 3), [20, 30, 50])), task_of("classification"), tmp_path)
    assert (found.predictions["public"].argmax(axis=1) == 2).all()


def test_logits_are_taken_where_probabilities_count(tmp_path: Path) -> None:
    task = task_of("classification", "log_loss")
    assert answers(arrays(SCORES * 9 - 2), task, tmp_path).examples == N


def test_inspection_looks_at_every_value(tmp_path: Path) -> None:
    path = tmp_path / "predictions.npz"
    path.write_bytes(arrays(MASKS + 1))
    with pytest.raises(Rejected) as caught:
        predictions.inspect(path, task_of("segmentation"), LIMITS, in_process)
    assert caught.value.verdict.code == "unknown_class"


def test_bytes_that_are_no_text_are_unreadable(tmp_path: Path) -> None:
    verdict = verdict_on(b"id,label\n\xff\xfe,tent\n", task_of("classification"), tmp_path)
    assert verdict.code == "unreadable"
    assert "UTF-8" in verdict.found


def test_labels_are_refused_where_log_loss_counts(inspect: Inspect) -> None:
    verdict = inspect(FULL.encode(), table_task("log_loss")).verdict
    assert verdict is not None
    assert verdict.code == "bad_type"
    assert "probability" in verdict.fix


def test_a_passport_counts_the_rows(inspect: Inspect) -> None:
    passport = inspect(FULL.encode())
    assert passport.verdict is None
    facts = {fact.name: fact.value for fact in passport.facts}
    assert {"File": "CSV", "Rows": "110", "Predictions": "labels"}.items() <= facts.items()


def test_control_characters_of_a_file_do_not_reach_the_reader(score: Score) -> None:
    verdict = score((FULL + "\x1b[2Jghost,tent\n").encode()).verdict
    assert verdict is not None
    assert "\x1b" not in verdict.found
    assert "\\x1b" in verdict.found


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_a_byte_order_mark_and_quotes_are_read(score: Score, end: str) -> None:
    lines = [f'"{name}","{TRUTH[name]}"' for name in SCORED]
    evaluation = score(("\ufeff" + end.join(['"id","label"', *lines])).encode())
    assert {s.split: s.value for s in evaluation.scores} == {"public": 1.0, "private": 1.0}


def test_too_many_rows_are_refused_before_they_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tables.MOST_ROWS == 1_000_000
    monkeypatch.setattr(tables, "MOST_ROWS", 1000)
    content = csv("id,label", *["a,tent"] * 1001)
    for text in (content, arrays(np.ones(1001), ["a"] * 1001), columns(id=["a"] * 1001, value=[1.0] * 1001)):
        kind: Kind = "classification" if text is content else "regression"
        verdict = verdict_on(text, task_of(kind), tmp_path)
        assert verdict.code == "too_large"
        assert "rows" in verdict.found
    assert "1,000 rows" in verdict_on(content, task_of("classification"), tmp_path).found


def test_what_is_missing_of_a_given_split_is_counted_against_that_split(score: Score) -> None:
    ids = [str(name) for name in SPLITS["validation"].ids]
    verdict = score(labels(ids[:-1]).encode(), splits={"validation": SPLITS["validation"]}).verdict
    assert verdict is not None
    assert verdict.code == "missing_ids"
    assert verdict.expected == "a prediction for each of 30 examples"

"""Properties of what a worker parses outside of a box, for inputs that are nearly right."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from challenges.manifest import Format
from challenges.task import Kind
from scoring.formats import edits
from scoring.formats.code import _listed
from scoring.formats.edits import Action
from scoring.formats.peek import of_bytes
from scoring.sandbox.inside import frames
from tests.fuzz import examples, worker
from tests.fuzz.files import file

few = settings(max_examples=40, deadline=None)
some = settings(max_examples=150, deadline=None)

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@some
@given(st.lists(NAMES, unique=True, max_size=20), st.binary(max_size=50))
def test_the_names_in_a_zip_are_read_without_unpacking_it(names: list[str], comment: bytes) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = comment.replace(b"PK", b"")
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"")
    assert _listed(of_bytes(buffer.getvalue()).tail) == [name.encode() for name in names]


CELLS = st.sampled_from(
    [
        "",
        " ",
        "tent",
        "boot",
        "0",
        "1.0",
        "-1",
        "1e999",
        "nan",
        "inf",
        "1_0",
        "٣",
        '"',
        '"a\nb"',
        "\0",
        "é",
        ";",
    ]
) | st.text(max_size=8)
IDS = st.sampled_from([name for names in examples.IDS.values() for name in names]) | CELLS
HEADERS: dict[Kind, str] = {
    "classification": "id,p_tent,p_boot,p_lamp",
    "detection": "id,class,score,x0,y0,x1,y1",
    "segmentation": "id,mask",
    "similarity": "id,e_0,e_1",
    "regression": "id,value",
}


@some
@given(st.data())
def test_a_table_with_whatever_cells_is_scored_or_refused(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(examples.KINDS))
    header = data.draw(st.sampled_from([HEADERS[kind], "id,label", "\ufeff" + HEADERS[kind].upper()]))
    width = header.count(",")
    row = st.tuples(IDS, st.lists(CELLS, min_size=width, max_size=width + 1))
    lines = [",".join([name, *cells]) for name, cells in data.draw(st.lists(row, max_size=9))]
    text = data.draw(st.sampled_from(["\n", "\r\n", "\r"])).join([header, *lines])
    worker.tables(bytes([examples.KINDS.index(kind)]) + text.encode(errors="replace"))


FLOATS = st.floats(width=32) | st.sampled_from([0.0, 0.5, 1.0, 2.0, 3e38, -3e38, 1e-45])


@few
@given(st.integers(0, 4), arrays.arrays(np.float32, st.integers(1, 60), elements=FLOATS))
def test_whatever_numbers_a_box_answers_are_scored_or_refused(kind: int, numbers: Any) -> None:
    worker.answers(bytes([kind]) + numbers.tobytes())


ERROR = {"code": "crashed", "found": "x", "excerpt": "y"}
FRAMES = st.sampled_from(b"RJFLPDETK?").map(lambda kind: bytes([kind]))


def _sent(kind: Kind, format_: Format) -> st.SearchStrategy[bytes]:
    """Frames that are mostly what an honest box would send, in mostly that order."""
    honest = worker.said(kind, np.array([1, 0, 2, 3], np.float32).tobytes(), format_)
    bodies = st.binary(max_size=20) | st.sampled_from(
        [b"", json.dumps(worker.FACTS[format_]).encode(), json.dumps(ERROR).encode()]
    )
    other = st.tuples(FRAMES, bodies).map(lambda part: frames.HEADER.pack(part[0], len(part[1])) + part[1])
    return st.tuples(
        st.sampled_from([honest, b""]), st.integers(0, len(honest)), st.lists(other, max_size=3)
    ).map(lambda parts: parts[0][: parts[1]] + b"".join(parts[2]))


@few
@given(st.data())
def test_whatever_frames_a_box_sends_the_fault_is_never_the_platforms(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(examples.KINDS))
    format_ = data.draw(st.sampled_from(worker.BOXED))
    start = bytes([worker.BOXED.index(format_), examples.KINDS.index(kind), 0])
    worker.spoken(start + data.draw(_sent(kind, format_)))


@some
@given(st.data())
def test_facts_with_whatever_in_a_field_are_a_passport_or_refused(data: st.DataObject) -> None:
    format_ = data.draw(st.sampled_from(worker.BOXED))
    known = dict(worker.FACTS[format_])
    known[data.draw(st.sampled_from(sorted(known)))] = data.draw(JSON)
    worker.facts(bytes([worker.BOXED.index(format_)]) + json.dumps(known).encode())


CHANGES: dict[Action, Callable[[str], str]] = {
    "keep": lambda label: "",
    "drop": lambda label: "",
    "relabel": lambda label: label,
}


@some
@given(st.data())
def test_changes_do_to_the_data_what_they_say_and_nothing_else(data: st.DataObject) -> None:
    task = examples.data_task("edits")
    train = examples.splits_of(task)["public"]
    ids = data.draw(
        st.permutations(train.ids.tolist()).flatmap(lambda n: st.integers(0, 3).map(lambda k: n[:k]))
    )
    wanted = {name: data.draw(st.sampled_from(sorted(CHANGES))) for name in ids}
    labels = {name: data.draw(st.sampled_from(examples.CLASSES)) for name in ids}
    rows = [f"{name},{action},{CHANGES[action](labels[name])}" for name, action in wanted.items()]
    before = dict(zip(train.ids.tolist(), train.labels.tolist(), strict=True))
    after = {
        name: examples.CLASSES.index(labels[name]) if wanted.get(name) == "relabel" else label
        for name, label in before.items()
        if wanted.get(name) != "drop"
    }
    with file("\n".join(["id,action,label", *rows]).encode()) as path:
        found = edits.read(path, task)
    if set(before.values()) == set(after.values()):
        left = edits.applied(found, train, task)
        assert dict(zip(left.ids.tolist(), left.labels.tolist(), strict=True)) == after

"""What a build writes: the right examples, the same bytes each time, and no word of what is hidden."""

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from challenges.build import build, given_folder, secret_from_hex
from challenges.bundle import BundleError, digest
from challenges.splits import read_split

Spoil = Callable[[str, str, str], None]
SECRET = b"an event's secret"
OTHER = b"another's secret!"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_same_secret_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    build(folder, SECRET, tmp_path / "one")
    build(folder, SECRET, tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_another_secret_changes_what_is_hidden_and_not_what_is_given(folder: Path, tmp_path: Path) -> None:
    one, two = build(folder, SECRET, tmp_path / "one"), build(folder, OTHER, tmp_path / "two")
    assert one.hidden_set is not None
    assert two.hidden_set is not None
    for split in ("public", "private"):
        first, second = read_split(one.hidden_set, split), read_split(two.hidden_set, split)
        assert not np.array_equal(first.inputs, second.inputs)
        assert not set(first.ids) & set(second.ids)
    assert (one.given / "train.npz").read_bytes() == (two.given / "train.npz").read_bytes()


def test_each_split_has_its_size_and_unique_ids(folder: Path, tmp_path: Path) -> None:
    built = build(folder, SECRET, tmp_path / "out")
    assert built.hidden_set is not None
    train = read_split(built.given, "train")
    assert train.inputs.shape == (40, 2)
    assert train.inputs.dtype == np.float32
    assert train.ids[0] == "train-00001"
    hidden = {split: read_split(built.hidden_set, split) for split in ("validation", "public", "private")}
    assert {split: len(part.labels) for split, part in hidden.items()} == {
        "validation": 20,
        "public": 30,
        "private": 50,
    }
    ids = np.concatenate([part.ids for part in hidden.values()])
    assert len(set(ids)) == 100
    given = read_split(built.given, "validation")
    assert all(np.array_equal(a, b) for a, b in zip(given, hidden["validation"], strict=True))


def test_the_hidden_set_is_stored_without_compression(folder: Path, tmp_path: Path) -> None:
    built = build(folder, SECRET, tmp_path / "out")
    assert built.hidden_set is not None
    with zipfile.ZipFile(built.hidden_set) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert len(archive.infolist()) == 9


def test_released_inputs_stand_in_an_order_that_tells_nothing(folder: Path, tmp_path: Path) -> None:
    built = build(folder, SECRET, tmp_path / "out")
    assert built.hidden_set is not None
    with np.load(built.given / "hidden_inputs.npz", allow_pickle=False) as released:
        assert set(released.files) == {"inputs", "ids"}
        ids, inputs = list(released["ids"]), released["inputs"]
    assert ids == sorted(ids)
    hidden = [read_split(built.hidden_set, split) for split in ("public", "private")]
    known = {name: row for part in hidden for name, row in zip(part.ids, part.inputs, strict=True)}
    assert all(np.array_equal(known[name], row) for name, row in zip(ids, inputs, strict=True))
    is_public = np.isin(ids, hidden[0].ids)
    assert 5 < is_public[:40].sum() < 25


def test_the_given_folder_holds_no_hidden_label(folder: Path, tmp_path: Path) -> None:
    built = build(folder, SECRET, tmp_path / "out")
    with (built.given / "hidden_inputs.csv").open(newline="") as file:
        assert next(csv.reader(file)) == ["id", "a", "b"]
    with (built.given / "sample_predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["label"] for row in rows} == {"low"}
    assert len(rows) == 80


def test_ids_and_order_come_from_the_secret_and_not_from_the_labels(folder: Path, tmp_path: Path) -> None:
    built = build(folder, SECRET, tmp_path / "out")
    assert built.hidden_set is not None
    private = read_split(built.hidden_set, "private")
    by_id = private.labels[np.argsort(private.ids)]
    assert 5 < by_id[:25].sum() < 20


def test_the_given_zip_holds_the_given_folder(folder: Path, tmp_path: Path) -> None:
    built = build(folder, SECRET, tmp_path / "out")
    with zipfile.ZipFile(built.given_zip) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"given/{name}": content for name, content in files(built.given).items()
        }


def test_csv_and_arrays_hold_the_same_numbers(folder: Path, tmp_path: Path) -> None:
    built = build(folder, None, tmp_path / "out")
    train = read_split(built.given, "train")
    rows = list(csv.DictReader(io.StringIO((built.given / "train.csv").read_text())))
    assert [row["id"] for row in rows] == list(train.ids)
    assert np.array_equal(np.array([[row["a"], row["b"]] for row in rows], np.float32), train.inputs)
    assert [row["label"] for row in rows] == [("low", "high")[label] for label in train.labels]


def test_without_a_secret_nothing_hidden_is_made(folder: Path, tmp_path: Path) -> None:
    built = build(folder, None, tmp_path / "out")
    assert built.hidden_set is None
    assert sorted(files(built.given)) == [
        "README.md",
        "train.csv",
        "train.npz",
        "validation.csv",
        "validation.npz",
    ]


def test_the_data_card_names_sources_and_licences(folder: Path, tmp_path: Path) -> None:
    card = (build(folder, SECRET, tmp_path / "out").given / "README.md").read_text()
    assert "Made here (CC0)." in card
    assert "`hidden_inputs.npz`: 80 examples" in card


@pytest.mark.parametrize(
    ("old", "new", "field", "found"),
    [
        (".astype(np.float32)", "", "given()['train'].inputs", "float64 [40, 2]"),
        (
            "np.arange(sizes[name])",
            "np.arange(sizes[name] - 1)",
            "given()['train'].inputs",
            "float32 [39, 2]",
        ),
        ("% 2 for", "% 3 for", "given()['train'].labels", "no example of [], and unknown classes [2]"),
        ("% 2 for", "* 0 for", "given()['train'].labels", "no example of [1], and unknown classes []"),
        ("labels[:, None] + ", "np.nan * ", "given()['train'].inputs", "80 values that are not finite"),
        (
            "2))).astype(np.float32), labels)",
            "2))).astype(np.float32), labels.astype(np.int32))",
            "given()['train'].labels",
            "int32 [40]",
        ),
        ('("train", "validation")', '("train",)', "given", "keys ['train']"),
        (
            'secret_generator(secret, "tiny")',
            "np.random.default_rng(seed)",
            "hidden()['public'].inputs",
            "30 examples that are also given to teams",
        ),
    ],
)
def test_wrong_examples_are_named_with_what_was_found(
    folder: Path, spoil: Spoil, tmp_path: Path, old: str, new: str, field: str, found: str
) -> None:
    spoil("data.py", old, new)
    with pytest.raises(BundleError) as raised:
        build(folder, SECRET, tmp_path / "out")
    assert (field, found) in {(fault.field, fault.found) for fault in raised.value.faults}
    assert {fault.file for fault in raised.value.faults} == {"data.py"}


def test_the_given_folder_is_built_once_and_anew_for_a_changed_bundle(
    folder: Path, spoil: Spoil, tmp_path: Path
) -> None:
    first = given_folder(folder, tmp_path / "cache")
    written = (first / "train.npz").stat().st_mtime_ns
    assert first == tmp_path / "cache" / digest(folder) / "given"
    assert given_folder(folder, tmp_path / "cache") == first
    assert (first / "train.npz").stat().st_mtime_ns == written
    spoil("challenge.toml", "seed = 3", "seed = 4")
    assert given_folder(folder, tmp_path / "cache") != first


def command(folder: Path, target: Path, secret: str) -> subprocess.CompletedProcess[str]:
    arguments = [
        sys.executable,
        "-m",
        "challenges.build",
        str(folder),
        "--target",
        str(target),
        "--secret-stdin",
    ]
    return subprocess.run(arguments, input=secret, capture_output=True, text=True, check=False)


def test_the_command_reads_the_secret_from_standard_input(folder: Path, tmp_path: Path) -> None:
    done = command(folder, tmp_path / "out", SECRET.hex() + "\n")
    assert done.returncode == 0, done.stderr
    build(folder, SECRET, tmp_path / "same")
    assert files(tmp_path / "out") == files(tmp_path / "same")


@pytest.mark.parametrize("secret", ["pass-word", "a1b2c3"])
def test_the_command_refuses_a_bad_secret_without_showing_it(
    folder: Path, tmp_path: Path, secret: str
) -> None:
    done = command(folder, tmp_path / "out", secret)
    assert done.returncode == 1
    assert "the secret" in done.stderr
    assert secret not in done.stderr + done.stdout
    assert not (tmp_path / "out").exists()


def test_the_command_never_writes_over_a_folder_with_files(folder: Path, tmp_path: Path) -> None:
    done = command(folder, folder, SECRET.hex())
    assert done.returncode == 1
    assert "already holds files" in done.stderr


def test_a_secret_has_at_least_sixteen_bytes() -> None:
    assert secret_from_hex("ab" * 16) == b"\xab" * 16
    with pytest.raises(ValueError, match="15 bytes"):
        secret_from_hex("ab" * 15)

"""Data in five well-known forms becomes a bundle whose hidden examples stay hidden."""

import csv
import json
import shutil
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from challenges import bundle
from challenges.build import build
from challenges.importers.pool import SOURCES, hidden
from challenges.splits import read_split
from tests.challenges.importers.conftest import EACH, Run, picture

SECRET, OTHER = b"s" * 16, b"t" * 16
Coco = tuple[Path, dict[str, Any]]


def sources(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of `sources.csv` by part."""
    parts = defaultdict(list)
    with (folder / "pool" / SOURCES).open() as file:
        for row in csv.DictReader(file):
            parts[row["part"]].append(row)
    return parts


def test_an_image_folder_becomes_a_sound_bundle_with_even_classes(
    run: Run, photographs: Path, tmp_path: Path
) -> None:
    target = tmp_path / "bundle"
    code, output = run("import", "image-folder", photographs, target, "--licence", "CC0", "--size", "16x16")
    assert code == 0, output
    manifest = bundle.read(target).manifest
    assert manifest.task.classes == ["boot", "hat"]
    assert sum(manifest.data.sizes.model_dump().values()) == 2 * EACH
    built = build(target, SECRET, tmp_path / "built")
    assert built.hidden_set is not None
    splits = [read_split(built.given, "train"), read_split(built.hidden_set, "private")]
    for split in splits:
        assert abs(split.labels.mean() - 0.5) < 0.06
        assert split.inputs.shape[1:] == (3, 16, 16)


def test_the_resize_rule_and_the_copies_are_in_the_data_card(
    run: Run, photographs: Path, tmp_path: Path
) -> None:
    run("import", "image-folder", photographs, tmp_path / "b", "--licence", "CC0", "--resize", "crop")
    card = (build(tmp_path / "b", None, tmp_path / "built").given / "README.md").read_text()
    assert "64 x 64 pixels, by the rule crop: scaled as a whole to cover" in card
    assert "never in two splits" in card


def test_the_same_input_gives_the_same_digest_and_another_seed_another(
    run: Run, photographs: Path, tmp_path: Path
) -> None:
    digests = []
    for name, seed in (("one", 1), ("two", 1), ("three", 2)):
        options = ("--licence", "CC0", "--size", "8x8", "--seed", seed)
        assert run("import", "image-folder", photographs, tmp_path / name, *options)[0] == 0
        digests.append(bundle.digest(tmp_path / name))
    assert digests[0] == digests[1] != digests[2]


def test_nothing_of_the_hidden_pool_is_in_what_teams_are_given(
    run: Run, photographs: Path, tmp_path: Path
) -> None:
    target = tmp_path / "bundle"
    run("import", "image-folder", photographs, target, "--licence", "CC0", "--size", "16x16")
    built = build(target, SECRET, tmp_path / "built")
    given = {
        row.tobytes() for name in ("train", "validation") for row in read_split(built.given, name).inputs
    }
    pool = np.concatenate(
        [np.load(file) for file in sorted((target / "pool" / "hidden").glob("inputs-*.npy"))]
    )
    assert not given & {row.tobytes() for row in pool}
    with zipfile.ZipFile(built.given_zip) as archive:
        assert sorted(archive.namelist()) == [
            f"given/{name}" for name in ("README.md", "preview.png", "train.npz", "validation.npz")
        ]
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert not any(row["example"].encode() in everything for row in sources(target)["hidden"])


def test_an_archive_for_teams_has_no_hidden_part_and_still_gives_their_splits(
    run: Run, photographs: Path, tmp_path: Path
) -> None:
    target = tmp_path / "bundle"
    run("import", "image-folder", photographs, target, "--licence", "CC0", "--size", "8x8")
    (target / "coach.md").write_text("The solution.")
    assert run("pack", target, tmp_path / "teams.zip", "--for-teams")[0] == 0
    bundle.unpack(tmp_path / "teams.zip", tmp_path / "teams")
    assert sorted(path.name for path in (tmp_path / "teams" / "pool").iterdir()) == ["train", "validation"]
    assert not (tmp_path / "teams" / "coach.md").exists()
    whole, theirs = (
        build(folder, None, tmp_path / folder.stem / "built") for folder in (target, tmp_path / "teams")
    )
    assert (whole.given / "train.npz").read_bytes() == (theirs.given / "train.npz").read_bytes()
    with pytest.raises(ValueError, match="files for teams"):
        build(tmp_path / "teams", SECRET, tmp_path / "no")


def test_the_secret_draws_public_and_private_and_no_group_is_in_both(
    run: Run, photographs: Path, tmp_path: Path
) -> None:
    target = tmp_path / "bundle"
    options = (
        "--licence",
        "CC0",
        "--size",
        "8x8",
        "--group-by",
        r"\w+/walk\d+",
        "--shares",
        "40,20,40,40",
    )
    code, output = run("import", "image-folder", photographs, target, *options)
    assert code == 0, output
    assert "spared in each draw" in output
    sizes = bundle.read(target).manifest.data.sizes.model_dump()
    labels = [hidden(target / "pool", secret, sizes) for secret in (SECRET, SECRET, OTHER)]
    assert (labels[0]["private"].inputs == labels[1]["private"].inputs).all()
    assert not (labels[0]["private"].inputs == labels[2]["private"].inputs).all()
    pool = target / "pool" / "hidden"
    rows = np.concatenate([np.load(file) for file in sorted(pool.glob("inputs-*.npy"))])
    group_of = {row.tobytes(): group for row, group in zip(rows, np.load(pool / "groups.npy"), strict=True)}
    public, private = (
        {group_of[row.tobytes()] for row in labels[0][name].inputs} for name in ("public", "private")
    )
    assert not public & private


def test_named_groups_stay_in_one_part(run: Run, readings: Path, tmp_path: Path) -> None:
    code, output = run("import", "csv", readings, tmp_path / "b", "--licence", "CC0", "--group-by", "person")
    assert code == 0, output
    parts = {part: {row["group"] for row in rows} for part, rows in sources(tmp_path / "b").items()}
    assert len(set.union(*parts.values())) == sum(map(len, parts.values())) == 80
    manifest = bundle.read(tmp_path / "b").manifest
    assert manifest.task.input.model_dump()["features"] == ["length", "width"]
    assert manifest.task.classes == ["high", "low"]


def test_parquet_gives_what_the_same_csv_gives(run: Run, readings: Path, tmp_path: Path) -> None:
    parquet.write_table(arrow_csv.read_csv(readings), tmp_path / "readings.parquet")
    for form, file in (("csv", readings), ("parquet", tmp_path / "readings.parquet")):
        options = ("--licence", "CC0", "--group-by", "person", "--source-name", "Readings")
        assert run("import", form, file, tmp_path / form, *options)[0] == 0
    assert bundle.digest(tmp_path / "csv") == bundle.digest(tmp_path / "parquet")


def test_a_column_of_numbers_is_a_regression(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    columns = {"a": rng.random(200), "b": rng.random(200), "weight": rng.random(200)}
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    code, output = run(
        "import", "parquet", tmp_path / "t.parquet", tmp_path / "b", "--licence", "CC0", "--value", "weight"
    )
    assert code == 0, output
    assert bundle.read(tmp_path / "b").manifest.task.kind == "regression"


def test_coco_boxes_follow_their_picture_into_the_frame(run: Run, coco: Coco, tmp_path: Path) -> None:
    file, _ = coco
    for rule, box in {
        "stretch": [2, 2, 12, 12],
        "letterbox": [2, 6, 12, 11],
        "crop": [0, 2, 14, 12],
    }.items():
        target = tmp_path / rule
        code, output = run(
            "import", "coco", file, target, "--licence", "CC0", "--size", "20x20", "--resize", rule
        )
        assert code == 0, output
        assert bundle.read(target).manifest.task.classes == ["boot", "tent"]
        labels = read_split(build(target, None, tmp_path / f"built-{rule}").given, "train").labels
        found = labels[(labels[:, :, 4] >= 0) & (labels[:, :, 5] == 0)]
        assert found[0, :4].tolist() == box
        assert (found[:, :4] == found[0, :4]).all()


def test_masks_keep_their_indices_and_bars_are_not_scored(run: Run, masked: Path, tmp_path: Path) -> None:
    options = ("--licence", "CC0", "--classes", "ground,tent,boot", "--size", "12x18")
    code, output = run("import", "masks", masked, tmp_path / "b", *options)
    assert code == 0, output
    masks = read_split(build(tmp_path / "b", None, tmp_path / "built").given, "train").labels
    assert set(np.unique(masks)) == {0, 1, 2, 255}
    assert (masks[:, :, :3] == 255).all()
    assert (masks[:, 2:6, 5:12] == 1).all()


def test_a_picture_that_was_encoded_again_stays_with_its_original(
    run: Run, photographs: Path, tmp_path: Path
) -> None:
    for item in range(0, EACH, 4):
        original = next((photographs / "hat").glob(f"*-{item:03}.png"))
        Image.open(original).resize((48, 32)).save(photographs / "hat" / f"again-{item:03}.jpg", quality=85)
    code, output = run("import", "image-folder", photographs, tmp_path / "b", "--licence", "CC0")
    assert code == 0, output
    assert f"{EACH // 4} pairs that look nearly the same" in output
    part_of = {
        row["example"][-7:-4]: part
        for part, rows in sources(tmp_path / "b").items()
        for row in rows
        if "again" in row["example"]
    }
    for part, rows in sources(tmp_path / "b").items():
        for row in rows:
            if row["example"].startswith("hat/walk") and row["example"][-7:-4] in part_of:
                assert part == part_of[row["example"][-7:-4]]


def test_the_same_picture_in_two_classes_is_a_fault(run: Run, photographs: Path, tmp_path: Path) -> None:
    picture(0).save(photographs / "hat" / "boot-in-disguise.png")
    code, output = run("import", "image-folder", photographs, tmp_path / "b", "--licence", "CC0")
    assert code == 1
    assert "hat/boot-in-disguise.png" in output
    assert "boot/walk00-000.png is the same picture" in output
    assert not (tmp_path / "b").exists()


def test_nothing_is_ever_overwritten(run: Run, readings: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    code, output = run("import", "csv", readings, tmp_path / "b", "--licence", "CC0")
    assert code == 1
    assert "is there already" in output
    assert list((tmp_path / "b").iterdir()) == []


def test_all_faults_of_a_folder_of_pictures_are_named_at_once(
    run: Run, photographs: Path, tmp_path: Path
) -> None:
    (photographs / "boot" / "broken.png").write_bytes(b"no picture")
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(photographs / "hat" / "deep.png")
    code, output = run("import", "image-folder", photographs, tmp_path / "b", "--licence", "CC0")
    assert code == 1
    for words in (
        "has 2 faults",
        "boot/broken.png",
        "no readable picture",
        "hat/deep.png",
        "more than 8 bits",
    ):
        assert words in output


def test_all_faults_of_a_table_are_named_with_row_and_column(
    run: Run, readings: Path, tmp_path: Path
) -> None:
    text = readings.read_text().splitlines()
    text[3] = "r2,p0,wide,0.1,low"
    text[7] = "r0,p1,0.2,nan,"
    readings.write_text("\n".join(text))
    options = ("--licence", "CC0", "--group-by", "person")
    code, output = run("import", "csv", readings, tmp_path / "b", *options)
    assert code == 1
    for words in ("row 4, length", "'wide'", "row 8, width", "'nan'", "row 8, label", "row 2 has it too"):
        assert words in output


def test_all_faults_of_a_coco_file_are_named_at_once(run: Run, coco: Coco, tmp_path: Path) -> None:
    file, document = coco
    document["annotations"][0] |= {"category_id": 8, "bbox": [0, 0, 0, 5]}
    document["annotations"][1] |= {"image_id": 12345}
    document["annotations"][2] |= {"bbox": [30, 5, 20, 10]}
    document["annotations"][3] |= {"iscrowd": 2}
    file.write_text(json.dumps(document))
    code, output = run("import", "coco", file, tmp_path / "b", "--licence", "CC0")
    assert code == 1
    for words in (
        "annotations[0].category_id",
        "annotations[0].bbox",
        "annotations[1].image_id",
        "annotations[2].bbox",
        "40 x 20 pixels",
        "annotations[3].iscrowd",
    ):
        assert words in output


def test_a_coco_file_cannot_reach_out_of_its_folder(run: Run, coco: Coco, tmp_path: Path) -> None:
    file, document = coco
    picture(1, (40, 20)).save(tmp_path / "secret.png")
    document["images"][0]["file_name"] = "../../secret.png"
    file.write_text(json.dumps(document))
    code, output = run("import", "coco", file, tmp_path / "b", "--licence", "CC0")
    assert code == 1
    assert "a path below" in output


def test_all_faults_of_masks_are_named_at_once(run: Run, masked: Path, tmp_path: Path) -> None:
    (masked / "masks" / "000.png").unlink()
    (masked / "images" / "001.png").unlink()
    options = ("--licence", "CC0", "--classes", "ground,tent")
    code, output = run("import", "masks", masked, tmp_path / "b", *options)
    assert code == 1
    assert "images/000.png" in output
    assert "masks/001.png" in output
    (masked / "images" / "000.png").unlink()
    (masked / "masks" / "001.png").unlink()
    Image.new("RGB", (12, 12)).save(masked / "masks" / "002.png")
    Image.new("L", (9, 12)).save(masked / "masks" / "003.png")
    output = run("import", "masks", masked, tmp_path / "b", *options)[1]
    assert "12 x 12, as 003.png has" in output
    assert "a class index a pixel" in output
    (masked / "masks" / "002.png").unlink()
    (masked / "images" / "002.png").unlink()
    (masked / "masks" / "003.png").unlink()
    (masked / "images" / "003.png").unlink()
    output = run("import", "masks", masked, tmp_path / "b", *options)[1]
    assert "values [2]" in output


def test_a_class_that_cannot_be_in_every_split_is_a_fault(
    run: Run, photographs: Path, tmp_path: Path
) -> None:
    (photographs / "tent").mkdir()
    for seed in range(3):
        picture(5000 + seed).save(photographs / "tent" / f"{seed}.png")
    code, output = run("import", "image-folder", photographs, tmp_path / "b", "--licence", "CC0")
    assert code == 1
    assert "class 'tent'" in output
    assert "at least 4 that may be apart" in output


def test_options_that_make_no_sense_are_named_at_once(run: Run, photographs: Path, tmp_path: Path) -> None:
    options = ("--licence", "CC0", "--size", "64", "--shares", "1,2", "--metric", "luck")
    code, output = run("import", "image-folder", photographs, tmp_path / "b", *options)
    assert code == 1
    for option in ("--size", "--shares", "--metric"):
        assert option in output


def test_items_become_a_similarity_task_in_which_each_query_has_an_answer(
    run: Run, products: Path, tmp_path: Path
) -> None:
    target = tmp_path / "bundle"
    options = ("--licence", "CC0", "--size", "16x16", "--shares", "40,20,20,20")
    code, output = run("import", "items", products, target, *options)
    assert code == 0, output
    manifest = bundle.read(target).manifest
    assert (manifest.task.kind, manifest.task.metric) == ("similarity", "recall_at_1")
    sizes = manifest.data.sizes.model_dump()
    for secret in (SECRET, OTHER):
        splits = hidden(target / "pool", secret, sizes)
        public, private = (set(splits[name].labels[:, 0].tolist()) for name in ("public", "private"))
        assert not public & private
        for split in splits.values():
            identities, roles = split.labels.T
            assert set(identities[roles == 1]) <= set(identities[roles == 0])
    build(target, SECRET, tmp_path / "built")  # It looks for queries without an answer in each split.


def test_a_picture_of_two_items_and_another_grouping_are_faults(
    run: Run, products: Path, tmp_path: Path
) -> None:
    shutil.copy(products / "item03" / "0.png", products / "item04" / "copy.png")
    code, output = run("import", "items", products, tmp_path / "b", "--licence", "CC0")
    assert code == 1
    assert "item04/copy.png" in output and "item03/0.png is the same picture, in another" in output
    code, output = run("import", "items", products, tmp_path / "b", "--licence", "CC0", "--group-by", "x")
    assert code == 1
    assert "the pictures of an item stay together" in output
    assert not (tmp_path / "b").exists()

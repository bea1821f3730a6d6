"""Commands of the documentation that are cheap enough are typed as they stand, one after another."""

import logging
from pathlib import Path
from typing import Any

import pytest

from scoring.logs import Json
from tests.docs.conftest import Typed
from tests.test_layout import ROOT

FIRST_STEPS = ROOT / "challenges/openhack_ml/first-steps"


def test_a_bundle_is_written_checked_and_packed(typed: Typed, tmp_path: Path) -> None:
    typed("heldout bundle new boots --kind detection --classes boot,tent --defaults")
    typed("heldout bundle check FOLDER", {"FOLDER": "boots"})
    assert len(typed("heldout bundle pack boots").stdout.strip()) == 64
    typed("heldout bundle pack FOLDER --for-teams", {"FOLDER": FIRST_STEPS})
    assert len(list(tmp_path.glob("*.zip"))) == 2


def test_the_built_in_challenges_have_no_fault(typed: Typed) -> None:
    typed(".venv/bin/heldout bundle check FOLDER", {".venv/bin/": "", "FOLDER": FIRST_STEPS})


@pytest.mark.usefixtures("photographs")
def test_pictures_are_imported(typed: Typed, products: Path, masked: Path) -> None:
    typed(
        "heldout bundle import image-folder photographs/ boots "
        "--licence CC BY 4.0 --size 64x64 --resize letterbox"
    )
    typed("heldout bundle import items products/ same-product --licence CC BY 4.0 --size 64x64")
    typed(
        "heldout bundle import masks scenes/ ground --classes ground,tent,boot --licence CC0",
        {"scenes/": masked},
    )


def test_boxes_are_imported(typed: Typed, coco: tuple[Path, Any]) -> None:
    annotations, _ = coco
    typed(
        "heldout bundle import coco annotations.json tents --images photographs/ --licence CC BY 4.0",
        {"annotations.json": annotations, "photographs/": annotations.parent / "images"},
    )


def test_tables_are_imported(typed: Typed, readings: Path, tmp_path: Path) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    typed("heldout bundle import csv readings.csv readings --licence CC0 --group-by person")
    table = pyarrow.csv.read_csv(readings).drop_columns(["label"]).rename_columns({"length": "weight"})
    pyarrow.parquet.write_table(table.drop_columns(["person"]), tmp_path / "heavy.parquet")
    typed(
        "heldout bundle import parquet readings.parquet readings --licence CC0 --value weight",
        {"readings": "heavy"},
    )


def test_a_site_is_backed_up_and_brought_back(typed: Typed, tmp_path: Path) -> None:
    archive, hidden, second = tmp_path / "day-2.tar", tmp_path / "hidden", tmp_path / "second"
    for folder in (hidden, second, tmp_path / "var"):
        folder.mkdir()
    there = {"/backups/day-2.tar": archive, "/mnt/hidden": hidden}
    assert "Create model" in typed("python -m django migrate --plan").stdout
    typed("python -m django migrate")
    typed("heldout backup /backups/day-2.tar --hidden /mnt/hidden", there)
    typed("python -m django migrate", HELDOUT_VAR=str(second))
    brought_back = typed("heldout restore /backups/day-2.tar --hidden /mnt/hidden", there, HELDOUT_VAR=second)
    assert "are back" in brought_back.stdout
    typed("heldout retention")
    typed("heldout retention --delete")


def test_the_doctor_names_what_is_missing(typed: Typed) -> None:
    said = typed("heldout doctor", code=1, HELDOUT_REDIS_URL="redis://127.0.0.1:1/0").stdout
    assert "Set HELDOUT_REDIS_URL" in said


def test_a_network_of_the_zoo_is_exported_with_weights(typed: Typed, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from scoring.zoo.registry import build

    model = build("resnet-18", classes=10, size=64, channels=3)
    save_file(model.state_dict(), tmp_path / "trained.safetensors")
    typed(
        "python -m scoring.zoo resnet-18 --classes 10 --size 64 "
        "--weights trained.safetensors --out model.onnx"
    )
    assert (tmp_path / "model.onnx").stat().st_size > 1_000_000


def test_a_question_to_the_log_finds_its_lines(typed: Typed) -> None:
    form = Json()
    lines = [
        form.format(logging.LogRecord("heldout", level, "file.py", 1, words, None, None))
        for level, words in ((logging.INFO, "submission 1234 moves"), (logging.ERROR, "broken"))
    ]
    log = "\n".join(f"site-1  | {line}" for line in lines)
    assert "broken" in typed("""grep "level": "ERROR\"""", log=log).stdout
    assert "moves" in typed("grep SUBMISSION", {"SUBMISSION": "1234"}, log=log).stdout


def test_the_parsers_that_are_fuzzed_are_listed(typed: Typed) -> None:
    assert "manifests" in typed("python -m tests.fuzz --list", PYTHONPATH=str(ROOT)).stdout

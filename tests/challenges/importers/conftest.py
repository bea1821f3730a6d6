"""Small sources in each form, drawn from a seed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from challenges.cli import app

Run = Callable[..., tuple[int, str]]
EACH = 120
"""Pictures of a class."""


def picture(seed: int, size: tuple[int, int] = (24, 16)) -> Image.Image:
    """Soft patches of colour, width x height; each seed looks different."""
    patches = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    return Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def run() -> Run:
    """Call `heldout bundle ...`; gives the exit code and all that was printed."""

    def called(*arguments: object) -> tuple[int, str]:
        runner = CliRunner(env={"COLUMNS": "240", "NO_COLOR": "1"})
        result = runner.invoke(app, [str(part) for part in arguments])
        return result.exit_code, result.output

    return called


@pytest.fixture(scope="session")
def drawn_photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `photographs` gives copies of."""
    folder = tmp_path_factory.mktemp("drawn") / "photographs"
    for number, name in enumerate(("boot", "hat")):
        (folder / name).mkdir(parents=True)
        for item in range(EACH):
            seed = 1000 * number + item
            picture(seed).save(folder / name / f"walk{item // 3:02}-{item:03}.png")
    return folder


@pytest.fixture
def photographs(drawn_photographs: Path, tmp_path: Path) -> Path:
    """An ImageFolder of two classes; three pictures each are of one walk, by their names."""
    return shutil.copytree(drawn_photographs, tmp_path / "photographs")


@pytest.fixture
def coco(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A COCO file with gaps between category ids, images without boxes, and a crowd; and its content."""
    folder = tmp_path / "coco"
    (folder / "images").mkdir(parents=True)
    document: dict[str, Any] = {
        "images": [],
        "annotations": [],
        "categories": [{"id": 90, "name": "tent"}, {"id": 7, "name": "boot"}],
    }
    for number in range(220):
        name = f"{number:04}.jpg"
        picture(number, (40, 20)).save(folder / "images" / name, quality=95)
        document["images"].append({"id": number + 1, "file_name": name, "width": 40, "height": 20})
        if number % 8:
            box = {"id": number, "image_id": number + 1, "category_id": (7, 90)[number % 2], "iscrowd": 0}
            document["annotations"].append(box | {"bbox": [4, 2, 20, 10]})
    document["annotations"].append(
        {"id": 999, "image_id": 2, "category_id": 7, "iscrowd": 1, "bbox": [0, 0, 40, 20]}
    )
    file = folder / "annotations.json"
    file.write_text(json.dumps(document))
    return file, document


@pytest.fixture
def masked(tmp_path: Path) -> Path:
    """Pictures with masks of three classes, 8 bits a pixel, some with a palette."""
    folder = tmp_path / "masked"
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for number in range(220):
        picture(number, (12, 12)).save(folder / "images" / f"{number:03}.png")
        mask = np.zeros((12, 12), np.uint8)
        mask[2:6, 2:9], mask[8:10, 3:6], mask[0] = 1, 2, 255
        image = Image.fromarray(mask)
        if number % 2:
            image = image.convert("P")
            image.putpalette(list(range(256)) * 3)
        image.save(folder / "masks" / f"{number:03}.png")
    return folder


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    """A CSV of numbers with a class, an id, and the person who took each reading."""
    rng = np.random.default_rng(4)
    lines = ["id,person,length,width,label"]
    for number in range(400):
        label = number % 2
        length, width = rng.normal(label, 1, 2)
        lines.append(f"r{number},p{number // 5},{length:.4f},{width:.4f},{('low', 'high')[label]}")
    file = tmp_path / "readings.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def products(tmp_path: Path) -> Path:
    """A folder of 80 items with one to five pictures each."""
    folder = tmp_path / "products"
    for item in range(80):
        (folder / f"item{item:02}").mkdir(parents=True)
        for number in range(1 + item % 5):
            picture(100 * item + number).save(folder / f"item{item:02}" / f"{number}.png")
    return folder

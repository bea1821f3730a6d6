"""How long an import of many pictures takes, and whether the same pictures give the same bundle twice.

python -m bench.importing [--pictures 20000]

Draws JPEG photographs of several shapes in ten classes, imports them twice with `heldout bundle import`, and
beside it only decodes and resizes them with Pillow in as many processes: the bare limit.
(The module is not called `import`, which is a word of the language.)
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from challenges import bundle

CLASSES = 10
SHAPES = ((256, 192), (192, 256), (224, 224), (320, 180))
SIDE = 64
COPIES_EVERY = 200
"""Every so many pictures one is an earlier one, encoded again."""


def main() -> None:
    """Draw, import twice, measure the bare limit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="heldout-bench-") as scratch:
        source = Path(scratch, "photographs")
        draw_all(range(options.pictures), source)
        worked = processor_seconds()
        first, first_digest = imported(source, Path(scratch, "first"))
        worked = processor_seconds() - worked
        bare = timed_bare(source)
        second, second_digest = imported(source, Path(scratch, "second"))
    best = min(first, second)
    found = {
        "pictures": options.pictures,
        "processes": os.cpu_count(),
        "first_seconds": round(first, 2),
        "second_seconds": round(second, 2),
        "first_processor_seconds": round(worked, 2),
        "bare_seconds": round(bare, 2),
        "ratio_to_bare": round(best / bare, 2),
        "same_digest": first_digest == second_digest,
    }
    print(f"{options.pictures:,} pictures: {first:.1f} s, {second:.1f} s; decoding alone {bare:.1f} s")
    print(json.dumps(found))
    if not found["same_digest"]:
        sys.exit(1)


def draw_all(numbers: range, folder: Path) -> None:
    """Draw the photographs, in as many processes as there are cores."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        list(pool.map(partial(draw, folder=folder), numbers, chunksize=250))


def draw(number: int, folder: Path) -> None:
    """Draw one photograph: a few soft patches of colour by its number; some are copies, encoded again."""
    original = number - 1 if number % COPIES_EVERY == COPIES_EVERY - 1 else number
    rng = np.random.default_rng(original)
    patches = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8))
    picture = patches.resize(SHAPES[original % len(SHAPES)], Image.Resampling.BICUBIC)
    place = folder / f"class-{original % CLASSES}"
    place.mkdir(parents=True, exist_ok=True)
    picture.save(place / f"{number:06}.jpg", quality=90 if original == number else 80)


def imported(source: Path, target: Path) -> tuple[float, str]:
    """Import the pictures with the command; seconds, and the bundle's digest."""
    command = [str(Path(sys.executable).with_name("heldout")), "bundle", "import", "image-folder"]
    options = ["--licence", "CC0", "--size", f"{SIDE}x{SIDE}", "--resize", "letterbox"]
    began = time.perf_counter()
    subprocess.run([*command, str(source), str(target), *options], check=True)
    return time.perf_counter() - began, bundle.digest(target)


def processor_seconds() -> float:
    """What all processes that have ended have worked; on a shared machine it says more than the clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed_bare(source: Path) -> float:
    """Seconds to decode and resize every picture, with the processes' start."""
    paths = sorted(source.rglob("*.jpg"))
    began = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        list(pool.map(decoded, paths, chunksize=64))
    return time.perf_counter() - began


def decoded(path: Path) -> bytes:
    """One picture's pixels, SIDE x SIDE."""
    with Image.open(path) as picture:
        picture.draft("RGB", (SIDE, SIDE))
        return picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR).tobytes()


if __name__ == "__main__":
    main()

"""Where the built-in bundles' data come from.

`python -m challenges.sources fetch` is the set-up step; after it nothing is ever downloaded.
Photographs ship in the scikit-image package, small tables in scikit-learn.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
FETCH = "python -m challenges.sources fetch"
DEBIAN_PACKAGE = "dataset-fashion-mnist"
FILE = "fashion-mnist.npz"
FASHION_SHA256 = "b9d9a4701b19a279193ee8bc9cc76f4113315370d00cbc4229ffbf272f0c04d1"

PHOTOGRAPHS = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "chelsea.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "rocket.jpg",
)
"""Photographs inside the scikit-image wheel whose notes say CC0, public domain, or no known copyright."""

Bytes = NDArray[np.uint8]

app = typer.Typer(no_args_is_help=True, help="Prepare the data that the built-in bundles are made from.")


class SourceError(RuntimeError):
    """Source data is missing or is not what it should be; the text says what to do."""


def data_folder() -> Path:
    """Give the folder with prepared data: HELDOUT_DATA, or var/data of a checkout, or the user's cache."""
    if chosen := os.environ.get("HELDOUT_DATA"):
        return Path(chosen)
    if (ROOT / "pyproject.toml").is_file():
        return ROOT / "var" / "data"
    return Path.home() / ".cache" / "heldout" / "data"


def fashion_mnist() -> tuple[Bytes, NDArray[np.int64]]:
    """Load Fashion-MNIST: 70,000 images, uint8 [n, 28, 28], and class indices [n], in a fixed order.

    Raises SourceError when the data was not fetched, or is not what was fetched.
    Source: Xiao, Rasul and Vollgraf (2017), https://github.com/zalandoresearch/fashion-mnist, MIT licence.
    """
    path = data_folder() / FILE
    if not path.is_file():
        raise SourceError(f"{path} is not there; run `{FETCH}` once")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            images, labels = arrays["images"], arrays["labels"]
    except (zipfile.BadZipFile, EOFError, KeyError, ValueError) as error:
        raise SourceError(f"{path} cannot be read ({error}); run `{FETCH}`") from error
    _verify(images, labels, str(path))
    return images, labels.astype(np.int64)


def photographs() -> list[Bytes]:
    """Load the background photographs, uint8 [height, width, 3] each; grey ones have three equal channels."""
    import skimage
    from PIL import Image

    folder = Path(skimage.__file__).parent / "data"
    return [np.asarray(Image.open(folder / name).convert("RGB")) for name in PHOTOGRAPHS]


@app.callback()
def commands() -> None:
    """Hold the commands below; without it, typer would make the only one nameless."""


@app.command()
def fetch() -> None:
    """Fetch Fashion-MNIST, unless it is already there: from Debian's package, else from OpenML."""
    try:
        fashion_mnist()
    except SourceError:
        _fetch_or_exit()
    typer.echo(f"Fashion-MNIST is in {data_folder() / FILE}")


def _fetch_or_exit() -> None:
    try:
        images, labels = _canonical(*(_from_debian() if shutil.which("apt-get") else _from_openml()))
        _verify(images, labels, "what was fetched")
    except (SourceError, OSError, subprocess.CalledProcessError) as error:
        typer.echo(f"Fashion-MNIST could not be fetched: {error}", err=True)
        raise typer.Exit(1) from error
    _store(images, labels)


def _store(images: Bytes, labels: Bytes) -> None:
    """Write the arrays, so that a reader sees all of them or none."""
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
        unfinished = Path(scratch, FILE)
        np.savez(unfinished, allow_pickle=False, images=images, labels=labels)
        unfinished.replace(folder / FILE)


def _canonical(images: Bytes, labels: Bytes) -> tuple[Bytes, Bytes]:
    """Sort by class and then by pixels, so that each source's own order makes no difference."""
    rows = np.concatenate([labels[:, None], images.reshape(len(images), -1)], axis=1)
    order = np.argsort(np.ascontiguousarray(rows).view(f"V{rows.shape[1]}").ravel(), kind="stable")
    return images[order], labels[order]


def _verify(images: Bytes, labels: Bytes, name: str) -> None:
    found = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    if found != FASHION_SHA256:
        expected = f"found SHA-256 {found}, expected {FASHION_SHA256}"
        raise SourceError(
            f"{name} is not Fashion-MNIST as we know it: {expected}; delete it and run `{FETCH}`"
        )


def _from_debian() -> tuple[Bytes, Bytes]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if os.geteuid() == 0:
            _run(["apt-get", "update", "-qq"], folder)
        _run(["apt-get", "download", "-qq", DEBIAN_PACKAGE], folder)
        for package in folder.glob(f"{DEBIAN_PACKAGE}_*.deb"):
            _run(["dpkg-deb", "-x", package.name, "unpacked"], folder)
        return _read_idx(folder / "unpacked" / "usr/share/datasets/fashion-mnist")


def _run(command: list[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        hint = "run `apt-get update` as root and try again"
        raise SourceError(f"`{' '.join(command)}` failed ({last}); {hint}") from error


def _read_idx(folder: Path) -> tuple[Bytes, Bytes]:
    """Read the four IDX files of MNIST's format: headers of 16 and 8 bytes, then the data."""
    images = [_idx(folder / f"{part}-images-idx3-ubyte.gz", 16) for part in ("train", "t10k")]
    labels = [_idx(folder / f"{part}-labels-idx1-ubyte.gz", 8) for part in ("train", "t10k")]
    return np.concatenate(images).reshape(-1, 28, 28), np.concatenate(labels)


def _idx(path: Path, header: int) -> Bytes:
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header)


def _from_openml() -> tuple[Bytes, Bytes]:
    from sklearn.datasets import fetch_openml

    found = fetch_openml("Fashion-MNIST", version=1, as_frame=False, parser="liac-arff", cache=False)
    return found.data.astype(np.uint8).reshape(-1, 28, 28), found.target.astype(np.uint8)


if __name__ == "__main__":
    app()

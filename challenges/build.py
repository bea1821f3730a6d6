"""Build a challenge's splits: what teams are given, and the hidden set that only workers see.

`python -m challenges.build DIR --target OUT [--secret-stdin]` does it from a shell.
"""

import importlib.util
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from challenges.archive import write_zip
from challenges.bundle import Bundle, BundleError, read
from challenges.card import data_card
from challenges.examples import example_faults
from challenges.manifest import GIVEN_SPLITS, HIDDEN_SPLITS, Manifest, Split
from challenges.preview import contact_sheet
from challenges.sources import SourceError
from challenges.splits import Examples, Ids, LabelledSplit, keyed
from challenges.tables import write_boxes, write_labelled, write_sample_predictions, write_unlabelled
from challenges.task import ImageInput, TableInput

SHORTEST_SECRET = 16


class Built(NamedTuple):
    """What a build leaves in its target. `hidden_set` is None without a secret."""

    given: Path
    given_zip: Path
    hidden_set: Path | None


def build(folder: Path, secret: bytes | None, target: Path) -> Built:
    """Build a bundle's data into `target`: the same bundle and secret always give the same bytes.

    Raises BundleError with every fault of the bundle, or of the examples that its builder makes.
    """
    bundle = read(folder)
    splits = _labelled(bundle, secret)
    given = target / "given"
    given.mkdir(parents=True, exist_ok=True)
    _write_given(bundle.manifest, splits, given)
    names = sorted(path.relative_to(target).as_posix() for path in given.iterdir())
    write_zip(target, names, target / "given.zip")
    hidden_set = None if secret is None else _write_hidden(bundle.manifest, splits, target / "hidden.npz")
    return Built(given, target / "given.zip", hidden_set)


def given_folder(folder: Path, cache: Path) -> Path:
    """Give the folder with a bundle's given splits, built on first use and kept by the bundle's digest."""
    kept = cache / read(folder).digest
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".build-") as scratch:
            built = build(folder, None, Path(scratch, "built"))
            _keep(built.given.parent, kept)
    return kept / "given"


def load_builder(bundle: Bundle) -> ModuleType:
    """Import a bundle's data builder from its file. This runs the bundle's code."""
    path = bundle.folder / bundle.manifest.data.builder
    spec = importlib.util.spec_from_file_location(f"bundle_{bundle.digest[:16]}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported; expected a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _keep(built: Path, kept: Path) -> None:
    """Move a finished build into the cache; another process may have been first with the same bytes."""
    try:
        built.rename(kept)
    except OSError:
        if not kept.is_dir():
            raise


def _labelled(bundle: Bundle, secret: bytes | None) -> dict[str, LabelledSplit]:
    data = bundle.manifest.data
    sizes = data.sizes.model_dump()
    builder = load_builder(bundle)
    made: dict[str, Any] = {"given": builder.given(data.seed, sizes)}
    if secret is not None:
        made["hidden"] = builder.hidden(data.seed, secret, sizes)
    faults = example_faults(bundle.manifest, made)
    if faults:
        raise BundleError(faults)
    splits: dict[str, LabelledSplit] = {
        name: _with_given_ids(name, made["given"][name]) for name in GIVEN_SPLITS
    }
    if secret is not None:
        splits |= {name: _with_opaque_ids(name, made["hidden"][name], secret) for name in HIDDEN_SPLITS}
    return splits


def _with_given_ids(split: str, examples: Examples) -> LabelledSplit:
    ids = np.array([f"{split}-{number:05}" for number in range(1, len(examples.labels) + 1)])
    return LabelledSplit(*examples, ids)


def _with_opaque_ids(split: str, examples: Examples, secret: bytes) -> LabelledSplit:
    ids = np.array([keyed(secret, f"id {split} {row}").hex()[:16] for row in range(len(examples.labels))])
    return LabelledSplit(*examples, ids)


def _write_given(manifest: Manifest, splits: Mapping[str, LabelledSplit], given: Path) -> None:
    task = manifest.task
    for name in GIVEN_SPLITS:
        np.savez_compressed(given / f"{name}.npz", allow_pickle=False, **splits[name]._asdict())
        if isinstance(task.input, TableInput):
            write_labelled(given / f"{name}.csv", splits[name], task.input.features, task)
        if task.kind == "detection":
            write_boxes(given / f"{name}_boxes.csv", splits[name], task)
    if isinstance(task.input, ImageInput):
        contact_sheet(splits["train"], task).save(given / "preview.png")
    released = manifest.data.release_hidden_inputs and "private" in splits
    if released:
        _write_released(manifest, splits, given)
    (given / "README.md").write_text(data_card(manifest, released=released), "utf-8")


def _write_released(manifest: Manifest, splits: Mapping[str, LabelledSplit], given: Path) -> None:
    """Write the hidden inputs in the order of their ids, which is random to all without the secret."""
    inputs = np.concatenate([splits[name].inputs for name in HIDDEN_SPLITS])
    ids: Ids = np.concatenate([splits[name].ids for name in HIDDEN_SPLITS])
    order = np.argsort(ids)
    inputs, ids = inputs[order], ids[order]
    np.savez_compressed(given / "hidden_inputs.npz", allow_pickle=False, inputs=inputs, ids=ids)
    if isinstance(manifest.task.input, TableInput):
        write_unlabelled(given / "hidden_inputs.csv", inputs, ids, manifest.task.input.features)
    write_sample_predictions(given, ids, manifest.task)


def _write_hidden(manifest: Manifest, splits: Mapping[str, LabelledSplit], path: Path) -> Path:
    """Write all that one run scores: the hidden splits, and validation as the one teams can compare with.

    A data challenge's run also trains, so its train split goes along.
    """
    trained_on: tuple[Split, ...] = () if manifest.task.training is None else ("train",)
    arrays = {
        f"{name}_{field}": array
        for name in (*trained_on, "validation", *HIDDEN_SPLITS)
        for field, array in splits[name]._asdict().items()
    }
    np.savez(path, allow_pickle=False, **arrays)
    return path


def secret_from_hex(text: str) -> bytes:
    """Read a secret from hexadecimal. Raises ValueError, without quoting it, when it is none or too short."""
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        raise ValueError("the secret is not hexadecimal; expected pairs of 0-9 and a-f") from None
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"the secret has {len(secret)} bytes; expected at least {SHORTEST_SECRET}")
    return secret


def _need_empty(target: Path) -> None:
    if target.exists() and any(target.iterdir()):
        raise ValueError(f"{target} already holds files; expected a new or empty folder")


def main(
    folder: Annotated[Path, typer.Argument(help="The bundle's folder.")],
    target: Annotated[Path, typer.Option(help="Where the built data goes: a new or empty folder.")],
    secret_stdin: Annotated[
        bool,
        typer.Option("--secret-stdin", help="Read the secret from standard input, as hexadecimal."),
    ] = False,
) -> None:
    """Build a bundle's given data and, with a secret, its hidden set."""
    try:
        secret = secret_from_hex(sys.stdin.readline()) if secret_stdin else None
        _need_empty(target)
        built = build(folder, secret, target)
    except (BundleError, SourceError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Built {', '.join(str(path) for path in built if path is not None)}")


if __name__ == "__main__":
    typer.run(main)

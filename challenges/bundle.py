"""Read and check the folder that defines a challenge.

A base install and the site import this module: it needs the standard library and pydantic, no more.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from challenges.archive import digest, pack, tree_faults, unpack
from challenges.checks import content_faults
from challenges.faults import BundleError, Fault, from_validation
from challenges.hints import Hint, hints_in
from challenges.manifest import Manifest
from challenges.task import CustomMetric, Training

__all__ = [
    "MANIFEST",
    "Bundle",
    "BundleError",
    "Fault",
    "Hint",
    "built_in",
    "check",
    "digest",
    "pack",
    "read",
    "unpack",
]

MANIFEST = "challenge.toml"


@dataclass(frozen=True)
class Bundle:
    """A bundle that was read and found in order."""

    manifest: Manifest
    folder: Path
    digest: str
    statement: str
    hints: list[Hint]
    """What a coach may open for a team, from the first help to the last."""
    coach_guide: str
    """Markdown for coaches, with a solution; empty where the bundle brings none."""


def built_in() -> list[Path]:
    """Give the folders of the bundles that ship with the product, in the order of the event."""
    return sorted(path.parent for path in (Path(__file__).parent / "openhack_ml").glob(f"*/{MANIFEST}"))


def check(folder: Path) -> list[Fault]:
    """Find every fault of a bundle at once; an empty list means that it is in order."""
    if not folder.is_dir():
        return [Fault(file=str(folder), field="", found="no folder", expected="a bundle's folder")]
    faults = tree_faults(folder)
    table, toml_faults = _load(folder)
    faults += toml_faults
    if table is not None:
        faults += _manifest_faults(table) + content_faults(folder, table)
    return faults


def read(folder: Path) -> Bundle:
    """Read a bundle. Raises BundleError with every fault when it is not in order."""
    faults = check(folder)
    if faults:
        raise BundleError(faults)
    table = tomllib.loads((folder / MANIFEST).read_text("utf-8"))
    manifest = _with_sources(Manifest.model_validate(table), folder)
    return Bundle(
        manifest=manifest,
        folder=folder,
        digest=digest(folder),
        statement=(folder / manifest.statement).read_text("utf-8"),
        hints=hints_in(_text_or_nothing(folder / manifest.hints)),
        coach_guide=_text_or_nothing(folder / manifest.coach),
    )


def _text_or_nothing(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""


def _with_sources(manifest: Manifest, folder: Path) -> Manifest:
    """Put the text of the metric and of the trainer into the task, which is all that the engine is told."""
    task = manifest.task
    found: dict[str, CustomMetric | Training] = {}
    if task.custom is not None:
        source = (folder / task.custom.file).read_text("utf-8")
        found["custom"] = task.custom.model_copy(update={"source": source})
    if task.training is not None:
        source = (folder / task.training.trainer).read_text("utf-8")
        found["training"] = task.training.model_copy(update={"source": source})
    return manifest.model_copy(update={"task": task.model_copy(update=found)})


def _load(folder: Path) -> tuple[dict[str, object] | None, list[Fault]]:
    path = folder / MANIFEST
    if not path.is_file():
        return None, [Fault(file=MANIFEST, field="", found="no such file", expected="a manifest")]
    try:
        return tomllib.loads(path.read_text("utf-8")), []
    except UnicodeDecodeError as error:
        return None, [Fault(file=MANIFEST, field="", found=str(error), expected="text in UTF-8")]
    except RecursionError:
        return None, [
            Fault(file=MANIFEST, field="", found="brackets nested too deeply", expected="valid TOML")
        ]
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).rpartition(" (at ")
        return None, [Fault(file=MANIFEST, field=place.rstrip(")"), found=message, expected="valid TOML")]
    except ValueError:
        expected = "whole numbers of at most 4,300 digits"
        return None, [Fault(file=MANIFEST, field="", found="a longer whole number", expected=expected)]


def _manifest_faults(table: dict[str, object]) -> list[Fault]:
    try:
        Manifest.model_validate(table)
    except ValidationError as error:
        return from_validation(error, MANIFEST)
    return []


HIDDEN_POOL = ("pool/hidden/", "pool/sources.csv")
"""What of imported data teams must not have."""


def not_for_teams(bundle: Bundle) -> tuple[str, ...]:
    """What stays with the organizers when a bundle is packed: hidden data, hints, the coach's guide."""
    return (*HIDDEN_POOL, bundle.manifest.hints, bundle.manifest.coach)

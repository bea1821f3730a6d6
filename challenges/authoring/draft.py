"""A bundle that is being written: its manifest, its texts, its data builder, its first baseline."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from challenges import bundle
from challenges.authoring import texts
from challenges.checks import score_range
from challenges.faults import BundleError, Fault
from challenges.manifest import Format, Sizes, Source
from challenges.task import ImageInput, Kind, MetricName, Task

TEMPLATES = Path(__file__).parent / "templates"
DEFAULT_METRIC: dict[Kind, MetricName] = {
    "classification": "accuracy",
    "detection": "ap50",
    "segmentation": "miou",
    "similarity": "recall_at_1",
    "regression": "r2",
}
"""The kinds of which a bundle can be written, each with what it is measured by at first."""
BASELINE = "Linear model"
LONGEST_SLUG = 50
UNMEASURED = "# Not measured yet: `heldout bundle self-test FOLDER --adopt` writes what it really scores."


@dataclass(frozen=True)
class Draft:
    """What an author has said."""

    title: str
    summary: str
    task: Task
    sizes: Sizes
    source: Source
    seed: int = 1
    pass_score: float = 0.5
    slug: str = ""
    version: str = "1.0.0"
    statement: str = ""
    """The brief; left empty, one is written from the rest."""
    notes: list[str] = field(default_factory=list)
    """Sentences for the data card, after the source's own."""

    @property
    def name(self) -> str:
        """The slug: the one that was given, or the title's."""
        return self.slug or slug_of(self.title)


def slug_of(title: str) -> str:
    """Turn a title into a slug: lower case, with hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower())[:LONGEST_SLUG].strip("-") or "challenge"


def write(
    draft: Draft, folder: Path, builder: str, fill: Callable[[Path], None] | None = None
) -> bundle.Bundle:
    """Write a bundle into `folder`, which must not exist yet; all of it or nothing.

    `builder` is the template of its `data.py`; `fill` writes what else belongs into the folder.
    Raises BundleError where the folder exists or what was said makes no sound bundle.
    """
    if folder.exists() or folder.is_symlink():
        found = "something that is there already"
        raise BundleError([Fault(file=str(folder), field="", found=found, expected="a new folder")])
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-bundle-") as scratch:
        unfinished = Path(scratch, "bundle")
        _write_texts(draft, unfinished, builder)
        if fill is not None:
            fill(unfinished)
        faults = bundle.check(unfinished)
        if faults:
            raise BundleError(faults)
        unfinished.rename(folder)
    return bundle.read(folder)


def _write_texts(draft: Draft, folder: Path, builder: str) -> None:
    (folder / "starter").mkdir(parents=True)
    (folder / "challenge.toml").write_text(challenge_toml(draft), "utf-8")
    (folder / "statement.md").write_text(draft.statement or texts.statement(draft.task, draft), "utf-8")
    (folder / "starter" / "README.md").write_text(texts.starter(draft.title, draft.task), "utf-8")
    shutil.copyfile(TEMPLATES / builder, folder / "data.py")
    shutil.copyfile(TEMPLATES / "baseline.py", folder / "baseline.py")


def challenge_toml(draft: Draft) -> str:
    """Write the manifest."""
    task = draft.task
    low, high = score_range(task)
    bounded = high - low < float("inf")
    score, tolerance = ((low + high) / 2, (high - low) / 2) if bounded else (draft.pass_score, 1e6)
    source = f"name = {_text(draft.source.name)}, licence = {_text(draft.source.licence)}"
    note = " ".join(filter(None, (draft.source.note, *draft.notes)))
    sizes = ", ".join(f"{name} = {size}" for name, size in draft.sizes.model_dump().items())
    return "\n".join(
        [
            f"slug = {_text(draft.name)}",
            f"title = {_text(draft.title)}",
            f"summary = {_text(draft.summary)}",
            f"version = {_text(draft.version)}",
            f"formats = {_texts(formats_for(task))}",
            f"pass_score = {draft.pass_score!r}",
            "",
            "[task]",
            f"kind = {_text(task.kind)}",
            f"metric = {_text(task.metric)}",
            *([f"classes = {_texts(task.classes)}"] if task.classes else []),
            *_input(task),
            "",
            "[data]",
            f"seed = {draft.seed}",
            f"sizes = {{ {sizes} }}",
            f"sources = [{{ {source}{f', note = {_text(note)}' if note else ''} }}]",
            "",
            "[[baselines]]",
            UNMEASURED,
            f"name = {_text(BASELINE)}",
            'strength = "weak"',
            'script = "baseline.py"',
            'artefact = "linear.onnx"',
            'format = "onnx"',
            f"score = {score!r}",
            f"tolerance = {tolerance!r}",
            "",
        ]
    )


def formats_for(task: Task) -> list[Format]:
    """What teams may hand in to begin with."""
    return ["onnx", "sklearn"] if task.kind in ("classification", "regression") else ["onnx"]


def _input(task: Task) -> list[str]:
    if isinstance(task.input, ImageInput):
        sides = f"channels = {task.input.channels}, height = {task.input.height}, width = {task.input.width}"
        return [f'input = {{ type = "image", {sides} }}']
    return [f'input = {{ type = "table", features = {_texts(task.input.features)} }}']


def _text(value: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON, and DEL besides."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(values: list[str] | list[Format]) -> str:
    return f"[{', '.join(_text(value) for value in values)}]"

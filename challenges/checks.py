"""What the types of a manifest cannot say: checks between its fields, and of the files it names.

The checks work on whatever parts of the manifest are valid, so that one wrong field hides no other fault.
"""

import ast
import math
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import ValidationError

from challenges.archive import LONGEST_NAME, left_out
from challenges.criteria import criteria_faults
from challenges.faults import Fault, shown
from challenges.hints import hints_faults
from challenges.manifest import COUNTED_FORMATS, IMAGE_FORMATS, Baseline, Data, Format, Limits
from challenges.statement import statement_faults
from challenges.task import LONGEST_SOURCE, RANGES, Model, TableInput, Task

TOML = "challenge.toml"
SUFFIXES: dict[Format, tuple[str, ...]] = {
    "onnx": (".onnx",),
    "sklearn": (".skops",),
    "torch": (".pt2", ".pt", ".safetensors"),
    "code": (".zip",),
    "predictions": (".csv", ".parquet", ".npz", ".npy"),
    "dataset": (".csv",),
}
BUILDER_FUNCTIONS = {"given": ("seed", "sizes"), "hidden": ("seed", "secret", "sizes")}
PLAIN_PATH = f"a relative path inside the bundle, at most {LONGEST_NAME} characters and no hidden file"

Table = dict[str, object]
Part = TypeVar("Part", bound=Model)


def content_faults(folder: Path, table: Table) -> list[Fault]:
    """Find faults between the fields of a manifest and in the files that it names."""
    return [
        *_statement_faults(folder, table),
        *_starter_faults(folder, table),
        *_coaching_faults(folder, table),
        *_task_faults(table),
        *criteria_faults(table),
        *_data_faults(folder, table),
        *_format_faults(table),
        *_baseline_faults(folder, table),
    ]


def _statement_faults(folder: Path, table: Table) -> Iterator[Fault]:
    name = table.get("statement", "statement.md")
    yield from _path_faults(folder, "statement", name, Path.is_file, "a Markdown file of the bundle")
    if _inside(name) and (folder / str(name)).is_file():
        try:
            yield from statement_faults((folder / str(name)).read_text("utf-8"), str(name))
        except UnicodeDecodeError as error:
            yield Fault(file=str(name), field="", found=str(error), expected="text in UTF-8")


def _starter_faults(folder: Path, table: Table) -> Iterator[Fault]:
    name = table.get("starter", "starter")
    yield from _path_faults(folder, "starter", name, Path.is_dir, "a folder of the bundle")
    if _inside(name) and (folder / str(name)).is_dir() and not (folder / str(name) / "README.md").is_file():
        yield Fault(file=f"{name}/README.md", field="", found="no such file", expected="how to begin")


def _coaching_faults(folder: Path, table: Table) -> Iterator[Fault]:
    """Judge what only coaches read. Both files may be missing where the manifest does not name them."""
    for field in ("hints", "coach"):
        name = table.get(field, f"{field}.md")
        if field in table:
            yield from _path_faults(folder, field, name, Path.is_file, "a Markdown file of the bundle")
        if _shown_to_teams(str(name), table):
            expected = "a file outside the starter kit and other than the statement, which teams read"
            yield _fault(field, shown(name), expected)
        if not _inside(name) or not (folder / str(name)).is_file():
            continue
        try:
            text = (folder / str(name)).read_text("utf-8")
        except UnicodeDecodeError as error:
            yield Fault(file=str(name), field="", found=str(error), expected="text in UTF-8")
            continue
        if field == "hints":
            yield from hints_faults(text, str(name))


def _shown_to_teams(name: str, table: Table) -> bool:
    starter = PurePosixPath(str(table.get("starter", "starter")))
    path = PurePosixPath(name)
    return starter in path.parents or path == PurePosixPath(str(table.get("statement", "statement.md")))


def _task_faults(table: Table) -> Iterator[Fault]:
    yield from _repeated("formats", table.get("formats"))
    task = _part(Task, table.get("task"))
    if task is None:
        return
    yield from _repeated("task.classes", task.classes)
    yield from _untrimmed("task.classes", task.classes)
    if isinstance(task.input, TableInput):
        yield from _repeated("task.input.features", task.input.features)
        yield from _untrimmed("task.input.features", task.input.features)
    yield from _score_faults("pass_score", table.get("pass_score"), task)


def _data_faults(folder: Path, table: Table) -> Iterator[Fault]:
    data = _part(Data, table.get("data"))
    if data is None:
        return
    yield from _builder_faults(folder, data.builder)
    yield from _release_faults(table, data)
    task = _part(Task, table.get("task"))
    if task is None:
        return
    yield from _source_faults(folder, task)
    for split, size in data.sizes.model_dump().items():
        if size < len(task.classes):
            expected = f"at least {len(task.classes)}, one for each class"
            yield _fault(f"data.sizes.{split}", str(size), expected)


def _source_faults(folder: Path, task: Task) -> Iterator[Fault]:
    """Judge the Python files of a metric and of a trainer: they are there, and define their function."""
    wanted: list[tuple[str, str, str, tuple[str, ...]]] = []
    if task.custom is not None:
        wanted.append(("task.custom.file", task.custom.file, "score", ("truth", "predictions")))
    if task.training is not None:
        wanted.append(("task.training.trainer", task.training.trainer, "train", ("inputs", "labels", "seed")))
    for field, name, function, parameters in wanted:
        yield from _path_faults(folder, field, name, Path.is_file, "a Python file of the bundle")
        yield from _function_faults(folder, name, {function: parameters})
        if _inside(name) and (folder / name).is_file() and (folder / name).stat().st_size > LONGEST_SOURCE:
            found = f"{(folder / name).stat().st_size:,} bytes"
            yield Fault(file=name, field="", found=found, expected=f"at most {LONGEST_SOURCE:,}")


def _release_faults(table: Table, data: Data) -> Iterator[Fault]:
    formats = table.get("formats")
    if isinstance(formats, list) and "predictions" in formats and not data.release_hidden_inputs:
        expected = "true, since formats names 'predictions' and a team can only predict on what it is given"
        yield _fault("data.release_hidden_inputs", "false", expected)


def _format_faults(table: Table) -> Iterator[Fault]:
    """Formats that do not go with a data challenge, or with a budget."""
    formats, task = table.get("formats"), _part(Task, table.get("task"))
    limits = _part(Limits, table.get("limits", {}))
    if not isinstance(formats, list):
        return
    if task is not None and ("dataset" in formats) != (task.training is not None):
        expected = "'dataset' and task.training, or neither: data is scored by what is trained on it"
        yield _fault("formats", shown(formats), expected)
    if task is not None and task.kind == "images" and set(formats) - set(IMAGE_FORMATS):
        yield _fault("formats", shown(formats), f"of {', '.join(IMAGE_FORMATS)} alone, as kind is 'images'")
    unknown = [name for name in formats if name not in COUNTED_FORMATS]
    if limits is not None and limits.budget is not None and unknown:
        able = " and ".join(map(repr, COUNTED_FORMATS))
        found = f"a budget, with formats {', '.join(map(shown, unknown))} that cannot tell their cost"
        yield _fault("limits.budget", found, f"no budget, or formats of {able} alone")


def _builder_faults(folder: Path, name: str) -> Iterator[Fault]:
    yield from _path_faults(folder, "data.builder", name, Path.is_file, "a Python file of the bundle")
    yield from _function_faults(folder, name, BUILDER_FUNCTIONS)


def _function_faults(folder: Path, name: str, wanted: dict[str, tuple[str, ...]]) -> Iterator[Fault]:
    """Judge a Python file without running it: it parses, and defines the functions with their parameters."""
    tree = _parsed(folder, name)
    if isinstance(tree, Fault):
        yield tree
    if not isinstance(tree, ast.Module):
        return
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for function, parameters in wanted.items():
        expected = f"def {function}({', '.join(parameters)})"
        if function not in functions:
            yield Fault(file=name, field=function, found="no such function", expected=expected)
        elif (found := _parameters(functions[function])) != parameters:
            yield Fault(file=name, field=function, found=f"parameters {', '.join(found)}", expected=expected)


def _baseline_faults(folder: Path, table: Table) -> Iterator[Fault]:
    listed = table.get("baselines")
    items = listed if isinstance(listed, list) else []
    named = [(f"baselines[{index}]", _part(Baseline, item)) for index, item in enumerate(items)]
    sound = [(field, baseline) for field, baseline in named if baseline is not None]
    yield from _repeated("baselines.name", [baseline.name for _, baseline in sound])
    yield from _repeated("baselines.artefact", [baseline.artefact for _, baseline in sound])
    for field, baseline in sound:
        yield from _one_baseline_faults(folder, table, field, baseline)


def _one_baseline_faults(folder: Path, table: Table, field: str, baseline: Baseline) -> Iterator[Fault]:
    yield from _path_faults(
        folder, f"{field}.script", baseline.script, Path.is_file, "a Python file of the bundle"
    )
    tree = _parsed(folder, baseline.script)
    if isinstance(tree, Fault):
        yield tree
    suffixes = SUFFIXES[baseline.format]
    if PurePosixPath(baseline.artefact).name != baseline.artefact or not baseline.artefact.endswith(suffixes):
        expected = f"a file name that ends in {' or '.join(suffixes)}, as format is {baseline.format!r}"
        yield _fault(f"{field}.artefact", shown(baseline.artefact), expected)
    formats = table.get("formats")
    if isinstance(formats, list) and baseline.format not in formats:
        yield _fault(f"{field}.format", shown(baseline.format), f"one of formats: {shown(formats)}")
    task = _part(Task, table.get("task"))
    if task is not None:
        yield from _score_faults(f"{field}.score", baseline.score, task)


def _score_faults(field: str, score: object, task: Task) -> Iterator[Fault]:
    low, high = score_range(task)
    if isinstance(score, int | float) and not (math.isfinite(score) and low <= score <= high):
        yield _fault(field, shown(score), f"a number from {low:g} to {high:g}, the range of {task.metric}")


def score_range(task: Task) -> tuple[float, float]:
    """The lowest and the highest value that the task's metric can take."""
    if task.custom is not None:
        return min(task.custom.best, task.custom.worst), max(task.custom.best, task.custom.worst)
    parts = task.weights or {task.metric: 1.0}
    ranges = [(weight, RANGES.get(name, (0.0, 1.0))) for name, weight in parts.items()]
    return sum(w * low for w, (low, _) in ranges), sum(w * high for w, (_, high) in ranges)


def _path_faults(
    folder: Path, field: str, name: object, exists: Callable[[Path], bool], expected: str
) -> Iterator[Fault]:
    """Judge a path that the manifest names; what is no text is already a fault of its type."""
    if not isinstance(name, str):
        return
    if not _inside(name):
        yield _fault(field, shown(name), PLAIN_PATH)
    elif not exists(folder / name):
        yield _fault(field, f"{shown(name)}, which is not there", expected)


def _inside(name: object) -> bool:
    """Whether a name can be that of a bundle's file, which is digested and packed with it."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return False
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and not any(map(left_out, path.parts))


def _parsed(folder: Path, name: str) -> ast.Module | Fault | None:
    """Parse a Python file without running it; None when it is not there."""
    if not _inside(name) or not (folder / name).is_file():
        return None
    try:
        return ast.parse((folder / name).read_bytes())
    except (MemoryError, RecursionError):
        return Fault(file=name, field="", found="expressions nested too deeply", expected="valid Python")
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        return Fault(file=name, field=f"line {line}", found=str(error), expected="valid Python")


def _parameters(function: ast.FunctionDef) -> tuple[str, ...]:
    return tuple(argument.arg for argument in (*function.args.posonlyargs, *function.args.args))


def _repeated(field: str, values: object) -> Iterator[Fault]:
    if not isinstance(values, list):
        return
    for value, count in Counter(map(str, values)).items():
        if count > 1:
            yield _fault(field, f"{value!r} {count} times", "each once")


def _untrimmed(field: str, names: list[str]) -> Iterator[Fault]:
    for name in names:
        if not name or name != name.strip() or not name.isprintable():
            yield _fault(field, shown(name), "a name without spaces around it or line breaks")


def _part(model: type[Part], value: object) -> Part | None:
    """Validate one part of the manifest; None when it has faults, which are reported elsewhere."""
    try:
        return model.model_validate(value)
    except ValidationError:
        return None


def _fault(field: str, found: str, expected: str) -> Fault:
    return Fault(file=TOML, field=field, found=found, expected=expected)

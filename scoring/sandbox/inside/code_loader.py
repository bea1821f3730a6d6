"""Reads, loads and runs a zip of Python code with `model.py`.

The contract, for whoever writes one. `model.py` lies at the root of the zip, or in its one folder, beside
whatever else it needs. `load(folder: str)` is called once with the folder where it all lies. What it
returns has `predict(batch)`; when it returns None, `predict(batch)` of `model.py` itself is used. A batch
is float32 [n, ...] as the challenge gives it, with any n; the answer is an array, a tensor or lists of n
rows. `import helpers` and `from .helpers import it` both find the `helpers.py` that lies beside.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from importlib import util
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import numpy as np

from . import python_answers, unpacking
from .faults import Refused
from .inputs import Inputs

FILE = "model.py"
MODULE = "model"
PACKAGE = "submission"
FOLDER = Path("/tmp/submission")  # noqa: S108 - the box's own tmpfs
_BESIDE = "__MACOSX"
"""A folder that macOS adds to zips."""

_KEPT_OWN = 4
_KEPT_LAST = 2
_MOST_MODULES = 200
_MOST_NAMED = 10


def warm_up() -> None:
    """Import nothing of weight: code brings in what it needs itself, and most need only some of it."""
    python_answers.allow_threads(1)
    ast.parse("def predict(batch): return batch")
    python_answers.fitted([[0.0]], 1, {"kind": "regression"})


def _root() -> Path:
    """The unpacked folder in which `model.py` lies: the root, or the one folder there."""
    if (FOLDER / FILE).is_file():
        return FOLDER
    tops = sorted(path for path in FOLDER.iterdir() if path.name != _BESIDE)
    if len(tops) == 1 and (tops[0] / FILE).is_file():
        return tops[0]
    found = ", ".join(path.name for path in tops[:_MOST_NAMED]) or "nothing"
    raise Refused("unreadable", f"a zip without {FILE} at its root or in its one folder; it holds {found}")


def _parsed(path: Path, root: Path) -> ast.Module:
    name = path.relative_to(root)
    try:
        return ast.parse(path.read_bytes(), str(name))
    except SyntaxError as error:
        raise Refused("unreadable", f"{name}, line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Refused("unreadable", f"{name} does not parse as Python: {error}") from error


def _always_run(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a module on which it depends: not those of a function, nor what is only tried."""
    return (node for node in body if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Try | ast.If))


def _imported(tree: ast.Module) -> Iterator[tuple[int, int, str]]:
    """Line, leading dots and module of each import that a module cannot do without."""
    for node in _always_run(tree.body):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, 0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.lineno, node.level, node.module


def _beside(base: Path, name: str) -> Path | None:
    """The file of a module of the team's own, if it is one."""
    path = base.joinpath(*name.split("."))
    candidates = (path.with_name(f"{path.name}.py"), path / "__init__.py")
    return next((found for found in candidates if found.is_file()), None)


def _is_own(base: Path, name: str) -> bool:
    """Whether the first part of a module's name is a file or a folder there."""
    top = name.partition(".")[0]
    return (base / top).is_dir() or any(base.glob(f"{top}.*"))


def _is_library(name: str) -> bool:
    """Whether Python finds the first part of a module's name. Nothing is imported by looking."""
    top = name.partition(".")[0]
    known = top in sys.stdlib_module_names or top in sys.modules
    return known or util.find_spec(top) is not None


def _check_imports(root: Path) -> list[str]:
    """Refuse a library that is not there; give the modules that are certainly imported.

    Follows the team's own files from `model.py`.
    """
    waiting, seen, used = [root / FILE], {root / FILE}, dict[str, None]()
    while waiting and len(seen) <= _MOST_MODULES:
        path = waiting.pop()
        for line, level, name in _imported(_parsed(path, root)):
            base = path.parents[level - 1] if level else root
            if not _is_own(base, name) and (level or not _is_library(name)):
                raise Refused("unreadable", _missing(f"{path.relative_to(root)}, line {line}", name))
            own = _beside(base, name)
            if own is not None and own not in seen:
                seen.add(own)
                waiting.append(own)
            elif not _is_own(base, name):
                used[name.partition(".")[0]] = None
    return [name for name in used if name not in sys.stdlib_module_names][:_MOST_NAMED]


def _missing(place: str, name: str) -> str:
    return f"{place} imports {name}, which is not there"


def _names(tree: ast.AST) -> Iterator[str]:
    """Names that a module binds, in whatever branch; `*` where it takes over all of another's."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
            continue
        if isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        yield from _names(node)


def _defined(root: Path) -> list[str]:
    """Which of `load` and `predict` are there. Refuses a file without `load`."""
    found = set(_names(_parsed(root / FILE, root)))
    if found.isdisjoint({"load", "*"}):
        named = ", ".join(sorted(found)[:_MOST_NAMED]) or "nothing"
        raise Refused("unreadable", f"{FILE} defines no load(folder); it defines {named}")
    return sorted(found & {"load", "predict"})


def inspect(artefact: bytes, job: dict[str, Any]) -> dict[str, Any]:
    """Unpack the zip and read the code, without running any of it."""
    entries = unpacking.unpack(artefact, FOLDER)
    root = _root()
    return {
        "files": len(entries),
        "unpacked": sum(entry.size for entry in entries),
        "defines": _defined(root),
        "imports": _check_imports(root),
    }


class _Own:
    """A context in which an error keeps the lines of the team's own files, however deep it arose."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._prefix = f"{root}/"

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, Refused):
            return
        if isinstance(error, ModuleNotFoundError) and error.name and self._is_missing(error.name):
            raise Refused("unreadable", _missing(self._place(trace), error.name)) from error
        error.__traceback__ = self._shortened(trace)

    def _is_missing(self, name: str) -> bool:
        return not _is_own(self._root, name) and name != PACKAGE and not _is_library(name)

    def _lines(self, trace: TracebackType | None) -> list[TracebackType]:
        found = []
        while trace is not None:
            found.append(trace)
            trace = trace.tb_next
        return found

    def _is_theirs(self, line: TracebackType) -> bool:
        return line.tb_frame.f_code.co_filename.startswith(self._prefix)

    def _place(self, trace: TracebackType | None) -> str:
        own = [line for line in self._lines(trace) if self._is_theirs(line)]
        if not own:
            return FILE
        return f"{own[-1].tb_frame.f_code.co_filename.removeprefix(self._prefix)}, line {own[-1].tb_lineno}"

    def _shortened(self, trace: TracebackType | None) -> TracebackType | None:
        """The last few lines of the team's, and the very last of all."""
        lines = self._lines(trace)
        own = [number for number, line in enumerate(lines) if self._is_theirs(line)][-_KEPT_OWN:]
        kept = sorted({*own, *range(len(lines))[-_KEPT_LAST:]})
        shortened: TracebackType | None = None
        for number in reversed(kept):
            lines[number].tb_next = shortened
            shortened = lines[number]
        return shortened


class Model:
    """What answers a batch: an object that `load` gave, or the module itself."""

    def __init__(self, answering: Any, own: _Own) -> None:
        self._answering = answering
        self._own = own

    def predict(self, batch: "np.ndarray[Any, np.dtype[np.float32]]") -> Any:
        """The code's raw answer for a batch, which it may write to."""
        with self._own:
            return self._answering.predict(np.array(batch))


def _executed(root: Path) -> ModuleType:
    """Run `model.py` as the module `model` of a package that is its folder."""
    sys.path.insert(0, str(root))
    package = ModuleType(PACKAGE)
    package.__path__ = [str(root)]
    sys.modules[PACKAGE] = package
    spec = util.spec_from_file_location(MODULE, root / FILE)
    if spec is None or spec.loader is None:
        raise Refused("unreadable", f"{FILE} cannot be imported")
    module = util.module_from_spec(spec)
    module.__package__ = PACKAGE
    sys.modules[MODULE] = sys.modules[f"{PACKAGE}.{MODULE}"] = module
    spec.loader.exec_module(module)
    return module


def load(artefact: bytes, job: dict[str, Any]) -> Model:
    """Run `model.py` and its `load`: this is what the box is for."""
    python_answers.allow_threads(job["threads"])
    python_answers.print_at_once()
    root = _root()
    own = _Own(root)
    with own:
        module = _executed(root)
        loaded = module.load(str(root))
    answering = module if loaded is None else loaded
    if not callable(getattr(answering, "predict", None)):
        found = f"load gave a {type(loaded).__name__}, which has no predict(batch)"
        raise Refused("bad_type", f"{FILE} has no predict(batch)" if loaded is None else found)
    return Model(answering, own)


def predict(model: Model, inputs: Inputs, job: dict[str, Any]) -> Iterator["np.ndarray[Any, np.dtype[Any]]"]:
    """Predictions [rows, ...] of each batch, without the rows that only fill it up."""
    size = inputs.rows(python_answers.batch_rows(job))
    for batch, count in inputs.batches(size):
        yield python_answers.fitted(model.predict(batch), size, job)[:count]

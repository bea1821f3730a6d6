"""Finds the interpreter and the libraries of a box, and says where they appear inside it.

The interpreter's prefix appears at /py and each library at /sp, because bubblewrap makes the
missing parents of a deep path unreadable for others, as those of an interpreter below /root.
"""

import functools
import os
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from scoring.sandbox import policy
from scoring.sandbox.policy import BoxKind

INSIDE = Path(__file__).parent / "inside"
SYSTEM_PREFIX = Path("/usr")


def _required_by(name: str) -> list[str]:
    """Distributions that `name` needs on this machine, without its extras."""
    required = (Requirement(line) for line in metadata.requires(name) or [])
    return [r.name for r in required if r.marker is None or r.marker.evaluate({"extra": ""})]


def _closure(names: tuple[str, ...]) -> list[str]:
    """`names` and everything installed that they need, each once."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        key = name.lower().replace("_", "-")
        if key in found:
            continue
        try:
            waiting += _required_by(name)
        except metadata.PackageNotFoundError:
            if name in names:
                raise
            continue
        found[key] = None
    return list(found)


def _top_level_paths(name: str) -> set[Path]:
    """The files and folders that a distribution puts into site-packages."""
    distribution = metadata.distribution(name)
    tops = {file.parts[0] for file in distribution.files or []}
    return {Path(str(distribution.locate_file(top))) for top in tops - {"..", "__pycache__"}}


@functools.cache
def library_mounts(kind: BoxKind) -> tuple[tuple[Path, str], ...]:
    """What a kind of box needs of site-packages: pairs of a path here and its path in the box."""
    paths = {path for name in _closure(policy.DISTRIBUTIONS[kind]) for path in _top_level_paths(name)}
    return tuple((path, f"/sp/{path.name}") for path in sorted(paths) if path.exists())


def _interpreter() -> Path:
    """The real interpreter, past the links of a virtual environment."""
    executable = getattr(sys, "_base_executable", None) or sys.executable
    return Path(os.path.realpath(executable))


def interpreter_mounts() -> list[tuple[Path, str]]:
    """Where the interpreter and its standard library lie here, and where in the box."""
    if Path(sys.base_prefix) == SYSTEM_PREFIX:
        return [(_interpreter(), str(_interpreter()))]
    return [(Path(sys.base_prefix), "/py")]


def interpreter() -> str:
    """The interpreter's path in the box."""
    if Path(sys.base_prefix) == SYSTEM_PREFIX:
        return str(_interpreter())
    inner = _interpreter().relative_to(os.path.realpath(sys.base_prefix))
    return str(Path("/py") / inner)


def environment() -> dict[str, str]:
    """The environment of the interpreter in the box: no variable of ours goes along."""
    found = {**policy.ENVIRONMENT, "PYTHONPATH": "/app:/sp"}
    if Path(sys.base_prefix) != SYSTEM_PREFIX:
        found |= {"PYTHONHOME": "/py", "LD_LIBRARY_PATH": "/py/lib"}
    return found


def system_arguments() -> list[str]:
    """bubblewrap's arguments for the shared libraries of the system."""
    arguments = []
    for name in ("lib", "lib64", "lib32"):
        folder, merged = Path("/") / name, SYSTEM_PREFIX / name
        if merged.is_dir():
            arguments += ["--ro-bind", str(merged), str(merged)]
        if folder.is_symlink():
            arguments += ["--symlink", os.readlink(folder), str(folder)]
        elif folder.is_dir():
            arguments += ["--ro-bind", str(folder), str(folder)]
    return arguments

"""Finds the interpreter and the libraries of a box, and says where they appear inside it.

The interpreter's prefix appears at /py and each library at /sp, because bubblewrap makes the
missing parents of a deep path unreadable for others, as those of an interpreter below /root.
"""

import functools
import os
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from scoring.sandbox import policy
from scoring.sandbox.policy import BoxKind

INSIDE = Path(__file__).parent / "inside"
ZOO = Path(__file__).parents[1] / "zoo"
ZOO_KINDS: tuple[BoxKind, ...] = ("torch", "code", "trainer")
"""Boxes with torch, which find the networks of the zoo as the package `zoo`."""
SYSTEM_PREFIX = Path("/usr")


@dataclass(frozen=True)
class Accelerator:
    """A GPU: its device files, and the folders of its driver's libraries that are not below /usr/lib."""

    devices: tuple[Path, ...]
    libraries: tuple[Path, ...]

    def __str__(self) -> str:
        count = sum(device.name.removeprefix("nvidia").isdecimal() for device in self.devices)
        return f"CUDA, {count} {'device' if count == 1 else 'devices'}"


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


def _is_installed(name: str) -> bool:
    return next(iter(metadata.distributions(name=name)), None) is not None


def _installed_as(name: str) -> str:
    """The distribution that brings this package here."""
    substitute = policy.SUBSTITUTES.get(name)
    return substitute if substitute is not None and _is_installed(substitute) else name


def _top_level_paths(name: str) -> set[Path]:
    """The files and folders that a distribution puts into site-packages."""
    distribution = metadata.distribution(name)
    tops = {file.parts[0] for file in distribution.files or []}
    return {Path(str(distribution.locate_file(top))) for top in tops - {"..", "__pycache__"}}


@functools.cache
def library_mounts(kind: BoxKind, gpu: bool = False) -> tuple[tuple[Path, str], ...]:
    """What a kind of box needs of site-packages: pairs of a path here and its path in the box."""
    wanted = [_installed_as(name) for name in policy.DISTRIBUTIONS[kind]]
    wanted += [name for name in policy.GPU_DISTRIBUTIONS if gpu and _is_installed(name)]
    paths = {path for name in _closure(tuple(wanted)) for path in _top_level_paths(name)}
    return tuple((path, f"/sp/{path.name}") for path in sorted(paths) if path.exists())


def own_mounts(kind: BoxKind) -> list[tuple[Path, str]]:
    """The code of ours that runs in a kind of box, where it lies here and in the box."""
    zoo = [(ZOO, "/app/zoo")] if kind in ZOO_KINDS else []
    return [(INSIDE, "/app/inside"), *zoo]


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


def environment(libraries: tuple[Path, ...] = ()) -> dict[str, str]:
    """The environment of the interpreter in the box: no variable of ours goes along.

    `libraries` are folders of a GPU's driver, to be looked in as well.
    """
    found = {**policy.ENVIRONMENT, "PYTHONPATH": "/app:/sp"}
    if Path(sys.base_prefix) != SYSTEM_PREFIX:
        found |= {"PYTHONHOME": "/py", "LD_LIBRARY_PATH": "/py/lib"}
    if libraries:
        folders = [found.get("LD_LIBRARY_PATH", ""), *map(str, libraries)]
        found["LD_LIBRARY_PATH"] = ":".join(filter(None, folders))
    return found


def accelerator_mounts(gpu: Accelerator | None) -> list[tuple[Path, str]]:
    """The libraries of a GPU's driver and what these read, where they lie here and in the box."""
    if gpu is None:
        return []
    read = [Path(folder) for folder in policy.GPU_FOLDERS]
    return [(path, str(path)) for path in (*gpu.libraries, *read) if path.is_dir()]


def accelerator_arguments(gpu: Accelerator | None) -> list[str]:
    """bubblewrap's arguments for a GPU's devices, to be given after those for /dev."""
    if gpu is None:
        return []
    devices = [part for path in gpu.devices for part in ("--dev-bind", str(path), f"/dev/{path.name}")]
    return [*devices, "--proc", "/proc"]


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

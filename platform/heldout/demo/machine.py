"""What the demo needs, asked before anything is started: each lack is one sentence."""

import fcntl
import shutil
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from challenges.bundle import built_in

NEEDED_BYTES = 1_000_000_000


class MachineLacks(Exception):
    """The demo cannot run here; the text says why and what to do."""


def require_port(port: int) -> None:
    """The site's port must be free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise MachineLacks(
                f"Port {port} is in use ({error.strerror}). Stop what uses it, or choose another: "
                f"make demo PORT={port + 1}"
            ) from error


def require_bundles(names: Iterable[str]) -> None:
    """Each name must be that of a built-in challenge."""
    known = [folder.name for folder in built_in()]
    strange = [name for name in names if name not in known]
    if strange:
        raise MachineLacks(f"--only: found {', '.join(strange)}; expected any of {', '.join(known)}")


def require_folder(folder: Path) -> None:
    """The demo's folder must be writable, with room for the data and the models."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise MachineLacks(
            f"{folder} cannot be written ({error.strerror}). Give it to your user, or name another: "
            "make demo HELDOUT_VAR=/a/folder"
        ) from error
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise MachineLacks(
            f"{folder} has {free // 1_000_000} MB free; the demo needs {NEEDED_BYTES // 1_000_000} MB. "
            "Free some, or name another folder: make demo HELDOUT_VAR=/a/folder"
        )


def require_alone(lock: Path) -> IO[str]:
    """Two demos must not share a folder. The lock holds as long as the returned file is open."""
    held = lock.open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise MachineLacks(
            f"A demo already runs on {lock.parent}. Stop it with Ctrl-C in its terminal, "
            "or give this one a folder of its own: make demo HELDOUT_VAR=/a/folder"
        ) from error
    return held


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

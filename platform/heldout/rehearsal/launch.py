"""`python -m heldout.rehearsal.launch PARENT [--user ID] [--disk FOLDER:MB] -- COMMAND ...`: become COMMAND.

It ends with the parent. With `--disk`, FOLDER is a small disk of its own that nobody else sees, and what
the command prints is written there too, as on a machine that has one disk. With `--user` it gives up root's
rights first: PostgreSQL refuses to run with them.
"""

import ctypes
import os
import sys
from argparse import ArgumentParser

from heldout.tether import end_with_parent

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_REC_PRIVATE = 0x4000 | 0x40000
LOG = "log.txt"


def own_disk(folder: str, megabytes: int) -> None:
    """Mount a small disk on the folder, for this process and its children alone. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    flags = CLONE_NEWNS if user == 0 else CLONE_NEWNS | CLONE_NEWUSER
    _checked(libc.unshare(flags), "a mount namespace of one's own")
    if user != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    _checked(libc.mount(None, b"/", None, MS_REC_PRIVATE, None), "mounts that nobody else sees")
    options = f"size={megabytes}m".encode()
    _checked(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, options), f"a disk at {folder}")


def _checked(result: int, what: str) -> None:
    if result:
        raise OSError(ctypes.get_errno(), f"{what} is not to be had: {os.strerror(ctypes.get_errno())}")


def print_to(path: str) -> None:
    """Whatever is printed from now on goes to the end of this file."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def main() -> None:
    """Do what the options say, then become the command."""
    parser = ArgumentParser()
    parser.add_argument("parent", type=int)
    parser.add_argument("--user", type=int)
    parser.add_argument("--disk")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    if options.disk:
        folder, _, megabytes = options.disk.rpartition(":")
        own_disk(folder, int(megabytes))
        print_to(os.path.join(folder, LOG))
    if options.user is not None and os.getuid() == 0:
        os.setgroups([])
        os.setgid(options.user)
        os.setuid(options.user)
    end_with_parent(options.parent)
    os.execvp(options.command[0], options.command)  # noqa: S606 - the stack names the command


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(str(error))

"""What faults ask of the machine: full disks, and whose child a process is."""

from pathlib import Path

BLOCK = 1 << 20


def fill(file: Path) -> int:
    """Write until the disk takes no more; gives the bytes that it took."""
    size = 0
    with file.open("wb", buffering=0) as out:
        try:
            while True:
                size += out.write(bytes(BLOCK)) or 0
        except OSError:
            return size


def children_of(parent: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def role_of(pid: int) -> str:
    """Which part of a scoring worker a process is."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return words[words.index(b"--role") + 1].decode() if b"--role" in words else ""

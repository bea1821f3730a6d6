"""Asking the kernel about processes."""

import time
from pathlib import Path

PATIENCE_SECONDS = 10


def is_running(pid: int) -> bool:
    """Whether a process of that id exists and is no zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return False
    return fields[0] != "Z"


def wait_until_gone(*pids: int) -> None:
    """Give what was ended a moment to end; an error names what stays."""
    until = time.monotonic() + PATIENCE_SECONDS
    while any(map(is_running, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    assert [pid for pid in pids if is_running(pid)] == []

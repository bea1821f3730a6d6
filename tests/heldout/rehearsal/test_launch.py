"""Programs of the stack end with it, and a worker may have a disk of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from heldout.rehearsal.machine import children_of, fill
from heldout.rehearsal.stack import can_mount
from tests.processes import wait_until_gone

PARENT = """
import os, subprocess, sys
command = [sys.executable, "-m", "heldout.rehearsal.launch", str(os.getpid()), "--", "sleep", "600"]
print(subprocess.Popen(command).pid, flush=True)
input()
"""
WRITES = """
import sys
from heldout.rehearsal.launch import own_disk
from heldout.rehearsal.machine import fill
own_disk(sys.argv[1], 4)
from pathlib import Path
print(fill(Path(sys.argv[1], "fill")))
"""


def test_a_program_ends_when_the_stack_is_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert child in children_of(parent.pid)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    wait_until_gone(child)


def test_a_small_disk_takes_so_much_and_nobody_else_sees_it(tmp_path: Path) -> None:
    assert can_mount()
    done = subprocess.run(
        [sys.executable, "-c", WRITES, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == 4 << 20
    assert list(tmp_path.iterdir()) == []


def test_what_a_program_with_a_disk_prints_is_written_there(tmp_path: Path) -> None:
    log = f"pathlib.Path({str(tmp_path)!r}, 'log.txt').read_text()"
    script = f"import pathlib; print('hello', flush=True); raise SystemExit('hello' not in {log})"
    launch = [sys.executable, "-m", "heldout.rehearsal.launch", str(os.getpid()), "--disk", f"{tmp_path}:1"]
    done = subprocess.run([*launch, "--", sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stdout == b""


def test_filling_ends_where_the_disk_takes_no_more() -> None:
    assert fill(Path("/dev/full")) == 0

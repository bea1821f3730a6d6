import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from heldout.demo.processes import ChildEnded, Processes
from tests.processes import is_running, wait_until_gone

PARENT_OF_PARENT = """
import os, sys, time
from pathlib import Path
from heldout.demo.processes import Processes

processes = Processes(Path(sys.argv[1]))
processes.start("sleeper", ["sleep", "600"], os.environ)
print(processes.children["sleeper"].pid, flush=True)
time.sleep(600)
"""


def test_stop_ends_a_child_that_ignores_being_asked(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    script = "trap '' TERM; echo ready; while true; do sleep 1; done"
    processes.start("stubborn", ["sh", "-c", script], os.environ)
    child = processes.children["stubborn"]
    while not (tmp_path / "stubborn.log").read_text():
        time.sleep(0.01)
    processes.stop()
    assert child.returncode == -signal.SIGKILL


def test_stop_ends_what_a_child_has_started(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.start("family", ["sh", "-c", "sleep 600 & echo $!; wait"], os.environ)
    log = tmp_path / "family.log"
    while not log.read_text().strip():
        time.sleep(0.01)
    grandchild = int(log.read_text())
    processes.stop()
    wait_until_gone(grandchild)


def test_children_end_when_the_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT_OF_PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.wait()
    wait_until_gone(child)


def test_a_child_that_ended_is_named_with_its_log(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.start("brief", ["sh", "-c", "exit 3"], os.environ)
    processes.children["brief"].wait()
    with pytest.raises(ChildEnded, match=r"brief ended with exit code 3; .*brief\.log"):
        processes.check()


def test_a_secret_given_on_standard_input_is_not_in_the_command_line(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.start("reader", ["sh", "-c", "cat; sleep 600"], os.environ, config="requirepass hush\n")
    while "hush" not in (tmp_path / "reader.log").read_text():
        time.sleep(0.01)
    command = Path(f"/proc/{processes.children['reader'].pid}/cmdline").read_text()
    processes.stop()
    assert "hush" not in command

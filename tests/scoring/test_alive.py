"""What the health check of a worker's container says."""

import os
import subprocess
import sys
from pathlib import Path

from scoring.alive import SILENT_SECONDS, why_not


def test_a_worker_that_was_heard_of_just_now_is_well(tmp_path: Path) -> None:
    sign = tmp_path / "alive"
    sign.touch()
    assert why_not(str(sign), sign.stat().st_mtime + SILENT_SECONDS) == ""


def test_a_worker_that_fell_silent_is_not(tmp_path: Path) -> None:
    sign = tmp_path / "alive"
    sign.touch()
    assert "silent for 60 seconds" in why_not(str(sign), sign.stat().st_mtime + 60)


def test_a_worker_that_is_starting_is_not_ready(tmp_path: Path) -> None:
    assert why_not(str(tmp_path / "alive"), 0) == "the worker is not ready yet"


def test_the_command_says_by_its_exit_code(tmp_path: Path) -> None:
    sign = tmp_path / "alive"
    command = [sys.executable, "-m", "scoring.alive"]
    environment = {**os.environ, "HELDOUT_WORKER_ALIVE": str(sign)}
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 1
    sign.touch()
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0
    del environment["HELDOUT_WORKER_ALIVE"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "HELDOUT_WORKER_ALIVE is not set" in done.stderr

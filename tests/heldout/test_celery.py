"""The site's own worker and the clock beside it, as real processes."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

from tests.processes import wait_until_gone

WORKER = ["celery", "-A", "heldout", "worker", "-Q", "site", "--pool", "solo", "-B", "--loglevel", "info"]


def test_the_clock_ends_with_a_worker_that_is_killed(tmp_path: Path) -> None:
    own = {"HELDOUT_VAR": str(tmp_path), "HELDOUT_DATABASE_URL": f"sqlite:///{tmp_path / 'site.sqlite3'}"}
    environment = {**os.environ, **own, "HELDOUT_SECRET_KEY": "x" * 50}
    worker = subprocess.Popen(
        [sys.executable, "-m", *WORKER], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert worker.stderr
        # The clock ticks: what it sent has come.
        next(line for line in worker.stderr if "received" in line)
        clocks = [child.pid for child in psutil.Process(worker.pid).children(recursive=True)]
        assert clocks
    finally:
        worker.kill()
        worker.wait()
    wait_until_gone(*clocks)

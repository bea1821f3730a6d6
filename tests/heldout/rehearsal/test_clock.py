"""A clock that the site's processes share, and that can be set."""

import subprocess
import sys
import time
from pathlib import Path

from heldout.rehearsal.clock import Clock

TELLS = """
import time
from django.conf import settings
from django.utils import timezone
settings.configure(USE_TZ=True)
print(timezone.now().timestamp(), time.time(), flush=True)
input()
print(timezone.now().timestamp(), time.time(), flush=True)
"""
DAY = 24 * 3600.0


def test_whoever_has_the_file_sees_a_jump(tmp_path: Path) -> None:
    one, other = Clock(tmp_path / "clock"), Clock(tmp_path / "clock")
    one.jump(DAY)
    one.jump(-60)
    assert other.shift == DAY - 60


def test_a_process_follows_while_it_runs_and_its_machine_does_not(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    (tmp_path / "tells.py").write_text(TELLS)
    command = [sys.executable, "-m", "heldout.rehearsal.clock", str(clock.file), "tells"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        before = [float(word) for word in process.stdout.readline().split()]
        clock.jump(DAY)
        print(file=process.stdin, flush=True)
        after = [float(word) for word in process.stdout.readline().split()]
    assert all(later - earlier >= DAY for earlier, later in zip(before, after, strict=True))
    assert abs(before[0] - before[1]) < DAY
    assert time.time() < after[0]

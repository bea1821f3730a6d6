"""A small event is rehearsed as an operator would, with a site and a scoring process killed on the way."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.running_demo import HELDOUT, environment


@pytest.mark.timeout(1500)
def test_a_small_event_loses_nothing_when_its_parts_are_killed(tmp_path: Path) -> None:
    report, kept = tmp_path / "report.html", tmp_path / "kept"
    done = subprocess.run(
        [str(HELDOUT), "rehearse-event", "--quick", "--report", str(report), "--keep", str(kept)],
        env=environment(tmp_path / "var"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["lost"], last["wrong"], last["duplicate"]) == (0, 0, 0)
    assert 0 < last["p50_s"] <= last["p99_s"]
    taken = [json.loads(line) for line in (kept / "ledger.jsonl").read_text().splitlines()]
    assert {one["sort"] for one in taken} == {"good", "bad", "hostile"}
    assert len(taken) == 40
    page = report.read_text()
    assert "kill -9 of site-" in page
    assert "kill -9 of the process that does" in page
    assert "4 standings were made anew" in page

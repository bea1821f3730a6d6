"""What `heldout doctor` says to programs."""

import json

import pytest

from heldout_client import doctor
from tests.client.conftest import heldout


def test_as_json_it_tells_each_finding_of_each_part() -> None:
    told = {each["part"]: each for each in json.loads(heldout("doctor", "--json").stdout)}
    assert set(told) == {"site", "worker"}
    assert set(told["worker"]["findings"][0]) == {"name", "well", "found", "fix"}


def test_one_finding_that_is_not_well_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    done = heldout("doctor", "--json")
    findings = [one for part in json.loads(done.stdout) for one in part["findings"]]
    assert done.exit_code == (0 if all(one["well"] for one in findings) else 1)


def test_a_group_that_cannot_run_is_a_finding_itself() -> None:
    def fails() -> list[doctor.Finding]:
        raise RuntimeError("no settings")

    assert doctor.findings(fails, "site") == [("site", False, "RuntimeError: no settings", "mend this first")]

"""What a CSV may cost the worker, which reads it without a box."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from challenges.manifest import Limits
from scoring.formats import predictions
from scoring.job import Verdict
from scoring.verdicts import Rejected
from tests.scoring.formats.tables import csv, task_of
from tests.scoring.models import never

Refuse = Callable[[bytes], Verdict]


def refused(path: Path, limits: Limits) -> Verdict:
    with pytest.raises(Rejected) as caught:
        predictions.inspect(path, task_of("similarity"), limits, never)
    return caught.value.verdict


@pytest.fixture
def refuse(tmp_path: Path) -> Refuse:
    def of(content: bytes) -> Verdict:
        path = tmp_path / "wide.csv"
        path.write_bytes(content)
        return refused(path, Limits())

    return of


@pytest.mark.parametrize(
    "content",
    [
        b"id," + b"ab," * 2_000_000,
        b"id,e_0\n" + b"h-1" + b",1" * 1_000_000 + b"\n",
        b"id,e_0\n" + b'"a\n",' * 1_000_000,
    ],
    ids=["header", "row", "row of many lines"],
)
def test_a_row_without_end_is_not_gathered_in_memory(refuse: Refuse, content: bytes) -> None:
    verdict = refuse(content)
    assert verdict.code == "unreadable"
    assert "a row of more than 262,144 characters" in verdict.found


def test_a_wide_header_is_compared_with_all_that_is_wanted(refuse: Refuse) -> None:
    verdict = refuse(b"id," + b"ab," * 80_000)
    assert verdict.code == "bad_shape"
    assert "and 79,996 more" in verdict.found


def test_many_rows_of_ordinary_length_are_read(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(csv("id,e_0,e_1", *(f"x-{row},{row},1" for row in range(40_000))))
    found = predictions.inspect(path, task_of("similarity"), Limits(), never)
    assert "40,000" in [fact.value for fact in found.facts]


def test_a_csv_of_hundreds_of_megabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    path.write_bytes(csv("id,e_0", "h-1,1"))
    os.truncate(path, 2**28 + 1)
    verdict = refused(path, Limits(artefact_mb=1024))
    assert verdict.code == "too_large"
    assert "a CSV of 256 MB" in verdict.found


def test_reading_ends_with_the_time_of_the_challenge(tmp_path: Path) -> None:
    path = tmp_path / "slow.csv"
    path.write_bytes(csv("id,e_0", *(f"x-{row},1" for row in range(5_000))))
    verdict = refused(path, Limits(wall_seconds=1e-6))
    assert verdict.code == "timeout"
    assert "npz" in verdict.fix

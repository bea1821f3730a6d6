"""The report is one file that tells the figures, and needs nothing else."""

import re

import pytest

from heldout.rehearsal import report
from heldout.rehearsal.audit import Finding, Verdict
from heldout.rehearsal.charts import nice_step, rates, shares
from heldout.rehearsal.faults import Faults, Happened
from heldout.rehearsal.figures import Figures, by_format, quantile, spans_of
from heldout.rehearsal.ledger import Accepted, Ledger, Sample
from heldout.rehearsal.play import Played
from heldout.rehearsal.sizes import Sizes
from heldout.rehearsal.watchers import Watchers


def accepted(number: int, seconds: float, kind: str = "onnx") -> Accepted:
    return Accepted(
        tag=f"tag-{number}", submission=f"id-{number}", number=number, team=1, challenge="calm",
        digest="a" * 64, sort="good", format=kind, created_at="2026-11-26T12:00:00.000Z", at=float(number),
        by_look=number == 1, ended=number + seconds,
    )  # fmt: skip


class ToldFaults(Faults):
    """Faults that have come already."""

    def __init__(self) -> None:
        self.happened = [Happened("kill-site", "kill -9 of site-1", 2.0, 2.1, 3.5)]
        self.left_out = {"full-disk": "this user may not mount a disk of its own"}


def figures(*findings: Finding) -> Figures:
    ledger = Ledger()
    taken = [accepted(1, 1.0), accepted(2, 3.0), accepted(3, 2.0, "predictions")]
    ledger.accepted = {one.submission: one for one in taken}
    ledger.samples = [Sample(1.0, 1, 0), Sample(2.0, 2, 1)]
    ledger.refused = [("tag-9", "<b>409</b>")]
    ledger.trouble("ConnectError")
    played = Played(ledger, Watchers(["http://127.0.0.1:1"], "/", ledger), ToldFaults(), seconds=10.0)
    verdict = Verdict(lost=[*findings], standings=4, files=3, states={"scored": 3})
    return Figures(
        Sizes(),
        played,
        verdict,
        "PostgreSQL",
        (1.0, 2.0, 3.0),
        {"site-1": 1},
        spans_of(taken),
        by_format(taken),
    )


def test_it_needs_no_other_file_and_no_script() -> None:
    page = report.page(figures())
    assert not re.search(r"(src|href)=|<script|@import|url\(", page)
    assert "prefers-color-scheme: dark" in page
    assert page.count("<svg") == 3


def test_it_tells_what_was_found_what_happened_and_what_was_left_out() -> None:
    page = report.page(figures())
    told = """
        0 lost, 0 wrong, 0 counted twice
        kill -9 of site-1
        1.4 s
        full-disk
        ConnectError
        1 uploads were accepted although
        median 2.0 s
        3 scored
        site-1 1 times
    """
    for words in told.strip().splitlines():
        assert words.strip() in page, words
    assert 'class="verdict good"' in page


def test_what_is_lost_is_named_and_words_from_outside_are_escaped() -> None:
    page = report.page(figures(Finding("lost", "id-7", "it is <i>queued</i>", "an end")))
    assert 'class="verdict bad"' in page
    assert "1 lost" in page
    assert "it is &lt;i&gt;queued&lt;/i&gt;" in page
    assert "&lt;b&gt;409" in page


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.99, 4.0), (0.25, 1.0), (0.0, 1.0)])
def test_a_quantile_is_by_the_nearest_rank(share: float, value: float) -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], share) == value


def test_a_quantile_of_nothing_is_zero() -> None:
    assert quantile([], 0.5) == 0.0


def test_rates_count_each_moment_once() -> None:
    points = rates([0.1, 0.2, 4.9, 5.0], 5.0, 2.5)
    assert points == [(0.0, 0.8), (2.5, 0.8), (2.5, 0.8), (5.0, 0.8)]


def test_shares_end_at_all_of_them() -> None:
    assert shares([1.0, 2.0])[-1] == (2.0, 100.0)


@pytest.mark.parametrize(("span", "most", "step"), [(10, 6, 2), (100, 12, 10), (0.9, 6, 0.2), (3, 6, 0.5)])
def test_ticks_are_round_numbers(span: float, most: int, step: float) -> None:
    assert nice_step(span, most) == pytest.approx(step)

"""What organizers are shown to look at, with evidence; and what honest teams are not accused of."""

import base64
import random
import struct
import zlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from heldout.catalog.models import Challenge
from heldout.leaderboards import actions
from heldout.leaderboards.integrity import PROBES, Answers, alike, findings, longest_probe
from heldout.leaderboards.places import Run
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from scoring import job
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import evaluation_for, inspected, make_challenge, make_file, put_to_work, scored
from tests.heldout.leaderboards.test_freezing import signed_in

COUNT = 400


def answers(wrong: dict[int, int]) -> Answers:
    """All answers are 0 and right, but for these."""
    predicted = tuple(wrong.get(index, 0) for index in range(COUNT))
    right = tuple(0.0 if index in wrong else 1.0 for index in range(COUNT))
    return Answers(predicted, right, str(hash(predicted)))


def test_models_that_share_mistakes_as_honest_ones_do_are_left_alone() -> None:
    draw = random.Random(1)  # noqa: S311
    ours = dict.fromkeys(range(100), 1)
    theirs = {index: 1 if draw.random() < 0.76 else 2 for index in range(100)}
    assert alike(answers(ours), answers(theirs)) == ""


def test_a_copy_with_slightly_other_weights_is_found() -> None:
    ours = dict.fromkeys(range(100), 1)
    theirs = {**ours, 3: 2, 4: 2, 5: 2}
    found = alike(answers(ours), answers(theirs))
    assert found == "Of 100 examples that both get wrong, 97 % have the same wrong answer."
    assert alike(answers(ours), answers(ours)).startswith("All 400 answers are the same")


def test_two_that_are_nearly_perfect_say_nothing_of_each_other() -> None:
    few = dict.fromkeys(range(10), 1)
    assert alike(answers(few), answers(few)) == ""
    assert alike(answers(few), Answers((0,), (1.0,), "x")) == ""


def run(minute: float, score: float) -> Run:
    at = datetime(2026, 11, 26, 12, tzinfo=UTC) + timedelta(minutes=minute)
    return Run(1, UUID(int=int(minute)), 1, 1, at, score, score - 0.02, score + 0.02)


def test_small_steps_in_a_short_time_look_like_probing_and_large_or_slow_ones_do_not() -> None:
    assert len(longest_probe([run(n * 4, 0.8 + n / 1000) for n in range(PROBES)])) == PROBES
    assert len(longest_probe([run(n * 4, 0.5 + n / 20) for n in range(PROBES)])) == 1
    assert len(longest_probe([run(n * 30, 0.8) for n in range(PROBES)])) == 3


@pytest.fixture
def challenge(transactional_db: None) -> Challenge:
    return make_challenge(quota_per_day=100)


def kinds(challenge: Challenge) -> list[tuple[str, list[str]]]:
    return [(found.kind, found.teams) for found in findings(challenge.event)]


def packed(values: list[float], kind: str) -> str:
    return base64.b64encode(zlib.compress(struct.pack(f"<{len(values)}{kind}", *values))).decode()


def answered(challenge: Challenge, team: Team, wrong: dict[int, int]) -> None:
    made = inspected(challenge, team)
    put_to_work(made)
    said = answers(wrong)
    outcomes = job.Outcomes(
        split="public",
        count=COUNT,
        values=packed(list(said.right), "f"),
        predicted=packed(list(said.predicted), "i"),
    )
    actions.record_evaluation(evaluation_for(made, outcomes=[outcomes]))


def test_the_same_file_of_two_teams_is_found_and_of_one_is_not(challenge: Challenge) -> None:
    teams = [make_team(challenge.event, name) for name in ("A", "B", "C")]
    for team in teams[:2]:
        scored(challenge, team, upload=make_file(b"the same"))
    for _ in range(2):
        scored(challenge, teams[2], upload=make_file(b"my own"))
    assert kinds(challenge) == [("The same file", ["A", "B"])]


def test_shared_mistakes_are_found_by_what_is_stored(challenge: Challenge) -> None:
    wrong = dict.fromkeys(range(80), 1)
    other = {index: 1 + index % 2 for index in range(80)}
    for name, mistakes in (("A", wrong), ("B", wrong), ("C", other)):
        answered(challenge, make_team(challenge.event, name), mistakes)
    assert kinds(challenge) == [("Nearly the same answers", ["A", "B"])]


def test_a_leap_within_minutes_is_found_and_a_slow_one_is_not(challenge: Challenge) -> None:
    quick, slow = make_team(challenge.event, "Quick"), make_team(challenge.event, "Slow")
    for team in (quick, slow):
        first = scored(challenge, team, 0.5)
        scored(challenge, team, 0.9)
        if team == slow:
            Submission.objects.filter(pk=first.pk).update(created_at=first.created_at - timedelta(hours=2))
    assert kinds(challenge) == [("A large leap", ["Quick"])]


def test_the_page_shows_evidence_and_links_to_it(challenge: Challenge) -> None:
    for name in ("A", "B"):
        handed_in = scored(challenge, make_team(challenge.event, name), upload=make_file(b"the same"))
    client = signed_in(make_organizer(challenge.event))
    page = client.get(reverse("integrity", args=[challenge.event.slug])).content.decode()
    assert "The same file, SHA-256" in page and "Nothing follows by itself" in page
    assert reverse("submission", args=[challenge.event.slug, handed_in.pk]) in page

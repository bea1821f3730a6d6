"""Two submissions side by side: who is better, by how much, and where. Examples are validation's alone."""

import base64
import struct
import zlib
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.leaderboards import contrasts, ties
from heldout.leaderboards.side_by_side import SideBySide, others, side_by_side, usual_other
from heldout.submissions.models import Evaluation, Outcomes, Score, Submission
from heldout.teams.models import Team
from scoring.learned import Case, ClassScore, Insight
from tests.heldout.factories import make_team
from tests.heldout.handing_in import PRIVATE, hand_in, make_challenge, member_of, rehearsed, scored

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = 60


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge()


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event)


def packed(values: list[Any], kind: str = "f") -> str:
    return base64.b64encode(zlib.compress(struct.pack(f"<{len(values)}{kind}", *values))).decode()


def mistakes(rows: list[int]) -> list[Case]:
    return [Case(id=f"v-{row}", truth="hat", predicted="boot", row=row) for row in rows]


def run(
    challenge: Challenge, team: Team, value: float, wrong: list[int], split: str = "validation", **more: Any
) -> Submission:
    """A scored submission that has these of sixty hats wrong, and names them boots."""
    classes = [ClassScore(name="hat", count=COUNT, scores={"recall": 1 - len(wrong) / COUNT, "f1": value})]
    found = Insight(mistakes=mistakes(wrong[:12]), further=mistakes(wrong[12:]), classes=classes)
    submission = scored(challenge, team, value, insight=found, **more)
    evaluation = Evaluation.objects.get(submission=submission, current=True)
    evaluation.outcomes.all().delete()
    right = [float(row not in wrong) for row in range(COUNT)]
    Outcomes.objects.create(
        evaluation=evaluation,
        split=split,
        count=COUNT,
        values=packed(right),
        predicted=packed([int(row in wrong) for row in range(COUNT)], "i"),
        confidence=packed([0.75] * COUNT),
    )
    return submission


def compared(first: Submission, second: Submission) -> SideBySide:
    return side_by_side(first, second, member_of(first.team))


def test_the_better_one_is_named_with_its_interval(challenge: Challenge, team: Team) -> None:
    worse, better = run(challenge, team, 0.6, list(range(20))), run(challenge, team, 0.9, [0, 1])
    examples = compared(better, worse).examples
    assert examples is not None
    assert (examples.count, examples.first_better, examples.second_better, examples.same) == (60, 18, 0, 42)
    assert examples.difference == pytest.approx(0.3)
    assert 0 < examples.low < 0.3 < examples.high
    assert examples.better == "first"
    swapped = compared(worse, better).examples
    assert swapped is not None
    assert (swapped.better, swapped.second_better) == ("second", 18)


def test_what_may_be_luck_is_not_called_better(challenge: Challenge, team: Team) -> None:
    pair = compared(run(challenge, team, 0.8, [0, 1, 2, 3]), run(challenge, team, 0.81, [3, 4, 5]))
    assert pair.examples is not None
    assert pair.examples.better is None
    assert pair.examples.low <= 0 <= pair.examples.high


def test_gains_and_losses_are_examples_with_what_each_said(challenge: Challenge, team: Team) -> None:
    pair = compared(run(challenge, team, 0.9, [1, 2]), run(challenge, team, 0.8, [2, 3, 4]))
    assert [(c.case.id, c.first_said, c.second_said) for c in pair.gains] == [
        ("v-3", "hat, 75 %", "boot, 75 %"),
        ("v-4", "hat, 75 %", "boot, 75 %"),
    ]
    assert [(c.case.id, c.first, c.second) for c in pair.losses] == [("v-1", 0.0, 1.0)]


def test_a_few_contrasts_are_told_of_many(challenge: Challenge, team: Team) -> None:
    pair = compared(run(challenge, team, 0.9, []), run(challenge, team, 0.5, list(range(36))))
    assert len(pair.gains) == contrasts.MOST


def test_of_hidden_splits_there_are_only_scores_and_of_the_private_one_nothing(
    challenge: Challenge, team: Team
) -> None:
    pair = compared(
        run(challenge, team, 0.9, [1], split="public"), run(challenge, team, 0.5, [2, 3], split="public")
    )
    assert {score.split for score in pair.scores} == {"public", "validation"}
    assert (pair.examples, pair.gains, pair.losses) == (None, [], [])
    assert str(PRIVATE) not in str(pair.scores)


def test_public_scores_are_rounded_as_scores_are(challenge: Challenge, team: Team) -> None:
    first = run(challenge, team, 0.91234, [1], split="public")
    [public] = [s for s in compared(first, run(challenge, team, 0.5, [2])).scores if s.split == "public"]
    assert (public.first, public.second, public.difference) == (0.91, 0.5, 0.41)


def test_a_mean_is_compared_by_examples_and_another_metric_by_intervals(
    team: Team, challenge: Challenge
) -> None:
    close = [run(challenge, team, value, [row], split="public") for row, value in enumerate((0.90, 0.91))]
    by_examples = compared(*close).scores
    assert [(s.split, s.low is None) for s in by_examples] == [("public", False), ("validation", True)]
    other = make_challenge(challenge.event, metric="macro_f1")
    far = [run(other, team, value, [row], split="public") for row, value in enumerate((0.95, 0.5))]
    [public] = [s for s in compared(*far).scores if s.split == "public"]
    assert (public.low, public.better) == (None, "first")


def test_where_less_is_better_the_smaller_score_is_better(team: Team, challenge: Challenge) -> None:
    other = make_challenge(challenge.event, metric="log_loss")
    pair = compared(run(other, team, 0.2, [1]), run(other, team, 0.9, [2, 3]))
    assert {score.better for score in pair.scores} == {"first"}
    assert all(score.difference < 0 for score in pair.scores)


def test_classes_and_costs_stand_beside_each_other(challenge: Challenge, team: Team) -> None:
    pair = compared(run(challenge, team, 0.9, []), run(challenge, team, 0.8, [1]))
    assert (pair.class_key, [(c.name, c.first, c.second) for c in pair.classes]) == (
        "f1",
        [("hat", 0.9, 0.8)],
    )
    assert pair.classes[0].difference == pytest.approx(0.1)
    assert [(c.name, c.ratio) for c in pair.costs] == [("macs", 1.0), ("artefact_bytes", 1.0)]


def test_runs_on_two_versions_are_not_compared_by_example(challenge: Challenge, team: Team) -> None:
    first, second = run(challenge, team, 0.9, [1]), run(challenge, team, 0.8, [2])
    Evaluation.objects.filter(submission=second).update(bundle="f" * 64)
    pair = compared(first, second)
    assert not pair.same_data
    assert (pair.examples, pair.gains) == (None, [])
    assert pair.scores


def test_a_rehearsal_is_compared_on_the_validation_split(challenge: Challenge, team: Team) -> None:
    pair = compared(rehearsed(challenge, team), run(challenge, team, 0.8, [2]))
    assert [score.split for score in pair.scores] == ["validation"]


def test_what_cannot_be_compared_is_refused_with_a_reason(challenge: Challenge, team: Team) -> None:
    first = run(challenge, team, 0.9, [1])
    elsewhere = run(make_challenge(challenge.event), team, 0.9, [1])
    for second, said in (
        (first, "one submission"),
        (elsewhere, "two challenges"),
        (hand_in(challenge, team), "no score"),
    ):
        with pytest.raises(Refusal, match=said):
            compared(first, second)


def test_it_is_compared_with_the_teams_best_and_the_best_with_the_one_before(
    challenge: Challenge, team: Team
) -> None:
    first, best, last = (scored(challenge, team, value) for value in (0.5, 0.9, 0.7))
    scored(challenge, make_team(challenge.event), 0.99)
    assert usual_other(first) == usual_other(last) == best
    assert usual_other(best) == first
    assert others(best) == [last, first]


def test_the_best_is_compared_with_an_earlier_submission_before_a_rehearsal(
    challenge: Challenge, team: Team
) -> None:
    first = scored(challenge, team, 0.5)
    rehearsal = rehearsed(challenge, team)
    best = scored(challenge, team, 0.9)
    assert usual_other(best) == first
    assert others(best) == [rehearsal, first]


def test_a_lone_submission_has_nothing_to_be_compared_with(challenge: Challenge, team: Team) -> None:
    hand_in(challenge, team)
    assert usual_other(scored(challenge, team)) is None


def test_a_damaged_record_says_nothing(challenge: Challenge, team: Team) -> None:
    first, second = run(challenge, team, 0.9, [1]), run(challenge, team, 0.8, [2])
    Outcomes.objects.filter(evaluation__submission=second).update(predicted="!", confidence="AAAA")
    assert [c.second_said for c in compared(first, second).gains] == [""]


def test_the_number_of_queries_does_not_grow_with_what_there_is(challenge: Challenge, team: Team) -> None:
    def queries(first: Submission, second: Submission) -> int:
        with CaptureQueriesContext(connection) as captured:
            compared(first, second)
            usual_other(first)
            others(first)
        return len(captured)

    first, second = run(challenge, team, 0.9, [1]), run(challenge, team, 0.8, [2])
    few = queries(first, second)
    for value in (0.3, 0.4, 0.5):
        run(challenge, team, value, list(range(40)))
    assert queries(first, second) == few
    assert Score.objects.count() > 10


def test_the_quick_interval_of_many_is_that_of_the_bootstrap() -> None:
    many = [float(row % 5 == 0) - float(row % 7 == 0) for row in range(ties.MANY + 100)]
    assert ties.quick_interval(many) == pytest.approx(ties.interval(many), abs=0.005)
    assert ties.quick_interval(many[:100]) == ties.interval(many[:100])

"""The Ladder beside a plain loop, and against somebody who asks it many times."""

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.ladder import Ladder, climbed
from scoring.statistics import Floats

Losses = list[list[float]]


@st.composite
def submissions(draw: st.DrawFn) -> Losses:
    """The losses of 1 to 8 submissions on the same 2 to 12 examples."""
    count = draw(st.integers(2, 12))
    losses = st.lists(st.sampled_from([0.0, 0.25, 1.0, 2.5]), min_size=count, max_size=count)
    return draw(st.lists(losses, min_size=1, max_size=8))


def slow(all_losses: Losses) -> list[float]:
    """What is released after each submission, in plain Python."""
    released, leader, shown = inf, [0.0] * len(all_losses[0]), []
    for losses in all_losses:
        count = len(losses)
        changes = [loss - led for loss, led in zip(losses, leader, strict=True)]
        middle = sum(changes) / count
        spread = sqrt(sum((change - middle) ** 2 for change in changes) / (count - 1))
        mean = sum(losses) / count
        if mean < released - spread / sqrt(count):
            released, leader = round(mean * count) / count, losses
        shown.append(released)
    return shown


@settings(max_examples=80, deadline=None)
@given(submissions())
def test_the_ladder_is_that_of_a_plain_loop_and_never_goes_up(all_losses: Losses) -> None:
    ladder, shown = Ladder(), []
    for losses in all_losses:
        ladder = climbed(ladder, np.array(losses))
        shown.append(ladder.released)
    assert shown == pytest.approx(slow(all_losses))
    assert shown == sorted(shown, reverse=True)


def test_the_first_submission_is_always_shown_rounded_to_one_part_of_the_examples() -> None:
    assert climbed(Ladder(), np.array([0.5, 0.9, 0.0])).released == pytest.approx(1 / 3)


def test_a_submission_that_is_better_by_chance_alone_shows_nothing_new() -> None:
    losses = np.repeat([1.0, 0.0], 50)
    first = climbed(Ladder(), losses)
    by_one = losses.copy()
    by_one[0] = 0
    by_twenty = losses.copy()
    by_twenty[:20] = 0
    assert climbed(first, by_one) is first
    assert climbed(first, by_twenty).released == 0.3


def test_a_ladder_keeps_what_it_was_given() -> None:
    losses = np.array([1.0, 0.0])
    ladder = climbed(Ladder(), losses)
    losses[:] = 0
    assert ladder.leader is not None
    assert ladder.leader.tolist() == [1.0, 0.0]
    with pytest.raises(ValueError, match="read-only"):
        ladder.leader[0] = 0


def boosted(rng: np.random.Generator, *, ladder: bool) -> float:
    """Accuracy on the board of the majority of those random answers that it said were above chance."""
    truth = rng.integers(0, 2, 1000)
    kept, state = [], Ladder()
    for _ in range(200):
        answers = rng.integers(0, 2, 1000)
        wrong: Floats = (answers != truth).astype(np.float64)
        after = climbed(state, wrong)
        shown = after is not state if ladder else wrong.mean() < 0.5
        state = after
        kept += [answers] if shown else []
    majority = np.mean(kept, axis=0) > 0.5
    return float((majority == truth).mean())


def test_boosting_random_answers_gains_far_less_from_the_ladder_than_from_exact_scores() -> None:
    exact = np.mean([boosted(np.random.default_rng(seed), ladder=False) for seed in range(3)])
    guarded = np.mean([boosted(np.random.default_rng(seed), ladder=True) for seed in range(3)])
    assert exact > 0.57
    assert guarded < 0.54


@pytest.mark.parametrize(
    ("losses", "words"), [([0.5], "at least two"), ([0.5, np.nan], "not finite"), ([0.0] * 3, "before")]
)
def test_losses_that_do_not_fit_are_refused(losses: list[float], words: str) -> None:
    ladder = climbed(Ladder(), np.array([0.5, 1.0]))
    with pytest.raises(ValueError, match=words):
        climbed(ladder, np.array(losses))

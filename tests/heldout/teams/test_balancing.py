"""Balanced teams: everybody once, sizes even, companies apart, skill evened out."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from heldout.teams.balancing import Candidate, balanced, cost

people = st.lists(
    st.builds(
        Candidate, user=st.just(0), skill=st.integers(1, 5), company=st.sampled_from(["", "a", "b", "c"])
    ),
    min_size=1,
    max_size=40,
).map(lambda found: [Candidate(n, one.skill, one.company) for n, one in enumerate(found)])


@given(people, st.integers(1, 6), st.integers(1, 50))
def test_everybody_is_placed_once_and_sizes_are_even(found: list[Candidate], size: int, seed: int) -> None:
    teams = balanced(found, size, seed)
    assert sorted(one.user for team in teams for one in team) == [one.user for one in found]
    sizes = [len(team) for team in teams]
    assert max(sizes) <= size and max(sizes) - min(sizes) <= 1
    assert len(teams) == -(-len(found) // size)
    assert balanced(list(reversed(found)), size, seed) == teams


@given(people, st.integers(2, 5))
def test_no_swap_of_two_people_makes_teams_better(found: list[Candidate], size: int) -> None:
    teams = balanced(found, size, 1)
    before = cost(teams)
    for one in range(len(teams)):
        for other in range(one + 1, len(teams)):
            for here in range(len(teams[one])):
                for there in range(len(teams[other])):
                    swapped = [list(team) for team in teams]
                    swapped[one][here], swapped[other][there] = teams[other][there], teams[one][here]
                    assert cost(swapped) >= before - 1e-6


def test_four_companies_of_four_are_spread_over_four_teams() -> None:
    found = [Candidate(n, 1 + n % 4, "abcd"[n // 4]) for n in range(16)]
    teams = balanced(found, 4, 7)
    for team in teams:
        assert Counter(one.company for one in team) == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert {sum(one.skill for one in team) for team in teams} == {10}


def test_nobody_gives_no_team() -> None:
    assert balanced([], 4, 1) == []

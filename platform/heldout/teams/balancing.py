"""Balanced teams: companies spread, skill evened out. Pure: the same people and seed give the same teams."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

COMPANY_WEIGHT = 4
"""Two people of one company in a team weigh as much as a team whose skill is two off the mean."""
MOST_ROUNDS = 20


@dataclass(frozen=True)
class Candidate:
    """Somebody to be placed. `skill` is from 1 to 5; 3 where it is not known."""

    user: int
    skill: int = 3
    company: str = ""


def balanced(people: Sequence[Candidate], size: int, seed: int) -> list[list[Candidate]]:
    """Divide people into as few teams of at most `size` as there can be, sizes within one of each other.

    Dealt like cards by skill, strongest first and back and forth (a "snake draft"), then improved: as long as
    swapping two people of two teams lowers `cost`, they are swapped.
    """
    if not people:
        return []
    number = -(-len(people) // size)
    rng = random.Random(seed)  # noqa: S311 - teams, not secrets
    shuffled = sorted(people, key=lambda one: one.user)
    rng.shuffle(shuffled)
    teams: list[list[Candidate]] = [[] for _ in range(number)]
    for index, person in enumerate(sorted(shuffled, key=lambda one: -one.skill)):
        turn, place = divmod(index, number)
        teams[place if turn % 2 == 0 else number - 1 - place].append(person)
    for _ in range(MOST_ROUNDS):
        if not _improve(teams):
            break
    return teams


def cost(teams: Sequence[Sequence[Candidate]]) -> float:
    """How far teams are from balanced: squared distance of each mean skill from the mean of all, and for each
    pair of one company in a team `COMPANY_WEIGHT`."""
    everybody = [person.skill for team in teams for person in team]
    mean = sum(everybody) / len(everybody)
    return sum(_cost(team, mean) for team in teams)


def _cost(team: Sequence[Candidate], mean: float) -> float:
    off = sum(person.skill for person in team) - mean * len(team)
    companies = Counter(person.company.strip().casefold() for person in team if person.company.strip())
    pairs = sum(count * (count - 1) // 2 for count in companies.values())
    return off * off + COMPANY_WEIGHT * pairs


def _improve(teams: list[list[Candidate]]) -> bool:
    """Make every swap that helps, once; gives whether any did."""
    everybody = [person.skill for team in teams for person in team]
    mean, helped = sum(everybody) / len(everybody), False
    for first in range(len(teams)):
        for second in range(first + 1, len(teams)):
            helped |= _swap_between(teams[first], teams[second], mean)
    return helped


def _swap_between(one: list[Candidate], other: list[Candidate], mean: float) -> bool:
    helped = False
    for here in range(len(one)):
        for there in range(len(other)):
            before = _cost(one, mean) + _cost(other, mean)
            one[here], other[there] = other[there], one[here]
            if _cost(one, mean) + _cost(other, mean) < before - 1e-9:
                helped = True
            else:
                one[here], other[there] = other[there], one[here]
    return helped

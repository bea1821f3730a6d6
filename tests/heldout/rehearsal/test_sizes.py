import pytest

from heldout.rehearsal.sizes import FAULTS, QUICK, Sizes, Unplayable, checked, chosen


def test_all_none_and_some_faults_can_be_chosen() -> None:
    assert chosen("all") == FAULTS
    assert chosen("none") == ()
    assert chosen("kill-site, uploads") == ("kill-site", "uploads")


def test_the_whole_and_the_quick_event_can_be_played() -> None:
    assert checked(Sizes()).submissions == 5000
    assert checked(QUICK).teams == 4


def test_there_are_no_more_watchers_than_participants() -> None:
    assert checked(Sizes(participants=60, watchers=300)).watchers == 60


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        (Sizes(faults=("earthquake",)), "--faults: found earthquake; expected any of kill-scoring"),
        (Sizes(participants=5, teams=6), "found 5 participants for 6 teams"),
        (Sizes(teams=2, submissions=5000), "found 5000 submissions of 2 teams; expected at most 540"),
    ],
)
def test_what_cannot_be_played_is_refused_in_words(sizes: Sizes, words: str) -> None:
    with pytest.raises(Unplayable, match=words):
        checked(sizes)

"""The time-lapse: a board's frames in order of time, up to what the viewer may know."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from heldout.catalog.models import Challenge
from heldout.leaderboards import ending
from heldout.leaderboards.freezing import Sight
from heldout.leaderboards.points import opened, points_board
from heldout.leaderboards.rules import rules_of
from heldout.leaderboards.timelapse import Timelapse, of_challenge, of_points, thinned
from tests.heldout.factories import make_event, make_organizer, make_participant, make_team
from tests.heldout.handing_in import make_challenge, member_of, scored
from tests.heldout.leaderboards.test_freezing import signed_in

NINE = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture
def challenge(transactional_db: None) -> Challenge:
    return make_challenge(quota_per_day=100)


def played(challenge: Challenge) -> Timelapse:
    return of_challenge(challenge, Sight(rules_of(challenge.event), "live", None))


def as_words(found: Timelapse) -> list[list[tuple[str, int, str]]]:
    return [[(found.names[bar.team], bar.rank, bar.text) for bar in frame.bars] for frame in found.frames]


def test_each_change_of_the_board_is_a_frame(challenge: Challenge) -> None:
    cairn, ridge = make_team(challenge.event, "Cairn"), make_team(challenge.event, "Ridge")
    scored(challenge, cairn, 0.4)
    scored(challenge, cairn, 0.3)
    scored(challenge, ridge, 0.9)
    found = played(challenge)
    assert as_words(found) == [
        [("Cairn", 1, "0.40")],
        [("Ridge", 1, "0.90"), ("Cairn", 2, "0.40")],
    ]
    assert [(lead.names, lead.text) for lead in found.leads] == [(["Cairn"], "0.40"), (["Ridge"], "0.90")]
    assert found.frames[0].at < found.frames[1].at


@pytest.mark.parametrize("metric", ["macro_f1", "log_loss"])
def test_the_better_has_the_longer_bar(metric: str, transactional_db: None) -> None:
    challenge = make_challenge(metric=metric)
    scored(challenge, make_team(challenge.event), 0.9)
    scored(challenge, make_team(challenge.event), 0.4)
    first, second = played(challenge).frames[-1].bars
    assert (first.rank, second.rank) == (1, 2)
    assert 0 <= second.length < first.length <= 1


def test_long_stories_are_thinned_to_their_first_and_last() -> None:
    moments = [NINE + timedelta(minutes=minute) for minute in range(1000)]
    kept = thinned(moments, most=10)
    assert (len(kept), kept[0], kept[-1]) == (10, moments[0], moments[-1])
    assert kept == sorted(set(kept))
    assert thinned(moments[:7], most=10) == moments[:7]


@pytest.mark.django_db
@pytest.mark.parametrize("bonus", [0, 30])
def test_the_last_frame_of_an_event_is_its_board(bonus: int) -> None:
    event = make_event()
    first, second = make_challenge(event, quota_per_day=100), make_challenge(event, quota_per_day=100)
    cairn, ridge = make_team(event, "Cairn"), make_team(event, "Ridge")
    ending.change_rules(event, make_organizer(event), rank_bonus=bonus, growth_bonus=bonus)
    for challenge, team, score in ((first, cairn, 0.4), (first, ridge, 0.9), (second, cairn, 0.95)):
        scored(challenge, team, score)
    scored(first, cairn, 0.99)
    now = timezone.now()
    found = of_points(event, opened(event, now), rules_of(event), None)
    board = points_board(event, member_of(cairn), now)
    expected = [(row.team.name, row.total.rank, str(row.total.points)) for row in board.rows if row.total]
    assert as_words(found)[-1] == expected
    assert len(found.frames) > 1


def test_nobody_sees_past_the_freeze_but_organizers(challenge: Challenge) -> None:
    event = challenge.event
    team, organizer = make_team(event, "Cairn"), make_organizer(event)
    scored(challenge, team, 0.6)
    ending.freeze(event, organizer)
    scored(challenge, team, 0.97)
    address = reverse("timelapse", args=[event.slug, challenge.slug])

    def shown(to: object, query: str = "") -> str:
        return str(signed_in(to).get(address + query).content.decode())

    assert "0.60" in shown(make_participant(event)) and "0.97" not in shown(make_participant(event))
    assert "0.97" in shown(organizer)
    assert "0.97" not in shown(organizer, "?as_others")


def test_the_event_stands_still_in_the_same_way(challenge: Challenge) -> None:
    event = challenge.event
    team, organizer = make_team(event, "Latecomers"), make_organizer(event)
    ending.freeze(event, organizer)
    scored(challenge, team, 0.97)
    address = reverse("points_timelapse", args=[event.slug])
    assert "Latecomers" not in signed_in(make_participant(event)).get(address).content.decode()
    assert "Latecomers" in signed_in(organizer).get(address).content.decode()
    assert "Latecomers" not in signed_in(organizer).get(f"{address}?as_others").content.decode()


def test_without_a_score_there_is_nothing_to_play(challenge: Challenge) -> None:
    page = signed_in(make_participant(challenge.event)).get(
        reverse("timelapse", args=[challenge.event.slug, challenge.slug])
    )
    assert "Nothing to play yet" in page.content.decode()


def test_a_hostile_name_cannot_end_the_script(challenge: Challenge) -> None:
    scored(challenge, make_team(challenge.event, "</script><b>x"), 0.9)
    page = signed_in(make_participant(challenge.event)).get(
        reverse("timelapse", args=[challenge.event.slug, challenge.slug])
    )
    assert "</script><b>" not in page.content.decode()

"""Pictures of a board: drawings that say in words what they show, with their numbers beside them."""

import csv
import io
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from heldout.catalog.models import Challenge
from heldout.leaderboards import drawing, ending
from heldout.leaderboards.freezing import Sight
from heldout.leaderboards.pictures import pictures
from heldout.leaderboards.rules import rules_of
from tests.heldout.factories import make_organizer, make_participant, make_team
from tests.heldout.handing_in import make_baseline, make_challenge, member_of, scored
from tests.heldout.leaderboards.test_freezing import signed_in

models = st.lists(
    st.tuples(st.sampled_from([1.0, 2.0, 3.0]), st.sampled_from([0.1, 0.5, 0.9]), st.sampled_from("abcd")),
    max_size=8,
)


@given(models, st.booleans())
def test_nobody_beats_who_is_on_the_frontier(points: list[tuple[float, float, str]], higher: bool) -> None:
    def beats(one: tuple[float, float, str], other: tuple[float, float, str]) -> bool:
        better = one[1] > other[1] if higher else one[1] < other[1]
        no_worse = better or one[1] == other[1]
        return one[0] <= other[0] and no_worse and (better or one[0] < other[0])

    kept = drawing.frontier(points, higher_is_better=higher)
    on = {points[index][:2] for index in kept}
    assert on == {one[:2] for one in points if not any(beats(other, one) for other in points)}


@given(st.floats(1e-6, 1e12), st.floats(1.01, 1e6), st.booleans())
def test_ticks_are_few_and_within_the_axis(low: float, times: float, log: bool) -> None:
    scale = drawing.across(low, low * times, log=log)
    ticks = scale.ticks()
    assert len(ticks) <= 8
    assert all(scale.low * 0.999999 <= tick <= scale.high * 1.000001 for tick in ticks)
    assert all(scale.start - 0.01 <= scale.at(tick) <= scale.end + 0.01 for tick in ticks)


@pytest.fixture
def challenge(transactional_db: None) -> Challenge:
    challenge = make_challenge(quota_per_day=100)
    make_baseline(challenge, 0.7)
    return challenge


def drawn(challenge: Challenge) -> dict[str, list[list[str]]]:
    made = pictures(challenge, Sight(rules_of(challenge.event), "live", None))
    return {name: picture.rows for name, picture in made.items()}


def test_they_show_teams_over_time_against_cost_and_as_a_whole(challenge: Challenge) -> None:
    team = make_team(challenge.event, "Cairn")
    for score in (0.6, 0.5, 0.9):
        scored(challenge, team, score)
    found = drawn(challenge)
    assert [(row[0], row[2]) for row in found["time"]] == [("Cairn", "0.60"), ("Cairn", "0.90")]
    assert found["cost"] == [
        ["Cairn", "640", "", "0.90", "yes"],
        ["Logistic regression", "640", "", "0.70", "no"],
    ]
    assert ["reference: Logistic regression", "0.7"] in found["distribution"]
    assert sum(int(row[1]) for row in found["distribution"] if " to " in row[0]) == 1


def test_an_empty_board_has_pictures_too(challenge: Challenge) -> None:
    for picture in pictures(challenge, Sight(rules_of(challenge.event), "live", None)).values():
        ElementTree.fromstring(picture.svg)  # noqa: S314


def test_a_hostile_name_stays_a_name(challenge: Challenge) -> None:
    scored(challenge, make_team(challenge.event, '=1+1<script>"'), 0.9)
    made = pictures(challenge, Sight(rules_of(challenge.event), "live", None))
    for picture in made.values():
        tags = {element.tag.split("}")[1] for element in ElementTree.fromstring(picture.svg).iter()}  # noqa: S314
        assert "script" not in tags
    assert list(csv.reader(io.StringIO(made["time"].csv)))[1][0] == "'=1+1<script>\""


def test_files_are_for_members_and_follow_the_freeze(challenge: Challenge) -> None:
    team = make_team(challenge.event, "Cairn")
    scored(challenge, team, 0.6)
    ending.freeze(challenge.event, make_organizer(challenge.event))
    scored(challenge, team, 0.97)
    own = [challenge.event.slug, challenge.slug]
    viewer = signed_in(make_participant(challenge.event))
    page = viewer.get(reverse("pictures", args=own)).content.decode()
    assert page.count("<figure") == 3 and "0.97" not in page
    for name in ("time", "cost", "distribution"):
        for kind in ("csv", "svg"):
            file = viewer.get(reverse("picture", args=[*own, name, kind]))
            assert file.status_code == 200 and "0.97" not in file.content.decode()
            assert file["Content-Disposition"].startswith("attachment")
    assert viewer.get(reverse("picture", args=[*own, "time", "exe"])).status_code == 404
    assert signed_in(member_of(make_team(make_challenge().event))).get(
        reverse("picture", args=[*own, "time", "csv"])
    ).status_code == 404  # fmt: skip

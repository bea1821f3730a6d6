"""Lists that can grow come piece by piece, and stay put while new things arrive."""

from typing import Any

import pytest

from heldout.api.paging import cursor
from tests.heldout.api.test_api import path, problem, signed_in
from tests.heldout.factories import make_coach, make_team
from tests.heldout.handing_in import hand_in, make_challenge, member_of, scored

pytestmark = pytest.mark.django_db(transaction=True)


def test_submissions_come_piece_by_piece_and_new_ones_move_nothing() -> None:
    challenge = make_challenge(quota_per_day=20)
    team = make_team(challenge.event)
    client, url = signed_in(member_of(team)), path(challenge, f"/{challenge.slug}/submissions")
    for _ in range(5):
        hand_in(challenge, team)
    first = client.get(url, {"limit": 2}).json()
    assert [row["number"] for row in first["items"]] == [5, 4]
    hand_in(challenge, team)
    second = client.get(url, {"limit": 2, "cursor": first["next"]}).json()
    assert [row["number"] for row in second["items"]] == [3, 2]
    last = client.get(url, {"limit": 2, "cursor": second["next"]}).json()
    assert ([row["number"] for row in last["items"]], last["next"]) == ([1], None)


def test_the_best_one_is_known_on_whichever_piece_it_is() -> None:
    challenge = make_challenge(quota_per_day=20)
    team = make_team(challenge.event)
    for value in (0.7, 0.9, 0.8):
        scored(challenge, team, value)
    client, url = signed_in(member_of(team)), path(challenge, f"/{challenge.slug}/submissions")
    first = client.get(url, {"limit": 1}).json()
    second = client.get(url, {"limit": 1, "cursor": first["next"]}).json()
    assert (first["items"][0]["is_best"], second["items"][0]["is_best"]) == (False, True)


@pytest.mark.parametrize(
    "asked",
    [{"cursor": "made-up"}, {"cursor": "é"}, {"cursor": cursor(2**63)}, {"limit": 0}, {"limit": 101}],
)
def test_a_cursor_or_a_limit_of_ones_own_making_is_refused(asked: dict[str, Any]) -> None:
    challenge = make_challenge()
    client = signed_in(member_of(make_team(challenge.event)))
    body = problem(client.get(path(challenge, f"/{challenge.slug}/submissions"), asked))
    assert (body["status"], body["errors"][0]["loc"][-1]) == (422, next(iter(asked)))


def test_a_coach_lists_the_submissions_of_a_team() -> None:
    challenge = make_challenge()
    coach = make_coach(challenge.event)
    team, rivals = make_team(challenge.event, coach=coach), make_team(challenge.event)
    submission = hand_in(challenge, team)
    client, url = signed_in(coach), path(challenge, f"/{challenge.slug}/submissions")
    [row] = client.get(url, {"team": team.pk}).json()["items"]
    assert row["id"] == str(submission.pk)
    assert client.get(url, {"team": rivals.pk}).status_code == 404

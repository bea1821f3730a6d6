"""The control room's pulse, and the pages on which organizers intervene."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from heldout.accounts.models import User
from heldout.catalog.models import Challenge
from heldout.operations.queries import failures, per_hour, pulse
from heldout.submissions import actions
from heldout.submissions.intervention_models import Disqualification, Extension, Grant, Pause
from heldout.teams.models import Team
from tests.heldout.factories import make_event, make_organizer, make_team
from tests.heldout.handing_in import hand_in, make_challenge, member_of, passport_for, scored, verdict

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(make_event("trail"), title="Into the deep", quota_per_day=50)


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Cairn")


@pytest.fixture
def organizer(challenge: Challenge, client: Client) -> User:
    user = make_organizer(challenge.event)
    client.force_login(user)
    return user


def text(response: Any) -> str:
    return str(response.content.decode())


def test_failures_are_counted_by_verdict_and_lead_to_the_last(challenge: Challenge, team: Team) -> None:
    for code in ("bad_shape", "bad_shape", "not_finite"):
        rejected = hand_in(challenge, team)
        actions.record_passport(passport_for(rejected, verdict=verdict(code)))
    found = failures(challenge.event, timezone.now())
    assert [(one.challenge, one.count) for one in found] == [("Into the deep", 2), ("Into the deep", 1)]
    assert found[1].last == rejected


def test_what_was_handed_in_is_counted_by_the_hour(challenge: Challenge, team: Team) -> None:
    assert {hour.count for hour in per_hour(challenge.event, timezone.now())} == {0}
    for _ in range(3):
        hand_in(challenge, team)
    hours = per_hour(challenge.event, timezone.now())
    assert len(hours) == 24
    assert (sum(hour.count for hour in hours), max(hour.share for hour in hours)) == (3, 100)


def test_a_team_that_makes_no_progress_is_named_with_why(
    client: Client, challenge: Challenge, team: Team, organizer: User
) -> None:
    for _ in range(3):
        actions.record_passport(passport_for(hand_in(challenge, team), verdict=verdict()))
    page = text(client.get("/events/trail/control/"))
    assert "Without progress" in page
    assert f"/events/trail/coach/{team.pk}/{challenge.slug}/" in page


def test_the_pulse_takes_as_many_queries_for_much_as_for_little(challenge: Challenge) -> None:
    def fill(teams: int) -> None:
        for team in [make_team(challenge.event) for _ in range(teams)]:
            scored(challenge, team, 0.7)
            actions.record_passport(passport_for(hand_in(challenge, team), verdict=verdict()))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            pulse(challenge.event, timezone.now())
        return len(queries)

    fill(1)
    few = count()
    fill(4)
    assert count() == few


def test_each_intervention_is_made_shown_and_undone_on_one_page(
    client: Client, challenge: Challenge, team: Team, organizer: User
) -> None:
    page = "/events/trail/control/interventions/"
    both = {"challenge": challenge.pk, "team": team.pk, "reason": "The tram stood still"}
    forms: dict[str, dict[str, Any]] = {
        "pause": {"scope": "hand_in", "reason": "Lunch"},
        "grant": both | {"tries": 3},
        "extend": both | {"until": "2090-01-01T10:00"},
        "disqualify": {"team": team.pk, "reason": "Two in one"},
    }
    for name, fields in forms.items():
        sent = {"do": name} | {f"{name}-{field}": value for field, value in fields.items()}
        assert client.post(page, sent).status_code == 302, name
    shown = text(client.get(page))
    for words in ("Paused: Handing in", "Cairn: 3 more on", "longer on", "Disqualified: Cairn"):
        assert words in shown
    undone: dict[str, Any] = {
        "pauses/{}/resume": Pause,
        "grants/{}/take-back": Grant,
        "extensions/{}/take-back": Extension,
        "disqualifications/{}/undo": Disqualification,
    }
    for name, model in undone.items():
        row = model.objects.get()
        assert client.post(f"/events/trail/control/{name.format(row.pk)}/").status_code == 302
        assert not model.objects.exists()
    assert "Nothing. The event runs as it was set up." in text(client.get(page))


def test_what_was_typed_wrong_is_named_and_kept(client: Client, organizer: User) -> None:
    sent = {"do": "grant", "grant-tries": 1000, "grant-reason": "Because"}
    answer = client.post("/events/trail/control/interventions/", sent)
    assert answer.status_code == 422
    assert "less than or equal to 100" in text(answer) and 'value="Because"' in text(answer)
    assert client.post("/events/trail/control/interventions/", {"do": "rule"}).status_code == 404


def test_a_team_reads_why_its_submission_counts_no_more(
    client: Client, challenge: Challenge, team: Team, organizer: User
) -> None:
    submission = scored(challenge, team, 0.9)
    address = f"/events/trail/submissions/{submission.pk}/"
    assert "Disqualify it?" in text(client.get(f"{address}disqualify/"))
    assert client.post(f"{address}disqualify/", {"reason": ""}).status_code == 422
    client.post(f"{address}disqualify/", {"reason": "Labels in <b>code</b>"})
    client.force_login(member_of(team))
    page = text(client.get(address))
    assert "Disqualified: it counts on no board." in page
    assert "Labels in &lt;b&gt;code" in page
    assert "0.90" in page


def test_a_pause_is_read_on_the_challenges_page(
    client: Client, challenge: Challenge, team: Team, organizer: User
) -> None:
    client.post(
        "/events/trail/control/interventions/",
        {"do": "pause", "pause-scope": "hand_in", "pause-reason": "Lunch"},
    )
    client.force_login(member_of(team))
    page = text(client.get(f"/events/trail/challenges/{challenge.slug}/"))
    assert "Handing in is paused." in page and "Lunch" in page

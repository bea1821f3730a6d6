"""Raised hands, hints, and the coach's page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry
from heldout.catalog.gating import add_gate
from heldout.catalog.models import BundleVersion, Challenge, GateKind
from heldout.coaching import actions
from heldout.coaching.models import HelpCall, OpenedHint
from heldout.coaching.queries import Cockpit, cockpit, opened_hints
from heldout.events.rules import Refusal
from heldout.submissions import actions as submissions
from heldout.teams.models import Team
from tests.heldout.factories import make_coach, make_organizer, make_team
from tests.heldout.handing_in import hand_in, make_challenge, member_of, passport_for, scored, verdict
from tests.heldout.pages import words

pytestmark = pytest.mark.django_db

CRITERIA: list[dict[str, Any]] = [{"text": "Plotted", "evidence": True}]
HINTS = [{"title": "Where to begin", "text": "Plot *it*."}, {"title": "Nearly there", "text": "The answer."}]


@pytest.fixture
def challenge() -> Challenge:
    made = make_challenge(criteria=CRITERIA, title="First steps")
    BundleVersion.objects.filter(pk=made.bundle_id).update(hints_json=HINTS, coach_guide="The *solution*.")
    return Challenge.objects.select_related("event", "bundle").get(pk=made.pk)


@pytest.fixture
def coach(challenge: Challenge) -> User:
    return make_coach(challenge.event)


@pytest.fixture
def team(challenge: Challenge, coach: User) -> Team:
    return make_team(challenge.event, "Cairn", coach=coach)


def raised(challenge: Challenge, team: Team, words: str = "Our loss is NaN") -> HelpCall:
    return actions.raise_hand(challenge, team, member_of(team), words)


def seen_by(coach: User, challenge: Challenge) -> Cockpit:
    return cockpit(challenge.event, coach, timezone.now())


def test_a_raised_hand_comes_with_its_context(challenge: Challenge, team: Team, coach: User) -> None:
    failed = hand_in(challenge, team)
    submissions.record_passport(passport_for(failed, verdict=verdict()))
    raised(challenge, team, " Our\nloss is NaN ")
    (call,) = seen_by(coach, challenge).calls
    assert call.call.words == "Our loss is NaN"
    assert call.cell is not None
    assert call.cell.failure == verdict()
    assert call.cell.latest == failed


def test_one_hand_a_challenge_is_up_at_a_time(challenge: Challenge, team: Team, coach: User) -> None:
    call = raised(challenge, team)
    with pytest.raises(Refusal, match="up already"):
        raised(challenge, team)
    actions.close(call, coach)
    assert raised(challenge, team).pk != call.pk


@pytest.mark.parametrize("text", ["", " \n "])
def test_a_call_says_something(challenge: Challenge, team: Team, text: str) -> None:
    with pytest.raises(Refusal, match="Say in a sentence"):
        raised(challenge, team, text)


def test_a_call_is_claimed_once_and_closed_once(challenge: Challenge, team: Team, coach: User) -> None:
    call, organizer = raised(challenge, team), make_organizer(challenge.event)
    actions.claim(call, coach)
    with pytest.raises(Refusal, match="Somebody was faster"):
        actions.claim(call, organizer)
    actions.close(call, member_of(team))
    with pytest.raises(Refusal, match="closed already"):
        actions.close(call, coach)
    logged = AuditEntry.objects.filter(action__startswith="help.").order_by("pk")
    assert [(entry.action, entry.actor) for entry in logged] == [
        ("help.called", member_of(team)),
        ("help.claimed", coach),
        ("help.closed", member_of(team)),
    ]


def test_strangers_neither_raise_nor_answer(challenge: Challenge, team: Team) -> None:
    stranger, rival = make_coach(challenge.event), member_of(make_team(challenge.event))
    call = raised(challenge, team)
    for act in (actions.claim, actions.close):
        for who in (stranger, rival):
            with pytest.raises(Refusal, match="You do not coach Cairn"):
                act(call, who)
    with pytest.raises(Refusal, match="not in this team"):
        actions.raise_hand(challenge, team, rival, "hello")


def test_no_hand_is_raised_on_a_challenge_that_is_closed_to_the_team(
    challenge: Challenge, team: Team
) -> None:
    later = make_challenge(challenge.event)
    add_gate(later, GateKind.PASSED, None, after=challenge)
    with pytest.raises(Refusal, match="not open to your team"):
        raised(later, team)


def test_a_hint_opens_for_one_team_and_is_logged(challenge: Challenge, team: Team, coach: User) -> None:
    rivals = make_team(challenge.event)
    actions.open_hint(challenge, team, "Where to begin", coach)
    assert [shown.hint.title for shown in opened_hints(challenge, team)] == ["Where to begin"]
    assert opened_hints(challenge, rivals) == []
    with pytest.raises(Refusal, match="open already"):
        actions.open_hint(challenge, team, "Where to begin", coach)
    with pytest.raises(Refusal, match="no such hint"):
        actions.open_hint(challenge, team, "Made up", coach)
    with pytest.raises(Refusal, match="do not coach"):
        actions.open_hint(challenge, rivals, "Nearly there", coach)
    assert AuditEntry.objects.get(action="hint.opened").after == {"title": "Where to begin"}
    assert OpenedHint.objects.count() == 1


def test_a_team_reads_only_what_was_opened(
    client: Client, challenge: Challenge, team: Team, coach: User
) -> None:
    actions.open_hint(challenge, team, "Where to begin", coach)
    client.force_login(member_of(team))
    page = client.get(reverse("challenge", args=[challenge.event.slug, challenge.slug])).content.decode()
    assert "<em>it</em>" in page
    assert "Nearly there" not in page
    assert "solution" not in page


def test_what_is_ready_waits_for_the_coachs_word(challenge: Challenge, team: Team, coach: User) -> None:
    assert seen_by(coach, challenge).sign_offs == []
    scored(challenge, team, 0.9)
    (waiting,) = seen_by(coach, challenge).sign_offs
    assert [line.text for line in waiting.to_tick] == ["Plotted"]


def test_two_taps_sign_off_and_open_the_next(
    client: Client, challenge: Challenge, team: Team, coach: User
) -> None:
    later = make_challenge(challenge.event)
    add_gate(later, GateKind.SIGNED_OFF, None, after=challenge)
    scored(challenge, team, 0.9)
    client.force_login(coach)
    form = {"queue": "1", "seen": ["Plotted"], "note": "clear"}
    answer = client.post(reverse("sign_off", args=[challenge.event.slug, team.pk, challenge.slug]), form)
    assert answer["Location"] == reverse("cockpit", args=[challenge.event.slug])
    found = seen_by(coach, challenge)
    assert found.sign_offs == []
    assert [cell.admission.admitted for cell in found.teams[0].cells] == [True, True]
    assert found.teams[0].passed == 1
    client.force_login(member_of(team))
    page = words(client.get(reverse("challenge", args=[challenge.event.slug, challenge.slug])))
    assert "Passed." in page
    assert "“clear”" in page


def test_a_quiet_team_is_flagged_and_one_that_has_passed_is_not(
    client: Client, challenge: Challenge, team: Team, coach: User
) -> None:
    Challenge.objects.update(opened_at=timezone.now() - timedelta(hours=1))
    client.force_login(coach)
    cockpit_page = reverse("cockpit", args=[challenge.event.slug])
    assert "quietly stuck" in words(client.get(cockpit_page))
    scored(challenge, team, 0.9)
    client.post(
        reverse("sign_off", args=[challenge.event.slug, team.pk, challenge.slug]), {"seen": ["Plotted"]}
    )
    assert "quietly stuck" not in words(client.get(cockpit_page))


def test_a_coach_sees_the_own_teams_and_an_organizer_all(
    challenge: Challenge, team: Team, coach: User
) -> None:
    other = make_team(challenge.event, "Ridge")
    raised(challenge, other)
    assert [line.team for line in seen_by(coach, challenge).teams] == [team]
    assert seen_by(coach, challenge).calls == []
    organizer = seen_by(make_organizer(challenge.event), challenge)
    assert [line.team for line in organizer.teams] == [team, other]
    assert [call.call.team for call in organizer.calls] == [other]


def test_the_cockpit_asks_as_much_for_many_teams_as_for_few(
    challenge: Challenge, team: Team, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    organizer = make_organizer(challenge.event)
    for _ in range(4):
        scored(challenge, make_team(challenge.event), 0.7)
    with django_assert_max_num_queries(16):
        seen_by(organizer, challenge)


def test_the_coachs_page_has_every_hint_and_the_guide(
    client: Client, challenge: Challenge, team: Team, coach: User
) -> None:
    client.force_login(coach)
    page = client.get(reverse("coaching", args=[challenge.event.slug, team.pk, challenge.slug]))
    assert "Nearly there" in words(page)
    assert "<em>solution</em>" in page.content.decode()

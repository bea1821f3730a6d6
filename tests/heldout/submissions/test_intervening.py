"""Pausing, granting tries, extending deadlines, disqualifying; and that each is audited and undone."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit.models import AuditEntry
from heldout.catalog.models import Attainment, Challenge
from heldout.events.rules import Refusal
from heldout.leaderboards import actions as leaderboards
from heldout.leaderboards.models import Standing
from heldout.submissions import intervening
from heldout.submissions.dispatching import ready_attempts
from heldout.submissions.intervention_models import Extension, PauseScope
from heldout.submissions.rules import closes_for, state_for, tries_left
from heldout.teams.models import Team
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import hand_in, inspected, make_challenge, scored

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge(quota_per_day=1)


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Cairn")


@pytest.fixture
def organizer(challenge: Challenge) -> User:
    return make_organizer(challenge.event)


@pytest.mark.parametrize("everywhere", [True, False])
def test_while_handing_in_is_paused_rehearsals_still_run(
    challenge: Challenge, team: Team, organizer: User, everywhere: bool
) -> None:
    event, where = challenge.event, None if everywhere else challenge
    other = make_challenge(event)
    paused = intervening.pause(event, where, PauseScope.HAND_IN, "The projector is on fire.", organizer)
    with pytest.raises(Refusal, match=r"is paused\. The projector is on fire"):
        hand_in(challenge, team)
    hand_in(challenge, team, rehearsal=True)
    if everywhere:
        with pytest.raises(Refusal, match="is paused"):
            hand_in(other, team)
    else:
        hand_in(other, team)
    with pytest.raises(Refusal, match="paused already"):
        intervening.pause(event, where, PauseScope.HAND_IN, "Again", organizer)
    intervening.resume(paused, organizer)
    hand_in(challenge, team)
    entries = AuditEntry.objects.filter(action__in=("paused", "resumed")).order_by("at")
    assert [(entry.action, entry.actor, entry.reason) for entry in entries] == [
        ("paused", organizer, "The projector is on fire."),
        ("resumed", organizer, "The projector is on fire."),
    ]


def test_while_scoring_is_paused_what_was_handed_in_waits(
    challenge: Challenge, team: Team, organizer: User
) -> None:
    other = make_challenge(challenge.event)
    elsewhere, first = make_challenge(), make_challenge()
    inspected(first, make_team(first.event))  # It takes the only place with a worker.
    waiting = {inspected(one, make_team(one.event)).pk: one for one in (challenge, other, elsewhere)}

    def ready() -> set[Challenge]:
        return {waiting[attempt.submission_id] for attempt in ready_attempts(timezone.now())}

    pause = partial(intervening.pause, challenge.event, scope=PauseScope.SCORING, reason="x", actor=organizer)
    one = pause(challenge)
    assert ready() == {other, elsewhere}
    every = pause(None)
    assert ready() == {elsewhere}
    intervening.resume(every, organizer)
    intervening.resume(one, organizer)
    assert ready() == {challenge, other, elsewhere}


def test_granted_tries_hold_for_the_day(challenge: Challenge, team: Team, organizer: User) -> None:
    hand_in(challenge, team)
    with pytest.raises(Refusal, match="No tries left"):
        hand_in(challenge, team)
    grant = intervening.grant_tries(challenge, team, 2, "Our worker was slow", organizer)
    assert tries_left(team, challenge, timezone.now()).left == 2
    assert tries_left(make_team(challenge.event), challenge, timezone.now()).left == 1
    hand_in(challenge, team)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert tries_left(team, challenge, timezone.now()).per_day == 1
    intervening.take_back(grant, challenge.event, organizer)
    assert tries_left(team, challenge, timezone.now()).left == 0
    for number in (0, -1, 101):
        with pytest.raises(Refusal, match="grant 1 to 100"):
            intervening.grant_tries(challenge, team, number, "x", organizer)


def test_one_team_may_hand_in_longer_than_the_others(
    challenge: Challenge, team: Team, organizer: User
) -> None:
    now = timezone.now()
    Challenge.objects.filter(pk=challenge.pk).update(closes_at=now - timedelta(minutes=1))
    challenge.refresh_from_db()
    with pytest.raises(Refusal, match="has closed"):
        hand_in(challenge, team)
    given = intervening.extend(challenge, team, now + timedelta(hours=1), "The tram stood still", organizer)
    hand_in(challenge, team)
    with pytest.raises(Refusal, match="has closed"):
        hand_in(challenge, make_team(challenge.event))
    assert (state_for(team, challenge, now), state_for(None, challenge, now)) == ("open", "closed")
    intervening.extend(challenge, team, now + timedelta(hours=2), "And again", organizer)
    assert Extension.objects.count() == 1
    assert closes_for(team, challenge) == now + timedelta(hours=2)
    given.refresh_from_db()
    intervening.take_back(given, challenge.event, organizer)
    with pytest.raises(Refusal, match="has closed"):
        hand_in(challenge, team)
    with pytest.raises(Refusal, match="choose a later one"):
        intervening.extend(challenge, team, now, "x", organizer)


def test_a_disqualified_submission_counts_for_nothing_and_can_come_back(
    challenge: Challenge, team: Team, organizer: User
) -> None:
    best = scored(challenge, team, 0.95)
    intervening.grant_tries(challenge, team, 5, "x", organizer)
    scored(challenge, team, 0.7)
    rival = make_team(challenge.event)
    scored(challenge, rival, 0.9)

    def places() -> dict[Team, float]:
        return {standing.team: standing.score for standing in Standing.objects.select_related("team")}

    made = leaderboards.disqualify(challenge.event, organizer, "Labels in the code", submission=best)
    assert places() == {team: 0.7, rival: 0.9}
    attained = Attainment.objects.get(team=team)
    assert (attained.best, attained.passed_at) == (0.7, None)
    with pytest.raises(Refusal, match="disqualified already"):
        leaderboards.disqualify(challenge.event, organizer, "Again", submission=best)
    leaderboards.qualify_again(made, challenge.event, organizer)
    assert places() == {team: 0.95, rival: 0.9}
    assert Attainment.objects.get(team=team).passed_at is not None


def test_a_disqualified_team_is_on_no_board(challenge: Challenge, team: Team, organizer: User) -> None:
    scored(challenge, team, 0.95)
    made = leaderboards.disqualify(challenge.event, organizer, "Two teams in one", team=team)
    assert not Standing.objects.exists()
    leaderboards.qualify_again(made, challenge.event, organizer)
    assert Standing.objects.get().team == team
    entries = AuditEntry.objects.filter(action__contains="disqualif").values_list("action", "reason")
    assert set(entries) == {
        ("disqualified", "Two teams in one"),
        ("disqualification.taken_back", "Two teams in one"),
    }

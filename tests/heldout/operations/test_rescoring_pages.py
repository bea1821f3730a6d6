"""The pages of scoring anew, as organizers go through them."""

import pytest
from django.test import Client
from django.urls import reverse

from heldout.leaderboards import actions as leaderboards
from heldout.leaderboards.models import Standing
from heldout.submissions import rescoring as runs
from heldout.submissions.models import Rescoring
from tests.heldout.factories import make_organizer, make_team
from tests.heldout.handing_in import evaluation_for, make_challenge, scored
from tests.heldout.pages import inline_code, words

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_organizer_begins_sees_what_would_change_keeps_and_undoes(client: Client) -> None:
    challenge = make_challenge()
    event = challenge.event
    team, other = make_team(event, "Cairn"), make_team(event, "Tarp")
    submission = scored(challenge, team, 0.9)
    scored(challenge, other, 0.7)
    client.force_login(make_organizer(event))
    page = reverse("rescorings", args=[event.slug])
    assert "Nothing was scored anew" in words(client.get(page))
    missing = client.post(page, {"challenge": challenge.pk, "team": team.pk})
    assert missing.status_code == 422
    assert "This field is required" in words(missing)
    given = {"challenge": challenge.pk, "team": team.pk, "reason": "A wrong label"}
    begun = client.post(page, given, follow=True)
    assert "It shows here when every run has ended" in words(begun)
    attempts = Rescoring.objects.get().attempts
    attempts.update(state="dispatched")
    leaderboards.record_evaluation(evaluation_for(submission, 0.6, attempt=attempts.get().pk))
    own = reverse("rescoring", args=[event.slug, Rescoring.objects.get().pk])
    ready = client.get(own)
    assert "down 1 passes no more" in words(ready)
    assert "up 1" in words(ready)
    assert inline_code(ready) == []
    kept = client.post(f"{own}keep/", follow=True)
    assert "The new scores count now." in words(kept)
    assert Standing.objects.get(team=team).score == 0.6
    shown = client.get(reverse("submission", args=[event.slug, submission.pk]))
    assert "Scored anew by the organizers" in words(shown)
    undone = client.post(f"{own}undo/", follow=True)
    assert "The scores count that counted before." in words(undone)
    assert Standing.objects.get(team=team).score == 0.9


def test_what_is_of_another_challenge_or_event_is_refused(client: Client) -> None:
    challenge = make_challenge()
    event = challenge.event
    sibling, foreign = make_challenge(event), make_challenge()
    submission = scored(sibling, make_team(event), 0.9)
    stranger = scored(foreign, make_team(foreign.event), 0.9)
    client.force_login(make_organizer(event))
    page = reverse("rescorings", args=[event.slug])
    given = {"challenge": challenge.pk, "submission": submission.pk, "reason": "x"}
    assert "choose one of" in words(client.post(page, given))
    given = {"challenge": foreign.pk, "submission": stranger.pk, "reason": "x"}
    assert client.post(page, given).status_code == 422
    begun = runs.start(foreign, "x", make_organizer(foreign.event))
    assert client.get(reverse("rescoring", args=[event.slug, begun.pk])).status_code == 404
    for step in ("keep", "discard", "catch-up", "undo"):
        address = reverse("rescoring_step", args=[event.slug, begun.pk, step])
        assert client.post(address).status_code == 404
    begun.refresh_from_db()
    assert begun.state == "running"

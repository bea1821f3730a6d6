"""What htmx asks for when something has changed, and what forms answer."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from heldout.catalog.models import Challenge
from tests.heldout.pages import words
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene

HTMX = {"HX-Request": "true"}


def _fragment(scene: Scene, name: str, query: str = "") -> str:
    response = client_of(scene, "participant").get(scene.pages()[name] + query, headers=HTMX)
    assert response.status_code == 200
    page = response.content.decode()
    assert "<html" not in page
    return page


def test_a_board_renews_its_standings_alone(scene: Scene) -> None:
    assert 'id="standings"' in _fragment(scene, "board")


def test_a_challenge_renews_board_and_tries_together(scene: Scene) -> None:
    page = _fragment(scene, "challenge")
    assert 'id="standings"' in page
    assert 'id="tries" aria-label="Where you stand" hx-swap-oob="true"' in page


def test_a_submission_renews_its_card_in_a_list_and_its_whole_page(scene: Scene) -> None:
    key = scene.submissions["running"].pk
    assert f'<article class="card submission running" id="submission-{key}"' in _fragment(
        scene, "running submission"
    )
    assert "Passport" in _fragment(scene, "running submission", "?full")


@pytest.mark.parametrize("name", ["event", "challenge", "board", "control", "running submission"])
def test_what_asks_for_news_is_never_replaced_by_it(scene: Scene, name: str) -> None:
    """An element that were replaced while it asks would lose the news that comes meanwhile."""
    page = client_of(scene, "organizer").get(scene.pages()[name]).content.decode()
    assert "hx-get" in page
    assert 'hx-swap="outerHTML"' not in page


def test_an_event_renews_all_that_is_live_at_once(scene: Scene) -> None:
    """Were one part of it to ask for itself, an older answer to the whole could take its news away."""
    page = client_of(scene, "participant").get(scene.pages()["event"])
    live = page.content.decode().split('id="event-live"', 1)[1]
    assert "hx-get" not in live
    assert "No worker yet, 2 waiting" in words(page)


def _hand_in(client: Client, scene: Scene, content: bytes = b"model", /, **headers: str) -> HttpResponseBase:
    address = reverse("submit", args=[scene.event.slug, scene.open.slug])
    form = {"artefact": SimpleUploadedFile("model.onnx", content), "note": "mixup"}
    return client.post(address, form, headers=headers)


def test_a_plain_form_leads_to_the_new_submission(scene: Scene) -> None:
    response = _hand_in(client_of(scene, "participant"), scene)
    newest = scene.team.submissions.order_by("-number")[0]
    assert response["Location"] == reverse("submission", args=[scene.event.slug, newest.pk])
    assert (newest.file_name, newest.note) == ("model.onnx", "mixup")


def test_a_script_is_answered_with_the_new_card(scene: Scene) -> None:
    response = _hand_in(client_of(scene, "participant"), scene, **HTMX)
    assert response.status_code == 201
    assert "model.onnx" in words(response)


def test_a_refusal_is_said_in_words_to_script_and_form_alike(scene: Scene) -> None:
    too_large = b"x" * (2**20 + 1)
    client = client_of(scene, "participant")
    response = _hand_in(client, scene, too_large, **HTMX)
    assert response.status_code == 422
    assert "too large" in words(response)
    _hand_in(client, scene, too_large)
    assert "too large" in words(client.get(scene.pages()["challenge"]))


def test_who_has_no_team_is_told_so(scene: Scene) -> None:
    assert "You are in no team" in words(_hand_in(client_of(scene, "lone"), scene, **HTMX))


def test_a_forged_form_hands_nothing_in(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(scene.people["participant"])
    before = scene.team.submissions.count()
    assert _hand_in(client, scene).status_code == 403
    assert scene.team.submissions.count() == before


def test_opening_is_refused_with_the_failed_check_until_the_self_test_is_green(scene: Scene) -> None:
    client = client_of(scene, "organizer")
    red = Challenge.objects.get(slug="from-the-sky")
    page = client.post(reverse("open_challenge", args=[scene.event.slug, red.slug]), follow=True)
    assert "A random model scores low: found 0.97" in words(page)
    page = client.post(reverse("open_challenge", args=[scene.event.slug, scene.locked.slug]), follow=True)
    assert "The wild is open." in words(page)
    assert client_of(scene, "participant").get(scene.pages()["locked challenge"]).status_code == 200


def test_closing_stops_submissions(scene: Scene) -> None:
    client_of(scene, "organizer").post(reverse("close_challenge", args=[scene.event.slug, scene.open.slug]))
    assert "has closed" in words(_hand_in(client_of(scene, "participant"), scene, **HTMX))


def test_a_built_in_challenge_is_added_once(scene: Scene) -> None:
    client = client_of(scene, "organizer")
    address = reverse("add_challenge", args=[scene.event.slug])
    page = words(client.post(address, {"bundle": "numbers-too"}, follow=True))
    assert "is added. Run its self-test next." in page
    assert "already number" in words(client.post(address, {"bundle": "numbers-too"}, follow=True))
    assert client.post(address, {"bundle": "../../etc"}).status_code == 404


def test_given_data_and_its_preview_are_404_until_they_exist(scene: Scene) -> None:
    client = client_of(scene, "participant")
    for name in ("challenge_data", "challenge_preview"):
        assert client.get(reverse(name, args=[scene.event.slug, scene.open.slug])).status_code == 404

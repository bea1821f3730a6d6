"""Open pages of somebody who has signed out elsewhere, and what the browser may keep."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("name", ["event", "board", "challenge", "control", "running submission"])
def test_a_part_of_a_page_is_not_replaced_by_the_sign_in_page(scene: Scene, name: str) -> None:
    response = Client().get(scene.pages()[name], headers=HTMX)
    assert (response.status_code, response["HX-Refresh"], response.content) == (401, "true", b"")


def test_a_file_that_is_sent_after_signing_out_is_answered_in_kind(scene: Scene) -> None:
    address = reverse("submit", args=[scene.event.slug, scene.open.slug])
    assert Client().post(address, headers=HTMX).status_code == 401


def test_a_whole_page_leads_to_signing_in(scene: Scene) -> None:
    page = scene.pages()["board"]
    assert Client().get(page)["Location"] == f"{reverse('account_login')}?next={page}"


def test_a_form_that_is_sent_after_signing_out_leads_to_a_page_that_exists(scene: Scene) -> None:
    address = reverse("close_challenge", args=[scene.event.slug, scene.open.slug])
    assert Client().post(address)["Location"] == f"{reverse('account_login')}?next={reverse('home')}"


def test_a_part_is_not_kept_by_the_browser_in_place_of_its_page(scene: Scene) -> None:
    client = client_of(scene, "participant")
    for name in ("event", "board", "challenge", "running submission"):
        assert "no-store" in client.get(scene.pages()[name], headers=HTMX)["Cache-Control"]

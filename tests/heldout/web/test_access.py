"""Who may open which page."""

import pytest
from django.urls import reverse

from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene

OWN = {"participant", "coach", "organizer", "operator"}
MEMBERS = {"lone", "rival"} | OWN
ORGANIZERS = {"organizer", "operator"}
ROLES = ["outsider", *sorted(MEMBERS)]
MAY_SEE = {
    "event": MEMBERS,
    "challenge": MEMBERS,
    "closed challenge": MEMBERS,
    "board": MEMBERS,
    "locked challenge": ORGANIZERS,
    "locked board": ORGANIZERS,
    "control": ORGANIZERS,
}


@pytest.mark.parametrize("role", ROLES)
def test_each_page_opens_for_exactly_those_who_may_see_it(scene: Scene, role: str) -> None:
    client = client_of(scene, role)
    found = {name: client.get(address).status_code for name, address in scene.pages().items()}
    assert found == {name: 200 if role in MAY_SEE.get(name, OWN) else 404 for name in found}


def test_whoever_is_signed_out_is_sent_to_sign_in(scene: Scene) -> None:
    client = client_of(scene, "anonymous")
    for address in scene.pages().values():
        response = client.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("role", [*ROLES, "anonymous"])
def test_only_organizers_press_the_buttons_of_the_control_room(scene: Scene, role: str) -> None:
    client = client_of(scene, role)
    for name in ("prepare_challenge", "open_challenge", "close_challenge"):
        response = client.post(reverse(name, args=[scene.event.slug, scene.locked.slug]))
        to_control = response.status_code == 302 and response["Location"].endswith("/control/")
        assert to_control == (role in ORGANIZERS), (name, response)


@pytest.mark.parametrize("role", [*ROLES, "anonymous"])
def test_only_the_team_and_organizers_cancel(scene: Scene, role: str) -> None:
    queued = scene.submissions["queued"]
    client_of(scene, role).post(reverse("cancel_submission", args=[scene.event.slug, queued.pk]))
    queued.refresh_from_db()
    assert (queued.state == "cancelled") == (role in {"participant", *ORGANIZERS})


@pytest.mark.parametrize("name", ["event", "challenge", "board", "control", "scored submission"])
def test_pages_that_only_show_refuse_to_be_posted_to(scene: Scene, name: str) -> None:
    assert client_of(scene, "organizer").post(scene.pages()[name]).status_code == 405


def test_the_buttons_of_the_control_room_refuse_to_be_looked_at(scene: Scene) -> None:
    address = reverse("open_challenge", args=[scene.event.slug, scene.locked.slug])
    assert client_of(scene, "organizer").get(address).status_code == 405

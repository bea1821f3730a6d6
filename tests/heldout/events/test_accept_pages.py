import re

import pytest
from django.core import mail
from django.test import Client

from heldout.accounts.actions import mark_verified
from heldout.accounts.models import User
from heldout.events import actions
from heldout.events.models import Event, Invitation, Role, RoleName
from heldout.events.rules import role_of
from tests.heldout.factories import make_event, make_organizer, make_superuser, make_user
from tests.heldout.pages import inline_code, wears_our_look, words

pytestmark = pytest.mark.django_db

ADA = "ada@example.org"


@pytest.fixture
def event() -> Event:
    return make_event("gear", name="Gear & Trail")


@pytest.fixture
def invitation(event: Event) -> Invitation:
    return actions.invite(event, ADA, RoleName.PARTICIPANT, make_organizer(event))[0]


@pytest.fixture
def link(invitation: Invitation, event: Event) -> str:
    """The address in the newest mail to Ada."""
    return f"/invitations/{actions.resend(invitation, make_organizer(event))}/"


def test_a_newcomer_gives_a_name_and_is_in(client: Client, link: str, event: Event) -> None:
    page = client.get(link)
    assert "to take part as participant Gear & Trail" in words(page)
    response = client.post(link, {"name": "Ada", "password": ""})
    assert response.headers["Location"] == "/events/gear/"
    ada = User.objects.get(email=ADA)
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert role_of(ada, event) == RoleName.PARTICIPANT
    assert mail.outbox == []


def test_a_newcomer_without_password_signs_in_by_code_later(client: Client, link: str) -> None:
    client.post(link, {"name": "Ada", "password": ""})
    later = Client()
    later.post("/accounts/login/code/", {"email": ADA})
    found = re.search(r"^([A-Z0-9-]{6,})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    later.post("/accounts/login/code/confirm/", {"code": found[1]})
    assert "_auth_user_id" in later.session


def test_a_newcomer_may_set_a_password(client: Client, link: str) -> None:
    client.post(link, {"name": "Ada", "password": "a quiet mountain hut"})
    later = Client()
    later.post("/accounts/login/", {"login": ADA, "password": "a quiet mountain hut"})
    assert "_auth_user_id" in later.session


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"name": "", "password": ""}, "This field is required"),
        ({"name": "Ada", "password": "short"}, "at least 10 characters"),
        ({"name": "Ada", "password": "ada@example.org"}, "too similar to the mail address"),
        ({"name": "Ada Lovelace", "password": "ada lovelace"}, "too similar to the name"),
    ],
)
def test_a_form_with_a_fault_opens_no_account(
    client: Client, link: str, form: dict[str, str], fault: str
) -> None:
    response = client.post(link, form)
    assert fault in words(response)
    assert not User.objects.filter(email=ADA).exists()


def test_who_has_an_account_signs_in_first_and_comes_back(client: Client, link: str, event: Event) -> None:
    ada = make_user(ADA, password="a quiet mountain hut")
    mark_verified(ada)
    page = client.get(link)
    assert f'href="/accounts/login/?next={link}"' in page.content.decode()
    back = client.post("/accounts/login/", {"login": ADA, "password": "a quiet mountain hut", "next": link})
    assert back.headers["Location"] == link
    assert "Accept the invitation" in words(client.get(link))
    assert client.post(link).headers["Location"] == "/events/gear/"
    assert role_of(ada, event) == RoleName.PARTICIPANT


def test_an_account_is_not_signed_in_by_the_link_alone(client: Client, link: str, event: Event) -> None:
    ada = make_user(ADA)
    client.post(link, {"name": "Mallory", "password": "a quiet mountain hut"})
    assert "_auth_user_id" not in client.session
    assert role_of(ada, event) is None


def test_opening_the_link_does_not_accept_it(client: Client, link: str, event: Event) -> None:
    ada = make_user(ADA)
    client.force_login(ada)
    assert client.get(link).status_code == 200
    assert role_of(ada, event) is None


def test_who_is_signed_in_as_somebody_else_is_told_and_can_sign_out(client: Client, link: str) -> None:
    client.force_login(make_user("eve@example.org"))
    for response in (client.get(link), client.post(link, {"name": "Eve"})):
        assert response.status_code == 403
        assert f"sent to {ADA} . You are signed in as eve@example.org" in words(response)
    assert f'name="next" value="{link}"' in client.get(link).content.decode()
    assert client.post("/accounts/logout/", {"next": link}).headers["Location"] == link
    assert not Role.objects.filter(name=RoleName.PARTICIPANT).exists()


def test_even_who_runs_the_site_does_not_accept_for_somebody_else(client: Client, link: str) -> None:
    client.force_login(make_superuser())
    assert client.post(link).status_code == 403
    assert not Role.objects.filter(name=RoleName.PARTICIPANT).exists()


def test_a_link_that_is_no_good_says_what_to_do(
    client: Client, link: str, invitation: Invitation, event: Event
) -> None:
    assert "leads nowhere" in words(client.get("/invitations/made-up/"))
    actions.revoke(invitation, make_organizer(event))
    response = client.get(link)
    assert response.status_code == 410
    assert "This invitation was withdrawn Ask an organizer" in words(response).replace(".", "")
    assert client.post(link, {"name": "Ada"}).status_code == 410


def test_a_used_link_leads_its_owner_to_the_event_and_others_nowhere(client: Client, link: str) -> None:
    client.post(link, {"name": "Ada", "password": ""})
    assert client.get(link).headers["Location"] == "/events/gear/"
    assert client.post(link).headers["Location"] == "/events/gear/"
    assert Client().get(link).status_code == 410


@pytest.mark.parametrize("state", ["newcomer", "account", "invited", "other", "bad"])
def test_each_page_of_the_link_wears_our_look_and_is_kept_nowhere(
    client: Client, link: str, state: str
) -> None:
    if state == "account":
        make_user(ADA)
    if state in ("invited", "other"):
        client.force_login(make_user(ADA if state == "invited" else ""))
    response = client.get("/invitations/bad/" if state == "bad" else link)
    assert wears_our_look(response)
    assert inline_code(response) == []
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Referrer-Policy"] == "same-origin"

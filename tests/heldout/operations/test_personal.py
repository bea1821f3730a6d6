"""What the site knows of somebody, and how it forgets: nothing tells who it was, the work stays."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from heldout.accounts import tokens
from heldout.accounts.models import Scope, User
from heldout.applications import actions as applications
from heldout.applications.models import Application, Intake
from heldout.audit.models import AuditEntry
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.notices import actions as notices
from heldout.operations import personal
from heldout.teams import actions as teams
from heldout.teams import meeting
from heldout.teams.models import Team
from tests.heldout.factories import make_event, make_organizer, make_participant, make_superuser, make_user
from tests.heldout.handing_in import make_challenge, scored

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL, NAME = "zoe.quill@example.org", "Zoe Quill-Marchetti"


@pytest.fixture
def event() -> Event:
    event = make_event("trail")
    Intake.objects.create(event=event, opens_at=timezone.now() - timedelta(days=1))
    return event


@pytest.fixture
def zoe(event: Event) -> User:
    """Somebody who has left traces everywhere."""
    applications.apply(event, {}, email=EMAIL, name=NAME, skill=3, company="Quill Works")
    asked = Application.objects.get()
    applications.decide(event, [asked.pk], "shortlist", make_organizer(event))
    user = make_participant(event, make_user(EMAIL, name=NAME))
    team = teams.create_team(event, user, "Cairn")
    meeting.keep_profile(event, user, company="Quill Works", about="I draw", looks_for_team=True)
    tokens.make(user, "laptop", [Scope.READ], 30)
    scored(make_challenge(event), team, 0.9, note="mixup")
    notices.inquire(event, team, user, "May we?", challenge=None, is_public=True)
    teams.rename_team(team, "Cairn Two", user)
    return user


def traces() -> list[str]:
    """Every row of ours in which the name or the address still stands."""
    found = []
    for model in apps.get_models():
        if not model.__module__.startswith(("heldout.", "allauth.")):
            continue
        for row in model._default_manager.all().values():
            if EMAIL in str(row) or NAME in str(row):
                found.append(model._meta.label)
    return found


def test_all_that_is_known_is_told_and_no_secret(client: Client, zoe: User) -> None:
    client.force_login(zoe)
    known = json.loads(client.get("/account/data.json").content)
    assert known["account"][0]["email"] == EMAIL
    assert known["submissions"][0]["note"] == "mixup"
    for kind in ("roles", "teams", "profiles", "applications", "questions", "tokens", "done"):
        assert known[kind], kind
    assert "digest" not in str(known) and "password" not in str(known)


def test_a_forgotten_person_is_named_nowhere_and_the_teams_work_stays(zoe: User) -> None:
    assert set(traces()) >= {"accounts.User", "applications.Application", "audit.AuditEntry"}
    personal.forget(zoe, zoe)
    assert traces() == []
    team = Team.objects.get()
    assert team.submissions.get().author.name == "A former participant"
    assert team.standings.get().score == 0.9
    assert AuditEntry.objects.filter(action="person.forgotten").exists()


def test_mails_to_the_person_leave_the_outbox_of_a_demo(zoe: User) -> None:
    folder = Path(settings.OUTBOX)
    folder.mkdir(parents=True, exist_ok=True)
    mine, other = folder / "1.eml", folder / "2.eml"
    mine.write_text(f"To: {EMAIL}\n\nHello")
    other.write_text("To: ada@example.org\n\nHello")
    personal.forget(zoe, zoe)
    assert (mine.exists(), other.exists()) == (False, True)
    other.unlink()


def test_the_page_asks_for_the_address_and_signs_out(client: Client, zoe: User) -> None:
    client.force_login(zoe)
    assert "This cannot be taken back" in client.get("/account/delete/").content.decode()
    wrong = client.post("/account/delete/", {"email": "somebody@example.org"})
    assert wrong.status_code == 422
    assert f"expected {EMAIL}" in wrong.content.decode()
    client.post("/account/delete/", {"email": EMAIL})
    zoe.refresh_from_db()
    assert not zoe.is_active
    assert client.get("/account/").status_code == 302


def test_the_only_organizer_and_whoever_runs_the_site_stay(event: Event) -> None:
    alone = make_organizer(event)
    with pytest.raises(Refusal, match="only organizer of Trail"):
        personal.forget(alone, alone)
    make_organizer(event)
    personal.forget(alone, alone)
    with pytest.raises(Refusal, match="runs the site"):
        personal.forget(make_superuser(), None)


def test_an_operator_forgets_somebody_who_has_asked(zoe: User, capsys: Any) -> None:
    with pytest.raises(CommandError, match="no account of nobody"):
        call_command("forget_person", "nobody@example.org", "--yes")
    call_command("forget_person", EMAIL, "--yes")
    assert traces() == []


def test_somebody_changes_the_name_that_others_see(client: Client, zoe: User) -> None:
    client.force_login(zoe)
    assert client.post("/account/", {"name": ""}).status_code == 422
    client.post("/account/", {"name": "  Zoë   Quill "})
    zoe.refresh_from_db()
    assert zoe.name == "Zoë Quill"

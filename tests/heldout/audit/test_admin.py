from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model, ProtectedError
from django.test import Client
from django.utils import timezone

from heldout.accounts import device, tokens
from heldout.accounts.models import ApiToken, DeviceLogin, Scope, User
from heldout.api.models import KeptAnswer
from heldout.applications.models import Answer, Application, Intake, Placement, Question
from heldout.audit.models import AuditEntry
from heldout.catalog.models import Attainment, Gate, GateKind, Opening, SignOff, Tick
from heldout.coaching.models import HelpCall, OpenedHint
from heldout.events import actions
from heldout.events.models import Event, Invitation, Registration, RoleName, Session, Wording
from heldout.leaderboards.models import BoardRules
from heldout.notices.models import Announcement, Inquiry, Reading
from heldout.submissions.intervention_models import Disqualification, Extension, Grant, Pause
from heldout.submissions.upload_models import Upload
from heldout.teams import tokens as team_tokens
from heldout.teams.models import Approach, Profile, UnwelcomeWords
from heldout.webhooks.models import Hook, ToldBoard
from heldout.webhooks.telling import trial_message
from tests.heldout.factories import (
    make_coach,
    make_event,
    make_participant,
    make_superuser,
    make_team,
    make_user,
)
from tests.heldout.handing_in import make_challenge

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> User:
    user = make_superuser()
    client.force_login(user)
    return user


@pytest.fixture
def rows() -> None:
    """One row at least of everything that the admin shows."""
    event, coach = make_event("gear"), make_coach(make_event())
    actions.invite(event, "ada@example.org", RoleName.COACH, None)
    session = Session.objects.create(
        event=event, title="Talk", starts_at=event.starts_at, ends_at=event.ends_at, is_open=True
    )
    Registration.objects.create(session=session, name="Ada", email="ada@example.org", token_digest="a" * 64)
    place: dict[str, Any] = {"team": make_team(event), "challenge": make_challenge(event)}
    Gate.objects.create(challenge=place["challenge"], kind=GateKind.TIME, at=event.starts_at)
    Attainment.objects.create(**place)
    for model in (Opening, Tick, SignOff):
        model.objects.create(**place, by=coach)
    OpenedHint.objects.create(**place, by=coach, title="Begin")
    HelpCall.objects.create(**place, author=coach, words="Help")
    _rows_of_getting_in(event)
    _rows_of_interventions(event, place, coach)


def _rows_of_getting_in(event: Event) -> None:
    ada, now = make_participant(event), timezone.now()
    Intake.objects.create(event=event)
    question = Question.objects.create(event=event, text="Why?")
    asked = Application.objects.create(
        event=event, name="Ada", email="a@example.org", skill=3, agreed_at=now, token_digest="b" * 64
    )
    Answer.objects.create(application=asked, question=question, text="To learn")
    invitation, _ = actions.invite(event, "ben@example.org", RoleName.COACH, None)
    Placement.objects.create(invitation=invitation, team="Cairn")
    Wording.objects.create(event=event, kind="invitation", subject="Come", body="{{ link }}")
    Profile.objects.create(event=event, user=ada)
    UnwelcomeWords.objects.create(event=event, words="acme")
    Approach.objects.create(team=make_team(event), user=ada, kind="request")
    tokens.make(ada, "laptop", [Scope.READ], 30)
    team = make_team(event, members=[ada])
    team_tokens.make(team, ada, "CI", 7, now)
    device.begin("laptop", [Scope.READ], now)
    Announcement.objects.create(event=event, title="Lunch", by=ada)
    Inquiry.objects.create(event=event, team=make_team(event), author=ada, text="May we?")
    Reading.objects.create(event=event, user=ada, until=now)
    KeptAnswer.objects.create(caller="person:1", key="k", claimed_at=now, created_at=now)


def _rows_of_interventions(event: Event, place: dict[str, Any], coach: User) -> None:
    said: dict[str, Any] = {"reason": "x", "by": coach}
    Pause.objects.create(event=event, scope="scoring", **said)
    trial_message(Hook.objects.create(event=event, url="https://example.org/", secret="whsec_eA==", by=coach))
    ToldBoard.objects.create(challenge=place["challenge"])
    Grant.objects.create(**place, **said, tries=1)
    Extension.objects.create(**place, **said, until=timezone.now())
    Disqualification.objects.create(team=place["team"], **said)
    BoardRules.objects.create(event=event)
    Upload.objects.create(
        challenge=place["challenge"], author=coach, file_name="m", length=9, expires_at=timezone.now()
    )


OURS = [
    model
    for label in (
        "accounts",
        "api",
        "audit",
        "events",
        "teams",
        "coaching",
        "applications",
        "notices",
        "webhooks",
    )
    for model in apps.get_app_config(label).get_models()
] + [Gate, Opening, Attainment, Tick, SignOff, Pause, Grant, Extension, Disqualification, BoardRules, Upload]
OWNED_BY_ACTIONS = [model for model in OURS if model not in (User, Event)]


def page_of(model: type[Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def some_row(model: type[Model]) -> Model:
    row = model._default_manager.first()
    assert row is not None
    return row


@pytest.mark.parametrize("model", OURS)
def test_every_list_and_every_row_opens(
    client: Client, operator: User, rows: None, model: type[Model]
) -> None:
    page, row = page_of(model), some_row(model)
    for address in (page, f"{page}?q=a", f"{page}{row.pk}/change/"):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("model", OURS)
def test_nothing_is_added_or_deleted_round_the_actions(
    client: Client, operator: User, rows: None, model: type[Model]
) -> None:
    page, row = page_of(model), some_row(model)
    assert client.get(f"{page}add/").status_code == 403
    assert client.post(f"{page}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(page, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert model._default_manager.filter(pk=row.pk).exists()


def test_the_history_of_a_row_is_what_the_audit_log_says_of_it(client: Client, operator: User) -> None:
    event, other = make_event("gear"), make_event("other")
    for one in (event, other):
        actions.change_event(one, actor=operator, venue=f"Hall of {one.slug}")
    page = client.get(f"/admin/events/event/{event.pk}/history/", follow=True)
    assert page.status_code == 200
    content = page.content.decode()
    for one in (event, other):
        entry = AuditEntry.objects.get(action="event.change", target_id=one.pk)
        assert (f"/admin/audit/auditentry/{entry.pk}/change/" in content) == (one == event)


@pytest.mark.parametrize("model", OWNED_BY_ACTIONS)
def test_what_actions_own_is_read_only(
    client: Client, operator: User, rows: None, model: type[Model]
) -> None:
    assert client.post(f"{page_of(model)}{some_row(model).pk}/change/", {}).status_code == 403


def test_changing_an_event_in_the_admin_is_on_record(client: Client, operator: User) -> None:
    event = make_event("gear", venue="Hall 1")
    form = {
        "name": event.name, "tagline": "", "venue": "Hall 2", "time_zone": "UTC", "team_size_limit": "5",
        "starts_at_0": "2026-12-01", "starts_at_1": "09:00", "ends_at_0": "2026-12-03", "ends_at_1": "17:00",
        "teams_lock_at_0": "", "teams_lock_at_1": "", "slug": "other",
    }  # fmt: skip
    assert client.post(f"/admin/events/event/{event.pk}/change/", form).status_code == 302
    changed = Event.objects.get()
    assert (changed.venue, changed.slug) == ("Hall 2", "gear")
    entry = AuditEntry.objects.get(action="event.change")
    assert entry.actor == operator
    assert entry.before["venue"] == "Hall 1"


def test_closing_an_account_is_on_record(client: Client, operator: User) -> None:
    user = make_user(name="Eve")
    assert client.post(f"/admin/accounts/user/{user.pk}/change/", {"name": "Eve"}).status_code == 302
    user.refresh_from_db()
    assert not user.is_active
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("account.change", operator)
    assert (entry.before, entry.after) == ({"is_active": True}, {"is_active": False})


def test_staff_who_do_not_run_the_site_give_nobody_powers(client: Client) -> None:
    staff = make_user(is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(staff)
    client.post(
        f"/admin/accounts/user/{staff.pk}/change/", {"name": "Me", "is_superuser": "on", "is_staff": "on"}
    )
    staff.refresh_from_db()
    assert staff.name == "Me"
    assert not staff.is_superuser


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Invitation, "token_digest"),
        (Application, "token_digest"),
        (ApiToken, "digest"),
        (DeviceLogin, "digest"),
        (Hook, "secret"),
    ],
)
def test_the_digest_of_a_token_is_not_shown(
    client: Client, operator: User, rows: None, model: type[Model], field: str
) -> None:
    row = some_row(model)
    page = client.get(f"{page_of(model)}{row.pk}/change/")
    assert page.status_code == 200
    assert getattr(row, field) not in page.content.decode()


def test_every_model_of_ours_is_in_the_admin() -> None:
    """But for what a submission's own pages show, and what is only worked out for them."""
    apart = {"Blob", "Evaluation", "Outcomes", "Score", "StateChange", "BaselineScore", "Comparison"}
    ours = (model for model in apps.get_models() if model.__module__.startswith("heldout."))
    missing = {model.__name__ for model in ours if not admin.site.is_registered(model)}
    assert missing <= apart


def test_signing_in_to_the_admin_is_the_sites_own(client: Client) -> None:
    response = client.get("/admin/login/")
    assert response.headers["Location"].startswith("/accounts/login/")


def test_allauth_and_groups_are_not_in_the_admin() -> None:
    labels = {model._meta.app_label for model in admin.site._registry}
    assert not labels & {"account", "auth"}


def test_an_account_that_is_in_the_audit_log_cannot_vanish() -> None:
    event = make_event()
    user = make_participant(event)
    actions.change_event(event, actor=user, venue="Hall 2")
    with pytest.raises(ProtectedError):
        user.delete()

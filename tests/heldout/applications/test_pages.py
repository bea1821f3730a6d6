"""The public page, the form with the organizer's own questions, the list with its filters."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from heldout.accounts.models import User
from heldout.applications import actions
from heldout.applications.models import Application, Intake
from heldout.events.models import Event, Role
from tests.heldout.applications.conftest import Apply
from tests.heldout.factories import make_event

pytestmark = pytest.mark.django_db(transaction=True)
ADA = {"name": "Ada", "email": "ada@example.org", "skill": 4, "company": "", "conduct": "on", "consent": "on"}


def text(response: Any) -> str:
    return str(response.content.decode())


def test_an_event_is_public_from_the_opening_to_its_end_and_not_else(client: Client, event: Event) -> None:
    assert client.get("/apply/trail/").status_code == 200
    now = timezone.now()
    for change in ({"opens_at": None}, {"opens_at": now + timedelta(hours=1)}):
        Intake.objects.update(**change)
        assert client.get("/apply/trail/").status_code == 404
    Intake.objects.update(opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1))
    assert "Applications are closed" in text(client.get("/apply/trail/"))
    Event.objects.update(starts_at=now - timedelta(days=5), ends_at=now - timedelta(hours=1))
    assert client.get("/apply/trail/").status_code == 404
    make_event("private")
    assert client.get("/apply/private/").status_code == 404
    assert client.get("/apply/nowhere/").status_code == 404


def test_the_organizers_own_questions_are_asked_and_answered(
    client: Client, event: Event, organizer: User
) -> None:
    size = actions.ask(event, organizer, text="Shirt?", kind="choice", choices="S\nM\n", required=True)
    why = actions.ask(event, organizer, text="Why <us>?", kind="text", choices="", required=False)
    years = actions.ask(event, organizer, text="Years?", kind="number", choices="", required=False)
    page = text(client.get("/apply/trail/"))
    assert page.index("Shirt?") < page.index("Why &lt;us&gt;?") < page.index("Years?")
    wrong = {
        **ADA,
        f"question-{size.pk}": "XXL",
        f"question-{years.pk}": "many",
        f"question-{why.pk}": "To learn",
    }
    answer = client.post("/apply/trail/", wrong)
    assert answer.status_code == 422
    for words in ("XXL is not one of the available choices", "Enter a number", "To learn", 'value="Ada"'):
        assert words in text(answer)
    right = {**wrong, f"question-{size.pk}": "M", f"question-{years.pk}": "3"}
    assert "Look into your mail" in text(client.post("/apply/trail/", right))
    kept = dict(Application.objects.get().answers.values_list("question__text", "text"))
    assert kept == {"Shirt?": "M", "Why <us>?": "To learn", "Years?": "3"}


@pytest.mark.parametrize("missing", ["conduct", "consent", "email", "skill"])
def test_nothing_is_kept_without_consent_or_what_must_be_said(
    client: Client, event: Event, missing: str
) -> None:
    answer = client.post("/apply/trail/", {name: value for name, value in ADA.items() if name != missing})
    assert answer.status_code == 422
    assert "This field is required" in text(answer)
    assert not Application.objects.exists()


def test_the_list_is_filtered_by_state_skill_and_words(
    client: Client, event: Event, organizer: User, apply: Apply
) -> None:
    ada = apply("Ada", 5, company="Analytical Engines")
    apply("Ben", 2)
    actions.note(ada, "met at a conference", organizer)
    actions.decide(event, [ada.pk], "shortlist", organizer)
    client.force_login(organizer)

    def shown(query: str) -> set[str]:
        page = text(client.get(f"/events/trail/applications/?{query}"))
        return {name for name in ("Ada", "Ben") if f"Choose {name}" in page}

    assert shown("") == {"Ada", "Ben"}
    assert shown("state=shortlisted") == shown("skill=5") == shown("text=engines") == {"Ada"}
    assert shown("text=conference") == {"Ada"}
    assert shown("state=declined") == set()
    assert "None is like that" in text(client.get("/events/trail/applications/?state=declined"))


def test_ticked_applications_are_decided_together(
    client: Client, event: Event, organizer: User, apply: Apply
) -> None:
    numbers = [apply(name).pk for name in ("Ada", "Ben")]
    client.force_login(organizer)
    form = {"chosen": numbers, "decision": "accept"}
    page = text(client.post("/events/trail/applications/decide/", form, follow=True))
    assert "2 applications: accept." in page
    assert page.count(">invited<") == 2


def test_notes_are_never_shown_to_the_applicant(
    client: Client, event: Event, organizer: User, apply: Apply, mailoutbox: list[Any]
) -> None:
    made = apply("Ada")
    client.force_login(organizer)
    client.post(f"/events/trail/applications/{made.pk}/", {"notes": "a bit loud"})
    assert "a bit loud" in text(client.get(f"/events/trail/applications/{made.pk}/"))
    link = next(word for word in mailoutbox[0].body.split() if "/applications/" in word)
    own = Client().get(link.removeprefix("http://testserver"))
    assert own.status_code == 200
    assert "a bit loud" not in text(own)


def test_an_applicant_withdraws_by_the_link(
    client: Client, event: Event, apply: Apply, mailoutbox: list[Any]
) -> None:
    apply("Ada")
    link = next(word for word in mailoutbox[0].body.split() if "/applications/" in word)
    path = "/applications/" + link.split("/applications/")[1]
    assert "Your application is withdrawn." in text(client.post(path, follow=True))
    assert "There is nothing to withdraw." in text(client.post(path, follow=True))
    assert Application.objects.get().state == "withdrawn"


def test_the_form_is_opened_with_times_of_the_venue(client: Client, organizer: User, event: Event) -> None:
    Event.objects.update(time_zone="Asia/Tokyo")
    client.force_login(organizer)
    form = {"opens_at": "2026-01-02T10:00", "closes_at": "2026-01-01T10:00", "words": "**Come**"}
    answer = client.post("/events/trail/applications/form/", form)
    assert answer.status_code == 422
    assert "must close after they open" in text(answer)
    assert "**Come**" in text(answer)
    client.post("/events/trail/applications/form/", form | {"closes_at": "2026-03-01T10:00", "places": 30})
    intake = Intake.objects.get()
    assert (f"{intake.opens_at:%H:%M}", intake.places) == ("01:00", 30)


def test_what_organizers_write_is_cleaned(client: Client, event: Event) -> None:
    Intake.objects.update(words="<script>alert(1)</script> [x](javascript:alert(1))")
    page = text(client.get("/apply/trail/"))
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_accepting_an_invitation_agrees_to_the_code_of_conduct(client: Client, event: Event) -> None:
    from heldout.events.actions import digest, invite
    from heldout.events.models import RoleName

    _, token = invite(event, "ada@example.org", RoleName.PARTICIPANT, None)
    page = text(client.get(f"/invitations/{token}/"))
    assert "By accepting you agree to the code of conduct" in page
    client.post(f"/invitations/{token}/", {"name": "Ada"})
    role = Role.objects.get(user__email="ada@example.org")
    assert role.agreed_at is not None
    assert role.conduct_digest == digest(event.code_of_conduct)

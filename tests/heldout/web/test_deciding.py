"""Many applications are decided at once only after a question that says how many and what follows."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect

from heldout.applications import actions
from heldout.applications.models import Application, Intake
from tests.heldout.factories import make_event, make_organizer
from tests.heldout.web.browsing import browsing, serving, sign_in


@pytest.mark.django_db(transaction=True)
def test_mails_go_out_only_after_a_question(chromium: Browser) -> None:
    event = make_event()
    Intake.objects.create(event=event, opens_at=timezone.now() - timedelta(days=1))
    for name in ("Nora", "Omid", "Pia"):
        actions.apply(event, {}, email=f"{name.lower()}@example.org", name=name, skill=3, company="")
    client = Client()
    client.force_login(make_organizer(event))
    with serving() as address, browsing(chromium, address) as context:
        sign_in(context, client, address)
        page = context.new_page()
        page.goto(reverse("applications", args=[event.slug]))
        page.get_by_label("Choose Nora").check()
        page.get_by_label("Choose Omid").check()
        question = page.get_by_role("dialog")

        page.get_by_role("button", name="Decline").click()
        expect(question).to_contain_text("tell them by mail: 2?")
        question.get_by_role("button", name="No, go back").click()
        assert not Application.objects.filter(state="declined").exists()

        page.get_by_role("button", name="Decline").click()
        question.get_by_role("button", name="Decline").click()
        expect(page.get_by_text("2 applications: decline.")).to_be_visible()
        assert Application.objects.filter(state="declined").count() == 2

        page.get_by_label("Choose Pia").check()
        page.get_by_role("button", name="Shortlist").click()
        expect(page.get_by_text("1 application: shortlist.")).to_be_visible()

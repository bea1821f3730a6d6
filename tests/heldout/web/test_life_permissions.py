"""What coaches and organizers change, and nobody else does."""

import pytest
from django.test import Client
from django.utils import timezone

from heldout.audit.models import AuditEntry
from heldout.catalog.models import SignOff
from heldout.events.agenda_queries import feed_token
from heldout.events.models import Session
from tests.heldout.permissions.matrix import WHO, person
from tests.heldout.web.scene import make_life, make_scene

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", WHO)
def test_who_signs_off_and_who_takes_away(client: Client, who: str) -> None:
    life = make_life(make_scene())
    if (user := person(life, who)) is not None:
        client.force_login(user)
    evidence = [c.text for c in life.shown.bundle.manifest.criteria if c.evidence]
    client.post(f"/events/gear-trail/coach/{life.scene.team.pk}/show-it/sign-off/", {"seen": evidence})
    client.post(f"/events/gear-trail/challenges/which-pixels/gates/{life.gate.pk}/remove/")
    client.post(f"/events/gear-trail/agenda/{life.session.pk}/remove/")
    organizes = who in {"organizer", "operator"}
    assert SignOff.objects.exists() == (organizes or who == "coach")
    assert AuditEntry.objects.filter(action="challenge.signed_off").exists() == SignOff.objects.exists()
    assert (life.gated.gates.count() == 1) == organizes
    assert Session.objects.filter(pk=life.session.pk).exists() != organizes


def test_a_calendar_is_read_by_its_token_alone(client: Client) -> None:
    life = make_life(make_scene())
    token = feed_token(life.scene.event, life.scene.people["participant"])
    assert "Opening" in client.get(f"/agenda/{token}.ics").content.decode()
    assert life.session.starts_at > timezone.now()

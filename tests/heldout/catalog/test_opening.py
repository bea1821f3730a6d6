"""Opening and closing hold when people act at once or late, and pictures need no place in the store."""

import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from heldout import blobs
from heldout.catalog import actions, queries
from heldout.catalog.models import Challenge, Preparation
from heldout.events.models import Event
from heldout.events.rules import Refusal
from scoring import job
from tests.heldout.factories import make_event, make_organizer
from tests.heldout.handing_in import GIVEN, make_bundle, make_challenge
from tests.heldout.threads import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_self_test_that_ends_after_the_opening_does_not_change_the_data() -> None:
    challenge = make_challenge()
    late = Preparation.objects.create(
        challenge=challenge, bundle=challenge.bundle, deadline=timezone.now() + timedelta(minutes=30)
    )
    check = job.Check(name="A perfect model scores 1", passed=True, found="1.0", expected="1.0")
    actions.record_preparation(
        job.PreparationReport(
            preparation=late.pk,
            bundle=challenge.bundle.digest,
            hidden_set="d" * 64,
            given="e" * 64,
            checks=[check],
        )
    )
    assert Challenge.objects.get(pk=challenge.pk).preparation_id == challenge.preparation_id


def test_opening_is_decided_on_the_challenge_as_it_is_now() -> None:
    challenge = make_challenge(opened=False)
    organizer = make_organizer(challenge.event)
    stale = Challenge.objects.get(pk=challenge.pk)
    opened_at = actions.open_challenge(challenge, organizer).opened_at
    assert actions.open_challenge(stale, organizer).opened_at == opened_at


def test_a_challenge_does_not_open_again_after_the_event() -> None:
    now = timezone.now()
    over = make_event(starts_at=now - timedelta(days=3), ends_at=now - timedelta(minutes=1))
    with pytest.raises(Refusal, match="over"):
        actions.open_challenge(make_challenge(over), make_organizer(over))


def test_a_bundle_that_is_added_twice_at_once_is_added_once() -> None:
    event: Event = make_event()
    bundle, organizer = make_bundle(), make_organizer(event)
    adding = [lambda: actions.add_challenge(event, bundle, 1, 100, organizer)] * 2
    assert len(refusals(at_once(adding))) == 1


def test_a_preview_is_unpacked_beside_the_others_and_not_in_the_store(settings: Any, tmp_path: Path) -> None:
    """The two may be on different disks, between which no file can be moved in one step."""
    settings.BLOBS, settings.STORE = tmp_path / "store", ""
    challenge = make_challenge()
    given = blobs.path(GIVEN)
    given.parent.mkdir(parents=True)
    with zipfile.ZipFile(given, "w") as archive:
        archive.writestr("preview.png", b"a picture")
    (tmp_path / "store" / blobs.INCOMING).write_text("no place here")
    settings.VAR = tmp_path / "var"
    shown = queries.preview_file(challenge)
    assert shown is not None
    assert shown.read_bytes() == b"a picture"
    assert list(shown.parent.iterdir()) == [shown]

"""Organizers bring a bundle by browser: faults, preview, publishing, and going back."""

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from challenges.bundle import BundleError
from heldout.audit.models import AuditEntry
from heldout.authoring import actions, queries
from heldout.authoring.models import UploadedBundle
from heldout.catalog import actions as catalog
from heldout.catalog.models import Challenge, Preparation
from heldout.catalog.queries import challenges_for
from heldout.catalog.rules import NotReady
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.submissions import rescoring
from scoring import job
from tests.heldout import factories
from tests.heldout.authoring.conftest import Zipped

pytestmark = pytest.mark.django_db(transaction=True)
NEWER = ('version = "1.0.0"', 'version = "1.1.0"')


@pytest.fixture
def event() -> Event:
    return factories.make_event()


@pytest.fixture
def organizer(event: Event) -> Any:
    return factories.make_organizer(event)


@pytest.fixture
def client(organizer: Any) -> Client:
    client = Client()
    client.force_login(organizer)
    return client


def sent(client: Client, event: Event, content: bytes) -> Any:
    file = SimpleUploadedFile("boots.zip", content, "application/zip")
    return client.post(reverse("bundles", args=[event.slug]), {"bundle": file})


def green(challenge: Challenge) -> None:
    """Let the challenge's self-test pass."""
    pass_test(catalog.prepare(challenge, None))


def pass_test(preparation: Preparation) -> None:
    check = job.Check(name="All", passed=True, found="1", expected="1")
    catalog.record_preparation(
        job.PreparationReport(
            preparation=preparation.pk,
            bundle=preparation.bundle.digest,
            hidden_set="a" * 64,
            given="b" * 64,
            checks=[check],
        )
    )


def state(event: Event, organizer: Any) -> str:
    [card] = challenges_for(event, organizer)
    return card.state


def test_a_sound_bundle_is_previewed_as_participants_will_see_it(
    client: Client, event: Event, zipped: Zipped
) -> None:
    response = sent(client, event, zipped())
    [uploaded] = UploadedBundle.objects.all()
    assert response["Location"] == reverse("bundle", args=[event.slug, uploaded.pk])
    page = client.get(response["Location"]).content.decode()
    for words in ("Boots", "Your task</h2>", "What you hand in", "float32 [n, 3]", "CC0", "Add to the event"):
        assert words in page
    assert AuditEntry.objects.filter(action="bundle.uploaded", event_slug=event.slug).count() == 1


def test_every_fault_is_shown_at_once_and_nothing_is_kept(
    client: Client, event: Event, zipped: Zipped
) -> None:
    spoilt = zipped(("tolerance = 0.5", "tolerance = -1"), ('metric = "accuracy"', 'metric = "<b>luck</b>"'))
    response = sent(client, event, spoilt)
    page = response.content.decode()
    assert response.status_code == 422
    for words in ("baselines[0].tolerance", "a number above 0", "task.metric", "&lt;b&gt;luck"):
        assert words in page
    assert not UploadedBundle.objects.exists()


@pytest.mark.parametrize("content", [b"no zip", b""])
def test_what_is_no_zip_is_said_to_be_none(client: Client, event: Event, content: bytes) -> None:
    response = sent(client, event, content)
    assert response.status_code == 422
    assert "fault" in response.content.decode()


def test_a_form_without_a_file_says_so(client: Client, event: Event) -> None:
    response = client.post(reverse("bundles", args=[event.slug]))
    assert response.status_code == 422
    assert "no file" in response.content.decode()


def test_an_archive_that_climbs_out_is_refused(event: Event, organizer: Any) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("../out.txt", b"x")
    with pytest.raises(BundleError, match="relative path inside the bundle"):
        actions.upload(event, [archive.getvalue()], organizer)


def test_a_zip_of_the_folder_is_as_good_as_one_of_its_files(
    event: Event, organizer: Any, zipped: Zipped
) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(zipped())) as flat, zipfile.ZipFile(whole, "w") as target:
        for name in flat.namelist():
            target.writestr(f"boots/{name}", flat.read(name))
    first = actions.upload(event, [zipped()], organizer)
    assert actions.upload(event, [whole.getvalue()], organizer) == first


def test_a_published_bundle_is_a_locked_challenge_with_a_self_test_to_run(
    client: Client, event: Event, organizer: Any, zipped: Zipped
) -> None:
    uploaded = actions.upload(event, [zipped()], organizer)
    client.post(reverse("publish_bundle", args=[event.slug, uploaded.pk]))
    challenge = Challenge.objects.get(event=event)
    assert (challenge.title, challenge.opened_at, state(event, organizer)) == ("Boots", None, "draft")
    green(challenge)
    assert state(event, organizer) == "ready"


def test_a_version_can_be_switched_and_switched_back_and_each_needs_its_own_self_test(
    event: Event, organizer: Any, zipped: Zipped
) -> None:
    old, new = (actions.upload(event, [zipped(*pairs)], organizer) for pairs in ((), (NEWER,)))
    challenge = actions.publish(old, organizer)
    green(challenge)
    challenge = actions.publish(new, organizer)
    assert challenge.bundle == new.bundle
    assert state(event, organizer) == "draft"
    with pytest.raises(NotReady):
        catalog.open_challenge(challenge, organizer)
    challenge = actions.publish(old, organizer)
    assert state(event, organizer) == "ready"
    catalog.open_challenge(challenge, organizer)
    switches = AuditEntry.objects.filter(action="challenge.version_switched").order_by("pk")
    assert [(entry.before["version"], entry.after["version"]) for entry in switches] == [
        ("1.0.0", "1.1.0"),
        ("1.1.0", "1.0.0"),
    ]


def test_a_challenge_that_has_opened_keeps_its_version(
    client: Client, event: Event, organizer: Any, zipped: Zipped
) -> None:
    old, new = (actions.upload(event, [zipped(*pairs)], organizer) for pairs in ((), (NEWER,)))
    challenge = actions.publish(old, organizer)
    green(challenge)
    catalog.open_challenge(challenge, organizer)
    with pytest.raises(Refusal, match="has opened"):
        actions.publish(new, organizer)
    page = client.get(reverse("bundles", args=[event.slug])).content.decode()
    assert "opened with another" in page
    assert "Use this version" not in page


def test_another_version_is_tested_beside_an_open_challenge_which_keeps_its_own(
    client: Client, event: Event, organizer: Any, zipped: Zipped
) -> None:
    first = actions.upload(event, [zipped()], organizer)
    newer = actions.upload(event, [zipped(NEWER)], organizer)
    challenge = actions.publish(first, organizer)
    with pytest.raises(Refusal, match="has not opened"):
        actions.try_beside(newer, organizer)
    green(challenge)
    opened = catalog.open_challenge(Challenge.objects.get(pk=challenge.pk), organizer)
    with pytest.raises(Refusal, match="no other version"):
        actions.try_beside(first, organizer)

    page, button = (
        reverse("bundle", args=[event.slug, newer.pk]),
        reverse("test_bundle", args=[event.slug, newer.pk]),
    )
    assert "Test this version" in client.get(page).content.decode()
    assert "running" in client.post(button, follow=True).content.decode()
    with pytest.raises(Refusal, match="self-test is running"):
        actions.try_beside(newer, organizer)
    tested = opened.preparations.get(bundle=newer.bundle)
    pass_test(tested)

    assert "Score anew against it" in client.get(page).content.decode()
    kept = Challenge.objects.get(pk=challenge.pk)
    assert (kept.bundle_id, kept.preparation_id) == (first.bundle_id, opened.preparation_id)
    assert state(event, organizer) == "open"
    assert tested in rescoring.preparations(kept)


def test_no_version_is_switched_under_a_running_self_test(
    event: Event, organizer: Any, zipped: Zipped
) -> None:
    old, new = (actions.upload(event, [zipped(*pairs)], organizer) for pairs in ((), (NEWER,)))
    catalog.prepare(actions.publish(old, organizer), organizer)
    with pytest.raises(Refusal, match="self-test is running"):
        actions.publish(new, organizer)


def test_a_version_that_came_otherwise_stays_at_hand_after_a_switch(
    event: Event, organizer: Any, zipped: Zipped
) -> None:
    elsewhere = actions.upload(factories.make_event(), [zipped()], organizer)
    catalog.add_challenge(event, elsewhere.bundle, 1, 100, organizer)
    actions.publish(actions.upload(event, [zipped(NEWER)], organizer), organizer)
    found = {row.manifest.version: row.in_use for row in queries.versions(event)}
    assert found == {"1.0.0": False, "1.1.0": True}


@pytest.mark.parametrize("role", ["participant", "coach", "outsider", "anonymous"])
def test_nobody_but_organizers_sees_or_brings_bundles(
    role: str, event: Event, organizer: Any, zipped: Zipped
) -> None:
    uploaded = actions.upload(event, [zipped()], organizer)
    client = Client()
    makers = {"participant": factories.make_participant, "coach": factories.make_coach}
    if role in makers:
        client.force_login(makers[role](event))
    elif role == "outsider":
        client.force_login(factories.make_organizer(factories.make_event()))
    expected = 302 if role == "anonymous" else 404
    page, publish = (reverse(name, args=[event.slug, uploaded.pk]) for name in ("bundle", "publish_bundle"))
    found = [client.get(page), client.get(reverse("bundles", args=[event.slug])), client.post(publish)]
    found.append(sent(client, event, zipped(NEWER)))
    assert {response.status_code for response in found} == {expected}
    assert UploadedBundle.objects.count() == 1
    assert not Challenge.objects.exists()


def test_an_organizer_of_another_event_cannot_reach_the_bundle_through_it(
    client: Client, event: Event, organizer: Any, zipped: Zipped
) -> None:
    foreign = actions.upload(factories.make_event(), [zipped()], organizer)
    assert client.get(reverse("bundle", args=[event.slug, foreign.pk])).status_code == 404
    assert client.post(reverse("publish_bundle", args=[event.slug, foreign.pk])).status_code == 404

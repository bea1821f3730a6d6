"""Rehearsing on the pages: two buttons, a badge, and one more button when it went well."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, FilePayload, expect

from heldout.submissions.models import Submission, SubmissionState
from tests.heldout.handing_in import hand_in
from tests.heldout.pages import words
from tests.heldout.web.browsing import browsing, serving, sign_in
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene, make_scene


def _rehearse(client: Client, scene: Scene, **headers: str) -> Any:
    address = reverse("submit", args=[scene.event.slug, scene.open.slug]) + "?rehearsal"
    form = {"artefact": SimpleUploadedFile("net.onnx", b"weights")}
    return client.post(address, form, headers=headers, follow=not headers)


def _use_up_the_tries(scene: Scene) -> None:
    while (
        scene.team.submissions.filter(rehearsal=False, state__in=("queued", "running", "scored")).count() < 20
    ):
        hand_in(scene.open, scene.team)


@pytest.mark.django_db
def test_the_form_rehearses_though_no_try_is_left(scene: Scene) -> None:
    _use_up_the_tries(scene)
    client = client_of(scene, "participant")
    page = words(client.get(scene.pages()["challenge"]))
    assert "No tries left today; they come back" in page
    card = _rehearse(client, scene, **{"HX-Request": "true"})
    assert card.status_code == 201
    assert "rehearsal" in words(card)
    assert Submission.objects.get(file_name="net.onnx").rehearsal


@pytest.mark.django_db
def test_a_form_without_a_script_rehearses_too(scene: Scene) -> None:
    page = words(_rehearse(client_of(scene, "participant"), scene))
    assert "Rehearsal 9 is in." in page


@pytest.mark.django_db
def test_what_went_well_is_submitted_for_real_by_its_team_alone(scene: Scene) -> None:
    rehearsal = scene.submissions["rehearsed"]
    address = reverse("submit_rehearsed", args=[scene.event.slug, rehearsal.pk])
    assert client_of(scene, "rival").post(address).status_code == 404
    assert client_of(scene, "organizer").post(address).status_code == 403
    assert "Submit this for real" not in words(client_of(scene, "coach").get(_page(scene)))
    assert "Submit this for real" in words(client_of(scene, "participant").get(_page(scene)))
    page = words(client_of(scene, "participant").post(address, follow=True))
    assert f"is in: the file of rehearsal {rehearsal.number}." in page
    assert scene.team.submissions.filter(blob=rehearsal.blob_id, rehearsal=False).count() == 1


@pytest.mark.django_db
def test_without_a_try_it_is_refused_on_the_rehearsals_page(scene: Scene) -> None:
    _use_up_the_tries(scene)
    address = reverse("submit_rehearsed", args=[scene.event.slug, scene.submissions["rehearsed"].pk])
    page = words(client_of(scene, "participant").post(address, follow=True))
    assert "No tries left today." in page
    assert "Submit this for real" in page


@pytest.mark.django_db
def test_the_page_says_that_it_was_a_rehearsal(scene: Scene) -> None:
    page = words(client_of(scene, "participant").get(_page(scene)))
    for said in ("0.88 Accuracy on the validation split", "not on the board", "Log of the run", "epoch 1"):
        assert said in page
    assert "pass line" not in page


def _page(scene: Scene) -> str:
    return scene.pages()["rehearsed submission"]


@pytest.fixture
def site(transactional_db: None) -> Iterator[tuple[Scene, str]]:
    scene = make_scene()
    with serving() as address:
        yield scene, address


def test_each_button_sends_the_file_its_own_way(site: tuple[Scene, str], chromium: Browser) -> None:
    scene, address = site
    file = FilePayload(name="net.onnx", mimeType="application/octet-stream", buffer=b"weights")
    with browsing(chromium, address) as context:
        sign_in(context, client_of(scene, "participant"), address)
        page = context.new_page()
        page.goto(scene.pages()["challenge"])
        for button, badges in (("Rehearse", 1), ("Submit", 0)):
            page.set_input_files("#artefact", files=[file])
            page.get_by_role("button", name=button, exact=True).click()
            card = page.locator("#submissions article").first
            expect(card).to_contain_text("net.onnx")
            expect(page.get_by_role("button", name=button, exact=True)).to_be_enabled()
            expect(card.get_by_text("rehearsal", exact=True)).to_have_count(badges)
    sent = Submission.objects.filter(file_name="net.onnx").order_by("number")
    assert [each.rehearsal for each in sent] == [True, False]
    assert {each.state for each in sent} == {SubmissionState.QUEUED}

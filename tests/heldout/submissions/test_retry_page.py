"""Organizers run again what failed by a fault of ours, as its verdict promises to the team."""

import pytest
from django.urls import reverse

from heldout.submissions.models import Submission, SubmissionState
from tests.heldout.factories import make_event, make_organizer
from tests.heldout.handing_in import fresh
from tests.heldout.pages import words
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene, make_scene

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def retry(scene: Scene, name: str) -> str:
    return reverse("retry_submission", args=[scene.event.slug, scene.submissions[name].pk])


def state(scene: Scene, name: str) -> str:
    return fresh(scene.submissions[name]).state


def test_an_organizer_finds_what_failed_and_runs_it_again(scene: Scene) -> None:
    organizer = client_of(scene, "organizer")
    page = scene.pages()["failed submission"]
    assert page in organizer.get(scene.pages()["control"]).content.decode()
    assert "Run it again" in words(organizer.get(page))
    assert "is being run again" in words(organizer.post(retry(scene, "failed"), follow=True))
    assert state(scene, "failed") == SubmissionState.QUEUED
    assert "Failed by our fault" not in words(organizer.get(scene.pages()["control"]))


@pytest.mark.parametrize("role", ["participant", "coach", "rival", "outsider"])
def test_nobody_else_runs_it_again(scene: Scene, role: str) -> None:
    assert client_of(scene, role).post(retry(scene, "failed")).status_code == 404
    assert state(scene, "failed") == SubmissionState.FAILED


def test_the_team_is_offered_no_such_button(scene: Scene) -> None:
    assert "Run it again" not in words(
        client_of(scene, "participant").get(scene.pages()["failed submission"])
    )


def test_an_organizer_of_another_event_does_not_reach_it(scene: Scene) -> None:
    other = make_event()
    make_organizer(other, scene.people["rival"])
    address = reverse("retry_submission", args=[other.slug, scene.submissions["failed"].pk])
    assert client_of(scene, "rival").post(address).status_code == 404
    assert Submission.objects.get(pk=scene.submissions["failed"].pk).state == SubmissionState.FAILED


def test_a_scored_submission_is_not_run_again(scene: Scene) -> None:
    page = words(client_of(scene, "organizer").post(retry(scene, "scored"), follow=True))
    assert "Only a failed submission can be run again" in page
    assert state(scene, "scored") == SubmissionState.SCORED

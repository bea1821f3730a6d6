"""The admin looks, and acts through the same actions as the pages."""

import pytest
from django.test import Client
from django.urls import reverse

from heldout.catalog.models import Challenge
from heldout.submissions.models import Submission, SubmissionState
from tests.heldout.factories import make_superuser, make_team
from tests.heldout.handing_in import fresh, inspected, scored

pytestmark = pytest.mark.django_db(transaction=True)

LISTS = [
    "catalog_bundleversion",
    "catalog_challenge",
    "catalog_preparation",
    "submissions_submission",
    "submissions_attempt",
    "submissions_worker",
    "leaderboards_standing",
]


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(make_superuser())
    return client


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_shown_and_nothing_can_be_added(operator: Client, challenge: Challenge, name: str) -> None:
    scored(challenge, make_team(challenge.event))
    assert operator.get(reverse(f"admin:{name}_changelist")).status_code == 200
    assert operator.get(reverse(f"admin:{name}_add")).status_code == 403


def act(operator: Client, action: str, *chosen: Submission) -> str:
    form = {"action": action, "_selected_action": [str(s.pk) for s in chosen]}
    response = operator.post(reverse("admin:submissions_submission_changelist"), form, follow=True)
    return response.content.decode()


def test_cancelling_and_running_again_go_through_the_actions(operator: Client, challenge: Challenge) -> None:
    team = make_team(challenge.event)
    waiting, finished = inspected(challenge, team), scored(challenge, team)
    page = act(operator, "take_back", waiting, finished)
    assert "too late to cancel" in page
    assert fresh(waiting).state == SubmissionState.CANCELLED
    assert fresh(finished).state == SubmissionState.SCORED

    Submission.objects.filter(pk=waiting.pk).update(state=SubmissionState.FAILED)
    assert "runs again" in act(operator, "run_again", waiting)
    assert fresh(waiting).state == SubmissionState.QUEUED


def test_a_page_of_one_submission_changes_nothing(operator: Client, challenge: Challenge) -> None:
    submission = scored(challenge, make_team(challenge.event))
    url = reverse("admin:submissions_submission_change", args=[submission.pk])
    assert operator.get(url).status_code == 200
    assert operator.post(url, {"state": "queued"}).status_code == 403
    assert fresh(submission).state == SubmissionState.SCORED

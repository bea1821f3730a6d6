"""The page of two submissions: what it says, to whom, and what it says where there is nothing."""

from typing import Any

import pytest
from django.urls import reverse

from heldout.submissions.models import Submission
from tests.heldout.handing_in import insight, scored
from tests.heldout.pages import inline_code, words
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene

pytestmark = pytest.mark.django_db


def address(scene: Scene, first: Submission, second: Submission | None = None) -> str:
    page = reverse("compare", args=[scene.event.slug, first.pk])
    return f"{page}?with={second.pk}" if second else page


def shown(
    scene: Scene, first: Submission, second: Submission | None = None, role: str = "participant"
) -> Any:
    return client_of(scene, role).get(address(scene, first, second))


def test_the_page_says_which_is_better_by_what_and_at_what_cost(scene: Scene) -> None:
    first = scored(scene.open, scene.team, 0.95, note="wider", insight=insight())
    page = words(shown(scene, first, scene.submissions["scored"]))
    for said in (f"{first.label} is better", "+0.05", "What they cost Cost", "640", "By class", "hat 30"):
        assert said in page


def test_without_being_told_it_compares_with_the_best(scene: Scene) -> None:
    first = scored(scene.open, scene.team, 0.5)
    best = scene.submissions["scored"]
    assert f"{first.label} beside {best.label}" in words(shown(scene, first))


def test_the_two_can_be_swapped(scene: Scene) -> None:
    first, second = scored(scene.open, scene.team, 0.5), scene.submissions["scored"]
    assert address(scene, second, first) in shown(scene, first, second).content.decode()


def test_another_teams_submission_is_not_there(scene: Scene) -> None:
    theirs = scene.rivals.submissions.get()
    assert shown(scene, scene.submissions["scored"], theirs).status_code == 404


def test_organizers_may_compare_two_teams(scene: Scene) -> None:
    page = shown(scene, scene.submissions["scored"], scene.rivals.submissions.get(), role="organizer")
    assert "Which is better" in words(page)


def test_what_was_not_scored_cannot_be_compared_and_the_page_says_so(scene: Scene) -> None:
    page = words(shown(scene, scene.submissions["scored"], scene.submissions["rejected"]))
    assert "has no score. Choose two that were scored." in page


def test_something_that_is_no_id_is_not_found(scene: Scene) -> None:
    page = address(scene, scene.submissions["scored"]) + "?with=best"
    assert client_of(scene, "participant").get(page).status_code == 404


def test_a_team_with_one_score_is_told_what_will_be_here(scene: Scene) -> None:
    page = shown(scene, scene.rivals.submissions.get(), role="rival")
    assert "Nothing to compare it with yet" in words(page)


def test_a_scored_submission_leads_there_and_a_rejected_one_does_not(scene: Scene) -> None:
    for name, leads in (("scored", True), ("rehearsed", True), ("rejected", False), ("failed", False)):
        page = client_of(scene, "participant").get(scene.pages()[f"{name} submission"])
        there = address(scene, scene.submissions[name]) in page.content.decode()
        assert there == leads, name


def test_notes_are_text(scene: Scene) -> None:
    first = scored(scene.open, scene.team, 0.95, note="<script>alert(1)</script>")
    page = shown(scene, first, scene.submissions["scored"])
    assert "<script>alert(1)</script>" in words(page)
    assert inline_code(page) == []

"""What changes under the reader's eyes. Needs Chromium."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect

from heldout.catalog import actions as catalog
from heldout.leaderboards import actions as leaderboards
from heldout.notices import actions as notices
from heldout.submissions import actions as submissions
from heldout.submissions.models import Submission
from tests.heldout import handing_in
from tests.heldout.web.browsing import browsing, serving, sign_in
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene, make_scene


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return make_scene()


@pytest.fixture
def page(chromium: Browser, scene: Scene) -> Iterator[Page]:
    """A participant's browser."""
    with serving() as address, browsing(chromium, address) as context:
        sign_in(context, client_of(scene, "participant"), address)
        yield context.new_page()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector('[data-live][data-state="open"]')


def test_a_better_score_of_another_team_moves_the_rows(scene: Scene, page: Page) -> None:
    _open(page, scene.pages()["board"])
    expect(page.locator("tr[data-row] .name").first).to_contain_text("Cairn")
    handing_in.scored(scene.open, scene.rivals, 0.97)
    expect(page.locator("tr[data-row] .name").first).to_contain_text("Blue Tarp")
    expect(page.locator("tr.mine [data-moved]")).to_have_text("↓1")
    expect(page.locator("tr.changed .name")).to_contain_text("Blue Tarp")


def test_what_changed_stays_marked_when_the_board_is_shown_again(scene: Scene, page: Page) -> None:
    _open(page, scene.pages()["board"])
    handing_in.scored(scene.open, scene.rivals, 0.97)
    expect(page.locator("tr.mine [data-moved]")).to_have_text("↓1")
    with page.expect_response(re.compile(r"/board/rows/")):
        page.evaluate("htmx.trigger(document.querySelector('main [data-catch-up]'), 'catch-up')")
    page.wait_for_timeout(500)
    expect(page.locator("tr.mine [data-moved]")).to_have_text("↓1")
    expect(page.locator("tr.changed .name")).to_contain_text("Blue Tarp")


def test_a_worker_that_comes_alive_is_seen_and_the_page_stays(scene: Scene, page: Page) -> None:
    _open(page, scene.pages()["event"])
    expect(page.locator("#scoring")).to_contain_text("No worker yet")
    submissions.record_worker(handing_in.heartbeat())
    expect(page.locator("#scoring")).to_contain_text("1 of 1 worker alive")
    expect(page.locator("#challenges-title")).to_have_count(1)


def test_an_opened_challenge_appears_at_once(scene: Scene, page: Page) -> None:
    _open(page, scene.pages()["event"])
    link = page.get_by_role("link", name="The wild")
    expect(link).to_have_count(0)
    catalog.open_challenge(scene.locked, scene.people["organizer"])
    expect(link).to_have_count(1)


def test_a_file_is_handed_in_and_its_card_follows_it_to_the_score(
    scene: Scene, page: Page, tmp_path: Path
) -> None:
    _open(page, scene.pages()["challenge"])
    model = tmp_path / "tiny.onnx"
    model.write_bytes(b"a model")
    page.set_input_files("#artefact", model)
    page.fill("#note", "label smoothing")
    page.click("[data-send]")
    card = page.locator("#submissions article").first
    expect(card).to_contain_text("tiny.onnx")
    expect(card).to_contain_text("label smoothing")
    newest = Submission.objects.order_by("-created_at")[0]
    submissions.record_passport(handing_in.passport_for(newest))
    handing_in.put_to_work(newest)
    leaderboards.record_evaluation(handing_in.evaluation_for(newest, 0.95))
    expect(card.locator(".score")).to_have_text("0.95")
    expect(page.locator("#tries")).to_contain_text("0.95")


def test_a_change_that_comes_before_the_stream_is_up_is_not_lost(scene: Scene, page: Page) -> None:
    held: list[Route] = []
    page.route("**/live/", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks the function
    page.goto(scene.pages()["board"])
    expect(page.locator("tr[data-row] .name").first).to_contain_text("Cairn")
    handing_in.scored(scene.open, scene.rivals, 0.97)
    held[0].continue_()
    expect(page.locator("tr[data-row] .name").first).to_contain_text("Blue Tarp")


def test_a_verdict_that_comes_before_the_card_is_not_lost(scene: Scene, page: Page, tmp_path: Path) -> None:
    _open(page, scene.pages()["challenge"])
    held: list[Route] = []
    page.route("**/submissions/*/?live", lambda route: held.append(route))  # noqa: PLW0108 - as above
    (tmp_path / "list.onnx").write_text("bread, milk")
    page.set_input_files("#artefact", tmp_path / "list.onnx")
    page.click("[data-send]")
    while not held:
        page.wait_for_timeout(10)
    card_as_it_was = held[0].fetch()
    newest = Submission.objects.order_by("-created_at")[0]
    verdict = handing_in.verdict("unreadable")
    submissions.record_passport(handing_in.passport_for(newest, format=None, verdict=verdict))
    held[0].fulfill(response=card_as_it_was)
    card = page.locator("#submissions article", has_text="list.onnx")
    expect(card).to_have_class(re.compile(r"\brejected\b"))


def test_what_cannot_be_handed_in_is_said_before_it_is_sent(scene: Scene, page: Page, tmp_path: Path) -> None:
    _open(page, scene.pages()["challenge"])
    for name, size, words in (("empty.onnx", 0, "is empty"), ("big.onnx", 2**20 + 1, "the limit is 1 MB")):
        (tmp_path / name).write_bytes(b"x" * size)
        page.set_input_files("#artefact", tmp_path / name)
        expect(page.locator("[data-problem]")).to_contain_text(words)


def test_what_is_unfolded_and_half_written_survives_news(chromium: Browser, scene: Scene) -> None:
    def ask(text: str) -> None:
        asker = handing_in.member_of(scene.team)
        notices.inquire(scene.event, scene.team, asker, text, challenge=None, is_public=True)

    ask("May we use two models?")
    with serving() as address, browsing(chromium, address) as context:
        sign_in(context, client_of(scene, "organizer"), address)
        page = context.new_page()
        _open(page, reverse("questions", args=[scene.event.slug]))
        page.get_by_text("Answer it").click()
        ask("And a zip of both?")
        expect(page.get_by_text("And a zip of both?")).to_be_visible()
        answer = page.locator("textarea:visible")
        answer.fill("Yes, as one file.")
        with page.expect_response(re.compile("/questions/")):
            ask("By when?")
        page.wait_for_timeout(300)
        expect(answer).to_have_value("Yes, as one file.")


def test_cancelling_asks_first(scene: Scene, page: Page) -> None:
    queued = scene.submissions["queued"]
    _open(page, scene.pages()["queued submission"])
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="No, go back").click()
    queued.refresh_from_db()
    assert queued.state == "queued"
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.locator("#toasts")).to_contain_text("is cancelled")
    queued.refresh_from_db()
    assert queued.state == "cancelled"


def test_without_scripts_a_model_is_still_handed_in(chromium: Browser, scene: Scene, tmp_path: Path) -> None:
    model = tmp_path / "tiny.onnx"
    model.write_bytes(b"a model")
    with serving() as address, browsing(chromium, address, java_script_enabled=False) as context:
        sign_in(context, client_of(scene, "participant"), address)
        page = context.new_page()
        page.goto(scene.pages()["challenge"])
        page.set_input_files("#artefact", model)
        page.click("[data-send]")
        expect(page.locator("main")).to_contain_text("tiny.onnx")

"""What a coach does shows in open pages at once, and a raised hand in the coach's. Needs Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from heldout.catalog.passing import sign_off
from heldout.coaching import actions
from tests.heldout.web.browsing import browsing, serving, sign_in
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import CRITERIA, Life, make_life, make_scene

EVIDENCE = [str(criterion["text"]) for criterion in CRITERIA if criterion.get("evidence")]


@pytest.fixture
def life(transactional_db: None) -> Life:
    return make_life(make_scene())


@pytest.fixture
def windows(chromium: Browser, life: Life) -> Iterator[dict[str, Page]]:
    """A browser of a participant and one of the coach, on a phone."""
    phone = {"width": 390, "height": 844}
    with serving() as address, browsing(chromium, address) as team:
        sign_in(team, client_of(life.scene, "participant"), address)
        with browsing(chromium, address, viewport=phone) as coach:
            sign_in(coach, client_of(life.scene, "coach"), address)
            yield {"team": team.new_page(), "coach": coach.new_page()}


def _open(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector('[data-live][data-state="open"]')
    return page


def test_a_coach_signs_off_on_a_phone_and_the_next_challenge_opens(
    life: Life, windows: dict[str, Page]
) -> None:
    team = _open(windows["team"], life.pages()["gated challenge"])
    expect(team.locator("#locked")).to_contain_text("Your coach has signed off Show it")
    coach = _open(windows["coach"], life.pages()["cockpit"])
    for text in EVIDENCE:
        coach.get_by_label(text).check()
    with coach.expect_response(lambda response: response.url.endswith(life.pages()["cockpit"])):
        actions.close(life.call, life.scene.people["organizer"])
    for text in EVIDENCE:
        expect(coach.get_by_label(text)).to_be_checked()
    coach.get_by_role("button", name="Sign off").click()
    expect(coach.locator("#cockpit")).to_contain_text("Nothing waits for your word")
    expect(team.locator("#submit-title")).to_be_visible()


def test_the_event_page_opens_the_next_challenge_by_itself(life: Life, windows: dict[str, Page]) -> None:
    team = _open(windows["team"], life.scene.pages()["event"])
    expect(team.get_by_role("link", name="Which pixels?")).to_have_count(0)
    sign_off(life.shown, life.scene.team, life.scene.people["coach"], seen=EVIDENCE)
    expect(team.get_by_role("link", name="Which pixels?")).to_be_visible()


def test_a_hint_appears_and_the_checklist_is_ticked(life: Life, windows: dict[str, Page]) -> None:
    team, coach = _open(windows["team"], life.pages()["shown challenge"]), life.scene.people["coach"]
    actions.open_hint(life.shown, life.scene.team, "What usually helps", coach)
    expect(team.locator("#hints")).to_contain_text("never upside down")
    sign_off(life.shown, life.scene.team, coach, seen=EVIDENCE[:1], note="clear")
    expect(team.locator("#tries")).to_contain_text("“clear”")


def test_a_raised_hand_goes_there_and_back(life: Life, windows: dict[str, Page]) -> None:
    actions.close(life.call, life.scene.people["coach"])
    coach = _open(windows["coach"], life.pages()["cockpit"])
    team = _open(windows["team"], life.pages()["shown challenge"])
    team.get_by_label("Say in a sentence where").fill("The loss stays where it is")
    team.get_by_role("button", name="Raise a hand").click()
    expect(coach.locator(".call-card")).to_contain_text("The loss stays where it is")
    team.wait_for_selector('[data-live][data-state="open"]')
    coach.get_by_role("button", name="I’m coming").click()  # noqa: RUF001
    expect(team.locator("#help")).to_contain_text("is on the way")


def test_what_a_coach_does_before_a_page_hears_of_news_is_seen(life: Life, windows: dict[str, Page]) -> None:
    team = windows["team"]
    held: list[Route] = []

    def hold(stream: Route) -> None:
        held.append(stream)

    team.route("**/live/", hold)
    with team.expect_request("**/live/"):
        team.goto(life.pages()["shown challenge"])
    expect(team.locator("#help")).to_contain_text("Your coach sees it")
    actions.claim(life.call, life.scene.people["coach"])
    [stream] = held
    stream.continue_()
    expect(team.locator("#help")).to_contain_text("is on the way")

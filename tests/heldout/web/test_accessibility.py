"""Pages as people use them who see differently, in both colour schemes, wide and narrow. Needs Chromium."""

import re
from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from tests.heldout.permissions.matrix import rows, things
from tests.heldout.web.browsing import browsing, faults_of, serving, shuts_out, sign_in
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Life, Scene, make_life, make_scene

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def site(transactional_db: None) -> Iterator[tuple[Scene, str]]:
    scene = make_scene()
    with serving() as address:
        yield scene, address


LIFE = {
    "anonymous": {"open session", "cancel seat"},
    "participant": {"shown challenge", "gated challenge", "agenda", "event board"},
    "coach": {"cockpit", "coaching"},
}
"""The pages of coaching and the agenda, each for whom it is made. An organizer's are looked at all, below."""


def _pages_of(scene: Scene, role: str) -> dict[str, str]:
    life = {name: page for name, page in make_life(scene).pages().items() if name in LIFE[role]}
    return life | _pages_of_scoring(scene, role)


def _pages_of_scoring(scene: Scene, role: str) -> dict[str, str]:
    if role == "anonymous":
        return {"home": reverse("home"), "sign in": reverse("account_login"), "nowhere": "/nowhere/"}
    hidden = {"control", "locked challenge", "locked board"}
    pages = {name: address for name, address in scene.pages().items() if name not in hidden}
    if role == "coach":
        return {"challenge": pages["challenge"], "teams": reverse("teams", args=[scene.event.slug])}
    return pages | {"team": reverse("team", args=[scene.event.slug])}


def _folds_that_would_close(page: Page) -> list[str]:
    """What is unfolded in a part that renews itself stays so by its id."""
    nameless = page.locator("[data-catch-up] details:not([id]):not(.menu) summary")
    return [f"folds up when its part renews itself: {text}" for text in nameless.all_inner_texts()]


@pytest.mark.parametrize("role", ["anonymous", "participant", "coach"])
@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", PHONE)])
def test_no_page_shuts_anybody_out(
    chromium: Browser, site: tuple[Scene, str], role: str, scheme: str, size: dict[str, int]
) -> None:
    scene, address = site
    problems: dict[str, list[str]] = {}
    look = {"color_scheme": scheme, "viewport": size, "reduced_motion": "reduce"}
    with browsing(chromium, address, **look) as context:
        sign_in(context, client_of(scene, role), address)
        page = context.new_page()
        for name, path in _pages_of(scene, role).items():
            page.goto(path)
            problems[name] = shuts_out(page)
    assert {name: found for name, found in problems.items() if found} == {}


NO_PAGE = re.compile(
    r"\.(csv|json|zip|pdf|ics|png|svg)$|^/api/|/(live|bell|data|rows)/$|^/metrics|^/healthz|^/readyz|/parts?/"
)
"""Addresses that answer with a file, a stream or a part of a page."""


def _every_page(life: Life, who: str) -> list[str]:
    """Every page that somebody may look at, from the tables of permissions."""
    found = things(life)
    seen = (row for row in rows() if row.verb == "GET" and row.answers[who] == "200")
    addresses = dict.fromkeys(row.address.format(**found) for row in seen)
    return [address for address in addresses if not NO_PAGE.search(address.partition("?")[0])]


@pytest.mark.parametrize(
    ("who", "scheme", "size"),
    [
        ("organizer", "light", WIDE),
        ("organizer", "dark", PHONE),
        ("member", "light", PHONE),
        ("nobody", "dark", WIDE),
    ],
)
def test_no_page_at_all_shuts_anybody_out(
    chromium: Browser, site: tuple[Scene, str], who: str, scheme: str, size: dict[str, int]
) -> None:
    scene, address = site
    life = make_life(scene)
    role = {"member": "participant", "nobody": "anonymous"}.get(who, who)
    problems: dict[str, list[str]] = {}
    look = {"color_scheme": scheme, "viewport": size, "reduced_motion": "reduce"}
    with browsing(chromium, address, **look) as context:
        sign_in(context, client_of(scene, role), address)
        page = context.new_page()
        for path in _every_page(life, who):
            page.goto(path)
            problems[path] = shuts_out(page) + _folds_that_would_close(page)
    assert len(problems) > 5
    found = [f"{path}: {problem}" for path, problems_there in problems.items() for problem in problems_there]
    assert not found, "\n".join(found)


def test_the_keyboard_reaches_the_content_first(chromium: Browser, site: tuple[Scene, str]) -> None:
    scene, address = site
    with browsing(chromium, address) as context:
        sign_in(context, client_of(scene, "participant"), address)
        page = context.new_page()
        page.goto(scene.pages()["challenge"])
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_pages_run_under_their_policy_without_a_complaint(chromium: Browser, site: tuple[Scene, str]) -> None:
    scene, address = site
    with browsing(chromium, address) as context:
        sign_in(context, client_of(scene, "participant"), address)
        page = context.new_page()
        faults = faults_of(page)
        for name in ("event", "challenge", "board", "running submission"):
            page.goto(scene.pages()[name])
            page.wait_for_selector('[data-live][data-state="open"]')
        assert faults == []

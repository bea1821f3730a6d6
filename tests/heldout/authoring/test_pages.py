"""The whole way in a real browser: a bad bundle, a good one, its preview, its place in the event."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.heldout.authoring.conftest import Zipped
from tests.heldout.web import browsing
from tests.heldout.web.browsing import faults_of
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene, make_scene
from tests.heldout.web.test_accessibility import PHONE, WIDE


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsing.chromium() as running:
        yield running


@pytest.fixture
def site(transactional_db: None) -> Iterator[tuple[Scene, str]]:
    scene = make_scene()
    with browsing.serving() as address:
        yield scene, address


def send(page: Page, file: Path) -> None:
    page.get_by_label("Zip of the folder").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", PHONE)])
def test_an_organizer_brings_a_bundle_and_nobody_is_shut_out(
    chromium: Browser,
    site: tuple[Scene, str],
    zipped: Zipped,
    tmp_path: Path,
    scheme: str,
    size: dict[str, int],
) -> None:
    scene, address = site
    bad, good = tmp_path / "bad.zip", tmp_path / "good.zip"
    bad.write_bytes(
        zipped(("tolerance = 0.5", "tolerance = -1"), ('kind = "classification"', 'kind = "guess"'))
    )
    good.write_bytes(zipped())
    problems: dict[str, list[str]] = {}
    look = {"color_scheme": scheme, "viewport": size, "reduced_motion": "reduce"}
    with browsing.browsing(chromium, address, **look) as context:
        browsing.sign_in(context, client_of(scene, "organizer"), address)
        page = context.new_page()
        faults = faults_of(page)

        def looked_at(name: str) -> None:
            problems[name] = browsing.shuts_out(page)

        page.goto(f"/events/{scene.event.slug}/control/")
        page.get_by_role("link", name="Bundles of your own").click()
        looked_at("bundles, none yet")
        send(page, bad)
        expect(page.get_by_role("alert")).to_contain_text("baselines[0].tolerance")
        looked_at("faults")
        assert [fault for fault in faults if "422" not in fault] == []
        faults.clear()
        send(page, good)
        expect(page.get_by_role("heading", name="What you hand in")).to_be_visible()
        looked_at("preview")
        page.get_by_role("button", name="Add to the event").click()
        expect(page.get_by_role("link", name="Boots", exact=True)).to_be_visible()
        page.goto(f"/events/{scene.event.slug}/bundles/")
        expect(page.get_by_text("in use")).to_be_visible()
        looked_at("bundles")
        assert faults == []
    assert {name: found for name, found in problems.items() if found} == {}

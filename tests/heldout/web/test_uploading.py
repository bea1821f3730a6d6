"""A file on its way from the browser: through a cut network, on a page opened anew, given up."""

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Request, expect

from bench.cutting import CuttingProxy, cutting_proxy
from heldout.catalog import actions as catalog
from heldout.submissions.models import Submission
from heldout.submissions.resuming import MOST_UNFINISHED
from heldout.submissions.upload_models import Upload
from tests.heldout.web.browsing import browsing, faults_of, serving, sign_in
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene, make_scene

MEBIBYTE = 2**20
PIECE = 32 * MEBIBYTE
"""What one request brings at most."""
SIZE = PIECE + 2 * MEBIBYTE
DOWN = range(PIECE + MEBIBYTE, PIECE + MEBIBYTE + 1000)
"""Each piece of data that comes after that is cut: the browser tries again by itself at first."""


@dataclass
class Window:
    """A participant's browser, the network between it and the site, and from where on pieces were sent."""

    page: Page
    network: CuttingProxy
    offsets: list[int]

    def begin(self, scene: Scene, file: Path) -> None:
        """Choose the file and submit it."""
        self.page.goto(scene.pages()["challenge"])
        self.page.set_input_files("#artefact", file)
        self.page.get_by_role("button", name="Submit").click()

    def begin_and_be_cut(self, scene: Scene, file: Path) -> None:
        """As `begin`, until the network is down."""
        self.begin(scene, file)
        expect(self.page.locator("[data-sending-text]")).to_contain_text("Waiting for the connection")

    def handed_in(self, file: Path) -> Submission:
        """The file's submission, once its card is on the page."""
        expect(self.page.locator("#submissions article").first).to_contain_text(file.name)
        newest = Submission.objects.order_by("-created_at")[0]
        assert newest.blob_id == hashlib.sha256(file.read_bytes()).hexdigest()
        return newest

    def note(self, request: Request) -> None:
        """Called for each request."""
        if request.method == "PATCH":
            self.offsets.append(int(request.headers["upload-offset"]))


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    scene = make_scene()
    bundle = scene.open.bundle
    bundle.manifest_json["limits"]["artefact_mb"] = 64
    bundle.save()
    return scene


@pytest.fixture
def window(chromium: Browser, scene: Scene) -> Iterator[Window]:
    with (
        serving() as address,
        cutting_proxy(urlsplit(address).port or 0, list(DOWN)) as network,
        browsing(chromium, f"http://127.0.0.1:{network.port}") as context,
    ):
        sign_in(context, client_of(scene, "participant"), f"http://127.0.0.1:{network.port}")
        found = Window(context.new_page(), network, [])
        found.page.on("request", found.note)
        yield found


@pytest.fixture
def model(tmp_path: Path) -> Path:
    file = tmp_path / "deep.onnx"
    file.write_bytes(secrets.token_bytes(SIZE))
    return file


def test_a_cut_connection_is_waited_for_and_the_file_goes_on_from_there(
    scene: Scene, window: Window, model: Path
) -> None:
    window.begin_and_be_cut(scene, model)
    expect(window.page.locator("#announcer")).to_contain_text("Waiting for the connection")
    window.network.end_cuts()
    submission = window.handed_in(model)
    assert not submission.rehearsal
    assert window.network.made > 0
    assert window.offsets[0] == 0 and window.offsets[-1] >= PIECE
    expect(window.page.locator("[data-sending]")).to_be_hidden()
    assert not Upload.objects.exists()


def test_after_a_reload_the_same_file_goes_on_where_it_broke_off(
    scene: Scene, window: Window, model: Path
) -> None:
    window.begin_and_be_cut(scene, model)
    window.network.end_cuts()
    page, before = window.page, len(window.offsets)
    page.reload()
    expect(page.locator("[data-begun]")).to_contain_text("deep.onnx did not arrive whole")
    page.set_input_files("#artefact", model)
    expect(page.locator("[data-begun]")).to_contain_text("Part of this file is there already")
    page.fill("#note", "deeper")
    page.get_by_role("button", name="Rehearse").click()
    submission = window.handed_in(model)
    assert (submission.rehearsal, submission.note) == (True, "deeper")
    assert all(offset >= PIECE for offset in window.offsets[before:])
    assert Submission.objects.filter(file_name="deep.onnx").count() == 1
    page.reload()
    expect(page.locator("[data-begun]")).to_be_hidden()


def test_what_is_cancelled_is_deleted_on_the_site(scene: Scene, window: Window, model: Path) -> None:
    window.begin_and_be_cut(scene, model)
    page, cancel = window.page, window.page.locator("[data-cancel]")
    expect(cancel).to_be_focused()
    window.network.end_cuts()
    with page.expect_response(lambda told: told.request.method == "DELETE" and told.status in (204, 404)):
        cancel.press("Enter")
    expect(page.locator("[data-problem]")).to_have_text("Stopped. Nothing was handed in.")
    expect(page.get_by_role("button", name="Submit")).to_be_focused()
    assert not Upload.objects.exists()
    assert not Submission.objects.filter(file_name="deep.onnx").exists()


def test_how_far_it_is_is_told_to_everybody(scene: Scene, window: Window, model: Path) -> None:
    window.begin_and_be_cut(scene, model)
    bar = window.page.get_by_role("progressbar", name="Upload")
    expect(bar).to_have_accessible_description(re.compile(r"of 34 MB\. Waiting for the connection"))
    assert float(bar.evaluate("bar => bar.value")) > 50


def test_what_the_site_refuses_is_said_in_its_own_words(scene: Scene, window: Window, model: Path) -> None:
    for number in range(MOST_UNFINISHED):
        Upload.objects.create(
            challenge=scene.open,
            author=scene.people["participant"],
            length=1,
            file_name=f"{number}.onnx",
            expires_at=timezone.now() + timedelta(hours=1),
        )
    window.begin(scene, model)
    problem = window.page.locator("[data-problem]")
    expect(problem).to_contain_text("You have too many uploads that are not handed in.")
    Upload.objects.all().delete()
    catalog.close_challenge(scene.open, scene.people["organizer"])
    window.page.get_by_role("button", name="Submit").click()
    expect(problem).to_contain_text("This challenge has closed")


def test_who_was_signed_out_goes_on_after_signing_in_again(scene: Scene, window: Window, model: Path) -> None:
    window.begin_and_be_cut(scene, model)
    page, cookies = window.page, window.page.context.cookies()
    page.context.clear_cookies()
    window.network.end_cuts()
    expect(page.locator("[data-problem]")).to_contain_text("you were signed out")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.reload()
    before = len(window.offsets)
    page.set_input_files("#artefact", model)
    page.get_by_role("button", name="Submit").click()
    window.handed_in(model)
    assert all(offset >= PIECE for offset in window.offsets[before:])


def test_sending_breaks_no_policy(scene: Scene, window: Window, tmp_path: Path) -> None:
    (tmp_path / "tiny.onnx").write_bytes(b"a model")
    faults = faults_of(window.page)
    window.begin(scene, tmp_path / "tiny.onnx")
    window.handed_in(tmp_path / "tiny.onnx")
    assert faults == []

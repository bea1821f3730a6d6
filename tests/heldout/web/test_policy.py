"""What the pages may load and weigh."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from tests.heldout.pages import inline_code
from tests.heldout.web.conftest import client_of
from tests.heldout.web.scene import Scene

ASSET = re.compile(r'(?:href|src)="/static/([^"#?]+)')
MOST_BYTES = 150_000


@pytest.mark.parametrize("role", ["anonymous", "outsider", "lone", "participant", "coach", "organizer"])
def test_no_page_holds_a_script_or_a_style_of_its_own(scene: Scene, role: str) -> None:
    client = client_of(scene, role)
    for name, address in {"home": reverse("home"), **scene.pages()}.items():
        assert inline_code(client.get(address)) == [], name


def test_the_policy_lets_only_our_own_files_run(scene: Scene) -> None:
    policy = client_of(scene, "anonymous").get(reverse("home"))["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy


@pytest.mark.parametrize("name", ["home", "event", "challenge", "board"])
def test_a_first_view_weighs_less_than_150_kB(scene: Scene, name: str) -> None:
    """The page itself goes out as it is, scripts and sheets compressed, the font as it is."""
    client = client_of(scene, "anonymous" if name == "home" else "participant")
    page = client.get({"home": reverse("home"), **scene.pages()}[name]).content
    assert len(page) + sum(_weight(asset) for asset in _assets(page)) < MOST_BYTES


def _assets(page: bytes) -> set[str]:
    return set(ASSET.findall(page.decode()))


def _weight(asset: str) -> int:
    found = finders.find(asset)
    assert isinstance(found, str), f"no file for {asset}"
    content = Path(found).read_bytes()
    return len(content) if asset.endswith(".woff2") else len(gzip.compress(content))


def test_nothing_is_loaded_from_elsewhere(scene: Scene) -> None:
    page = client_of(scene, "participant").get(scene.pages()["challenge"]).content.decode()
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', page) == []


def test_every_vendored_file_is_listed_with_its_licence() -> None:
    listed = Path(finders.find("vendor/LICENSES.md") or "").read_text()
    vendor = Path(finders.find("vendor/htmx.min.js") or "").parent
    for file in vendor.glob("*.js"):
        assert f"`vendor/{file.name}`" in listed


def test_a_page_that_is_not_there_looks_like_ours(db: None) -> None:
    response = Client().get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
    assert inline_code(response) == []


def test_an_old_form_is_explained_in_our_look(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(scene.people["organizer"])
    response = client.post(reverse("close_challenge", args=[scene.event.slug, scene.open.slug]))
    assert response.status_code == 403
    assert "That form had grown old" in response.content.decode()


def test_a_fault_of_ours_is_admitted_in_our_look(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(scene.people["participant"])
    monkeypatch.setattr("heldout.leaderboards.queries.rank", lambda *_, **__: 1 / 0)
    response = client.get(scene.pages()["board"])
    assert response.status_code == 500
    assert "Something of ours broke" in response.content.decode()

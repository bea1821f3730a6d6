"""The scene that most tests of pages look at, and browsers that are signed in."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser

from tests.heldout.factories import make_superuser
from tests.heldout.web import browsing
from tests.heldout.web.scene import Scene, make_scene


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Shared by the tests of a module, for it starts slower than most tests run. Each has its own window."""
    with browsing.chromium() as running:
        yield running


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


def client_of(scene: Scene, role: str) -> Client:
    """A browser in which somebody with `role` is signed in; `anonymous` is nobody."""
    client = Client()
    if role == "operator":
        client.force_login(make_superuser())
    elif role != "anonymous":
        client.force_login(scene.people[role])
    return client

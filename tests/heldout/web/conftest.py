"""The scene that most tests of pages look at, and browsers that are signed in."""

import pytest
from django.test import Client

from tests.heldout.factories import make_superuser
from tests.heldout.web.scene import Scene, make_scene


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

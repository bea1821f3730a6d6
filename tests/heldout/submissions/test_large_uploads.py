"""A file that is larger than any form, through the whole of the site as a server calls it."""

import asyncio
from typing import Any, cast

import httpx
import pytest
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from heldout.accounts.models import User
from heldout.asgi import application
from heldout.bodies import LARGEST_FORM
from heldout.catalog.models import BundleVersion, Challenge
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from tests.heldout.handing_in import member_of

pytestmark = pytest.mark.django_db(transaction=True)

FILE = b"w" * (LARGEST_FORM + 1)


def hand_in(challenge: Challenge, user: User | None) -> int:
    """The status of handing in `FILE` by the API."""
    token = _get_new_csrf_string()
    cookies = {settings.CSRF_COOKIE_NAME: token}
    if user is not None:
        client = Client()
        client.force_login(user)
        cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value

    async def ask() -> int:
        transport = httpx.ASGITransport(cast(Any, application))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", cookies=cookies
        ) as site:
            url = f"/api/v1/events/{challenge.event.slug}/challenges/{challenge.slug}/submissions"
            form = {"csrfmiddlewaretoken": token}
            response = await site.post(url, data=form, files={"artefact": ("model.onnx", FILE)})
            return response.status_code

    return asyncio.run(ask())


@pytest.fixture
def roomy(challenge: Challenge) -> Challenge:
    """A challenge that takes files of that size."""
    manifest = challenge.bundle.manifest_json
    manifest["limits"]["artefact_mb"] = 8
    BundleVersion.objects.filter(pk=challenge.bundle.pk).update(manifest_json=manifest)
    return challenge


def test_a_member_of_a_team_hands_it_in(roomy: Challenge, team: Team) -> None:
    assert hand_in(roomy, member_of(team)) == 201
    assert Submission.objects.get(team=team).blob.size == len(FILE)


def test_a_stranger_does_not_get_it_to_the_disk(roomy: Challenge, team: Team) -> None:
    assert hand_in(roomy, None) == 401

"""Forms that no browser of ours would send are refused in words, and leave nothing in the store."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from heldout import blobs
from heldout.accounts.models import User
from heldout.catalog.models import Challenge
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from tests.heldout.factories import make_coach
from tests.heldout.handing_in import member_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    """A store of its own, which can be counted."""
    settings.BLOBS = tmp_path / "blobs"
    return tmp_path / "blobs"


def kept(store: Path) -> list[str]:
    """The blobs, and the files that were not kept."""
    unfinished = store.glob("incoming/*")
    return [*(file.digest for file in blobs.files()), *map(str, unfinished)]


def browser(user: User) -> Client:
    client = Client(raise_request_exception=False, headers={"HX-Request": "true"})
    client.force_login(user)
    return client


def address(challenge: Challenge) -> str:
    return reverse("submit", args=[challenge.event.slug, challenge.slug])


def file(content: bytes = b"weights") -> SimpleUploadedFile:
    return SimpleUploadedFile("model.onnx", content)


def test_a_note_with_a_nul_is_kept_without_it(challenge: Challenge, team: Team) -> None:
    form = {"artefact": file(), "note": "more\x00 layers\x1b[31m"}
    assert browser(member_of(team)).post(address(challenge), form).status_code == 201
    assert Submission.objects.get(team=team).note == "more layers [31m"


def test_two_files_at_once_are_refused(challenge: Challenge, team: Team, store: Path) -> None:
    form = {"artefact": [file(b"one"), file(b"two")]}
    response = browser(member_of(team)).post(address(challenge), form)
    assert (response.status_code, kept(store)) == (422, [])
    assert "one file" in response.content.decode()


def test_a_file_in_a_field_that_we_do_not_know_is_refused(
    challenge: Challenge, team: Team, store: Path
) -> None:
    response = browser(member_of(team)).post(address(challenge), {"stowaway": file(), "artefact": file()})
    assert (response.status_code, kept(store)) == (422, [])


def test_whoever_may_not_hand_in_leaves_no_file(challenge: Challenge, store: Path) -> None:
    coach = make_coach(challenge.event)
    response = browser(coach).post(address(challenge), {"artefact": file()})
    assert (response.status_code, kept(store)) == (422, [])


def test_a_team_without_tries_leaves_no_file(challenge: Challenge, team: Team, store: Path) -> None:
    client = browser(member_of(team))
    for number in range(5):
        client.post(address(challenge), {"artefact": file(b"model %d" % number)})
    before = kept(store)
    assert client.post(address(challenge), {"artefact": file(b"one more")}).status_code == 422
    assert kept(store) == before


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-da"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="artefact"; '
            b"filename*=no-such''m.onnx\r\n\r\nx\r\n--b--\r\n",
        ),
    ],
)
@pytest.mark.parametrize("page", ["page", "api"])
def test_a_form_that_cannot_be_read_is_the_senders_fault(
    challenge: Challenge, team: Team, content_type: str, body: bytes, page: str
) -> None:
    api = f"/api/v1/events/{challenge.event.slug}/challenges/{challenge.slug}/submissions"
    url = api if page == "api" else address(challenge)
    response = browser(member_of(team)).post(url, body, content_type=content_type)
    assert 400 <= response.status_code < 500

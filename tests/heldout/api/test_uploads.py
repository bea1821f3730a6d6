"""Resumable uploads as tus 1.0 says, on both stores, and handing them in."""

import hashlib
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from heldout import blobs
from heldout.accounts.models import User
from heldout.arriving import CutOff
from heldout.catalog.models import Challenge
from heldout.submissions import resuming
from heldout.submissions.models import Submission
from heldout.submissions.resuming import MOST_UNFINISHED, NotResumable, Piece
from heldout.submissions.sweeping import sweep
from heldout.submissions.upload_models import Upload
from heldout.teams import tokens
from heldout.teams.models import Team
from tests.heldout.factories import make_participant, make_team
from tests.heldout.handing_in import make_challenge, member_of
from tests.heldout.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("each_store")]

FILE = bytes(range(256)) * 1000
DIGEST = hashlib.sha256(FILE).hexdigest()
TUS = {"Tus-Resumable": "1.0.0"}
PIECE_TYPE = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    settings.BLOBS = tmp_path / "blobs"


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge()


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event)


@pytest.fixture
def author(team: Team) -> User:
    return member_of(team)


@pytest.fixture
def browser(author: User) -> Client:
    client = Client(headers=TUS)
    client.force_login(author)
    return client


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def address(challenge: Challenge) -> str:
    return f"/api/v1/events/{challenge.event.slug}/challenges/{challenge.slug}"


def begin(browser: Client, challenge: Challenge, **headers: str) -> Any:
    named = f"filename {encoded('my model.onnx')}"
    said = {"Upload-Length": str(len(FILE)), "Upload-Metadata": named, **headers}
    return browser.post(f"{address(challenge)}/uploads", headers=said, content_type="")


def begun(browser: Client, challenge: Challenge, **headers: str) -> str:
    response = begin(browser, challenge, **headers)
    assert response.status_code == 201, response.content
    return str(response.headers["Location"])


def add(browser: Client, place: str, offset: int, content: bytes, **headers: str) -> Any:
    said = {"Upload-Offset": str(offset), **headers}
    return browser.patch(place, content, content_type=PIECE_TYPE, headers=said)


def offset_of(browser: Client, place: str) -> int:
    response = browser.head(place)
    assert response.status_code == 200
    return int(response.headers["Upload-Offset"])


def hand_in(browser: Client, challenge: Challenge, place: str, **query: str) -> Any:
    body = {"upload": place.rpartition("/")[2], "note": "in pieces"}
    url = f"{address(challenge)}/submissions/from-upload"
    return browser.post(url, body, content_type="application/json", query_params=query)


def waiting() -> list[str]:
    """What is in the store and no blob, here and on a server."""
    store: Any = blobs.store()
    rest = [path.name for path in store.scratch().iterdir()]
    if hasattr(store, "bucket"):
        rest += [found.key for found in store.bucket.objects("incoming/")]
        rest += [key for key, _, _ in store.bucket.begun()]
    return rest


def test_a_server_says_what_it_can(browser: Client, challenge: Challenge) -> None:
    response = browser.options(f"{address(challenge)}/uploads")
    assert response.status_code == 204
    assert response.headers["Tus-Version"] == "1.0.0"
    assert response.headers["Tus-Checksum-Algorithm"] == "sha256"
    extensions = set(response.headers["Tus-Extension"].split(","))
    assert extensions == {"creation", "creation-with-upload", "expiration", "termination", "checksum"}


def test_a_file_in_pieces_is_handed_in_as_a_file_at_once_is(
    browser: Client, challenge: Challenge, author: User
) -> None:
    place = begun(browser, challenge)
    for start in range(0, len(FILE), 100_000):
        response = add(browser, place, start, FILE[start : start + 100_000])
        assert response.status_code == 204
        assert response.headers["Upload-Offset"] == str(min(start + 100_000, len(FILE)))
        assert response.headers["Tus-Resumable"] == "1.0.0"
    handed_in = hand_in(browser, challenge, place)
    assert handed_in.status_code == 201
    assert handed_in.json()["digest"] == DIGEST
    submission = Submission.objects.get()
    assert (submission.blob_id, submission.file_name) == (DIGEST, "my model.onnx")
    assert (submission.note, submission.author, submission.rehearsal) == ("in pieces", author, False)
    assert blobs.path(DIGEST).read_bytes() == FILE
    assert not Upload.objects.exists()
    assert waiting() == []


def test_an_upload_can_be_rehearsed(browser: Client, challenge: Challenge) -> None:
    place = begun(browser, challenge)
    add(browser, place, 0, FILE)
    assert hand_in(browser, challenge, place, rehearsal="true").status_code == 201
    assert Submission.objects.get().rehearsal


def test_an_upload_is_handed_in_once(browser: Client, challenge: Challenge) -> None:
    place = begun(browser, challenge)
    add(browser, place, 0, FILE)
    assert hand_in(browser, challenge, place).status_code == 201
    assert hand_in(browser, challenge, place).status_code == 404
    assert Submission.objects.count() == 1


def test_what_is_not_whole_cannot_be_handed_in(browser: Client, challenge: Challenge) -> None:
    place = begun(browser, challenge)
    add(browser, place, 0, FILE[:1000])
    response = hand_in(browser, challenge, place)
    assert response.status_code == 409
    assert f"1000 of {len(FILE)} bytes are there" in response.json()["detail"]
    assert offset_of(browser, place) == 1000


def test_an_upload_to_one_challenge_is_none_to_another(
    browser: Client, challenge: Challenge, team: Team
) -> None:
    place = begun(browser, challenge)
    add(browser, place, 0, FILE)
    assert hand_in(browser, make_challenge(challenge.event), place).status_code == 404


def test_the_first_piece_may_come_with_the_creation(browser: Client, challenge: Challenge) -> None:
    response = browser.post(
        f"{address(challenge)}/uploads",
        FILE[:1000],
        content_type=PIECE_TYPE,
        headers={"Upload-Length": str(len(FILE))},
    )
    assert response.status_code == 201
    assert response.headers["Upload-Offset"] == "1000"
    place = response.headers["Location"]
    add(browser, place, 1000, FILE[1000:])
    assert hand_in(browser, challenge, place).json()["digest"] == DIGEST


def test_a_piece_from_elsewhere_is_refused_and_says_what_was_expected(
    browser: Client, challenge: Challenge
) -> None:
    place = begun(browser, challenge)
    add(browser, place, 0, FILE[:1000])
    response = add(browser, place, 999, FILE[999:])
    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Tus-Resumable"] == "1.0.0"
    assert "Upload-Offset is 999; expected 1000" in response.json()["detail"]
    assert offset_of(browser, place) == 1000


def test_a_piece_with_a_wrong_checksum_counts_for_nothing(browser: Client, challenge: Challenge) -> None:
    place = begun(browser, challenge)
    good, bad = (b64encode(hashlib.sha256(one).digest()).decode() for one in (FILE[:1000], b"other"))
    wrong = add(browser, place, 0, FILE[:1000], **{"Upload-Checksum": f"sha256 {bad}"})
    assert (wrong.status_code, offset_of(browser, place)) == (460, 0)
    right = add(browser, place, 0, FILE[:1000], **{"Upload-Checksum": f"sha256 {good}"})
    assert (right.status_code, offset_of(browser, place)) == (204, 1000)
    assert add(browser, place, 1000, b"x" * 9, **{"Upload-Checksum": f"sha256 {bad}"}).status_code == 460
    add(browser, place, 1000, FILE[1000:])
    assert hand_in(browser, challenge, place).json()["digest"] == DIGEST


def test_more_than_was_announced_is_refused(browser: Client, challenge: Challenge) -> None:
    place = begun(browser, challenge)
    assert add(browser, place, 0, FILE + b"x").status_code == 413
    assert offset_of(browser, place) == 0


def test_what_the_challenge_does_not_take_is_refused_before_it_is_sent(
    browser: Client, challenge: Challenge
) -> None:
    response = begin(browser, challenge, **{"Upload-Length": str(2**20 + 1)})
    assert response.status_code == 413
    assert "up to 1 MB" in response.json()["detail"]
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        ({"Upload-Length": "-1"}, 400, "expected a number of bytes"),
        ({"Upload-Length": "٣"}, 400, "expected a number of bytes"),
        ({"Upload-Length": "9" * 30}, 400, "expected a number of bytes"),
        ({"Upload-Length": "0"}, 409, "Save your model again"),
        ({"Upload-Defer-Length": "1"}, 400, "Upload-Length"),
        ({"Upload-Metadata": "filename !"}, 400, "not base64"),
        ({"Upload-Metadata": f"sha256 {encoded('abc')}"}, 400, "64 digits"),
        ({"Tus-Resumable": "0.2.2"}, 412, "expected 1.0.0"),
    ],
)
def test_what_makes_no_sense_is_named(
    browser: Client, challenge: Challenge, headers: dict[str, str], status: int, words: str
) -> None:
    response = begin(browser, challenge, **headers)
    assert response.status_code == status
    assert words in response.json()["detail"]


def test_a_piece_says_that_it_is_one(browser: Client, challenge: Challenge) -> None:
    place = begun(browser, challenge)
    response = browser.patch(place, FILE, content_type="text/plain", headers={"Upload-Offset": "0"})
    assert response.status_code == 415
    unknown = add(browser, place, 0, FILE, **{"Upload-Checksum": "md5 abc"})
    assert (unknown.status_code, "expected sha256" in unknown.json()["detail"]) == (400, True)


def test_a_file_that_is_not_what_was_declared_is_gone(browser: Client, challenge: Challenge) -> None:
    declared = f"sha256 {encoded('a' * 64)}"
    place = begun(browser, challenge, **{"Upload-Metadata": declared})
    response = add(browser, place, 0, FILE)
    assert response.status_code == 422
    assert f"Its SHA-256 is {DIGEST}; expected {'a' * 64}" in response.json()["detail"]
    assert browser.head(place).status_code == 404
    assert not blobs.exists(DIGEST)
    assert waiting() == []


def test_an_upload_can_be_given_up(browser: Client, challenge: Challenge) -> None:
    place = begun(browser, challenge)
    add(browser, place, 0, FILE[:1000])
    assert browser.delete(place).status_code == 204
    assert browser.head(place).status_code == 404
    assert waiting() == []


def test_one_person_has_only_so_many_uploads(browser: Client, challenge: Challenge) -> None:
    places = [begun(browser, challenge) for _ in range(MOST_UNFINISHED)]
    refused = begin(browser, challenge)
    assert (refused.status_code, "There may be 5" in refused.json()["detail"]) == (409, True)
    browser.delete(places[0])
    assert begin(browser, challenge).status_code == 201


def test_an_upload_that_nobody_goes_on_with_expires(browser: Client, challenge: Challenge) -> None:
    with time_machine.travel(timezone.now()) as clock:
        place = begun(browser, challenge)
        response = add(browser, place, 0, FILE[:1000])
        assert response.headers["Upload-Expires"].endswith("GMT")
        sweep(timezone.now())
        assert offset_of(browser, place) == 1000
        clock.shift(timedelta(hours=24, minutes=1))
        browser.force_login(User.objects.get(uploads__pk=place.rpartition("/")[2]))
        assert browser.head(place).status_code == 404
        sweep(timezone.now())
    assert not Upload.objects.exists()
    assert waiting() == []


def cut_off(content: bytes) -> Any:
    yield content
    raise CutOff("the sender went away")


def upload_of(place: str) -> Upload:
    return Upload.objects.select_related("challenge__bundle").get(pk=place.rpartition("/")[2])


def test_what_came_before_the_connection_was_cut_is_kept(browser: Client, challenge: Challenge) -> None:
    place = begun(browser, challenge)
    resuming.add(upload_of(place), Piece(0, len(FILE), cut_off(FILE[:1000])))
    assert offset_of(browser, place) == 1000
    add(browser, place, 1000, FILE[1000:])
    assert hand_in(browser, challenge, place).json()["digest"] == DIGEST


def test_another_process_ends_what_one_began(
    browser: Client, challenge: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = begun(browser, challenge)
    add(browser, place, 0, FILE[:1000])
    monkeypatch.setattr(resuming, "_hashes", resuming.Hashes())
    add(browser, place, 1000, FILE[1000:])
    assert hand_in(browser, challenge, place).json()["digest"] == DIGEST


def test_two_cannot_add_at_once(browser: Client, challenge: Challenge) -> None:
    place = begun(browser, challenge)

    def add_while_another_tries() -> Any:
        yield FILE[:1000]
        assert add(browser, place, 0, FILE).status_code == 423
        assert browser.delete(place).status_code == 423
        assert browser.head(place).status_code == 423
        yield FILE[1000:]

    resuming.add(upload_of(place), Piece(0, len(FILE), add_while_another_tries()))
    assert hand_in(browser, challenge, place).json()["digest"] == DIGEST


def test_a_holder_that_died_is_forgotten_and_cannot_write_any_more(
    browser: Client, challenge: Challenge
) -> None:
    place = begun(browser, challenge)

    def slow() -> Any:
        yield FILE[:1000]
        Upload.objects.update(held_until=timezone.now() - timedelta(seconds=1))
        assert add(browser, place, 0, FILE).status_code == 204
        yield FILE[1000:2000]

    with pytest.raises(NotResumable, match="go on from there"):
        resuming.add(upload_of(place), Piece(0, None, slow()))
    assert hand_in(browser, challenge, place).json()["digest"] == DIGEST


def test_what_is_begun_at_once_is_counted(challenge: Challenge, author: User) -> None:
    def one() -> None:
        resuming.begin(challenge, author, length=9, name="m")

    at_once([one] * (MOST_UNFINISHED + 3))
    assert Upload.objects.filter(author=author).count() == MOST_UNFINISHED


def test_who_did_not_hear_that_an_upload_was_begun_gets_the_same_again(
    browser: Client, challenge: Challenge
) -> None:
    declared = {"Upload-Metadata": f"sha256 {encoded(DIGEST)}"}
    place = begun(browser, challenge, **declared)
    add(browser, place, 0, FILE[:1000])
    again = begin(browser, challenge, **declared)
    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (place, "1000")
    assert begun(browser, make_challenge(challenge.event), **declared) != place


def test_a_teams_token_uploads_for_its_event_and_finds_no_upload_of_another(
    challenge: Challenge, team: Team
) -> None:
    maker = member_of(team)
    elsewhere = make_challenge()
    make_team(elsewhere.event, members=[make_participant(elsewhere.event, maker)])
    person = Client(headers=TUS)
    person.force_login(maker)
    other = begun(person, elsewhere)
    _, secret = tokens.make(team, maker, "CI", 7, timezone.now())
    machine = Client(headers=TUS | {"Authorization": f"Bearer {secret}"})

    place = begun(machine, challenge)
    assert add(machine, place, 0, FILE).status_code == 204
    assert hand_in(machine, challenge, place).status_code == 201
    assert machine.head(other).status_code == 404
    assert add(machine, other, 0, FILE).status_code == 404
    assert offset_of(person, other) == 0

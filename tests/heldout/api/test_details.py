"""Who asks, one event, one challenge with its files, a rehearsal's log, the event's board."""

import asyncio
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from heldout import blobs
from heldout.accounts.models import Scope
from heldout.catalog.models import Challenge, Preparation
from heldout.teams.models import Team
from tests.heldout.api.test_api import path, problem, signed_in
from tests.heldout.api.test_tokens import bearer
from tests.heldout.factories import make_organizer, make_participant, make_team
from tests.heldout.handing_in import hand_in, insight, make_challenge, member_of, rehearsed, scored

pytestmark = pytest.mark.django_db(transaction=True)
CONTENT = bytes(range(256)) * 2000


@pytest.fixture
def challenge() -> Challenge:
    """A challenge with given data."""
    made = make_challenge(title="Warm up")
    given = blobs.new_incoming()
    with zipfile.ZipFile(given, "w") as archive:
        archive.writestr("train.bin", CONTENT)
    digest = blobs.digest_of(given)
    blobs.keep(given, digest)
    Preparation.objects.filter(challenge=made).update(given=digest)
    return Challenge.objects.get(pk=made.pk)


@pytest.fixture
def team(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Ours")


def body_of(response: Any) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return asyncio.run(read())


def test_a_token_says_whose_it_is_and_what_it_may_do(team: Team) -> None:
    member = member_of(team)
    by_token = Client().get("/api/v1/me", headers=bearer(member, Scope.SUBMIT)).json()
    assert (by_token["email"], by_token["scopes"], by_token["team"]) == (member.email, ["submit"], None)
    assert by_token["expires_at"]
    by_session = signed_in(member).get("/api/v1/me").json()
    assert (by_session["name"], by_session["scopes"], by_session["expires_at"]) == (member.name, None, None)


def test_an_event_says_what_one_is_in_it(challenge: Challenge, team: Team) -> None:
    url = f"/api/v1/events/{challenge.event.slug}"
    own = signed_in(member_of(team)).get(url).json()
    assert (own["role"], own["team"], own["phase"]) == (
        "participant",
        {"id": team.pk, "name": "Ours"},
        "running",
    )
    organizer = signed_in(make_organizer(challenge.event)).get(url).json()
    assert (organizer["role"], organizer["team"]) == ("organizer", None)


def test_a_challenge_has_its_statement_and_its_files(challenge: Challenge, team: Team) -> None:
    body = signed_in(member_of(team)).get(path(challenge, f"/{challenge.slug}")).json()
    assert body["statement"] == challenge.bundle.statement
    [file] = body["files"]
    given = blobs.path(file["digest"])
    assert (file["name"], file["size"]) == (f"{challenge.slug}.zip", given.stat().st_size)
    answer = Client().get(file["url"], headers=bearer(member_of(team), Scope.READ))
    assert body_of(answer) == given.read_bytes()
    assert (answer["ETag"], answer["Accept-Ranges"]) == (f'"{file["digest"]}"', "bytes")


def test_a_download_that_was_cut_off_goes_on(challenge: Challenge, team: Team) -> None:
    client = signed_in(member_of(team))
    [file] = client.get(path(challenge, f"/{challenge.slug}")).json()["files"]
    whole = Path(blobs.path(file["digest"])).read_bytes()
    rest = client.get(file["url"], headers={"Range": "bytes=1000-", "If-Range": f'"{file["digest"]}"'})
    assert (rest.status_code, body_of(rest)) == (206, whole[1000:])
    assert rest["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    other = client.get(file["url"], headers={"Range": "bytes=1000-", "If-Range": '"older"'})
    assert (other.status_code, body_of(other)) == (200, whole)
    over = client.get(file["url"], headers={"Range": f"bytes={len(whole)}-"})
    assert problem(over)["status"] == 416
    assert over["Content-Range"] == f"bytes */{len(whole)}"


def test_before_a_challenge_is_prepared_it_has_no_files(team: Team) -> None:
    bare = make_challenge(team.event)
    client = signed_in(member_of(team))
    assert client.get(path(bare, f"/{bare.slug}")).json()["files"] == []
    assert client.get(path(bare, f"/{bare.slug}/files/{bare.slug}.zip")).status_code == 404


def test_the_log_of_a_rehearsal_is_plain_text_and_a_submission_has_none(
    challenge: Challenge, team: Team
) -> None:
    client = signed_in(member_of(team))
    done, real = rehearsed(challenge, team, insight=insight()), hand_in(challenge, team)
    url = f"/api/v1/events/{challenge.event.slug}/submissions"
    log = client.get(f"{url}/{done.pk}/log")
    assert (log["Content-Type"], log.content) == ("text/plain; charset=utf-8", b"loading weights")
    assert client.get(f"{url}/{real.pk}/log").content == b""


def test_the_events_board_has_teams_with_their_points(challenge: Challenge, team: Team) -> None:
    make_team(challenge.event, "Slow")
    scored(challenge, team, 0.99)
    body = signed_in(member_of(team)).get(f"/api/v1/events/{challenge.event.slug}/board").json()
    assert (body["rule"], body["frozen_since"]) == ("Points for passed challenges.", None)
    first, second = body["rows"]
    assert (first["rank"], first["team"]["name"], first["is_mine"]) == (1, "Ours", True)
    assert first["passed"] == body["challenges"] == [challenge.slug]
    assert (second["rank"], second["points"], second["why"]) == (None, 0, [])
    assert signed_in(make_participant(challenge.event)).get("/api/v1/events/none/board").status_code == 404


@pytest.mark.parametrize("rest", ["nothing", "events/a%0Ab/webhooks", "events/%E2%80%A8"])
def test_an_address_that_names_nothing_is_told_of_as_any_error(rest: str) -> None:
    answer = Client().get(f"/api/v1/{rest}")
    assert problem(answer)["status"] == 404

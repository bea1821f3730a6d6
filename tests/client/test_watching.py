"""The board in a terminal, once and as it changes."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from signal import SIGINT

import pytest

from heldout.teams.models import Team
from heldout_client import account
from heldout_client.account import Account
from heldout_client.api import Site
from heldout_client.hearing import Hearing
from heldout_client.watching import looks
from tests.client.conftest import Scene, document, heldout
from tests.client.unsteady import Fault, unsteady
from tests.heldout.factories import make_team
from tests.heldout.handing_in import make_baseline, scored

HELDOUT = Path(sys.executable).parent / "heldout"
PATIENCE = 30


def test_the_board_is_shown_with_baselines_ties_and_your_row(scene: Scene) -> None:
    make_baseline(scene.challenge, 0.7)
    scored(scene.challenge, scene.team, 0.9)
    scored(scene.challenge, make_team(scene.challenge.event, "[red]Equals\x1b[2J"), 0.9)
    done = heldout("board")
    lines = done.stdout.splitlines()
    assert lines[0] == f"{scene.challenge.slug}: Accuracy, higher is better, pass at 0.8"
    ours = next(line for line in lines if " Ours " in line)
    assert ours.startswith("1=") and "0.90" in ours and "0.88 to 0.92" in ours and "passed, you" in ours
    assert any("Logistic regression" in line and line.rstrip().endswith("baseline") for line in lines)
    assert any("[red]Equals\\x1b[2J" in line for line in lines)
    assert "not significantly different" in done.stdout


def test_as_json_the_board_is_the_sites(scene: Scene) -> None:
    scored(scene.challenge, scene.team, 0.9)
    told = document("board", scene.challenge.slug, "--event", scene.event)
    assert [(row["name"], row["is_mine"]) for row in told["rows"]] == [("Ours", True)]


def test_a_board_without_teams_says_so(scene: Scene) -> None:
    assert "nobody yet" in heldout("board").stdout


def test_watching_is_no_document(scene: Scene) -> None:
    done = heldout("board", "--watch", "--json")
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_board_that_stays_as_it_is_is_told_once(scene: Scene) -> None:
    with unsteady(scene.address) as way:
        account.keep(Account(way.address, scene.token))
        site = scene.site.__class__(account.known(), patience=0)
        seen = looks(site, f"/events/{scene.event}/challenges/{scene.challenge.slug}/board", 0.05)
        assert (first := next(seen)).board is not None and len(first.board) == 0
        heard: Queue[int] = Queue()

        def look() -> None:
            later = next(seen).board
            heard.put(len(later) if later else -1)

        thread = threading.Thread(target=look)
        thread.start()
        while len(way.asked) < 5:
            thread.join(0.05)
        assert heard.empty()
        assert all("if-none-match" in headers for _, _, headers in way.asked[1:])
        scored(scene.challenge, scene.team, 0.9)
        thread.join(PATIENCE)
        assert heard.get_nowait() == 1


def test_a_site_that_goes_away_and_comes_back_is_found_again(scene: Scene) -> None:
    with unsteady(scene.address) as way:
        site = scene.site.__class__(Account(way.address, scene.token), patience=0)
        seen = looks(site, f"/events/{scene.event}/challenges/{scene.challenge.slug}/board", 0.05)
        assert next(seen).board is not None
        way.ahead.extend([Fault("lost"), Fault("lost")])
        away = next(seen)
        assert away.board is None and "Trying again" in away.fault
        assert next(seen).fault == ""


@contextmanager
def watching(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """The command as it stays; Ctrl-C ends it."""
    command = [str(HELDOUT), "board", "--watch", "--every", "0.2", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.send_signal(SIGINT)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def read_until(process: "subprocess.Popen[str]", words: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"{words!r} was never shown")


def test_the_command_shows_each_change_until_ctrl_c(scene: Scene) -> None:
    other: Team = make_team(scene.challenge.event, "Others")
    with watching() as process:
        read_until(process, "nobody yet")
        scored(scene.challenge, scene.team, 0.9)
        read_until(process, "Ours")
        scored(scene.challenge, other, 0.95)
        read_until(process, "Others")


def hearing_of(scene: Scene, address: str) -> Hearing:
    site = Site(Account(address, scene.token), patience=0)
    return Hearing(site, scene.event, frozenset({f"board-{scene.challenge.slug}"}))


def test_a_change_is_heard_and_not_asked_for(scene: Scene) -> None:
    """The site is asked again only after an hour, or at a word of its stream."""
    path = f"/events/{scene.event}/challenges/{scene.challenge.slug}/board"
    with hearing_of(scene, scene.address) as hearing:
        seen = looks(scene.site, path, 3600, hearing)
        assert len(next(seen).board or ()) == 0
        heard: Queue[int] = Queue()
        thread = threading.Thread(target=lambda: heard.put(len(next(seen).board or ())))
        thread.start()
        while not hearing.is_open:
            thread.join(0.05)
        scored(scene.challenge, scene.team, 0.9)
        assert heard.get(timeout=PATIENCE) == 1
        thread.join()


def test_where_no_stream_comes_through_the_site_is_asked_as_before(scene: Scene) -> None:
    """The way holds every answer back until it is whole, as some proxies do."""
    path = f"/events/{scene.event}/challenges/{scene.challenge.slug}/board"
    with unsteady(scene.address) as way, hearing_of(scene, way.address) as hearing:
        seen = looks(scene.site, path, 0.05, hearing)
        assert len(next(seen).board or ()) == 0
        scored(scene.challenge, scene.team, 0.9)
        assert len(next(seen).board or ()) == 1
        assert not hearing.is_open


def test_a_stream_that_ended_is_gone_on_with_from_the_last_word(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heldout_client.hearing.FIRST_PAUSE", 0.05)
    said: Queue[str | None] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            said.put(self.headers.get("Last-Event-ID"))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"retry: 2000\n\nid: a7\nevent: board-x\ndata: {}\n\n")

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        with hearing_of(scene, f"http://127.0.0.1:{server.server_address[1]}"):
            assert [said.get(timeout=PATIENCE), said.get(timeout=PATIENCE)] == [None, "a7"]
        server.shutdown()

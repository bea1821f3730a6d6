"""What does a resumable upload cost, and does it survive a network that is cut five times?

Runs the web server on loopback and lets the client send one file twice: straight, and through a proxy that
cuts its connections. In the same run a bare ASGI application takes the same file by one PUT.

    python -m bench.upload [--mb 500] [--cuts 5]

The last line is one JSON object: cuts that were made, whether the digests are equal, how many bytes the web
process grew by, the seconds of each way, and ratio, ours (straight) over the bare PUT.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.cutting import cutting_proxy
from heldout.demo.machine import free_port
from heldout.demo.supervisor import Demo
from heldout_client.account import Account
from heldout_client.api import Site
from heldout_client.uploading import upload

MEBIBYTE = 2**20
WARM_UP_BYTES = 9 * MEBIBYTE
"""More than one part of a bucket's object, so that everything is loaded before it is measured."""
SAMPLE_SECONDS = 0.02
WAIT_SECONDS = 120


@dataclass(frozen=True)
class Running:
    """A web server, and somebody who may hand in there."""

    process: psutil.Process
    port: int
    event: str
    challenge: str
    token: str

    def site(self, port: int = 0) -> Site:
        """The site, straight or by another port."""
        return Site(Account(f"http://127.0.0.1:{port or self.port}", self.token))

    def hand_in(self, upload_id: str) -> dict[str, Any]:
        """Hand in what was uploaded; the submission."""
        path = f"/api/v1/events/{self.event}/challenges/{self.challenge}/submissions/from-upload"
        response = httpx.post(
            f"http://127.0.0.1:{self.port}{path}",
            json={"upload": upload_id},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=WAIT_SECONDS,
        )
        response.raise_for_status()
        return dict(response.json())


@contextmanager
def running(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """The site's web process alone, with a challenge that takes large files, in a folder of its own."""
    demo = Demo(var=folder, port=free_port())
    environment = {**demo.site_environment, **(settings or {})}
    environment["HELDOUT_DATABASE_URL"] = f"sqlite:///{folder / 'site.sqlite3'}"
    environment["HELDOUT_SECRET_KEY"] = "only-for-the-bench-" + "x" * 40
    try:
        demo.start_broker()
        _run(environment, "-m", "django", "migrate", "--verbosity", "0")
        told = json.loads(_run(environment, "-m", "bench.upload", "--seed").splitlines()[-1])
        server = ["-m", "uvicorn", "heldout.asgi:application", "--port", str(demo.port)]
        demo.processes.start("site", [sys.executable, *server, "--lifespan", "off"], environment)
        demo.wait_until("the site", lambda: _is_alive(demo.port))
        yield Running(_listening(demo.port), demo.port, **told)
    finally:
        demo.processes.stop()


def _run(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _is_alive(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    except httpx.TransportError:
        return False


def _listening(port: int) -> psutil.Process:
    """The process of ours that serves a port."""
    for child in psutil.Process().children(recursive=True):
        if f"--port {port}" in " ".join(child.cmdline()):
            return child
    raise SystemExit(f"no process of ours serves port {port}")


def seed() -> dict[str, str]:
    """An event with a team and an open challenge that takes files of a gigabyte; a member's token."""
    import django

    django.setup()
    from datetime import timedelta

    from django.utils import timezone

    from challenges import bundle as bundles
    from heldout.accounts import tokens
    from heldout.accounts.models import Scope, User
    from heldout.catalog.models import BundleVersion, Challenge, Preparation, PreparationState
    from heldout.events.models import Event, Role, RoleName
    from heldout.teams.models import Membership, Team

    now = timezone.now()
    found = bundles.read(Path(bundles.__file__).parent / "openhack_ml" / "first-steps").manifest
    manifest = found.model_dump(mode="json")
    manifest["limits"]["artefact_mb"], manifest["quota_per_day"] = 1024, 100
    event = Event.objects.create(
        slug="bench", name="Bench", starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=1)
    )
    bundle = BundleVersion.objects.create(
        slug=found.slug, version=found.version, digest="a" * 64, manifest_json=manifest, statement="# Bench"
    )
    challenge = Challenge.objects.create(
        event=event, bundle=bundle, slug=found.slug, title=found.title, position=1
    )
    challenge.preparation = Preparation.objects.create(
        challenge=challenge,
        bundle=bundle,
        state=PreparationState.GREEN,
        given="b" * 64,
        hidden_set="c" * 64,
        deadline=now + timedelta(hours=1),
    )
    challenge.opened_at = now
    challenge.save()
    user = User.objects.create_user("ada@bench.example", name="Ada")
    Role.objects.create(event=event, user=user, name=RoleName.PARTICIPANT)
    team = Team.objects.create(event=event, name="Ada")
    Membership.objects.create(team=team, event=event, user=user)
    _, secret = tokens.make(user, "bench", [Scope.READ, Scope.SUBMIT], 1)
    return {"event": event.slug, "challenge": challenge.slug, "token": secret}


def write_file(path: Path, size: int) -> str:
    """A file of random bytes; its SHA-256."""
    sha256, left = hashlib.sha256(), size
    with path.open("wb") as file:
        while left:
            piece = os.urandom(min(MEBIBYTE, left))
            file.write(piece)
            sha256.update(piece)
            left -= len(piece)
    return sha256.hexdigest()


class Growth:
    """How much a process's memory grows within a block, at its highest."""

    def __init__(self, process: psutil.Process) -> None:
        self.process = process
        self.bytes = 0

    def __enter__(self) -> "Growth":
        self._before, self._over = self.process.memory_info().rss, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.bytes = max(self.bytes, self.process.memory_info().rss - self._before)


def cut_upload(found: Running, file: Path, digest: str, cuts: int) -> dict[str, Any]:
    """Send a file through a proxy that cuts the connection, and hand it in."""
    size = file.stat().st_size
    places = [size * number // (cuts + 1) + number for number in range(1, cuts + 1)]
    with cutting_proxy(found.port, places) as proxy, Growth(found.process) as growth:
        started = time.perf_counter()
        upload_id = upload(found.site(proxy.port), found.event, found.challenge, file)
        seconds = time.perf_counter() - started
        submission = found.hand_in(upload_id)
    return {
        "cuts": proxy.made,
        "digest_equal": submission["digest"] == digest,
        "sent_twice_bytes": max(0, proxy.passed - size),
        "growth_bytes": growth.bytes,
        "cut_s": round(seconds, 2),
    }


def warm_up(found: Running, folder: Path) -> None:
    """Let the process load what an upload needs."""
    write_file(folder / "warm.bin", WARM_UP_BYTES)
    found.hand_in(upload(found.site(), found.event, found.challenge, folder / "warm.bin"))


def plain_seconds(folder: Path, file: Path, digest: str) -> float:
    """One PUT of the file to the bare application."""
    port = free_port()
    environment = {**os.environ, "BENCH_TARGET": str(folder / "plain.bin")}
    command = [sys.executable, "-m", "uvicorn", "bench.receiver:application", "--port", str(port)]
    server = subprocess.Popen([*command, "--log-level", "warning"], env=environment)
    try:
        _wait_for(port)
        started = time.perf_counter()
        with file.open("rb") as content:
            answer = httpx.put(f"http://127.0.0.1:{port}/", content=content, timeout=WAIT_SECONDS)
        seconds = time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()
    if answer.text != digest:
        raise SystemExit(f"the bare application received {answer.text}; expected {digest}")
    return seconds


def _wait_for(port: int) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        try:
            httpx.put(f"http://127.0.0.1:{port}/", content=b"")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise SystemExit("the bare application does not answer")


def straight_seconds(found: Running, file: Path) -> float:
    """The client's upload without a cut."""
    started = time.perf_counter()
    upload(found.site(), found.event, found.challenge, file)
    return time.perf_counter() - started


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mb", type=int, default=500, help="size of the file in MiB")
    parser.add_argument("--cuts", type=int, default=5)
    parser.add_argument("--seed", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.seed:
        print(json.dumps(seed()))
        return
    with tempfile.TemporaryDirectory(prefix="heldout-bench-") as place:
        folder = Path(place)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        files = [folder / "one.bin", folder / "two.bin"]
        first, second = (write_file(file, options.mb * MEBIBYTE) for file in files)
        with running(folder / "site") as found:
            warm_up(found, folder)
            cut = cut_upload(found, files[0], first, options.cuts)
            print(f"cut {cut['cuts']} times: {cut['cut_s']} s, +{cut['growth_bytes'] / MEBIBYTE:.1f} MiB")
            plain = plain_seconds(folder, files[1], second)
            straight = straight_seconds(found, files[1])
            print(f"straight {straight:.2f} s, a bare PUT {plain:.2f} s")
    figures = {"mb": options.mb, **cut, "straight_s": round(straight, 2), "plain_s": round(plain, 2)}
    print(json.dumps({**figures, "ratio": round(straight / plain, 2)}))


if __name__ == "__main__":
    main()

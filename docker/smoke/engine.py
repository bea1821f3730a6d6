"""A container engine: Docker where its daemon answers, else podman with buildah."""

# ruff: noqa: S603 - the commands are our own, and found as a person finds them

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

TOOLS = ("buildah", "podman", "runc", "debootstrap")
PATIENCE_SECONDS = 3600


class Failed(Exception):
    """A step did not do what it should; the text says which, and what was printed."""


def call(command: list[str], *, given: str = "", seconds: float = PATIENCE_SECONDS) -> str:
    """Run a command of ours; what it printed. Raises Failed."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode:
        raise Failed(
            f"{' '.join(command[:6])} … ended with {done.returncode}:\n{_end(done.stdout)}{_end(done.stderr)}"
        )
    return done.stdout


def _end(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.strip().splitlines()[-25:])


def works(command: list[str]) -> bool:
    """Whether a command is there and ends well."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


@dataclass
class Engine:
    """What differs between the two: how an image is built, and what a run must be told."""

    name: str
    build_command: list[str]
    run_command: list[str]
    command: list[str]
    filter_flags: list[str]
    """Beside the filter: what lets an unprivileged process make a namespace."""
    started: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)

    def build(self, context: Path, file: str, tag: str, arguments: dict[str, str]) -> None:
        """Build the image `tag` from a Dockerfile in `context`; the one that had the name before goes."""
        before = self.id_of(tag)
        given = [part for name, value in arguments.items() for part in ("--build-arg", f"{name}={value}")]
        call([*self.build_command, *given, "-f", str(context / file), "-t", tag, str(context)])
        self.images.append(tag)
        if before and before != self.id_of(tag):
            subprocess.run([*self.command, "image", "rm", before], capture_output=True, check=False)

    def id_of(self, tag: str) -> str:
        """The id of the image of that name; empty where there is none."""
        command = [*self.command, "image", "inspect", "--format", "{{.Id}}", tag]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def start(self, image: str, options: list[str], command: list[str]) -> str:
        """Start a container on the host's network, in the background; its id."""
        made = call([*self.run_command, "--detach", *options, image, *command]).split()[-1]
        self.started.append(made)
        return made

    def once(self, image: str, options: list[str], command: list[str], given: str = "") -> str:
        """Run a command in a container of its own, which is gone afterwards; what it printed."""
        return call([*self.run_command, "--rm", "--interactive", *options, image, *command], given=given)

    def inside(self, container: str, command: list[str]) -> str:
        """Run a command in a running container; what it printed."""
        return call([*self.command, "exec", container, *command])

    def logs(self, container: str) -> str:
        """What a container has printed."""
        done = subprocess.run([*self.command, "logs", container], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def runs(self, container: str) -> bool:
        """Whether a container has not ended."""
        return call([*self.command, "inspect", "--format", "{{.State.Running}}", container]).strip() == "true"

    def volume(self, name: str) -> str:
        """A new volume."""
        call([*self.command, "volume", "create", name])
        self.volumes.append(name)
        return name

    def take_down(self, *, images: bool) -> None:
        """Remove what was started here, each by its id or its name, and nothing else."""
        for container in reversed(self.started):
            subprocess.run([*self.command, "rm", "--force", container], capture_output=True, check=False)
        for kind, names in (("volume", self.volumes), ("image", self.images if images else [])):
            for name in names:
                subprocess.run([*self.command, kind, "rm", name], capture_output=True, check=False)


def find() -> Engine:
    """The engine of this machine. Raises Failed where there is none."""
    if works(["docker", "info"]):
        run = ["docker", "run", "--network", "host"]
        return Engine("docker", ["docker", "build"], run, ["docker"], ["apparmor=unconfined"])
    if not all(map(shutil.which, TOOLS[:3])):
        install()
    # Works without a kernel that has overlays, and without systemd; slower than what an event would use.
    os.environ.setdefault("STORAGE_DRIVER", "vfs")
    podman = ["podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs"]
    limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"]
    build = ["buildah", "bud", "--isolation", "chroot", "--format", "docker"]
    return Engine("podman", build, [*podman, "run", "--network", "host", *limits], podman, [])


def install() -> None:
    """Debian's own builder and runner of containers, where there is neither these nor a Docker daemon."""
    words = f"apt-get install --yes --no-install-recommends {' '.join(TOOLS)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Failed(f"found no container engine; expected a Docker daemon, or as root: {words}")
    print(f"No container engine is here. Installing one from Debian's packages: {words}", flush=True)
    call(["apt-get", "update"])
    call(words.split())


def python_of_wheels() -> bool:
    """Whether this interpreter's wheels are those of the images."""
    return sys.platform == "linux" and sys.version_info[:2] == (3, 11)

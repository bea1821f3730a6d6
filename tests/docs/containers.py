"""Rules for commands that need a container engine or a cluster: what they name must be there."""

from collections.abc import Callable, Sequence
from typing import Any

import yaml

from tests.test_layout import ROOT

Check = Callable[[Sequence[str]], None]
IMAGES = frozenset({"heldout-site", "heldout-worker"})
WITH_VALUE = frozenset(
    {
        "--cap-drop", "--env-file", "--memory", "--pids-limit", "--runtime", "--security-opt", "--tmpfs",
        "--user", "-v", "-f", "--profile", "--scale", "-n", "--namespace", "--tail", "--since", "--build-arg",
        "-t", "-e",
    }
)  # fmt: skip
ALONE = frozenset(
    {"--read-only", "--rm", "--build", "-d", "--no-deps", "-T", "--follow", "--timeout", "--no-log-prefix"}
)
COMPOSE_WORDS = frozenset(
    {"up", "build", "down", "exec", "run", "logs", "ps", "restart", "stop", "start", "config", "pull"}
)
KUBECTL_WORDS = frozenset({"apply", "delete", "get", "logs", "exec", "rollout", "scale", "describe"})


def after_options(words: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Options with their values up to the first word that is none, and what follows."""
    found: dict[str, list[str]] = {}
    rest = list(words)
    while rest and rest[0].startswith("-"):
        name, _, value = rest.pop(0).partition("=")
        assert name in WITH_VALUE | ALONE, f"an option that is not known here: {name}"
        if name in WITH_VALUE and not value:
            value = rest.pop(0)
        found.setdefault(name, []).append(value)
    return found, rest


def docker(words: Sequence[str], check: Check) -> None:
    """`docker run`, `docker build` or `docker compose`."""
    kind, *rest = words
    assert kind in ("run", "build", "compose"), f"docker {kind}"
    if kind == "run":
        run(words)
    elif kind == "compose":
        compose(rest, check)
    else:
        given, _ = after_options(rest)
        assert all((ROOT / path).is_file() for path in given["-f"])


def run(words: Sequence[str]) -> None:
    """An image of ours, with a filter that is shipped."""
    assert words[0] == "run"
    given, rest = after_options(words[1:])
    assert rest and (rest[0] in IMAGES or rest[0] == "…"), f"no image of ours: {rest}"
    for option in given.get("--security-opt", []):
        kind, _, path = option.partition("=")
        assert kind != "seccomp" or (ROOT / path).is_file(), f"no file {path}"


def compose(words: Sequence[str], check: Check) -> None:
    """The file, its profile, its services, and what is run in them."""
    given, (kind, *rest) = after_options(words)
    described: dict[str, Any] = yaml.safe_load((ROOT / given["-f"][0]).read_text())
    services = described["services"]
    profiles = {name for service in services.values() for name in service.get("profiles", [])}
    assert set(given.get("--profile", [])) <= profiles, f"profiles are {profiles}"
    assert kind in COMPOSE_WORDS, f"docker compose {kind}"
    more, named = after_options(rest)
    for scaled in more.get("--scale", []):
        assert scaled.partition("=")[0] in services, f"no service {scaled}"
    if kind in ("exec", "run"):
        assert named[0] in services, f"no service {named[0]}"
        if named[1:]:
            check(named[1:])
    else:
        assert set(named) <= set(services), f"services are {sorted(services)}"


def kubectl(words: Sequence[str], check: Check) -> None:
    """What is applied must be a file of ours, what is named must stand in one."""
    _, (kind, *rest) = after_options(words)
    assert kind in KUBECTL_WORDS, f"kubectl {kind}"
    inner = list(rest[rest.index("--") + 1 :]) if "--" in rest else []
    outer = rest[: rest.index("--")] if "--" in rest else rest
    folder = ROOT / "docker/kubernetes"
    names = {
        f"{document['kind'].lower()}/{document['metadata']['name']}"
        for path in folder.glob("*.yaml")
        for document in yaml.safe_load_all(path.read_text())
    }
    given, _ = after_options([word for word in outer if word.startswith("-")] if kind != "apply" else outer)
    assert all((ROOT / path).exists() for path in given.get("-f", [])), f"no such file: {given}"
    assert {word for word in outer if "/" in word and not word.startswith("docker/")} <= names
    if inner:
        check(inner)

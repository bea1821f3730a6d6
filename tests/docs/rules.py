"""How a command of the documentation is checked where it is not run: one rule a program, in `RULES`.

A rule gets the words after the program's name and raises AssertionError with what is wrong: a command, an
option or a file that there is not. A program without a rule is a fault of the page, or of this table.
"""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from tests.docs import containers
from tests.docs.blocks import ASSIGNMENT
from tests.test_layout import ROOT

Rule = Callable[[Sequence[str]], None]
PLACEHOLDER = re.compile(r"^[A-Z]+$|…")
SAYS_NO_HELP = frozenset({"scoring.alive", "scoring.worker"})
"""Modules that take no option, and ask for none."""


def check(words: Sequence[str]) -> None:
    """A command within another: its program's rule."""
    program, *rest = [word for word in words if not ASSIGNMENT.match(word)]
    program = program.removeprefix(".venv/bin/")
    assert program in RULES, f"no rule for {program}: tests/docs/rules.py"
    RULES[program](rest)


@cache
def output(*words: str) -> str:
    """What a command says of itself."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr[-500:]}"
    return done.stdout


def options(words: Iterable[str]) -> list[str]:
    """The options among the words, without their values; those after a lone `--` are none."""
    found = []
    for word in words:
        if word == "--":
            break
        if re.match(r"^--?[a-zA-Z]", word):
            found.append(word.split("=")[0])
    return found


def known(words: Iterable[str], of: str) -> None:
    """Each option must stand in a text of help."""
    unknown = [name for name in options(words) if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", of)]
    assert unknown == [], f"options that are not known: {unknown}"


def heldout(words: Sequence[str]) -> None:
    """The command must be there and know each option."""
    parsed(words)


@cache
def the_command() -> Any:
    """`heldout`, with its commands."""
    import typer

    from heldout_client.main import app

    return typer.main.get_command(app)


def parsed(words: Sequence[str]) -> set[str]:
    """What the command's own parser says of the words: the names of the arguments that are missing."""
    command = the_command()
    context, rest = command.make_context("heldout", ["--help"], resilient_parsing=True), list(words)
    while rest and hasattr(command, "get_command"):
        if rest[0].startswith("--"):
            known(rest, " ".join(option for one in command.get_params(context) for option in one.opts))
            return set()
        command = command.get_command(context, rest[0])
        assert command is not None, f"there is no command {rest[0]}"
        context = command.make_context(rest.pop(0), ["--help"], resilient_parsing=True)
    try:
        given, left, _ = command.make_parser(context).parse_args(args=[w for w in rest if w != "…"])
    except Exception as error:  # typer's own copy of click is private, and so are its errors
        raise AssertionError(str(error)) from error
    assert hasattr(command, "get_command") or not left, f"arguments that are not known: {left}"
    wanted = {p.name for p in command.params if p.param_type_name == "argument" and p.required}
    return set() if "--help" in rest else {name for name in wanted if not given.get(name)}


def python(words: Sequence[str]) -> None:
    """A module or a script that is there, which knows each option."""
    if not words or words[0] != "-m":
        assert words and (PLACEHOLDER.match(words[0]) or (ROOT / words[0]).is_file()), (
            f"no script {words[:1]}"
        )
        return
    module, *rest = words[1:]
    if module == "django":
        django(rest)
    elif module == "pip":
        pip(rest)
    else:
        assert importlib.util.find_spec(module) is not None, f"there is no module {module}"
        if options(rest):
            assert module not in SAYS_NO_HELP, f"{module} takes no options"
            known(rest, output(sys.executable, "-m", module, "--help"))


def django(words: Sequence[str]) -> None:
    """A command of Django's or of ours, with its options."""
    from django.core.management import get_commands, load_command_class

    name, *rest = words
    assert name in get_commands(), f"there is no management command {name}"
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    parser = command.create_parser("manage.py", name)
    known(rest, " ".join(parser._option_string_actions))


def pip(words: Sequence[str]) -> None:
    """Options of pip, files that are there, extras that we have."""
    import tomllib

    known(words[1:], output(sys.executable, "-m", "pip", words[0], "--help"))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for word in words:
        if named := re.match(r"^(?:\.|heldout)\[([\w,]+)\]$", word):
            assert set(named[1].split(",")) <= set(extras), f"no such extra: {word}"
    for option, value in pairwise(words):
        assert option != "-c" or (ROOT / value).is_file(), f"no file {value}"


def make(words: Sequence[str]) -> None:
    """A target, and variables that the Makefile reads; make itself says whether it could."""
    variables = [word.split("=")[0] for word in words if ASSIGNMENT.match(word)]
    text = (ROOT / "Makefile").read_text()
    assert [name for name in variables if not re.search(rf"\$\({name}\)", text)] == []
    output("make", "--dry-run", *words)


def copy(words: Sequence[str]) -> None:
    """What is copied must be there."""
    source = next(word for word in words if not word.startswith("-"))
    assert source.startswith("/") or (ROOT / source).is_file(), f"no file {source}"


def script(path: str, arguments: range) -> Rule:
    """A script of ours that takes so many arguments."""

    def rule(words: Sequence[str]) -> None:
        assert (ROOT / path).is_file()
        assert len(words) in arguments, f"{path} takes {arguments} arguments"

    return rule


def of_a_tool(*subcommands: str, flags: str = "") -> Rule:
    """A program that is not ours: it may only be called as it is listed here."""

    def rule(words: Sequence[str]) -> None:
        assert not subcommands or words[0] in subcommands, f"{words[0]}: not among {subcommands}"
        known(words, flags)

    return rule


def curl(words: Sequence[str]) -> None:
    """Addresses of ours must lead somewhere."""
    from urllib.parse import urlsplit

    from django.urls import Resolver404, resolve

    known(words, "--fail --silent --header -f -s -H -d --data")
    for word in words:
        if word.startswith("http"):
            try:
                resolve(urlsplit(word).path or "/")
            except Resolver404 as error:
                raise AssertionError(f"the site has no such address: {word}") from error


RULES: dict[str, Rule] = {
    "cp": copy,
    "curl": curl,
    "df": of_a_tool(flags="-h"),
    "docker": lambda words: containers.docker(words, check),
    "docker/join": script("docker/join", range(3, 5)),
    "grep": of_a_tool(),
    "heldout": heldout,
    "jq": of_a_tool(flags="-R"),
    "kubectl": lambda words: containers.kubectl(words, check),
    "make": make,
    "manage.py": django,
    "pip": pip,
    "podman": containers.run,
    "python": python,
    "python3": python,
    "rsync": of_a_tool(flags="-a"),
}

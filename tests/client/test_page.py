"""The page on the client says what is so: its commands run, in its order, against a real site."""

import re
import shlex
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from heldout.submissions.models import Submission
from heldout_client import terminal
from tests.client.conftest import answering, give, heldout, worker
from tests.heldout.factories import make_event, make_team
from tests.heldout.handing_in import make_challenge, member_of

HELDOUT = Path(sys.executable).parent / "heldout"
PAGE = (Path(__file__).parents[2] / "docs/client.md").read_text("utf-8")
SITE = "https://heldout.example.org"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def watch(arguments: list[str]) -> int:
    """A command that stays, until it has shown something and Ctrl-C is pressed; the exit code."""
    process = subprocess.Popen([str(HELDOUT), *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    return process.returncode


def test_its_commands_and_its_notebook_run_in_their_order(address: str, impatient: None) -> None:
    challenge = make_challenge(make_event("demo"), slug="first-steps")
    person = member_of(make_team(challenge.event, "Ours"))
    give(challenge, b"data")
    Path("model.onnx").write_bytes(b"weights")
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    for line in lines:
        name, *arguments = shlex.split(line.replace(SITE, address))
        assert name == "heldout"
        if "--watch" in arguments:
            assert watch(arguments) == 0
        elif arguments[0] == "login":
            browser = answering("allow", person)
            assert heldout(*arguments).exit_code == 0
            browser.join()
        elif arguments[0] in ("submit", "rehearse"):
            with worker(challenge):
                assert heldout(*arguments).exit_code == 0
        else:
            done = heldout(*arguments)
            assert done.exit_code == 0, (line, done.stderr)
    [cells] = blocks("python")
    names: dict[str, Any] = {}
    with worker(challenge):
        exec(compile(cells, "docs/client.md", "exec"), names)  # noqa: S102 - what the page says
    assert names["submission"].score == 0.9 and len(names["rows"]) == 1
    assert [found.rehearsal for found in Submission.objects.order_by("number")] == [True, False, False]


def test_every_command_of_the_client_is_on_it() -> None:
    ours = [each.name for each in entry_points(group="heldout.commands") if "heldout_client." in each.value]
    assert len(ours) > 10
    assert [name for name in ours if f"heldout {name}" not in PAGE] == []


@pytest.mark.parametrize("code", sorted({*terminal.CODES.values(), terminal.INTERRUPTED}))
def test_every_exit_code_is_on_it(code: int) -> None:
    assert re.search(rf"^\| {code} \| \S", PAGE, re.MULTILINE)

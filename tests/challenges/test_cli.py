"""The commands that a bundle's author types."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner

from challenges import bundle
from challenges.cli import app

Spoil = Callable[[str, str, str], None]


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [str(part) for part in arguments])
    return result.exit_code, result.output


def test_the_built_in_bundles_are_said_to_be_fine() -> None:
    code, output = run("check", *bundle.built_in())
    assert code == 0
    assert output.count("is fine.") == len(bundle.built_in())


def test_every_fault_is_printed_with_its_file_field_found_and_expected(folder: Path, spoil: Spoil) -> None:
    spoil("challenge.toml", "tolerance = 0.1", "tolerance = -1")
    spoil("statement.md", "## Hints", "## Clues")
    code, output = run("check", folder)
    assert code == 1
    assert "has 2 faults" in output
    for word in ("baselines[0].tolerance", "-1", "a number above 0", "statement.md", "no such heading"):
        assert word in output


def test_a_fault_cannot_write_to_the_terminal_by_itself(folder: Path, spoil: Spoil) -> None:
    spoil(
        "challenge.toml",
        "release_hidden_inputs = true",
        'release_hidden_inputs = true\n"[red]\\u001b[2J" = 1',
    )
    code, output = run("check", folder)
    assert code == 1
    assert "\x1b[2J" not in output
    assert "[red]" in output


def test_the_digest_is_that_of_the_content(folder: Path) -> None:
    assert run("digest", folder) == (0, bundle.digest(folder) + "\n")


def test_packing_writes_the_archive_and_prints_its_digest(folder: Path, tmp_path: Path) -> None:
    code, output = run("pack", folder, tmp_path / "tiny.zip")
    assert (code, output.strip()) == (0, bundle.pack(folder, tmp_path / "again.zip"))
    assert (tmp_path / "tiny.zip").read_bytes() == (tmp_path / "again.zip").read_bytes()


def test_a_bundle_with_faults_is_not_packed(folder: Path, spoil: Spoil, tmp_path: Path) -> None:
    spoil("statement.md", "## Hints", "## Clues")
    code, output = run("pack", folder, tmp_path / "tiny.zip")
    assert code == 1
    assert "no such heading" in output
    assert not (tmp_path / "tiny.zip").exists()


def test_the_commands_start_without_the_libraries_of_a_worker() -> None:
    code = "import sys, challenges.cli; print({'numpy', 'PIL', 'pyarrow', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"

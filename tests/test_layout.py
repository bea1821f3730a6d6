"""What must hold of the tree itself."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("platform/heldout", "challenges", "scoring", "client/heldout_client", "bench")
TOP_LEVEL = {
    "platform", "challenges", "scoring", "tests", "docker", "client", "bench", "docs",
    "pyproject.toml", "constraints.txt", "manage.py", "README.md", "CHANGELOG.md", "LICENSE", "Makefile",
}  # fmt: skip


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository, by git's own patterns."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def python_files() -> list[Path]:
    return [
        path
        for path in tracked("*.py")
        if path.relative_to(ROOT).as_posix().startswith(SOURCES) and "migrations" not in path.parts
    ]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_the_top_level_holds_only_what_is_agreed() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL


@pytest.mark.parametrize("command", [["-c"], ["-I", "-c"]])
def test_the_standard_librarys_platform_wins_from_the_root(command: list[str]) -> None:
    code = "import platform; assert platform.system(); import heldout, challenges, scoring, heldout_client"
    done = subprocess.run(
        [sys.executable, *command, code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_lock_names_nothing_of_one_machine() -> None:
    lock = (ROOT / "constraints.txt").read_text()
    assert not re.search(r"\+cpu|file://|nvidia-", lock)
    assert all("==" in line for line in lock.splitlines() if line.strip())


def test_package_files_are_empty() -> None:
    # What a notebook imports is a name of the package; it is found when it is asked for.
    lazy = ROOT / "client/heldout_client/__init__.py"
    packages = [path for path in python_files() if path.name == "__init__.py" and path != lazy]
    assert packages
    assert [path for path in packages if path.read_text().strip()] == []


def test_no_function_is_longer_than_sixty_lines_and_no_file_than_four_hundred() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {function.name}"
        for path in python_files()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= 60
    ]
    long += [str(path) for path in python_files() if len(path.read_text().splitlines()) > 400]
    assert long == []

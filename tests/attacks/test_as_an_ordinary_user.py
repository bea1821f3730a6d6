"""The same attacks where the worker is an ordinary user: other mounts, other limits, same verdicts."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65534
ATTACKS = {
    "test_each_layer_alone.py": "test",
    "test_from_code.py": "disk or tmp or links or terminal or outlives or secret or abi or files or compute",
    "test_from_an_onnx_file.py": "gigabytes or above",
    "test_from_a_pickle.py": "raised or changed",
}
"""From each file those that meet what is different for an ordinary user: mounts, uids, limits."""
SETTINGS = f"[pytest]\naddopts = --import-mode=importlib -q --durations=8\npythonpath = {ROOT}\n"


def readable_by_others(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (path, *path.parents))


def interpreter() -> str:
    """This interpreter, or where it lies in somebody's home, the system's of the same version."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [os.path.realpath(sys.executable), f"/usr/bin/{version}", f"/usr/local/bin/{version}"]
    for candidate in candidates:
        if os.path.exists(candidate) and readable_by_others(Path(candidate)):
            return candidate
    raise AssertionError(f"found no {version} that other users may run; looked at {', '.join(candidates)}")


def as_nobody() -> list[str]:
    """What makes a command run as an ordinary user; nothing for one who is."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    assert setpriv is not None
    return [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of that user; not below pytest's own, which every run of pytest closes for others again."""
    with tempfile.TemporaryDirectory(prefix="heldout-nobody-") as name:
        if os.geteuid() == 0:
            os.chown(name, NOBODY, NOBODY)
        yield Path(name)


def chosen() -> list[str]:
    """The attacks' files, and the one expression that chooses among them."""
    expressions = [f"({Path(file).stem} and ({words}))" for file, words in ATTACKS.items()]
    return [*(str(ROOT / "tests" / "attacks" / file) for file in ATTACKS), "-k", " or ".join(expressions)]


def command(home: Path) -> list[str]:
    """pytest, run by the ordinary user."""
    ini = home / "pytest.ini"
    ini.write_text(SETTINGS)
    options = ["-c", str(ini), "--rootdir", str(ROOT), "-p", "no:cacheprovider"]
    options += ["--basetemp", str(home / "tmp"), "--confcutdir", str(ROOT / "tests" / "attacks")]
    return [*as_nobody(), interpreter(), "-B", "-m", "pytest", *options, *chosen()]


def test_the_attacks_fail_for_a_worker_without_privileges(home: Path) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "PYTHONPATH": f"{ROOT}:{sysconfig.get_paths()['purelib']}",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    done = subprocess.run(
        command(home), env=environment, cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert int(done.stdout.split(" passed")[0].split()[-1]) >= 30
    assert "skipped" not in done.stdout

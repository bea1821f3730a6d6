"""The same attacks where the worker is an ordinary user: other mounts, other limits, same verdicts."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOBODY = 65534
ATTACKS = "socket or program or machine or raised or disks or threads or gigabyte or above"
SETTINGS = f"[pytest]\naddopts = --import-mode=importlib -q\npythonpath = {ROOT}\n"


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


def test_the_attacks_fail_for_a_worker_without_privileges(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        for parent in (tmp_path, *tmp_path.parents[:3]):
            parent.chmod(0o755 if parent != Path(os.sep, "tmp") else 0o1777)
    ini = folder / "pytest.ini"
    ini.write_text(SETTINGS)
    command = [
        *as_nobody(),
        *(interpreter(), "-B", "-m", "pytest", "-c", str(ini), "--rootdir", str(ROOT)),
        *(
            "-p",
            "no:cacheprovider",
            "--basetemp",
            str(folder / "tmp"),
            "--confcutdir",
            str(ROOT / "tests/attacks"),
        ),
        *(str(ROOT / "tests" / "attacks"), "--ignore", __file__, "-k", ATTACKS),
    ]
    packages = sysconfig.get_paths()["purelib"]
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "PYTHONPATH": f"{ROOT}:{packages}",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout

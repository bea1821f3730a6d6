"""The self-test says what holds here, and says no where a part is missing."""

import errno
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scoring import doctor
from scoring.sandbox import cgroups, policy, runtime, selftest
from scoring.sandbox.cgroups import Hierarchy

REFUSE_NAMESPACES = f"""
import pyseccomp
rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
refuse = pyseccomp.ERRNO({errno.EPERM})
rules.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, 0x20000000, 0x20000000))
rules.add_rule(refuse, "unshare")
rules.load()
"""
SAFE_FORMATS = """
from scoring.supervisor import safe_formats
print(",".join(safe_formats()))
"""


def test_every_requirement_holds_here() -> None:
    found = selftest.requirements()
    assert [r.name for r in found if not r.ok] == []
    assert {"bubblewrap", "seccomp filters", "no network", "no programs", "a box for onnx"} <= {
        r.name for r in found
    }


def test_the_doctor_gives_a_line_for_each_requirement() -> None:
    lines = doctor.checks()
    assert all(ok and found and fix for _, ok, found, fix in lines)
    assert [name for name, *_ in lines if not name.startswith("sandbox: ")] == ["GPU"]


def test_where_namespaces_are_refused_no_untrusted_format_is_served() -> None:
    """The real refusal: a process that, as in a strict container, may not make namespaces."""
    command = [sys.executable, "-c", REFUSE_NAMESPACES + SAFE_FORMATS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "predictions"
    assert "namespaces" in done.stderr
    assert "To mend it" in done.stderr


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    without = replace(policy.KINDS["onnx"], distributions=("numpy", "no-such-library"))
    monkeypatch.setitem(policy.KINDS, "onnx", without)
    runtime.library_mounts.cache_clear()
    found = {r.name: r for r in selftest.requirements()}
    runtime.library_mounts.cache_clear()
    assert not found["a box for onnx"].ok
    assert found["a box for onnx"].found == "the package no-such-library is not installed"
    assert found["a box for sklearn"].ok


def fake_version_two(folder: Path) -> Hierarchy:
    return Hierarchy(2, folder, folder)


def test_version_two_groups_get_the_limits_of_a_box(tmp_path: Path) -> None:
    group = fake_version_two(tmp_path).create()
    group.limit_memory(300 * 2**20)
    assert group.folders == [group.memory]
    assert (group.memory / "memory.max").read_text() == str(300 * 2**20)
    assert int((group.memory / "pids.max").read_text()) > 0
    (group.memory / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n")
    (group.memory / "memory.peak").write_text("12345\n")
    assert group.out_of_memory()
    assert group.peak_bytes() == 12345


def test_a_found_hierarchy_was_proved_by_use() -> None:
    hierarchy = cgroups.find()
    if hierarchy is not None:
        group = hierarchy.create()
        assert not group.gone
        group.remove()
        assert group.gone

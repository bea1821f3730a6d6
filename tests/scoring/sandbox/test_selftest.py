"""The self-test says what holds here, and says no where a part is missing."""

import errno
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scoring import doctor, supervisor
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


@pytest.fixture(scope="module")
def checked() -> list[tuple[str, bool, str, str]]:
    """What the doctor says of this machine, asked once."""
    return doctor.checks()


def test_every_requirement_holds_here(checked: list[tuple[str, bool, str, str]]) -> None:
    assert [name for name, ok, *_ in checked if not ok] == []
    names = {name.removeprefix("sandbox: ") for name, *_ in checked}
    assert {"bubblewrap", "seccomp filters", "no network", "no programs"} <= names
    assert {f"a box for {kind}" for kind in policy.KINDS if kind != "probe"} <= names


def test_the_doctor_says_of_each_requirement_what_was_found_and_how_to_mend_it(
    checked: list[tuple[str, bool, str, str]],
) -> None:
    assert all(ok and found and fix for _, ok, found, fix in checked)
    assert [name for name, *_ in checked if not name.startswith("sandbox: ")] == ["GPU"]


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
    found = {r.name: r for r in selftest.requirements(["onnx", "table"])}
    runtime.library_mounts.cache_clear()
    assert not found["a box for onnx"].ok
    assert found["a box for onnx"].found == "the package no-such-library is not installed"
    assert found["a box for table"].ok


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


def test_processor_time_is_limited_by_the_threads_of_a_job(tmp_path: Path) -> None:
    two = replace(fake_version_two(tmp_path), cpu=tmp_path).create()
    two.limit_cpu(2)
    assert (two.memory / "cpu.max").read_text() == "250000 100000"
    for name in ("memory", "pids", "cpu"):
        (tmp_path / name).mkdir()
    one = Hierarchy(1, tmp_path / "memory", tmp_path / "pids", tmp_path / "cpu").create()
    one.limit_cpu(1)
    assert len(one.folders) == 3
    assert (tmp_path / "cpu" / one.memory.name / "cpu.cfs_quota_us").read_text() == "125000"


def test_a_process_that_cannot_be_seen_is_never_ended_in_place_of_ourselves(tmp_path: Path) -> None:
    """In a group that two pid namespaces share, some members read 0, and kill(0) ends its caller's group."""
    group = fake_version_two(tmp_path).create()
    (group.pids / "cgroup.procs").write_text("0\n0\n")
    assert group.members() == []


@pytest.mark.parametrize(
    ("missing", "served"),
    [
        (None, ["predictions"]),
        ("torch", ["onnx", "code", "sklearn", "dataset", "predictions"]),
        ("trainer", ["onnx", "code", "torch", "sklearn", "predictions"]),
        ("metric", ["onnx", "code", "torch", "sklearn", "dataset", "predictions"]),
    ],
)
def test_a_format_is_not_served_where_what_its_box_needs_is_missing(
    monkeypatch: pytest.MonkeyPatch, missing: policy.BoxKind | None, served: list[str]
) -> None:
    found = [selftest.Requirement("a part", False, "nothing", "get it", missing)]
    monkeypatch.setattr(supervisor, "requirements", lambda: found)
    assert supervisor.safe_formats() == served


def test_a_found_hierarchy_was_proved_by_use() -> None:
    hierarchy = cgroups.find()
    if hierarchy is not None:
        group = hierarchy.create()
        assert not group.gone
        group.remove()
        assert group.gone

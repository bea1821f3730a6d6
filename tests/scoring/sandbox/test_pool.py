"""Boxes that wait: of which kinds, for how long, and what becomes of those that waited too long."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from challenges.manifest import Limits
from scoring.sandbox import cgroups, launcher, policy
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.pool import Pool
from scoring.sandbox.work import BoxFault, Work
from tests.scoring.models import identity, table_task

ROWS = np.eye(3, dtype=np.float32)
WORK = Work(identity().SerializeToString(), Limits(memory_mb=512), table_task(), ROWS)
INSPECTION = Work(b"probe", Limits(memory_mb=512))


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_kind_that_was_asked_for_has_a_box_waiting_for_a_while() -> None:
    with Pool({}, kept_seconds=600) as pool:
        assert pool.waiting("probe") == []
        pool.run("probe", INSPECTION, lambda share: None)
        wait_for(lambda: len(pool.waiting("probe")) == 1)
        [waiting] = pool.waiting("probe")
        pool._kept_seconds = 0.0
        pool._tend()
        wait_for(lambda: not pool.waiting("probe") and not waiting.alive)


@pytest.mark.parametrize(
    ("memory_mb", "wanted"),
    [
        (1000, {"onnx": 2, "torch": 1, "code": 1}),
        (150, {"onnx": 2, "code": 1}),
        (50, {"onnx": 2}),
    ],
)
def test_the_latest_asked_for_are_kept_as_far_as_memory_goes(
    memory_mb: int, wanted: dict[BoxKind, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pool, "_tend", lambda pool: None)
    with Pool({"onnx": 2}, kept_seconds=60, memory_mb=memory_mb) as pool:
        now = time.monotonic()
        pool._asked |= {"torch": now - 1, "code": now - 2, "trainer": now - 100, "onnx": now}
        assert pool._wanted() == wanted


def test_a_box_that_waited_too_long_is_replaced_before_use(monkeypatch: pytest.MonkeyPatch) -> None:
    with Pool({"onnx": 1}) as pool:
        wait_for(lambda: len(pool.waiting("onnx")) == 1)
        [old] = pool.waiting("onnx")
        old.born -= policy.STALE_SECONDS + 1
        assert np.array_equal(pool.run("onnx", WORK, lambda share: None).predictions, ROWS)
        wait_for(lambda: not old.alive)
        wait_for(lambda: len(pool.waiting("onnx")) == 1)
        assert old not in pool.waiting("onnx")


def test_no_box_is_started_to_wait_while_an_answer_is_due() -> None:
    with Pool({"probe": 1}) as pool:
        wait_for(lambda: len(pool.waiting("probe")) == 1)
        with pool.refilled_afterwards():
            pool.run("probe", INSPECTION, lambda share: None)
            pool.run("probe", INSPECTION, lambda share: None)
            assert pool.waiting("probe") == []
        wait_for(lambda: len(pool.waiting("probe")) == 1)


def test_a_box_that_does_not_start_in_time_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    real = launcher.launch
    late: list[launcher.Launched] = []

    def slow(kind: BoxKind) -> launcher.Launched:
        time.sleep(0.5)
        late.append(real(kind))
        return late[-1]

    with Pool({}) as pool:
        monkeypatch.setattr(policy, "START_SECONDS", 0.1)
        monkeypatch.setattr(launcher, "launch", lambda kind, gpu=None: slow(kind))
        with pytest.raises(BoxFault, match=r"no box for probe within 0\.1 seconds"):
            pool.run("probe", INSPECTION, lambda share: None)
    assert late
    for launched in late:
        assert launched.process.poll() is not None
        assert launched.group is None or launched.group.gone


def test_a_group_that_the_kernel_held_back_goes_though_no_other_box_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cgroups, "REMOVE_SECONDS", 0.1)
    hierarchy = cgroups.find()
    if hierarchy is None:
        return  # Where boxes have no groups, none can be left.
    group = hierarchy.create()
    child = group.pids / "child"
    child.mkdir()
    group.remove()
    assert not group.gone
    child.rmdir()
    with Pool({}) as pool:
        pool._tend()
        wait_for(lambda: group.gone)

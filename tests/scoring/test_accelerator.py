"""A GPU is found by what is there, and given to the jobs that ask for it and to no other."""

import sys
from pathlib import Path

import numpy as np
import pytest

from challenges.manifest import Limits
from scoring import accelerator, worker
from scoring.job import CPU_QUEUE, GPU_QUEUE, INSPECT_QUEUE
from scoring.sandbox import filters, launcher, policy, runtime
from scoring.sandbox.inside.onnx_loader import providers
from scoring.sandbox.pool import Pool
from scoring.sandbox.runtime import Accelerator
from scoring.sandbox.work import Work
from scoring.verdicts import Rejected
from tests.scoring.models import identity, never, table_task

ROWS = np.eye(3, dtype=np.float32)
WHOLE = ["dev/nvidia0", "dev/nvidia1", "dev/nvidiactl", "dev/nvidia-uvm", "dev/nvidia-modeset", "dev/null"]
LIBRARY = ["driver/libcuda.so.1"]


def machine(folder: Path, devices: list[str], libraries: list[str]) -> tuple[Path, tuple[Path, ...]]:
    """A folder of devices, and folders where a driver's libraries may lie."""
    for name in (*devices, *libraries):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder / "dev", (folder / "driver", folder / "nowhere")


def test_devices_with_a_driver_are_a_gpu(tmp_path: Path) -> None:
    found = accelerator.find(*machine(tmp_path, WHOLE, LIBRARY))
    assert found is not None
    assert [path.name for path in found.devices] == ["nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"]
    assert found.libraries == (tmp_path / "driver",)
    assert str(found) == "CUDA, 2 devices"


@pytest.mark.parametrize(
    ("devices", "libraries"),
    [
        ([], []),
        (WHOLE, ["driver/libcudart.so"]),
        (["dev/nvidia0", "dev/nvidiactl"], LIBRARY),
        (["dev/nvidiactl", "dev/nvidia-uvm"], LIBRARY),
    ],
    ids=["nothing", "no driver", "no unified memory", "no card"],
)
def test_a_part_of_a_gpu_is_none(tmp_path: Path, devices: list[str], libraries: list[str]) -> None:
    assert accelerator.find(*machine(tmp_path, devices, libraries)) is None


def test_providers_are_what_another_process_says() -> None:
    said = (sys.executable, "-c", "print('[\"CUDAExecutionProvider\"]')")
    assert accelerator.providers(said) == [policy.GPU_PROVIDER]
    assert accelerator.providers((sys.executable, "-c", "raise SystemExit(1)")) == []
    assert accelerator.providers((sys.executable, "-c", "print('no list')")) == []


@pytest.mark.parametrize(
    ("asked", "available", "chosen"),
    [
        ("none", ["CUDAExecutionProvider", "CPUExecutionProvider"], ["CPUExecutionProvider"]),
        (
            "cuda",
            ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
            ["CUDAExecutionProvider", "CPUExecutionProvider"],
        ),
        ("cuda", ["CPUExecutionProvider"], ["CPUExecutionProvider"]),
    ],
)
def test_onnxruntime_gets_the_gpu_when_the_job_has_it(
    asked: str, available: list[str], chosen: list[str]
) -> None:
    assert providers(asked, available) == chosen


def pairs(command: list[str], option: str) -> list[tuple[str, str]]:
    """The arguments of each occurrence of an option that takes two."""
    places = [number for number, part in enumerate(command) if part == option]
    return [(command[place + 1], command[place + 2]) for place in places]


def test_a_box_sees_the_gpu_only_when_it_is_given_one(tmp_path: Path) -> None:
    gpu = accelerator.find(*machine(tmp_path, WHOLE, LIBRARY))
    assert gpu is not None
    without, with_gpu = launcher.command("onnx", 3, {}), launcher.command("onnx", 3, {}, gpu)
    assert not [part for part in without if "nvidia" in part or part in ("--dev-bind", "--proc")]
    assert pairs(with_gpu, "--dev-bind") == [(str(path), f"/dev/{path.name}") for path in gpu.devices]
    assert (str(tmp_path / "driver"), str(tmp_path / "driver")) in pairs(with_gpu, "--ro-bind")
    assert with_gpu.index("--dev-bind") < with_gpu.index("/dev", with_gpu.index("--dev") + 2)
    searched = dict(pairs(with_gpu, "--setenv"))["LD_LIBRARY_PATH"]
    assert str(tmp_path / "driver") in searched.split(":")


def test_any_ioctl_is_let_through_for_a_gpu_alone() -> None:
    assert filters.stage_one(True) != filters.stage_one()
    assert filters.stage_one() == filters.stage_one(False)


class Started(Exception):
    """Stands for the start of a box."""


@pytest.mark.parametrize(
    ("asked", "kind", "runs", "given"),
    [
        ("none", "onnx", True, False),
        ("preferred", "onnx", True, True),
        ("required", "code", True, True),
        ("required", "onnx", False, False),
        ("preferred", "sklearn", True, False),
    ],
)
def test_only_a_run_that_may_have_the_gpu_gets_a_box_with_it(
    monkeypatch: pytest.MonkeyPatch, asked: str, kind: policy.BoxKind, runs: bool, given: bool
) -> None:
    gpu, seen = Accelerator((Path("/dev/nvidia0"),), ()), []

    def launch(kind: policy.BoxKind, gpu: Accelerator | None = None) -> None:
        seen.append(gpu)
        raise Started

    monkeypatch.setattr(launcher, "launch", launch)
    work = Work(b"", Limits.model_validate({"accelerator": asked}), table_task(), ROWS if runs else None)
    with Pool({}, accelerator=gpu) as pool, pytest.raises(Started):
        pool.run(kind, work, lambda share: None)
    # Before it or after, the pool may have begun to warm another box, which never has one.
    assert seen.count(gpu) == given
    assert set(seen) <= {gpu, None}


def test_a_gpu_that_is_required_and_not_there_is_our_fault() -> None:
    run = accelerator.guarded(never, None)
    work = Work(b"", Limits(accelerator="required"), table_task(), ROWS)
    with pytest.raises(Rejected) as caught:
        run("onnx", work, lambda share: None)
    assert caught.value.verdict.fault == "platform"
    assert caught.value.verdict.found == "a worker without a GPU"


def test_a_gpu_that_is_only_preferred_is_done_without(pool: Pool) -> None:
    run = accelerator.guarded(pool.run, None)
    content = identity().SerializeToString()
    work = Work(content, Limits(memory_mb=512, accelerator="preferred"), table_task(), ROWS)
    assert np.array_equal(run("onnx", work, lambda share: None).predictions, ROWS)


def test_a_worker_with_a_gpu_also_serves_its_queue() -> None:
    queues = [*worker.QUEUES.values(), GPU_QUEUE]
    assert worker.served("score", queues) == f"{CPU_QUEUE},{GPU_QUEUE}"
    assert worker.served("inspect", queues) == INSPECT_QUEUE
    assert worker.served("score", list(worker.QUEUES.values())) == CPU_QUEUE


def test_a_box_has_one_thread_for_each_library_and_no_variable_of_ours() -> None:
    found = runtime.environment()
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    assert [found[name] for name in names] == ["1", "1", "1"]
    assert not [name for name in found if name.startswith("HELDOUT")]

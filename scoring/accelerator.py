"""The GPU of this machine, found by what is there; nothing that computes on it is loaded here."""

import functools
import json
import logging
import subprocess
import sys
from pathlib import Path

from scoring.formats.exam import OnRows, Runner
from scoring.sandbox import policy
from scoring.sandbox.policy import BoxKind
from scoring.sandbox.runtime import Accelerator
from scoring.sandbox.work import Outcome, Work
from scoring.verdicts import no_accelerator

logger = logging.getLogger(__name__)

DEVICES = Path("/dev")
DRIVER_FOLDERS = tuple(Path(folder) for folder in policy.DRIVER_FOLDERS)
_LOOK_SECONDS = 60.0
_ASK = "import json, onnxruntime; print(json.dumps(onnxruntime.get_available_providers()))"


def find(devices: Path = DEVICES, drivers: tuple[Path, ...] = DRIVER_FOLDERS) -> Accelerator | None:
    """NVIDIA's devices with a driver's library for them; None where either is missing."""
    cards = sorted(path for path in devices.glob("nvidia[0-9]*") if path.name[len("nvidia") :].isdecimal())
    controls = [devices / name for name in policy.GPU_CONTROL_DEVICES]
    missing = [path for path in controls if not path.exists()]
    if not cards or missing:
        if cards:
            logger.warning("%s is there, but not %s; no GPU is used", cards[0], ", ".join(map(str, missing)))
        return None
    folders = [folder for folder in drivers if any(folder.glob(policy.DRIVER_LIBRARY))]
    if not folders:
        logger.warning("%s is there, but no %s; no GPU is used", cards[0], policy.DRIVER_LIBRARY)
        return None
    outside = tuple(folder for folder in folders if not folder.is_relative_to("/usr/lib"))
    return Accelerator((*cards, *controls), outside)


def providers(command: tuple[str, ...] = (sys.executable, "-c", _ASK)) -> list[str]:
    """onnxruntime's execution providers, as another process finds them; none where it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and line
            command, capture_output=True, text=True, timeout=_LOOK_SECONDS, check=True
        )
        return [str(name) for name in json.loads(done.stdout.splitlines()[-1])]
    except (subprocess.SubprocessError, OSError, ValueError, IndexError) as error:
        logger.warning("the execution providers of onnxruntime could not be found: %s", error)
        return []


@functools.cache
def here() -> Accelerator | None:
    """This machine's GPU, looked for once; None as well where onnxruntime was built without CUDA."""
    found = find()
    if found is not None and policy.GPU_PROVIDER not in providers():
        logger.warning("%s is there, but onnxruntime has no %s", found, policy.GPU_PROVIDER)
        return None
    return found


def guarded(run: Runner, found: Accelerator | None) -> Runner:
    """`run`, refusing what must have a GPU where there is none: ours, so it costs no try."""

    def checked(kind: BoxKind, work: Work, on_rows: OnRows) -> Outcome:
        if found is None and work.limits.accelerator == "required" and work.inputs is not None:
            raise no_accelerator()
        return run(kind, work, on_rows)

    return checked

"""What `heldout doctor` tells of this machine as a worker."""

from scoring import accelerator
from scoring.sandbox.selftest import requirements


def checks() -> list[tuple[str, bool, str, str]]:
    """Name, whether it is ok, what was found, and how to mend it: one line a requirement."""
    sandbox = [(f"sandbox: {r.name}", r.ok, r.found, r.fix) for r in requirements()]
    return [*sandbox, _gpu()]


def _gpu() -> tuple[str, bool, str, str]:
    """No worker needs one: without it, challenges that require a GPU are left to other workers."""
    found = accelerator.here()
    fix = "for a GPU, install NVIDIA's driver and onnxruntime-gpu with its cuda and cudnn extras"
    return ("GPU", True, str(found) if found else "none; not needed", fix)

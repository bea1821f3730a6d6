"""What `heldout doctor` tells of this machine as a worker."""

from scoring.sandbox.selftest import requirements


def checks() -> list[tuple[str, bool, str, str]]:
    """Name, whether it is ok, what was found, and how to mend it: one line a requirement."""
    return [(f"sandbox: {r.name}", r.ok, r.found, r.fix) for r in requirements()]

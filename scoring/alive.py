"""Whether the worker of this container is well: `python -m scoring.alive`, for health checks.

Its supervisor touches the file that HELDOUT_WORKER_ALIVE names while each of its processes runs and is ready.
"""

import os
import sys
import time
from pathlib import Path

from scoring.settings import ALIVE

SILENT_SECONDS = 15.0
"""A supervisor looks at its processes five times a second; one that is silent so long hangs."""


def why_not(file: str, now: float) -> str:
    """What is wrong; nothing where the worker is well."""
    if not file:
        return f"{ALIVE} is not set; expected a file that the worker may write"
    try:
        age = now - Path(file).stat().st_mtime
    except FileNotFoundError:
        return "the worker is not ready yet"
    return f"the worker has been silent for {age:.0f} seconds" if age > SILENT_SECONDS else ""


if __name__ == "__main__":
    sys.exit(why_not(os.environ.get(ALIVE, ""), time.time()) or None)

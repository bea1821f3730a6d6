"""Runs a program that is killed when whoever started it dies, however it dies.

    python -m scoring.tethered PARENT PROGRAM [ARGUMENT ...]

PARENT is the process id of the starter, which must start this from its main thread.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def command(program: list[str]) -> list[str]:
    """The command line that runs `program` tied to this process."""
    return [sys.executable, "-m", "scoring.tethered", str(os.getpid()), *program]


def main() -> None:
    """Tie this process to its parent, then become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the process that started this one is gone")
    os.execv(program[0], program)  # noqa: S606 - the command is given by our own code


if __name__ == "__main__":
    main()

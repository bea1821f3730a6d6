"""`python -m heldout.demo.child COMMAND ...`: become COMMAND, and end with the parent, however it ends."""

import os
import sys

from heldout.tether import end_with_parent

if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the supervisor names the command

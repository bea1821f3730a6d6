"""Code that tries one thing after another in a box and tells what each came to."""

import textwrap

from tests.scoring.formats.zips import zipped

TRY = """
import ctypes, errno, os, signal, socket, sys
found = []
def attempt(name, action):
    try:
        result = action()
    except BaseException as error:
        code = getattr(error, "errno", None)
        found.append(f"{name}={errno.errorcode.get(code, type(error).__name__)}")
    else:
        found.append(f"{name}=DONE:{result!r}"[:300])
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    result = libc.syscall(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result
"""
TELL = "\nraise RuntimeError(' '.join(found))\n"
MODEL = """
def load(folder):
    raise RuntimeError(' '.join(found))

def predict(batch):
    return batch
"""


def script(code: str) -> str:
    """Runs `code`, then tells what its attempts came to: name=ERROR, or name=DONE:result."""
    return TRY + textwrap.dedent(code) + TELL


def code_zip(code: str) -> bytes:
    """A zip of code that runs `code` when it is imported, and tells when it is loaded."""
    return zipped(TRY + textwrap.dedent(code) + MODEL)


def outcomes(told: str) -> list[str]:
    """What the attempts came to, from the error that tells it."""
    assert told.startswith("RuntimeError: "), told
    return told.removeprefix("RuntimeError: ").split()

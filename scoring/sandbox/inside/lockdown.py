"""What a box does to itself before it sees an artefact."""

import ctypes
import math
import os
import resource
import time
from typing import NamedTuple

_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_FILTER_FLAG_TSYNC = 1
_INSTRUCTION_BYTES = 8


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


class Resources(NamedTuple):
    """The limits of one job. `address_space` is None where a control group counts the memory.

    `cpu_seconds` begin with the job: what imports took before, more on a busy machine, is not the job's.
    """

    cpu_seconds: int
    file_bytes: int
    open_files: int
    processes: int
    address_space: int | None


def install_filter(program_fd: int, seccomp_call: int) -> None:
    """Install the second seccomp filter on every thread of this process; there is no way back."""
    program = os.read(program_fd, 1 << 20)
    os.close(program_fd)
    buffer = ctypes.create_string_buffer(program, len(program))
    filter_ = _Program(len(program) // _INSTRUCTION_BYTES, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    flags = _SECCOMP_FILTER_FLAG_TSYNC
    if libc.syscall(seccomp_call, _SECCOMP_SET_MODE_FILTER, flags, ctypes.byref(filter_)) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"seccomp(2) refused the second filter: {os.strerror(error)}")


def limit(resources: Resources) -> None:
    """Set the hard limits of this process; they can only be lowered from here on."""
    wanted = {
        resource.RLIMIT_CPU: math.ceil(time.process_time()) + resources.cpu_seconds,
        resource.RLIMIT_FSIZE: resources.file_bytes,
        resource.RLIMIT_NOFILE: resources.open_files,
        resource.RLIMIT_NPROC: resources.processes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if resources.address_space is not None:
        wanted[resource.RLIMIT_AS] = resources.address_space
    for name, value in wanted.items():
        _, hard = resource.getrlimit(name)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # A second before the end, a signal by which the parent knows it was the time that ran out.
        resource.setrlimit(name, (most - 1 if name == resource.RLIMIT_CPU else most, most))

"""The two seccomp filters of a box, compiled from the policy to the kernel's own form."""

import errno
import functools
import os
from typing import Any

from scoring.sandbox import policy
from scoring.sandbox.policy import BoxKind


class FiltersUnavailable(Exception):
    """No filter can be made on this machine. Says what is missing and how to get it."""


def _seccomp() -> Any:
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError) as error:
        raise FiltersUnavailable(
            f"libseccomp could not be loaded ({error}); install it with `apt-get install libseccomp2` "
            "and the Python package pyseccomp"
        ) from error
    return pyseccomp


def _number(seccomp: Any, name: str) -> int | None:
    """The number of a system call here, or None where this kernel family does not have it."""
    try:
        number = int(seccomp.resolve_syscall(seccomp.Arch.NATIVE, name))
    except (OSError, ValueError):
        return None
    return number if number >= 0 else None


def _add(seccomp: Any, rules: Any, action: int, names: list[str]) -> None:
    for name in names:
        number = _number(seccomp, name)
        if number is not None:
            rules.add_rule(action, number)


def _program(rules: Any) -> bytes:
    # In memory, since a worker whose disk is full must be able to start a box.
    with os.fdopen(os.memfd_create("filter"), "w+b") as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


@functools.cache
def stage_one(any_ioctl: bool = False) -> bytes:
    """The allow-list that bubblewrap installs, as a BPF program. A foreign ABI kills the process.

    `any_ioctl` is for boxes with a GPU, whose driver is spoken to by it.
    """
    seccomp = _seccomp()
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    rules.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    _add(seccomp, rules, seccomp.ALLOW, policy.ALLOWED)
    _add(seccomp, rules, seccomp.ERRNO(errno.EPERM), policy.REFUSED)
    no_namespace = seccomp.Arg(0, seccomp.MASKED_EQ, policy.NEW_NAMESPACES, 0)
    rules.add_rule(seccomp.ALLOW, "clone", no_namespace)
    if any_ioctl:
        rules.add_rule(seccomp.ALLOW, "ioctl")
    for request in () if any_ioctl else policy.IOCTLS:
        rules.add_rule(seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.EQ, request))
    return _program(rules)


@functools.cache
def stage_two(kind: BoxKind, gpu: bool = False) -> bytes:
    """The deny-list that a box installs on itself after its imports, as a BPF program.

    With a GPU files may be opened to be written: its driver is one.
    """
    allowance = policy.KINDS[kind]
    seccomp = _seccomp()
    refuse = seccomp.ERRNO(errno.EPERM)
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    rules.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    _add(seccomp, rules, refuse, [*policy.REFUSED, *policy.REFUSED_AFTER_IMPORTS])
    not_a_thread = seccomp.Arg(0, seccomp.MASKED_EQ, policy.CLONE_THREAD, 0)
    rules.add_rule(refuse, "clone", *([not_a_thread] if allowance.threads else []))
    if not allowance.scratch_bytes and not gpu:
        _refuse_writes(seccomp, rules, refuse)
    return _program(rules)


def _refuse_writes(seccomp: Any, rules: Any, refuse: int) -> None:
    """Files can be read as before, and standard output and the socket are open already."""
    _add(seccomp, rules, refuse, policy.WRITES)
    for flag in policy.OPEN_TO_WRITE:
        rules.add_rule(refuse, "openat", seccomp.Arg(2, seccomp.MASKED_EQ, flag, flag))
        if _number(seccomp, "open") is not None:
            rules.add_rule(refuse, "open", seccomp.Arg(1, seccomp.MASKED_EQ, flag, flag))


@functools.cache
def allow_everything() -> bytes:
    """A program that refuses nothing, in the place of one that a test leaves out."""
    seccomp = _seccomp()
    return _program(seccomp.SyscallFilter(seccomp.ALLOW))


def seccomp_call() -> int:
    """The number of seccomp(2) itself, which a box needs to install the second filter."""
    number = _number(_seccomp(), "seccomp")
    if number is None:
        raise FiltersUnavailable("this kernel family has no seccomp(2); expected Linux 3.17 or newer")
    return number

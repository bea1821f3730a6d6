"""The frames between a box and its parent: one byte of type, four of length, then the body.

Used on both sides, so only the standard library. Nothing here trusts the other side: whoever
reads says how long a body may be.
"""

import socket
import struct

HEADER = struct.Struct("<cI")

READY = b"R"
"""Imports and a dummy run are done, the second filter is on. Two descriptors travel beside it: of the folders
that can be written to."""
JOB = b"J"
"""To the box: JSON of the job; the descriptors of model and inputs travel beside it."""
FACTS = b"F"
"""JSON: what inspection found."""
LOADED = b"L"
"""The artefact is loaded; predictions follow."""
PREDICTIONS = b"P"
"""Little-endian float32, whole rows."""
DONE = b"D"
"""All is sent."""
ERROR = b"E"
"""JSON: `code`, `found` and `excerpt`."""
TIME = b"T"
"""To the box, after it is done: run something so many times, as `TIMING` has it."""
TICK = b"K"
"""That was run."""

TIMING = struct.Struct("<cI")
"""Body of `TIME`: what to run, and how many times."""
MODEL = b"M"
"""The model, on one example."""
REFERENCE = b"R"
"""The reference workload."""


class BadFrame(Exception):
    """The other side broke the protocol: an unknown type, a body that is too long, an early end."""


def send(control: socket.socket, kind: bytes, body: bytes | memoryview = b"") -> None:
    """Send one frame."""
    control.sendall(HEADER.pack(kind, len(body)))
    if body:
        control.sendall(body)


def receive_exactly(control: socket.socket, target: memoryview) -> None:
    """Fill `target` from the socket, or raise `BadFrame` when the other side ends first."""
    while target:
        count = control.recv_into(target)
        if count == 0:
            raise BadFrame("ended in the middle of a frame")
        target = target[count:]


def receive_header(control: socket.socket) -> tuple[bytes, int]:
    """Type and body length of the next frame."""
    header = bytearray(HEADER.size)
    receive_exactly(control, memoryview(header))
    kind, length = HEADER.unpack(header)
    return kind, length


def receive_body(control: socket.socket, length: int, at_most: int) -> bytes:
    """The body of a frame of `length` bytes, refused before it is read if it is over `at_most`."""
    if length > at_most:
        raise BadFrame(f"a frame of {length} bytes where at most {at_most} are allowed")
    body = bytearray(length)
    receive_exactly(control, memoryview(body))
    return bytes(body)

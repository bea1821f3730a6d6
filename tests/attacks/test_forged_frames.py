"""Attacks on the protocol itself: the submission speaks to the parent in the runner's place."""

import json
import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from challenges.manifest import Limits
from scoring.job import VerdictCode
from scoring.sandbox.box import Box
from scoring.sandbox.inside import frames
from scoring.sandbox.launcher import Launched
from scoring.sandbox.work import Ended, Work
from tests.scoring.fixtures import Score
from tests.scoring.models import pickled, table_task

ROWS = 140
ROW_BYTES = 12
QUICK = Limits(wall_seconds=1, memory_mb=512)


def fault(code: str) -> bytes:
    return json.dumps({"code": code, "found": "f", "excerpt": ""}).encode()


Speak = Callable[[socket.socket], None]


def say(*said: tuple[bytes, bytes]) -> Speak:
    """Sends whole frames."""

    def speak(control: socket.socket) -> None:
        for kind, body in said:
            frames.send(control, kind, body)

    return speak


def claim(kind: bytes, length: int) -> Speak:
    """Sends the head of a frame that says how long it will be, and no body."""
    return lambda control: control.sendall(struct.pack("<cI", kind, length))


def then(*parts: Speak) -> Speak:
    def speak(control: socket.socket) -> None:
        for part in parts:
            part(control)

    return speak


def endless(kind: bytes, body: bytes) -> Speak:
    def speak(control: socket.socket) -> None:
        while True:
            frames.send(control, kind, body)
            time.sleep(0.01)

    return speak


LOADED = say((b"F", b"{}"), (b"L", b""))

FORGED: list[tuple[str, Speak, VerdictCode]] = [
    ("predictions that are too many", then(LOADED, claim(b"P", ROWS * ROW_BYTES + 4)), "too_much_output"),
    ("a length of four gigabytes", then(LOADED, claim(b"P", 2**32 - 1)), "too_much_output"),
    ("an end before any prediction", then(LOADED, say((b"D", b""))), "crashed"),
    ("half a row, then the end", then(LOADED, say((b"P", bytes(6)), (b"D", b""))), "crashed"),
    ("an end with a body", then(LOADED, say((b"P", bytes(ROWS * ROW_BYTES)), (b"D", b"x"))), "crashed"),
    ("predictions that trickle", then(LOADED, endless(b"P", bytes(4))), "timeout"),
    ("empty frames without end", then(LOADED, endless(b"P", b"")), "timeout"),
    ("nothing at all", lambda control: time.sleep(1.2), "timeout"),
    ("a frame of an unknown kind", say((b"?", b"x")), "crashed"),
    ("predictions before facts", say((b"P", bytes(4))), "crashed"),
    ("facts a second time", say((b"F", b"{}"), (b"F", b"{}")), "crashed"),
    ("facts without end", claim(b"F", 2**31), "crashed"),
    ("an error text without end", claim(b"E", 2**31), "too_much_output"),
    ("an error that is no JSON", say((b"E", b"\xff{")), "crashed"),
    ("an error of nested JSON", say((b"E", b"[" * 60_000)), "crashed"),
    ("an error in the platform's name", say((b"E", fault("platform_fault"))), "crashed"),
    ("an error of a kind that no loader gives", say((b"E", fault("format_not_accepted"))), "crashed"),
]


def forged_box(speak: Speak) -> tuple[Box, threading.Thread]:
    """A box whose inside is played by a thread of the test."""
    ours, theirs = socket.socketpair()
    read, write = os.pipe()
    os.close(write)
    process = subprocess.Popen(["sleep", "60"])

    def play() -> None:
        try:
            frames.receive_body(theirs, frames.receive_header(theirs)[1], 1 << 20)
            speak(theirs)
        except OSError:
            pass
        finally:
            theirs.close()

    player = threading.Thread(target=play)
    player.start()
    return Box("onnx", Launched(process, ours, read, None)), player


@pytest.mark.parametrize(("speak", "code"), [case[1:] for case in FORGED], ids=[case[0] for case in FORGED])
def test_a_forged_frame_never_becomes_predictions(speak: Speak, code: VerdictCode) -> None:
    box, player = forged_box(speak)
    inputs = np.zeros((ROWS, 3), np.float32)
    try:
        with pytest.raises(Ended) as caught:
            box.run(Work(b"artefact", QUICK, table_task(), inputs), lambda share: None)
    finally:
        box.close()
        player.join()
    assert caught.value.code == code


ANSWERED = then(LOADED, say((b"P", bytes(ROWS * ROW_BYTES)), (b"D", b"")))

LYING: list[tuple[str, Speak]] = [
    ("nothing, and an end", say()),
    ("silence", lambda control: time.sleep(1.2)),
    ("ticks before they are asked for", say(*[(b"K", b"")] * 1000)),
    ("a tick with a body", say((b"K", b"x"))),
    ("a tick without end", claim(b"K", 2**32 - 1)),
    ("more predictions", say((b"P", bytes(ROW_BYTES)))),
    ("an error", say((b"E", fault("crashed")))),
    ("an error text without end", claim(b"E", 2**31)),
]


@pytest.mark.parametrize("speak", [case[1] for case in LYING], ids=[case[0] for case in LYING])
def test_whatever_a_box_says_while_it_is_timed_its_predictions_stand(
    monkeypatch: pytest.MonkeyPatch, speak: Speak
) -> None:
    monkeypatch.setattr("scoring.sandbox.box.PATIENCE_SECONDS", 0.5)
    box, player = forged_box(then(ANSWERED, speak))
    work = Work(b"artefact", Limits(), table_task(), np.zeros((ROWS, 3), np.float32), timed=True)
    try:
        outcome = box.run(work, lambda share: None)
    finally:
        box.close()
        player.join()
    assert outcome.predictions.shape == (ROWS, 3)
    assert outcome.timing is None


def test_whatever_kind_of_error_is_forged_the_submission_is_at_fault(score: Score) -> None:
    body = fault("missing_ids")
    evaluation = score(pickled(FORGE + f"frame(b'E', {body!r}); os._exit(0)"))
    assert evaluation.verdict is not None
    assert evaluation.verdict.fault == "submission"


def test_a_box_that_never_stops_printing_is_ended_by_the_clock() -> None:
    ours, theirs = socket.socketpair()
    read, write = os.pipe()
    process = subprocess.Popen(["sh", "-c", "exec cat /dev/zero /dev/zero"], stdout=write)
    others = [subprocess.Popen(["cat", "/dev/zero"], stdout=write) for _ in range(3)]
    os.close(write)
    box = Box("onnx", Launched(process, ours, read, None))
    try:
        with pytest.raises(Ended) as caught:
            box.run(Work(b"artefact", QUICK), lambda share: None)
    finally:
        for other in others:
            other.kill()
            other.wait()
        box.close()
        theirs.close()
    assert caught.value.code == "timeout"
    assert len(caught.value.excerpt) < 50_000


FORGE = """
import array, json, os, socket, struct, sys
control = socket.socket(fileno=json.loads(sys.argv[1])["control"])
def frame(kind, body=b""):
    control.sendall(struct.pack("<cI", kind, len(body)) + body)
"""


def test_not_a_number_is_refused_wherever_it_comes_from(score: Score) -> None:
    nans = f"frame(b'L'); frame(b'P', b'\\x00\\x00\\xc0\\x7f' * {ROWS * 3}); frame(b'D'); os._exit(0)"
    evaluation = score(pickled(FORGE + nans))
    assert evaluation.verdict is not None
    assert evaluation.verdict.code == "not_finite"


def test_descriptors_sent_back_are_not_taken(score: Score) -> None:
    before = len(os.listdir("/proc/self/fd"))
    code = """
fds = array.array("i", [0] * 50)
for _ in range(50):
    control.sendmsg([b"\\x00"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
os._exit(0)
"""
    evaluation = score(pickled(FORGE + code))
    assert evaluation.verdict is not None
    assert evaluation.verdict.code == "crashed"
    assert len(os.listdir("/proc/self/fd")) < before + 20


def test_a_submission_that_answers_by_itself_is_scored_by_its_answers_alone(score: Score) -> None:
    """It may compute in its own way; what counts is the bytes, and it has seen no label."""
    code = f"frame(b'L'); frame(b'P', struct.pack('<3f', 1, 0, 0) * {ROWS}); frame(b'D'); os._exit(0)"
    evaluation = score(pickled(FORGE + code))
    assert evaluation.verdict is None
    assert 0.15 < evaluation.scores[2].value < 0.55

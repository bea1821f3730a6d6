"""What runs in a box: get ready, take one job, answer it, end.

python -m inside '{"kind": ..., "control": fd, "filter": fd, "seccomp": number}'
"""

import array
import json
import os
import socket
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any

from . import frames, lockdown
from .faults import Refused

LOADERS = {
    "onnx": "onnx_loader",
    "sklearn": "sklearn_loader",
    "torch": "torch_loader",
    "code": "code_loader",
    "table": "table_loader",
    "trainer": "trainer_loader",
    "metric": "metric_loader",
    "probe": "probe",
}
EXCERPT_CHARACTERS = 2000


def receive_job(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The job and its descriptors: the artefact's and, unless only inspected, the inputs'."""
    descriptors = array.array("i")
    space = socket.CMSG_SPACE(2 * descriptors.itemsize)
    header, ancillary, _, _ = control.recvmsg(frames.HEADER.size, space)
    if len(header) != frames.HEADER.size:
        os._exit(0)  # The parent went away: there is nobody to tell.
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data)
    _, length = frames.HEADER.unpack(header)
    return json.loads(frames.receive_body(control, length, 1 << 20)), list(descriptors)


def read_all(fd: int) -> bytes:
    """The whole of a sealed memory file."""
    return os.pread(fd, os.fstat(fd).st_size, 0)


def work(loader: Any, control: socket.socket) -> None:
    """Take one job and answer it."""
    job, descriptors = receive_job(control)
    lockdown.limit(lockdown.Resources(**job["resources"]))
    artefact = read_all(descriptors[0])
    facts = loader.inspect(artefact, job)
    frames.send(control, frames.FACTS, json.dumps(facts).encode())
    if job["action"] == "run":
        run_alone = predict(loader, control, artefact, job, descriptors[1])
    frames.send(control, frames.DONE)
    if job["action"] == "run" and job["timed"]:
        serve_timing(control, run_alone)


def predict(
    loader: Any, control: socket.socket, artefact: bytes, job: dict[str, Any], fd: int
) -> Callable[[int], None]:
    """Load the artefact, run it on every example, send whole rows as they come.

    Returns how to run the model once more on a single example, of which the turn's number picks one.
    """
    from .inputs import Inputs

    inputs = Inputs(fd, job["count"], job["shape"], job["dtype"])
    model = loader.load(artefact, job)
    frames.send(control, frames.LOADED)
    for rows in loader.predict(model, inputs, job):
        block = rows.astype(job["output_dtype"], order="C")
        frames.send(control, frames.PREDICTIONS, memoryview(block).cast("B"))

    def run_alone(turn: int) -> None:
        for _ in loader.predict(model, inputs.alone(turn % inputs.count), job):
            pass

    return run_alone


def serve_timing(control: socket.socket, run_alone: Callable[[int], None]) -> None:
    """Run the model on single examples, or the reference, as the parent asks: it holds the clock."""
    from . import reference

    runs = {frames.MODEL: run_alone, frames.REFERENCE: reference.run}
    turn = 0
    while True:
        _, length = frames.receive_header(control)
        body = frames.receive_body(control, length, frames.TIMING.size)
        subject, times = frames.TIMING.unpack(body)
        for _ in range(times):
            runs[subject](turn)
            turn += 1
        frames.send(control, frames.TICK)


def say_ready(control: socket.socket) -> None:
    """Say so, and give the parent the two folders that can be written to, whose sizes it looks at."""
    folders = [os.open(path, os.O_RDONLY | os.O_DIRECTORY) for path in ("/tmp", "/dev/shm")]  # noqa: S108
    socket.send_fds(control, [frames.HEADER.pack(frames.READY, 0)], folders)
    for folder in folders:
        os.close(folder)


def report(control: socket.socket, error: BaseException) -> None:
    """Tell the parent why there is no result. It believes nothing of it but the words."""
    code, found = "crashed", f"{type(error).__name__}: {error}"
    if isinstance(error, Refused):
        code, found = error.code, error.found
    elif isinstance(error, MemoryError) or "bad_alloc" in found or "Failed to allocate memory" in found:
        code = "out_of_memory"
    excerpt = "" if isinstance(error, Refused) else traceback.format_exc(limit=-6)
    body = {"code": code, "found": found[:EXCERPT_CHARACTERS], "excerpt": excerpt[-EXCERPT_CHARACTERS:]}
    frames.send(control, frames.ERROR, json.dumps(body).encode())


def main() -> None:
    """Serve one job. Ends without running any handler that an artefact may have left behind."""
    configuration = json.loads(sys.argv[1])
    control = socket.socket(fileno=configuration["control"])
    loader = import_module(f".{LOADERS[configuration['kind']]}", __package__)
    loader.warm_up()
    lockdown.install_filter(configuration["filter"], configuration["seccomp"])
    say_ready(control)
    try:
        work(loader, control)
    except frames.BadFrame:
        pass  # The parent went away, or has heard enough.
    except BaseException as error:
        report(control, error)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


main()

"""Attacks by zips of code: how they are packed, and what the code in them tries."""

import io
import pickle
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from challenges.manifest import Limits
from scoring.formats.peek import of_bytes
from scoring.formats.registry import detect
from scoring.job import VerdictCode
from tests.attacks.conftest import CANARY
from tests.scoring.fixtures import Inspect, Score
from tests.scoring.formats.zips import HONEST, zipped

Change = Callable[[zipfile.ZipInfo], None]

_CENTRAL = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"
_END = b"PK\x05\x06"


def packed(*entries: tuple[str, bytes], change: Change = lambda info: None) -> bytes:
    """A zip with an honest `model.py` and further entries, in order, two of one name as well."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.py", HONEST)
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            change(info)
            archive.writestr(info, content)
    return buffer.getvalue()


def patched(content: bytes, mark: bytes, at: int, form: str, value: int, last: bool = True) -> bytes:
    """The same bytes with one field of a record changed: of the last such record, or of the first."""
    start = (content.rindex(mark) if last else content.index(mark)) + at
    return content[:start] + struct.pack(form, value) + content[start + struct.calcsize(form) :]


def of_mode(mode: int) -> Change:
    def change(info: zipfile.ZipInfo) -> None:
        info.create_system = 3
        info.external_attr = (mode | 0o777) << 16

    return change


def with_name(content: bytes, old: bytes, new: bytes) -> bytes:
    """The same zip with a name written over another one of the same length."""
    assert len(old) == len(new)
    assert content.count(old) == 2
    return content.replace(old, new)


def lying_about_its_size() -> bytes:
    """An entry that declares 10 bytes and unpacks to a million."""
    content = packed(("weights.bin", bytes(10**6)))
    content = patched(content, _CENTRAL, 24, "<L", 10)
    return patched(content, _LOCAL, 22, "<L", 10)


def overlapping() -> bytes:
    """Two entries of the list that share the bytes of one."""
    content = packed(("a.bin", bytes(1000)), ("b.bin", bytes(1000)))
    first = content.index(_LOCAL, 4)
    assert content[first + 30 : first + 35] == b"a.bin"
    return patched(
        with_name(content, b"b.bin", b"a.bin").replace(b"a.bin", b"A.bin", 0), _CENTRAL, 42, "<L", first
    )


def split_name() -> bytes:
    """An entry of another name in the list than where it lies."""
    content = packed(("harmless.txt", b"x"))
    at = content.rindex(b"harmless.txt")
    return content[:at] + b"harmful_.txt" + content[at + 12 :]


def hidden_between() -> bytes:
    """Bytes between the entries and their list, of which no entry tells."""
    content = packed()
    start = content.index(_CENTRAL)
    longer = content[:start] + pickle.dumps({"hidden": "x" * 100}) + content[start:]
    return patched(longer, _END, 16, "<L", longer.index(_CENTRAL))


def many() -> bytes:
    return packed(*((f"{number}.txt", b"") for number in range(2500)))


MALICIOUS: dict[str, tuple[Callable[[], bytes], VerdictCode, str]] = {
    "climbs": (lambda: packed(("../../etc/passwd", b"x")), "unsafe_file", "climbs out"),
    "from the root": (lambda: packed(("/sp/numpy.py", b"x")), "unsafe_file", "a path from the root"),
    "drive letter": (lambda: packed(("C:evil.py", b"x")), "unsafe_file", "a drive letter"),
    "backslashes": (lambda: packed(("..\\evil.py", b"x")), "unsafe_file", "a backslash"),
    "a NUL in a name": (
        lambda: with_name(packed(("evil.py_.txt", b"x")), b"evil.py_.txt", b"evil.py\0.txt"),
        "unsafe_file",
        "a NUL",
    ),
    "a name that is not UTF-8": (
        lambda: with_name(packed(("evil_.py", b"x")), b"evil_.py", b"evil\xff.py"),
        "unsafe_file",
        "not UTF-8",
    ),
    "text that turns around": (lambda: packed(("gpj\u202eyp.x", b"x")), "unsafe_file", "does not print"),
    "a link": (
        lambda: packed(("out", b"/etc/passwd"), change=of_mode(stat.S_IFLNK)),
        "unsafe_file",
        "a symbolic link",
    ),
    "a device": (lambda: packed(("mem", b""), change=of_mode(stat.S_IFCHR)), "unsafe_file", "a device"),
    "a pipe": (lambda: packed(("wait", b""), change=of_mode(stat.S_IFIFO)), "unsafe_file", "a pipe"),
    "two of one name": (
        lambda: with_name(packed(("model.pz", b"raise")), b"model.pz", b"model.py"),
        "unsafe_file",
        "more than one entry of the name 'model.py'",
    ),
    "two names but for the case": (lambda: packed(("MODEL.py", b"x")), "unsafe_file", "upper and lower"),
    "a file that is a folder": (
        lambda: packed(("model.py/x.py", b"x")),
        "unsafe_file",
        "a file that is also a folder",
    ),
    "encrypted": (
        lambda: patched(packed(("a.bin", b"x")), _CENTRAL, 8, "<H", 1),
        "unsafe_file",
        "encrypted",
    ),
    "a method nobody knows": (
        lambda: patched(packed(("a.bin", b"x")), _CENTRAL, 10, "<H", 93),
        "unsafe_file",
        "method 93",
    ),
    "too many entries": (many, "unsafe_file", "2,501 entries"),
    "folders without end": (lambda: packed(("a/" * 40 + "x", b"x")), "unsafe_file", "folders within"),
    "a bomb": (lambda: packed(("zeros", bytes(100 * 2**20))), "unsafe_file", "as a zip bomb does"),
    "more than there is room for": (
        lambda: patched(packed(("a.bin", b"x" * 10)), _CENTRAL, 24, "<L", 2**32 - 2),
        "unsafe_file",
        "unpacks to 4096.0 MB",
    ),
    "longer than it declares": (lying_about_its_size, "unsafe_file", "longer than the 10 bytes"),
    "another checksum": (
        lambda: patched(packed(("a.bin", b"x")), _CENTRAL, 16, "<L", 7),
        "unreadable",
        "checksum",
    ),
    "entries that overlap": (overlapping, "unsafe_file", "overlap"),
    "another name where it lies": (split_name, "unsafe_file", "another name where it lies"),
    "bytes of no entry": (hidden_between, "unsafe_file", "belong to no entry"),
    "a pickle behind it": (lambda: packed() + pickle.dumps(1) * 10, "unsafe_file", "after its last record"),
    "a zip behind a zip": (lambda: packed(("a", b"x")) + packed(), "unsafe_file", "before its first entry"),
    "cut off": (lambda: packed(("a", bytes(99)))[:-30], "unreadable", "without its end"),
}


@pytest.mark.parametrize("attack", MALICIOUS)
def test_a_hostile_zip_is_refused_in_words_and_nothing_of_it_is_run(inspect: Inspect, attack: str) -> None:
    make, code, words = MALICIOUS[attack]
    verdict = inspect(make(), formats=("code",)).verdict
    assert verdict is not None
    assert (verdict.code, verdict.fault) == (code, "submission")
    assert words in verdict.found


@pytest.mark.parametrize("head", [b"\x7fELF\x02\x01\x01", b"%PDF-1.7\n", pickle.dumps([1])])
def test_a_zip_behind_another_file_is_never_taken_for_code(head: bytes) -> None:
    assert detect(of_bytes(head + packed())) != "code"


def test_it_is_refused_when_it_is_to_be_scored_as_well(score: Score, tmp_path: Path) -> None:
    verdict = score(packed((f"../../../../..{tmp_path}/climbed", b"x"))).verdict
    assert verdict is not None
    assert verdict.code == "unsafe_file"
    assert not (tmp_path / "climbed").exists()


SNOOPS = """
import os, socket, subprocess, sys

found = []

def attempt(name, action):
    try:
        found.append(f"{name}=DONE:{action()!r}"[:200])
    except BaseException as error:
        found.append(f"{name}={type(error).__name__}")

def load(folder):
    attempt("socket", socket.socket)
    attempt("program", lambda: subprocess.run(["/bin/true"]))
    attempt("fork", os.fork)
    attempt("write", lambda: open("/sp/numpy/evil.py", "w"))
    attempt("replace", lambda: os.rename("/app/inside/answers.py", "/tmp/x"))
    attempt("secret", lambda: os.environ["HELDOUT_CANARY"])
    attempt("link", lambda: os.symlink("/etc/passwd", folder + "/link"))
    raise RuntimeError(" ".join(found))
"""


def test_code_reaches_no_network_no_program_and_no_file_of_ours(score: Score) -> None:
    evaluation = score(zipped(SNOOPS))
    assert CANARY not in evaluation.model_dump_json()
    assert evaluation.verdict is not None
    told = evaluation.verdict.found.removeprefix("RuntimeError: ").split()
    assert len(told) == 7
    assert not [line for line in told if "DONE" in line]


def test_a_file_for_each_byte_of_room_is_stopped(score: Score) -> None:
    fills = """
    def load(folder):
        written = 0
        try:
            with open(folder + "/fill", "wb") as file:
                while True:
                    written += file.write(bytes(2**20))
        except OSError as error:
            raise RuntimeError(f"{type(error).__name__} after {written >> 20}")
    """
    verdict = score(zipped(fills), limits=Limits(wall_seconds=60, memory_mb=600)).verdict
    assert verdict is not None
    assert verdict.found.startswith("RuntimeError: OSError after ")
    assert int(verdict.found.split()[-1]) <= 320


INVENTED = """
def load(folder):
    import sys
    refused = sys.modules["inside.faults"].Refused
    raise refused({code!r}, "made up")
"""


@pytest.mark.parametrize("code", ["missing_ids", "over_budget", "too_large", "wrong_input", "platform_fault"])
def test_code_cannot_make_its_failure_ours(score: Score, code: str) -> None:
    verdict = score(zipped(INVENTED.format(code=code))).verdict
    assert verdict is not None
    assert verdict.fault == "submission"

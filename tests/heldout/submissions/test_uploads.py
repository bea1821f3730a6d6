"""Files stream into the store: hashed, limited, never named by their sender."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.middleware.csrf import _get_new_csrf_string
from django.test import RequestFactory
from django.utils import timezone

from heldout import blobs
from heldout.events.rules import Refusal
from heldout.submissions.sweeping import sweep
from heldout.submissions.uploads import (
    ABANDONED,
    LONGEST_NAME,
    BlobUploadHandler,
    ReceivedFile,
    display_name,
    receive,
    remove_abandoned,
)


def request_with(content: bytes | None, name: str = "model.onnx", *, forged: bool = False) -> HttpRequest:
    token = _get_new_csrf_string()
    fields: dict[str, object] = {"note": "more layers", "csrfmiddlewaretoken": "x" * 32 if forged else token}
    if content is not None:
        fields["artefact"] = SimpleUploadedFile(name, content)
    request = RequestFactory(enforce_csrf_checks=True).post("/", fields)
    request.COOKIES[settings.CSRF_COOKIE_NAME] = token
    return request


def waiting_files() -> list[Path]:
    return list(blobs.new_incoming().parent.iterdir())


def test_a_file_lies_under_its_digest() -> None:
    content = b"weights" * 50_000
    received = receive(request_with(content), limit_mb=1)
    digest = hashlib.sha256(content).hexdigest()
    assert received == ReceivedFile(digest, len(content), "model.onnx")
    kept = blobs.path(digest)
    assert kept == Path(settings.BLOBS) / digest[:2] / digest
    assert kept.read_bytes() == content
    assert kept.stat().st_mode & 0o777 == 0o644
    assert waiting_files() == []


def test_the_other_fields_arrive_too() -> None:
    request = request_with(b"weights")
    receive(request, limit_mb=1)
    assert request.POST["note"] == "more layers"


def test_a_file_beyond_the_limit_is_refused_and_nothing_stays() -> None:
    with pytest.raises(Refusal, match="up to 1 MB"):
        receive(request_with(b"x" * (2**20 + 1)), limit_mb=1)
    assert waiting_files() == []


def test_a_file_of_exactly_the_limit_is_taken() -> None:
    assert receive(request_with(b"x" * 2**20), limit_mb=1).size == 2**20


def test_no_file_and_an_empty_file_are_refused_in_words() -> None:
    with pytest.raises(Refusal, match="No file came"):
        receive(request_with(None), limit_mb=1)
    with pytest.raises(Refusal, match="empty"):
        receive(request_with(b""), limit_mb=1)


def test_a_file_that_nobody_writes_any_more_is_removed_and_one_that_is_written_stays() -> None:
    old, fresh = blobs.new_incoming(), blobs.new_incoming()
    for file in (old, fresh):
        file.write_bytes(b"half")
    written = fresh.stat().st_mtime - ABANDONED.total_seconds() - 60
    os.utime(old, (written, written))
    assert remove_abandoned() == 1
    assert waiting_files() == [fresh]
    fresh.unlink()


@pytest.mark.django_db
@pytest.mark.parametrize("days", [-1, 1])
def test_the_sites_clock_does_not_decide_what_is_abandoned(days: int) -> None:
    """It may jump while a file arrives, and the file's time is the disk's."""
    file = blobs.new_incoming()
    file.write_bytes(b"half")
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        sweep(timezone.now())
    assert waiting_files() == [file]
    file.unlink()


def test_the_sweep_gets_over_a_file_that_is_put_in_its_place_meanwhile() -> None:
    gone = blobs.new_incoming()
    gone.symlink_to(gone.parent / "kept-by-now")
    assert remove_abandoned() == 0
    gone.unlink()


def test_a_forged_form_is_denied() -> None:
    with pytest.raises(PermissionDenied):
        receive(request_with(b"weights", forged=True), limit_mb=1)


def test_an_interrupted_upload_leaves_nothing() -> None:
    handler = BlobUploadHandler(RequestFactory().post("/"), limit_mb=1)
    handler.new_file("artefact", "model.onnx", "application/octet-stream", None)
    handler.receive_data_chunk(b"half", 0)
    handler.upload_interrupted()
    assert waiting_files() == []


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\models\\best.onnx", "best.onnx"),
        ("a\u202egpj.onnx\x00", "agpj.onnx"),
        ("", "unnamed"),
        ("x" * 500 + ".onnx", ("x" * 500 + ".onnx")[-LONGEST_NAME:]),
    ],
)
def test_names_are_only_for_showing(raw: str, shown: str) -> None:
    assert display_name(raw) == shown

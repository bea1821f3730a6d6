"""Receiving files: hashed while they stream to the store's disk, refused as soon as they are too large."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from heldout import blobs
from heldout.events.rules import Refusal
from heldout.submissions.rules import refuse_too_large

FIELD = "artefact"
LONGEST_NAME = 200
LIFETIME = timedelta(hours=24)
"""How long a resumable upload may take, and wait to be handed in."""
ABANDONED = LIFETIME + timedelta(hours=1)


@dataclass(frozen=True)
class ReceivedFile:
    """A file that is in the store. `file_name` is only ever shown."""

    digest: str
    size: int
    file_name: str


def display_name(raw: str) -> str:
    """A file's name as it may be shown: no folders, no control or invisible characters, at most 200 long."""
    # Bringing marks that combine into their order takes the square of their number.
    last = raw.replace("\\", "/").rsplit("/", 1)[-1][-4 * LONGEST_NAME :]
    visible = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    return visible.strip()[-LONGEST_NAME:] or "unnamed"


class StoredUpload(UploadedFile):  # type: ignore[type-arg]
    """What the handler leaves in `request.FILES`: the facts about a file that was received whole."""

    def __init__(self, received: ReceivedFile) -> None:
        super().__init__(file=None, name=received.file_name, size=received.size)
        self.received = received

    def close(self) -> None:
        """Nothing is open: Django closes what it has when a form is refused midway."""


class BlobUploadHandler(FileUploadHandler):
    """Streams each uploaded file into the store. Memory stays flat, whatever the file's size."""

    def __init__(self, request: HttpRequest, limit_mb: int) -> None:
        super().__init__(request)
        self.limit_mb = limit_mb
        self.incoming: blobs.Writing | None = None

    def new_file(self, field_name: str, *args: object, **kwargs: object) -> None:
        """Begin the file of the form. Refusal if it is not the one and only."""
        super().new_file(field_name, *args, **kwargs)  # type: ignore[arg-type]
        if field_name != FIELD or self.incoming is not None:
            raise Refusal("More came than one file.", f"Send one file, in the form's field `{FIELD}`.")
        self.incoming = blobs.Writing.begin()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece. Refusal once the file is larger than the challenge takes."""
        assert self.incoming  # noqa: S101 - Django calls new_file first
        try:
            refuse_too_large(self.incoming.size + len(raw_data), self.limit_mb)
        except Refusal:
            self.discard()
            raise
        self.incoming.write(raw_data)

    def file_complete(self, file_size: int) -> StoredUpload:
        """The facts about the whole file, which waits to be put in its place."""
        assert self.incoming  # noqa: S101 - Django calls new_file first
        name = display_name(self.file_name or "")
        return StoredUpload(ReceivedFile(self.incoming.finish(), self.incoming.size, name))

    def keep(self, received: ReceivedFile) -> None:
        """Put the file in its place in the store."""
        assert self.incoming  # noqa: S101 - there is a received file only after new_file
        self.incoming.keep(received.digest)
        self.incoming = None

    def upload_interrupted(self) -> None:
        """The sender went away."""
        self.discard()

    def discard(self) -> None:
        """Remove what was received, unless it was kept."""
        if self.incoming is not None:
            self.incoming.discard()
            self.incoming = None


def receive(request: HttpRequest, *, limit_mb: int) -> ReceivedFile:
    """Read the form of `request` and store its file `artefact`.

    The view must be `csrf_exempt`, since Django's own check would read the form before the limit is
    known; the check is made here instead. Raises Refusal, or PermissionDenied for a forged form.
    """
    handler = BlobUploadHandler(request, limit_mb)
    request.upload_handlers = [handler]
    try:
        _check_csrf(request)
        received = _the_file(request.FILES.get(FIELD))
        handler.keep(received)
    finally:
        handler.discard()
    return received


def _the_file(upload: object) -> ReceivedFile:
    if not isinstance(upload, StoredUpload):
        raise Refusal("No file came with the form.", "Choose a file, then submit again.")
    if upload.received.size == 0:
        raise Refusal("The file is empty.", "Save your model again and look at the file's size.")
    return upload.received


def _check_csrf(request: HttpRequest) -> None:
    check = CsrfViewMiddleware(lambda _: HttpResponse())
    check.process_request(request)
    if check.process_view(request, lambda _: HttpResponse(), (), {}) is not None:
        raise PermissionDenied("The form is too old. Reload the page and submit again.")


def remove_abandoned() -> int:
    """Remove unfinished files that nobody writes any more. Gives their number.

    The disk that wrote down the files' times says what time it is: the site's own clock may jump.
    """
    return blobs.remove_abandoned(_time_of_the_disk() - ABANDONED)


def _time_of_the_disk() -> datetime:
    probe = blobs.new_incoming()
    probe.touch()
    written = probe.stat().st_mtime
    probe.unlink(missing_ok=True)
    return datetime.fromtimestamp(written, UTC)

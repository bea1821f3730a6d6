"""Resumable uploads: begun with a length, added to piece by piece, and whole in the end.

Each piece goes to the store as it comes. The hash of what came is kept in this process; where the end comes
to another one, or after a restart, the file is read through once instead. Whoever adds to an upload holds it,
so that two cannot write at once; a holder that dies is forgotten within a minute.
"""

import hashlib
import logging
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from django.db import close_old_connections, transaction
from django.db.models import Q
from django.utils import timezone

from heldout.accounts.models import User
from heldout.arriving import CutOff
from heldout.blobs import Writing
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.submissions.rules import refuse_too_large
from heldout.submissions.upload_models import Upload
from heldout.submissions.uploads import LIFETIME, ReceivedFile, display_name

logger = logging.getLogger(__name__)

MOST_UNFINISHED = 5
"""How many uploads one person may have that are not handed in."""
HELD = timedelta(seconds=60)
RENEWED_SECONDS = 15
MOST_HASHES = 512


class NotResumable(Exception):
    """A piece cannot be added: `status` says why in tus' own way."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail


@dataclass(frozen=True)
class Piece:
    """What a request brings: from where on, how much there should be, and the SHA-256 it should have."""

    offset: int
    length: int | None
    content: Iterator[bytes]
    sha256: bytes | None = None


class Hashes:
    """The running hashes of this process, by upload and offset: the latest used."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[uuid.UUID, tuple[int, Any]] = OrderedDict()

    def take(self, upload: Upload) -> Any:
        """The hash of the first `offset` bytes; None if this process has not seen them."""
        with self._lock:
            offset, sha256 = self._kept.get(upload.pk, (-1, None))
        return sha256.copy() if offset == upload.offset else None

    def keep(self, upload: Upload, sha256: Any) -> None:
        """Keep it for the next piece."""
        if sha256 is None:
            return
        with self._lock:
            self._kept[upload.pk] = (upload.offset, sha256)
            while len(self._kept) > MOST_HASHES:
                self._kept.popitem(last=False)


_hashes = Hashes()


@transaction.atomic
def begin(challenge: Challenge, author: User, *, length: int, name: str, declared: str = "") -> Upload:
    """An upload of `length` bytes; where its author has begun one of the same declared digest, that one.

    The answer may not have reached them. NotResumable if it is too large; Refusal if it is empty, or its
    author has too many.
    """
    if length == 0:
        raise Refusal("The file is empty.", "Save your model again and look at the file's size.")
    try:
        refuse_too_large(length, challenge.bundle.manifest.limits.artefact_mb)
    except Refusal as refusal:
        raise NotResumable(413, refusal.subject, refusal.text) from refusal
    now = timezone.now()
    User.objects.select_for_update(no_key=True).get(pk=author.pk)
    own = Upload.objects.filter(author=author, expires_at__gt=now)
    same = own.filter(challenge=challenge, length=length, declared=declared) if declared else own.none()
    if begun := same.first():
        return begun
    if own.count() >= MOST_UNFINISHED:
        raise Refusal(
            "You have too many uploads that are not handed in.",
            f"There may be {MOST_UNFINISHED}. Go on with one of them, hand it in or delete it; "
            f"those that nobody touches go after {LIFETIME.total_seconds() / 3600:.0f} hours.",
        )
    return Upload.objects.create(
        challenge=challenge,
        author=author,
        length=length,
        file_name=display_name(name),
        declared=declared,
        expires_at=now + LIFETIME,
    )


def living(author: User, upload: uuid.UUID, now: datetime) -> Upload | None:
    """An upload of this person that has not expired."""
    found = Upload.objects.select_related("challenge__event", "challenge__bundle")
    return found.filter(pk=upload, author=author, expires_at__gt=now).first()


def add(upload: Upload, piece: Piece) -> Upload:
    """Add a piece. What came of one that was cut off is kept, unless it had a checksum.

    Raises NotResumable: 409 for another offset, 423 while somebody else adds, 460 for a wrong checksum, 413
    for more than there should be, 410 if what came before is gone, 422 if the whole is not what was declared.
    """
    holder = _hold(upload)
    try:
        _refuse_misfit(upload, piece)
        if not upload.is_whole:
            _write(upload, piece, holder)
    finally:
        Upload.objects.filter(pk=upload.pk, holder=holder).update(holder=None, held_until=None)
    return upload


def _hold(upload: Upload) -> uuid.UUID:
    """Be the one who adds, by compare-and-set, and read how far it is."""
    now, holder = timezone.now(), uuid.uuid4()
    free = Q(holder=None) | Q(held_until__lte=now)
    held = Upload.objects.filter(free, pk=upload.pk).update(holder=holder, held_until=now + HELD)
    if not held:
        raise NotResumable(423, "Somebody else adds to it", "Ask for the offset and go on in some seconds.")
    upload.refresh_from_db(fields=["offset", "mark", "digest", "expires_at"])
    return holder


def refuse_held(upload: Upload, now: datetime) -> None:
    """NotResumable while somebody adds: how far it is would be wrong before it was used."""
    if upload.holder is not None and upload.held_until is not None and upload.held_until > now:
        raise NotResumable(423, "Somebody else adds to it", "Ask for the offset again in some seconds.")


def _refuse_misfit(upload: Upload, piece: Piece) -> None:
    if piece.offset != upload.offset:
        raise NotResumable(
            409,
            "This is not the next piece",
            f"Upload-Offset is {piece.offset}; expected {upload.offset}.",
        )
    if piece.length is not None and piece.length > upload.length - upload.offset:
        _refuse_too_much(upload)


def _refuse_too_much(upload: Upload) -> None:
    found = f"Only {upload.length - upload.offset} of {upload.length} bytes are missing."
    raise NotResumable(413, "That is more than was announced", found)


def _write(upload: Upload, piece: Piece, holder: uuid.UUID) -> None:
    writing, is_new = _writing(upload), upload.mark is None
    try:
        _take(writing, upload, piece, holder)
        if writing.size == upload.length:
            _complete(writing, upload, holder)
        else:
            _pause(writing, upload, holder)
    except BaseException:
        if is_new:
            writing.discard()
        raise
    finally:
        writing.close()


def _writing(upload: Upload) -> Writing:
    if upload.mark is None:
        return Writing.begin()
    try:
        return Writing.resume(upload.mark, upload.offset, _hashes.take(upload))
    except OSError as error:
        upload.delete()
        raise NotResumable(410, "What came before is gone", "Begin the upload again.") from error


def _take(writing: Writing, upload: Upload, piece: Piece, holder: uuid.UUID) -> None:
    """Write what comes. Nothing of a piece whose checksum is wrong counts."""
    own = hashlib.sha256() if piece.sha256 is not None else None
    try:
        for part in _renewing(piece.content, upload, holder):
            if writing.size + len(part) > upload.length:
                _refuse_too_much(upload)
            writing.write(part)
            if own is not None:
                own.update(part)
    except CutOff as error:
        logger.info("upload %s was cut off at %d bytes: %s", upload.pk, writing.size, error)
    if own is not None and own.digest() != piece.sha256:
        raise NotResumable(460, "The checksum is wrong", "The piece was damaged on its way: send it again.")


def _renewing(content: Iterator[bytes], upload: Upload, holder: uuid.UUID) -> Iterator[bytes]:
    """The content, and now and then word that it still comes. No connection is kept while it does."""
    renewed = timezone.now()
    close_old_connections()
    for part in content:
        now = timezone.now()
        if (now - renewed).total_seconds() > RENEWED_SECONDS:
            _ours(upload, holder, held_until=now + HELD)
            close_old_connections()
            renewed = now
        yield part


def _ours(upload: Upload, holder: uuid.UUID, **fields: Any) -> None:
    """Change the row, unless another request holds it by now."""
    if not Upload.objects.filter(pk=upload.pk, holder=holder).update(**fields):
        raise NotResumable(423, "Somebody else adds to it", "Ask for the offset and go on from there.")
    for name, value in fields.items():
        setattr(upload, name, value)


def _pause(writing: Writing, upload: Upload, holder: uuid.UUID) -> None:
    _ours(upload, holder, mark=writing.pause(), offset=writing.size)
    _hashes.keep(upload, writing.sha256)


def _complete(writing: Writing, upload: Upload, holder: uuid.UUID) -> None:
    """Put the whole file in its place. One that is not what its sender declared is gone with its upload."""
    digest = writing.finish()
    if upload.declared and digest != upload.declared:
        writing.discard()
        upload.delete()
        raise NotResumable(
            422,
            "The file is not the one that was announced",
            f"Its SHA-256 is {digest}; expected {upload.declared}. Send it again from the beginning.",
        )
    writing.keep(digest)
    _ours(upload, holder, mark=None, offset=writing.size, digest=digest)


def received(upload: Upload) -> ReceivedFile:
    """The facts about a whole upload. Refusal while something of it is missing."""
    if not upload.is_whole:
        raise Refusal(
            "The upload is not whole.",
            f"{upload.offset} of {upload.length} bytes are there. Send the rest, then hand it in.",
        )
    return ReceivedFile(upload.digest, upload.length, upload.file_name)


def end(upload: Upload) -> None:
    """Delete an upload and what came of it. Raises NotResumable while somebody adds to it."""
    holder = _hold(upload)
    if upload.mark is not None:
        _discard(upload)
    Upload.objects.filter(pk=upload.pk, holder=holder).delete()


def _discard(upload: Upload) -> None:
    try:
        Writing.resume(upload.mark or {}, upload.offset).discard()
    except OSError:
        return  # It is gone already.


def remove_expired(now: datetime) -> int:
    """Delete uploads that nobody went on with. Gives their number."""
    gone = 0
    for upload in Upload.objects.filter(expires_at__lte=now):
        try:
            end(upload)
            gone += 1
        except NotResumable:
            continue  # Somebody adds to it at this moment.
    return gone

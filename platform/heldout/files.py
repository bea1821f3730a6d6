"""Sending files piece by piece. Django's own FileResponse is read whole into memory under ASGI.

A program whose download was cut off asks for the rest with `Range`, and with `If-Range` for the same file.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

PIECE_BYTES = 256 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Part(NamedTuple):
    """Some bytes of a file: from `start`, up to and without `stop`."""

    start: int
    stop: int


class OutOfRange(Exception):
    """The file has so many bytes, and none of those that were asked for."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the file has {size} bytes")
        self.size = size


def asked_part(headers: Mapping[str, str], size: int, etag: str) -> Part | None:
    """The part of a file of so many bytes that a request asks for; None for the whole of it.

    What is not one range of bytes is passed over, as RFC 9110 has it, and so is one of another version
    of the file. Raises OutOfRange.
    """
    asked = RANGE.fullmatch(headers.get("Range", "").strip())
    if asked is None or headers.get("If-Range", etag) != etag:
        return None
    first, last = asked.groups()
    if not first:
        return _last_bytes(last, size)
    stop = min(int(last) + 1, size) if last else size
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise OutOfRange(size)
    return Part(int(first), stop)


def _last_bytes(count: str, size: int) -> Part | None:
    if not count:
        return None
    if int(count) == 0 or size == 0:
        raise OutOfRange(size)
    return Part(max(0, size - int(count)), size)


async def pieces(path: Path, *, part: Part | None = None, once: bool = False) -> AsyncIterator[bytes]:
    """The file's content, or a part of it; each piece is read in a thread, so that nobody else waits for
    the disk.

    `once` removes the file afterwards.
    """
    file = await asyncio.to_thread(path.open, "rb")
    try:
        left = None if part is None else part.stop - part.start
        if part is not None:
            file.seek(part.start)
        while piece := await asyncio.to_thread(file.read, min(PIECE_BYTES, left or PIECE_BYTES)):
            yield piece
            if left is not None and not (left := left - len(piece)):
                break
    finally:
        file.close()
        if once:
            path.unlink(missing_ok=True)


def send(
    path: Path, content_type: str, *, download_as: str = "", once: bool = False
) -> StreamingHttpResponse:
    """A response with the file; with `download_as` the browser keeps it under that name.

    `once` removes the file when it was sent.
    """
    response = StreamingHttpResponse(pieces(path, once=once), content_type=content_type)
    response["Content-Length"] = path.stat().st_size
    _name(response, download_as)
    return response


def send_asked(
    path: Path, content_type: str, headers: Mapping[str, str], *, digest: str, download_as: str
) -> StreamingHttpResponse:
    """As `send`, but only the part that the request's headers ask for, if they do.

    `digest` is that of the content, which never changes. Raises OutOfRange.
    """
    size, etag = path.stat().st_size, f'"{digest}"'
    part = asked_part(headers, size, etag)
    response = StreamingHttpResponse(pieces(path, part=part), content_type=content_type)
    if part is not None:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    response["Content-Length"] = part.stop - part.start if part else size
    response["Accept-Ranges"], response["ETag"] = "bytes", etag
    _name(response, download_as)
    return response


def _name(response: StreamingHttpResponse, download_as: str) -> None:
    if download_as:
        response["Content-Disposition"] = content_disposition_header(True, download_as)

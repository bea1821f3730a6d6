"""Sending files piece by piece. Django's own FileResponse is read whole into memory under ASGI."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

PIECE_BYTES = 256 * 1024


async def pieces(path: Path, *, once: bool = False) -> AsyncIterator[bytes]:
    """The file's content; each piece is read in a thread, so that nobody else waits for the disk.

    `once` removes the file afterwards.
    """
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            yield piece
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
    if download_as:
        response["Content-Disposition"] = content_disposition_header(True, download_as)
    return response

"""The store as the site sees it: files in a folder, each once, under the SHA-256 of its content.

The layout is shared with the workers: `BLOBS/ab/<digest>`, where `ab` are the first two digits.
"""

import hashlib
import os
import secrets
from pathlib import Path

from django.conf import settings

INCOMING = "incoming"


def path(digest: str) -> Path:
    """Where the blob is, or would be."""
    return Path(settings.BLOBS) / digest[:2] / digest


def new_incoming() -> Path:
    """A fresh name for a file that is being written, on the store's own disk so that it can be renamed."""
    folder = Path(settings.BLOBS) / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    return folder / secrets.token_hex(16)


def keep(file: Path, digest: str) -> None:
    """Move a complete file of known digest to its place, in one step. A second copy replaces the first."""
    target = path(digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    file.chmod(0o644)
    os.replace(file, target)


def digest_of(file: Path) -> str:
    """SHA-256 of a file, in lower-case hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

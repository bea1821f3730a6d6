"""A challenge's files on this machine: downloads that go on where they stopped, and are checked when whole.

An unfinished file lies beside its place under a name with the wanted SHA-256, so that pieces of different
versions never meet.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, NamedTuple

import httpx

from heldout_client.api import OnProgress, Refused, Site, Unreachable
from heldout_client.retrying import BUSY, Patience

FRUITLESS = 4
"""How many tries in a row may bring nothing."""


class Spoiled(Exception):
    """A file is not what it should be, or may not be replaced; the text says what to do."""


@dataclass(frozen=True)
class DataFile:
    """A file that the site offers. `digest` is its SHA-256."""

    name: str
    size: int
    digest: str
    url: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "DataFile":
        """A file as the site tells of it. Raises Spoiled where its name would leave the folder."""
        name = str(told["name"])
        if name in ("", ".", "..") or any(char in name for char in "/\\\0") or not name.isprintable():
            raise Spoiled(f"The site names a file {name!r}; expected a name without folders.")
        return cls(name, told["size"], told["digest"], told["url"])


class Fetched(NamedTuple):
    """Where a file lies, and whether it had to be brought."""

    path: Path
    what: Literal["downloaded", "there"]


def fetch(
    site: Site, file: DataFile, folder: Path, *, replace: bool = False, on_progress: OnProgress | None = None
) -> Fetched:
    """Bring a file into a folder, unless it is there whole.

    Raises Spoiled, Refused or Unreachable; what has come by then is kept for the next time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / file.name
    if place.exists():
        if place.stat().st_size == file.size and digest_of(place) == file.digest:
            return Fetched(place, "there")
        if not replace:
            raise Spoiled(f"{place} is there and is another file. Move it away, or give --replace.")
    part = folder / f".{file.name}.{file.digest[:16]}.part"
    _complete(site, file, part, on_progress)
    if digest_of(part) != file.digest:
        # Whatever came, going on with it cannot help.
        part.unlink()
        raise Spoiled(f"{file.name} came with another SHA-256 than {file.digest}. Try again.")
    part.replace(place)
    _tag_file(part).unlink(missing_ok=True)
    return Fetched(place, "downloaded")


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _complete(site: Site, file: DataFile, part: Path, on_progress: OnProgress | None) -> None:
    """Ask for what is missing until nothing is; only tries that bring nothing are counted."""
    fruitless, patience = 0, Patience()
    while (have := _size(part)) < file.size or not part.exists():
        failure, asked_for = "the connection was cut", None
        try:
            asked_for = _bring(site, file, part, on_progress)
        except httpx.HTTPError as error:
            failure = str(error) or type(error).__name__
        if _size(part) > have:
            fruitless, patience = 0, Patience()
            continue
        fruitless += 1
        if fruitless >= FRUITLESS or not patience.rested(asked_for):
            raise Unreachable(
                f"{file.name} could not be fetched whole ({failure}): {_size(part):,} of {file.size:,} bytes "
                "are here. The same command goes on from there."
            )


def _bring(site: Site, file: DataFile, part: Path, on_progress: OnProgress | None) -> str | None:
    """One request for the rest; how long to wait before the next, where the site is busy and says so."""
    have, tag = _size(part), _tag_file(part)
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    if have and (version := tag.read_text("utf-8") if tag.exists() else ""):
        headers["If-Range"] = version
    with site.opened(file.url, headers) as response:
        if response.status_code in BUSY:
            return str(response.headers.get("retry-after", ""))
        if response.status_code not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
            _refuse(response)
        goes_on = response.status_code == HTTPStatus.PARTIAL_CONTENT
        if goes_on and not response.headers.get("content-range", "").startswith(f"bytes {have}-"):
            raise Unreachable(f"{file.name}: the site answered with another piece than was asked for.")
        tag.write_text(response.headers.get("etag", ""), "utf-8")
        with part.open("ab" if goes_on else "wb") as out:
            # As they come: what is gathered for a larger piece would be lost with the connection.
            for piece in response.iter_bytes():
                out.write(piece)
                if on_progress is not None:
                    on_progress(out.tell(), file.size)
    return None


def _refuse(response: httpx.Response) -> None:
    response.read()
    try:
        raise Refused(response.json())
    except ValueError as error:
        raise Unreachable(f"{response.url} answered {response.status_code}.") from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _tag_file(part: Path) -> Path:
    """Where the name of the version is kept that the pieces are of."""
    return part.with_name(f"{part.name}.etag")

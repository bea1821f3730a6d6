"""Sending a large file in pieces, so that a cut connection costs seconds and not the whole way (tus 1.0).

What was begun is written down by the file's SHA-256, so that the program goes on with it when it is started
again. The site compares that SHA-256 with what came.
"""

import base64
import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from heldout_client.api import Refused, Site, Unreachable

PIECE_BYTES = 32 * 2**20
"""What one request brings at most; proxies in between often refuse more."""
READ_BYTES = 256 * 1024
PATIENCE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 30.0
MOST_FAILURES = 12
"""So many times in a row nothing may come across before it is given up; the next start goes on from there."""
TUS = {"Tus-Resumable": "1.0.0"}
PASSING = {408, 409, 423, 425, 429, 460, 500, 502, 503, 504}
"""Answers that another try may change, once the site was asked how far it is."""
GONE = frozenset({404, 410})

Progress = Callable[[int, int], None]


def upload(
    site: Site, event: str, challenge: str, file: Path, on_progress: Progress = lambda sent, size: None
) -> str:
    """Send `file` to the site and give the upload's number, with which it is handed in.

    Goes on after cut connections, and with what an earlier start of the program began. `on_progress` hears
    how many bytes the site has, and of how many. Raises Refused or Unreachable.
    """
    sending = Sending(site, event, challenge, file, on_progress)
    with httpx.Client(
        base_url=f"{site.account.site}/api/v1",
        headers={"Authorization": f"Bearer {site.account.token}", **TUS},
        timeout=PATIENCE_SECONDS,
    ) as http:
        return sending.to_its_end(http)


@dataclass
class Sending:
    """One file on its way to one challenge."""

    site: Site
    event: str
    challenge: str
    file: Path
    on_progress: Progress

    def __post_init__(self) -> None:
        self.size = self.file.stat().st_size
        with self.file.open("rb") as content:
            self.digest = hashlib.file_digest(content, "sha256").hexdigest()
        self.failures = self.reached = 0

    @property
    def note(self) -> Path:
        """Where it is written down which upload was begun for this file, challenge and account."""
        account = self.site.account
        about = "\n".join([account.site, account.token, self.event, self.challenge, self.digest])
        return _folder() / f"{hashlib.sha256(about.encode()).hexdigest()}.json"

    def to_its_end(self, http: httpx.Client) -> str:
        """Ask how far it is and send the rest, again and again, until all of it is there."""
        while True:
            upload_id = self._known() or self._begun(http)
            offset = self._offset(http, upload_id)
            if offset is None:
                self.note.unlink(missing_ok=True)
                self._wait("it forgot what was sent")
                continue
            if offset > self.reached:
                self.reached, self.failures = offset, 0
            self.on_progress(offset, self.size)
            if offset == self.size:
                return upload_id
            self._send(http, upload_id, offset)

    def _known(self) -> str:
        if not self.note.exists():
            return ""
        return str(json.loads(self.note.read_text("utf-8")).get("upload", ""))

    def _begun(self, http: httpx.Client) -> str:
        """Begin an upload, and write it down."""
        about = {"filename": self.file.name, "sha256": self.digest}
        told = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in about.items())
        headers = {"Upload-Length": str(self.size), "Upload-Metadata": told}
        path = f"/events/{self.event}/challenges/{self.challenge}/uploads"
        response = self._asked(lambda: http.post(path, headers=headers), hopeful={429, 502, 503, 504})
        upload_id = str(response.headers.get("Location", "")).rstrip("/").rpartition("/")[2]
        if not upload_id:
            raise Unreachable(f"{response.url} takes no resumable uploads: it named none")
        self.note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.note.write_text(json.dumps({"upload": upload_id}), "utf-8")
        return upload_id

    def _offset(self, http: httpx.Client, upload_id: str) -> int | None:
        """How much the site has; None if it knows nothing of the upload."""
        response = self._asked(lambda: http.head(f"/uploads/{upload_id}"), hopeful=PASSING, but=GONE)
        return None if response.status_code in GONE else int(response.headers["Upload-Offset"])

    def _send(self, http: httpx.Client, upload_id: str, offset: int) -> None:
        """Send a piece. However that ends, the site is asked next how far it is."""
        length = min(PIECE_BYTES, self.size - offset)
        headers = {
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(length),
            "Upload-Offset": str(offset),
        }
        content = self._pieces(offset, length)
        try:
            response = http.patch(f"/uploads/{upload_id}", headers=headers, content=content)
        except httpx.TransportError as error:
            self._wait(str(error) or type(error).__name__)
            return
        if response.status_code in PASSING | GONE:
            self._wait(_words(response), _seconds(response))
        elif not response.is_success:
            raise Refused(_problem(response))

    def _pieces(self, offset: int, length: int) -> Iterator[bytes]:
        """A part of the file, read while it is sent."""
        with self.file.open("rb") as content:
            content.seek(offset)
            while length and (piece := content.read(min(READ_BYTES, length))):
                length -= len(piece)
                yield piece

    def _asked(
        self,
        ask: Callable[[], httpx.Response],
        hopeful: set[int],
        but: frozenset[int] = frozenset(),
    ) -> httpx.Response:
        """The answer, asked for again while the site cannot be reached or says `hopeful` things."""
        while True:
            try:
                response = ask()
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                site = self.site.account.site
                raise Unreachable(f"{site!r} is not an address of a site: {error}") from error
            except httpx.TransportError as error:
                self._wait(str(error) or type(error).__name__)
                continue
            if response.is_success or response.status_code in but:
                return response
            if response.status_code not in hopeful:
                raise Refused(_problem(response))
            self._wait(_words(response), _seconds(response))

    def _wait(self, why: str, at_least: float = 0.0) -> None:
        """Wait longer each time in a row, each client another while. Raises Unreachable in the end."""
        self.failures += 1
        if self.failures >= MOST_FAILURES:
            site = self.site.account.site
            raise Unreachable(f"{site} cannot be reached: {why}. Start again to go on from there.")
        longest = min(LONGEST_PAUSE_SECONDS, 0.2 * 2**self.failures)
        time.sleep(max(at_least, random.uniform(longest / 2, longest)))  # noqa: S311 - no secret


def _folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache, "heldout", "uploads")


def _seconds(response: httpx.Response) -> float:
    """How long the site asks to wait."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else 0.0


def _problem(response: httpx.Response) -> Any:
    """The site's words for what is wrong; a HEAD has none."""
    try:
        found = response.json()
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    return {"status": response.status_code, "title": f"The site said {response.status_code}", "detail": ""}


def _words(response: httpx.Response) -> str:
    found = _problem(response)
    return " ".join(str(found.get(part, "")) for part in ("title", "detail")).strip()

"""Requests to the API of a site, and its refusals as one exception with words that say what to do."""

import io
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

import httpx

from heldout_client.account import Account
from heldout_client.retrying import BUSY, PATIENCE_SECONDS, Patience

ANSWER_SECONDS = 60
UNAUTHORIZED, NOT_FOUND, NOT_MODIFIED = 401, 404, 304
CONFLICT = 409
"""With a `Retry-After`: an earlier try of the same request is still at work."""
LARGEST_PAGE = 100

OnProgress = Callable[[int, int], None]
"""Hears how many bytes are through, and how many there are."""


class Refused(Exception):
    """The site said no. `problem` is its answer (RFC 9457)."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = problem
        named = [_named(one) for one in problem.get("errors", []) if isinstance(one, Mapping)]
        words = f"{problem.get('title', '')}: {problem.get('detail', '')}"
        super().__init__("\n".join([words, *filter(None, named)]))

    @property
    def is_about_the_token(self) -> bool:
        """Whether another token is needed."""
        return self.problem.get("status") == UNAUTHORIZED

    @property
    def is_not_found(self) -> bool:
        """Whether there is nothing that you may see."""
        return self.problem.get("status") == NOT_FOUND


class Unreachable(Exception):
    """Nothing, or nothing that is a site of ours, answers at the address."""


class Changed(NamedTuple):
    """What is at a path, or None for the body while it is as it was; and the name of this version."""

    body: Any
    etag: str


class Site:
    """The API of one site, asked with one token.

    A site that is busy is asked again, for `patience` seconds; one that has never answered is not. What is
    posted carries a key, by which the site knows the second try of the same request.
    """

    def __init__(
        self, account: Account, *, patience: float = PATIENCE_SECONDS, answers_within: float = ANSWER_SECONDS
    ) -> None:
        self.account = account
        self._patience = patience
        self._answered = False
        # A token is told to its site alone: files may lie at another address.
        self._own = {"Authorization": f"Bearer {account.token}"} if account.token else {}
        self._http = httpx.Client(base_url=f"{account.site}/api/v1", timeout=answers_within)

    def get(self, path: str, **query: Any) -> Any:
        """What is at `path`. Raises Refused or Unreachable."""
        return _json(self._asked("GET", path, params=query))

    def text(self, path: str) -> str:
        """The plain text at `path`. Raises as `get` does."""
        response = self._asked("GET", path)
        return response.text if response.is_success else str(_json(response))

    def changed(self, path: str, etag: str = "") -> Changed:
        """What is at `path`, unless it is still what was called `etag`. Raises as `get` does."""
        response = self._asked("GET", path, headers={"If-None-Match": etag} if etag else {})
        if response.status_code == NOT_MODIFIED:
            return Changed(None, etag)
        return Changed(_json(response), response.headers.get("etag", ""))

    def items(self, path: str, limit: int | None = None) -> Iterator[Any]:
        """What the list at `path` holds, at most `limit`, asked for page by page."""
        left, cursor = limit, None
        while left is None or left > 0:
            size = LARGEST_PAGE if left is None else min(left, LARGEST_PAGE)
            page = self.get(path, limit=size, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return
            left = None if left is None else left - len(page["items"])

    def post(self, path: str, body: Mapping[str, Any] | None = None, **query: Any) -> Any:
        """Do what posting to `path` does. Raises Refused or Unreachable."""
        return _json(self._asked("POST", path, params=query, json=body, headers=_key()))

    def send(
        self,
        path: str,
        field: str,
        file: Path,
        *,
        form: Mapping[str, str] | None = None,
        on_progress: OnProgress | None = None,
        **query: Any,
    ) -> Any:
        """Upload one file as the form's `field`; it is read while it is sent. Raises as `post` does."""
        with Counted(file, on_progress) as content:
            files = {field: (file.name, content)}
            # The same bytes at each try: the site compares what comes under a key.
            form_type = {"Content-Type": f"multipart/form-data; boundary={secrets.token_hex(16)}"}
            headers = {**_key(), **form_type}
            return _json(self._asked("POST", path, params=query, data=form, files=files, headers=headers))

    @contextmanager
    def opened(
        self, url: str, headers: Mapping[str, str], *, silence: float = ANSWER_SECONDS
    ) -> Iterator[httpx.Response]:
        """The answer of a file's address, of this site or another, to be read piece by piece.

        It is asked once; whoever reads may go on where a cut connection left off, or was silent for so many
        seconds. Raises httpx's own errors.
        """
        address = httpx.URL(urljoin(f"{self.account.site}/", url))
        own = self._own if _origin(address) == _origin(httpx.URL(self.account.site)) else {}
        with self._http.stream(
            "GET", address, headers={**headers, **own}, timeout=silence, follow_redirects=True
        ) as response:
            yield response

    def _asked(self, verb: str, path: str, **options: Any) -> httpx.Response:
        """The site's answer, once it is not too busy to give one."""
        options["headers"] = {**self._own, **options.get("headers", {})}
        patience = Patience(self._patience)
        while True:
            try:
                response = self._http.request(verb, path, **options)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise Unreachable(f"{self.account.site!r} is not an address of a site: {error}") from error
            except httpx.HTTPError as error:
                if self._answered and patience.rested():
                    continue
                raise Unreachable(f"{self.account.site} cannot be reached: {error}") from error
            self._answered = True
            asked_for = response.headers.get("retry-after")
            at_work = response.status_code == CONFLICT and asked_for
            if (response.status_code in BUSY or at_work) and patience.rested(asked_for):
                continue
            return response


class Counted(io.FileIO):
    """A file that tells how much of it was read."""

    def __init__(self, file: Path, on_progress: OnProgress | None) -> None:
        super().__init__(file, "rb")
        self._size = file.stat().st_size
        self._on_progress = on_progress

    def read(self, size: int | None = -1, /) -> bytes:
        """The next piece."""
        piece = super().read(-1 if size is None else size)
        if self._on_progress is not None:
            self._on_progress(self.tell(), self._size)
        return piece


def _named(fault: Mapping[str, Any]) -> str:
    """One of several faults in a line: of a bundle's file, or of the request itself."""
    if "found" in fault:
        where = f"{fault.get('file', '')} {fault.get('field', '')}"
        return f"  {where}: found {fault['found']}; expected {fault.get('expected', '')}"
    if "msg" in fault:
        return f"  {'.'.join(map(str, fault.get('loc', [])))}: {fault['msg']}"
    return ""


def _key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_urlsafe(24)}


def _origin(address: httpx.URL) -> tuple[str, str, int | None]:
    return address.scheme, address.host, address.port


def _json(response: httpx.Response) -> Any:
    """The answer's content. Raises Refused; Unreachable where it is none of a site's API."""
    try:
        body = response.json()
    except ValueError as error:
        if response.is_server_error:
            raise Unreachable(f"{response.url} is broken: it answered {response.status_code}.") from error
        found = f"{response.status_code} {response.headers.get('content-type', '')}"
        raise Unreachable(f"{response.url} is not the API of a Heldout site: {found}") from error
    if response.is_success:
        return body
    if not isinstance(body, Mapping):
        raise Unreachable(f"{response.url} is not the API of a Heldout site: {response.status_code}")
    raise Refused(body)

"""Requests to the API of a site, and its refusals as one exception with words that say what to do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from heldout_client.account import Account

PATIENCE_SECONDS = 60
UNAUTHORIZED = 401


class Refused(Exception):
    """The site said no. `problem` is its answer (RFC 9457)."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = problem
        named = [
            f"  {one.get('file', '')} {one.get('field', '')}: found {one['found']}; "
            f"expected {one.get('expected', '')}"
            for one in problem.get("errors", [])
            if isinstance(one, Mapping) and "found" in one
        ]
        super().__init__("\n".join([f"{problem.get('title', '')}: {problem.get('detail', '')}", *named]))

    @property
    def is_about_the_token(self) -> bool:
        """Whether another token is needed."""
        return self.problem.get("status") == UNAUTHORIZED


class Unreachable(Exception):
    """Nothing, or nothing that is a site of ours, answers at the address."""


class Site:
    """The API of one site, asked with one token."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._http = httpx.Client(
            base_url=f"{account.site}/api/v1",
            headers={"Authorization": f"Bearer {account.token}"},
            timeout=PATIENCE_SECONDS,
        )

    def get(self, path: str) -> Any:
        """What is at `path`. Raises Refused or Unreachable."""
        return self._asked("GET", path)

    def post(self, path: str) -> Any:
        """Do what posting to `path` does. Raises Refused or Unreachable."""
        return self._asked("POST", path)

    def send(self, path: str, field: str, file: Path) -> Any:
        """Upload one file as the form's `field`; it is read while it is sent. Raises as `post` does."""
        with file.open("rb") as content:
            return self._asked("POST", path, files={field: (file.name, content)})

    def _asked(self, verb: str, path: str, **options: Any) -> Any:
        try:
            response = self._http.request(verb, path, **options)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Unreachable(f"{self.account.site!r} is not an address of a site: {error}") from error
        except httpx.HTTPError as error:
            raise Unreachable(f"{self.account.site} cannot be reached: {error}") from error
        try:
            body = response.json()
        except ValueError as error:
            found = f"{response.status_code} {response.headers.get('content-type', '')}"
            raise Unreachable(f"{response.url} is not the API of a Heldout site: {found}") from error
        if response.is_success:
            return body
        raise Refused(body)

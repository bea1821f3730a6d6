"""A participant over HTTP, by the standard library alone: signs in, downloads, hands in, reads the board."""

import json
import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

from engine import Failed

CHALLENGE = "/events/smoke/challenges/{bundle}/"


def status(address: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """What an address answers to a stranger; 0 where nobody does."""
    try:
        request = urllib.request.Request(address, headers=headers or {})  # noqa: S310 - our own site
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError:
        return 0, ""


class Participant:
    """One browser session."""

    def __init__(self, site: str, bundle: str) -> None:
        self.site = site
        self.challenge = CHALLENGE.format(bundle=bundle)
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def ask(self, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        """Get a page, or with a body send one."""
        headers = {"Referer": self.site, "Origin": self.site} | ({"Content-Type": kind} if kind else {})
        request = urllib.request.Request(self.site + path, data=body, headers=headers)  # noqa: S310
        try:
            with self.opener.open(request, timeout=60) as answer:
                found: bytes = answer.read()
                return found
        except urllib.error.HTTPError as error:
            raise Failed(f"{path} answered {error.code}: {error.read()[:500]!r}") from error

    def token(self, path: str) -> str:
        """The token of the forms of a page."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask(path).decode())
        if found is None:
            raise Failed(f"{path} has no form")
        return found[1]

    def sign_in(self, email: str, password: str) -> None:
        """By password."""
        token = self.token("/accounts/login/")
        form = {"csrfmiddlewaretoken": token, "login": email, "password": password}
        self.ask(
            "/accounts/login/", urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        )
        if not any(cookie.name == "sessionid" for cookie in self.cookies):
            raise Failed("signing in gave no session")

    def hand_in(self, name: str, model: bytes) -> None:
        """By the form of the challenge's page."""
        mark = secrets.token_hex(16)
        fields = {"csrfmiddlewaretoken": self.token(self.challenge), "note": "by the smoke test"}
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="artefact"; filename="{name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), model, f"\r\n--{mark}--\r\n".encode()])
        self.ask(f"{self.challenge}submissions/", body, f"multipart/form-data; boundary={mark}")

    def on_the_board(self, seconds: float) -> Any:
        """The team's row on the board, once there is one."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            rows = json.loads(self.ask(f"/api/v1{self.challenge}board"))["rows"]
            mine = [row for row in rows if row["is_mine"]]
            if mine:
                return mine[0]
            time.sleep(0.1)
        said = self.ask(f"/api/v1{self.challenge}submissions").decode()
        raise Failed(f"nothing on the board within {seconds:.0f} s; the submission: {said[:1500]}")

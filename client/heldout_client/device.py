"""Signing in from a terminal, by a code that is confirmed in a browser (RFC 8628)."""

import os
import sys
import time
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heldout_client.api import Refused, Site

SLOWER_SECONDS = 5
"""By so much a device asks less often when the site asks for it."""


class Denied(Exception):
    """Nobody confirmed: the person said no, or the code came to its end. `code` is the site's word for it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Request:
    """What the person is asked to confirm, and the secret by which this program learns of it."""

    device_code: str
    user_code: str
    address: str
    complete_address: str
    expires_in: int
    interval: int


def ask(site: Site, name: str, scopes: Sequence[str]) -> Request:
    """Begin: the site gives a code for the person. Raises Refused or Unreachable."""
    told = site.post("/device/authorize", {"name": name, "scopes": list(scopes)})
    return Request(
        device_code=told["device_code"],
        user_code=told["user_code"],
        address=told["verification_uri"],
        complete_address=told["verification_uri_complete"],
        expires_in=told["expires_in"],
        interval=told["interval"],
    )


def confirmed(site: Site, request: Request) -> dict[str, Any]:
    """Wait for the person; the `token` and whose it is. Raises Denied, Refused or Unreachable."""
    interval = float(request.interval)
    ends = time.monotonic() + request.expires_in
    while time.monotonic() < ends:
        time.sleep(interval)
        try:
            return dict(site.post("/device/token", {"device_code": request.device_code}))
        except Refused as refused:
            code = refused.problem.get("code")
            if code not in ("authorization_pending", "slow_down"):
                raise _ended(refused) from refused
            interval += SLOWER_SECONDS if code == "slow_down" else 0
    raise Denied("expired_token", "Nobody confirmed the code in time. Run `heldout login` again.")


def _ended(refused: Refused) -> Exception:
    code = refused.problem.get("code")
    return Denied(code, str(refused)) if code in ("access_denied", "expired_token") else refused


def open_browser(address: str) -> bool:
    """Show the address, where there is a screen to show it on; whether a browser took it."""
    has_screen = sys.platform in ("darwin", "win32") or any(
        map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))
    )
    if not has_screen or os.environ.get("SSH_CONNECTION"):
        return False
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False

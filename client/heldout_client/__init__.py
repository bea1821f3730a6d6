"""Heldout from Python: `import heldout_client as heldout`, then `heldout.connect()`.

The names are imported when they are first used, so that the `heldout` command starts without them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heldout_client.account import NotSignedIn
    from heldout_client.api import Refused, Unreachable
    from heldout_client.notebook import connect
    from heldout_client.submission import StillRunning

_HOMES = {
    "NotSignedIn": "heldout_client.account",
    "Refused": "heldout_client.api",
    "StillRunning": "heldout_client.submission",
    "Unreachable": "heldout_client.api",
    "connect": "heldout_client.notebook",
}
__all__ = ["NotSignedIn", "Refused", "StillRunning", "Unreachable", "connect"]


def __getattr__(name: str) -> Any:
    """One of the names above."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'heldout_client' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

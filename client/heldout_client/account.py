"""Which site, and with which token: from the environment, or as `heldout login` wrote it down."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

SITE, TOKEN = "HELDOUT_SITE", "HELDOUT_TOKEN"


class NotSignedIn(Exception):
    """No site or no token is known."""


@dataclass(frozen=True)
class Account:
    """A site's address without a slash at its end, and a token of it."""

    site: str
    token: str


def file() -> Path:
    """Where `login` writes, for its owner's eyes alone."""
    folder = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(folder, "heldout", "account.json")


def known(address: str | None = None) -> Account:
    """The account to use, at `address` if that is given. Raises NotSignedIn, which says what to do."""
    kept = _kept()
    site = (address or os.environ.get(SITE, "")).rstrip("/") or kept.get("site", "")
    # A token is told to the site that it is of, and to no other.
    own = kept.get("token", "") if site == kept.get("site") else ""
    token = os.environ.get(TOKEN) or own
    if not site or not token:
        missing = TOKEN if site else SITE
        raise NotSignedIn(f"No account is known here. Run `heldout login ADDRESS`, or set {missing}.")
    return Account(site, token)


def last_site() -> str:
    """The site of the environment, or that of the last `login`. Raises NotSignedIn where there is none."""
    if site := os.environ.get(SITE, "").rstrip("/") or _kept().get("site", ""):
        return site
    raise NotSignedIn(f"No site is known here. Run `heldout login ADDRESS`, or set {SITE}.")


def _kept() -> dict[str, str]:
    try:
        found = json.loads(file().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise NotSignedIn(f"{file()} cannot be read: {error}. Run `heldout login ADDRESS` again.") from error
    return found if isinstance(found, dict) else {}


def keep(account: Account) -> Path:
    """Write the account down, readable for its owner alone."""
    place = file()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump({"site": account.site, "token": account.token}, out)
    return place


def forget() -> bool:
    """Remove what `keep` wrote; gives whether there was anything."""
    there = file().exists()
    file().unlink(missing_ok=True)
    return there

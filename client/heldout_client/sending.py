"""Bringing a file to the site as a submission."""

from pathlib import Path
from typing import Any

from heldout_client.api import OnProgress, Site

FIELD = "artefact"
LONGEST_NOTE = 300


def hand_in(
    site: Site,
    event: str,
    challenge: str,
    file: Path,
    note: str,
    *,
    rehearsal: bool,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Hand in a file; what the site tells of the new submission. Raises Refused or Unreachable."""
    path = f"/events/{event}/challenges/{challenge}/submissions"
    query = {"rehearsal": "true"} if rehearsal else {}
    told = site.send(path, FIELD, file, form={"note": note}, on_progress=on_progress, **query)
    return dict(told)

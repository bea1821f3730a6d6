"""Bringing a file to the site as a submission: a small one at once, a large one in pieces that are kept."""

from pathlib import Path
from typing import Any

from heldout_client.api import OnProgress, Refused, Site
from heldout_client.uploading import upload

FIELD = "artefact"
LARGE = 8 * 2**20
"""From so many bytes on, what came of a cut connection is worth keeping."""
NOT_HERE = (403, 404)


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
    whole = _uploaded(site, event, challenge, file, on_progress) if file.stat().st_size >= LARGE else None
    if whole is None:
        form = {"note": note}
        return dict(site.send(path, FIELD, file, form=form, on_progress=on_progress, **query))
    return dict(site.post(f"{path}/from-upload", {"upload": whole, "note": note}, **query))


def _uploaded(
    site: Site, event: str, challenge: str, file: Path, on_progress: OnProgress | None
) -> str | None:
    """The number of the whole upload; None where the site takes none of this token: the form says why."""
    try:
        return upload(site, event, challenge, file, on_progress or (lambda through, size: None))
    except Refused as refused:
        if refused.problem.get("status") in NOT_HERE:
            return None
        raise

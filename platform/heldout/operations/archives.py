"""Archives: all of an event for its organizers, and what a team takes home."""

import json
import secrets
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.text import slugify

from challenges import bundle as bundles
from heldout import blobs
from heldout.catalog.models import Attainment, Challenge
from heldout.catalog.queries import given_file
from heldout.events.models import Event, RoleName
from heldout.events.rules import Refusal
from heldout.operations import certificates
from heldout.operations.tables import TABLES
from heldout.spreadsheets import to_csv
from heldout.submissions.models import Submission
from heldout.submissions.queries import current_evaluations, scores_for
from heldout.submissions.rules import visible_splits
from heldout.teams.models import Team

FOLDER = "archives"
README = """# {event}: what team {team} takes home

- `challenges/`: each challenge as it was: brief, the data that you were given, hints, the coach's guide.
- `submissions/`: what you handed in, and in `results.json` what became of it.
- `notebook.md`: your lab notebook: what you changed each time, and what it gave.
- `certificates/`: one for each member.

Nothing hidden is in here: the private and the public test set stay with the organizers.

## Go on at home
Install Heldout and unpack a challenge, then score any model with the engine of the event:

    unzip challenges/NAME/bundle.zip -d NAME
    python -m scoring MODEL --challenge NAME --split validation
"""


def new_archive() -> Path:
    """A fresh name for an archive, which is removed once it is sent."""
    folder = Path(settings.VAR) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{secrets.token_hex(12)}.zip"


def remove_old(now: datetime, seconds: float = 3600) -> int:
    """Remove archives that were made and never sent whole. Gives their number."""
    folder = Path(settings.VAR) / FOLDER
    old = [file for file in folder.glob("*.zip") if file.stat().st_mtime < now.timestamp() - seconds]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


def event_archive(event: Event) -> Path:
    """All tables of an event as CSV and as JSON, and the certificates, in one zip."""
    target = new_archive()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in TABLES.items():
            archive.writestr(f"{event.slug}/{name}.csv", to_csv(rows(event)))
            archive.writestr(f"{event.slug}/{name}.json", to_json(list(rows(event))))
        for name, content in _certificates(event):
            archive.writestr(f"{event.slug}/certificates/{name}", content)
    return target


def take_home(team: Team) -> Path:
    """What a team takes home: challenges, data, its own files, its notebook, its certificates.

    Files go through the archive piece by piece, so that memory stays flat.
    """
    target, event = new_archive(), team.event
    root = f"{slugify(event.name) or event.slug}-{slugify(team.name) or 'team'}"
    found = Submission.objects.filter(team=team).select_related("challenge__event", "author")
    own = list(found.prefetch_related(current_evaluations()).order_by("created_at"))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{root}/README.md", README.format(event=event.name, team=team.name))
        for challenge in _opened(event):
            _add_challenge(archive, f"{root}/challenges/{challenge.slug}", challenge)
        archive.writestr(f"{root}/notebook.md", notebook(team, own))
        archive.writestr(f"{root}/submissions/results.json", to_json([_result(one) for one in own]))
        for submission in own:
            _add_submission(archive, f"{root}/submissions", submission)
        for name, content in _certificates(event, team):
            archive.writestr(f"{root}/certificates/{name}", content)
    return target


def notebook(team: Team, submissions: list[Submission]) -> str:
    """The team's lab notebook in Markdown: what it changed each time, and what that gave."""
    lines = [f"# Lab notebook of {team.name}", ""]
    passed = Attainment.objects.filter(team=team, passed_at__isnull=False).select_related("challenge")
    if titles := [one.challenge.title for one in passed]:
        lines += [f"Passed: {', '.join(titles)}.", ""]
    for title in dict.fromkeys(one.challenge.title for one in submissions):
        lines += [f"## {title}", ""]
        for submission in (one for one in submissions if one.challenge.title == title):
            lines.append(_entry(submission))
        lines.append("")
    return "\n".join(lines)


def _entry(submission: Submission) -> str:
    score = _scores(submission).get("validation" if submission.rehearsal else "public")
    if score is not None:
        outcome = f"{score:.4f}"
    elif verdict := submission.verdict:
        outcome = verdict.title
    else:
        outcome = submission.get_state_display().lower()
    when = submission.created_at.astimezone(submission.challenge.event.zone)
    note = submission.note or "no note"
    return f"- {when:%A %H:%M}, {submission.label.lower()} by {submission.author}: {note}. **{outcome}**"


def _opened(event: Event) -> list[Challenge]:
    opened = Challenge.objects.filter(event=event, opened_at__isnull=False)
    return list(opened.select_related("bundle", "preparation"))


def _add_challenge(archive: zipfile.ZipFile, folder: str, challenge: Challenge) -> None:
    bundle = challenge.bundle
    archive.writestr(f"{folder}/statement.md", bundle.statement)
    if bundle.coach_guide:
        archive.writestr(f"{folder}/coach-guide.md", bundle.coach_guide)
    if bundle.hints:
        hints = "\n\n".join(f"## {hint.title}\n\n{hint.text}" for hint in bundle.hints)
        archive.writestr(f"{folder}/hints.md", hints)
    _add_bundle(archive, folder, blobs.path(bundle.digest))
    given = given_file(challenge)
    if given is not None and given.exists():
        archive.write(given, f"{folder}/given.zip", zipfile.ZIP_STORED)


def _add_bundle(archive: zipfile.ZipFile, folder: str, packed: Path) -> None:
    """The bundle as teams may have it, with which the engine scores at home."""
    if not packed.exists():
        return
    with tempfile.TemporaryDirectory(prefix="heldout-take-home-") as scratch:
        bundles.unpack(packed, Path(scratch, "bundle"))
        found = bundles.read(Path(scratch, "bundle"))
        bundles.pack(found.folder, Path(scratch, "for-teams.zip"), bundles.not_for_teams(found))
        archive.write(Path(scratch, "for-teams.zip"), f"{folder}/bundle.zip", zipfile.ZIP_STORED)


def _add_submission(archive: zipfile.ZipFile, folder: str, submission: Submission) -> None:
    file = blobs.path(submission.blob_id)
    if file.exists():
        kind = "rehearsal" if submission.rehearsal else "submission"
        name = f"{submission.challenge.slug}-{kind}-{submission.number:03}-{submission.file_name}"
        archive.write(file, f"{folder}/{name}")


def _result(submission: Submission) -> dict[str, Any]:
    """What a team may know of its own submission: never a private score."""
    return {
        "challenge": submission.challenge.slug,
        "number": submission.number,
        "rehearsal": submission.rehearsal,
        "author": str(submission.author),
        "file": submission.file_name,
        "sha256": submission.blob_id,
        "format": submission.format,
        "state": submission.state,
        "note": submission.note,
        "scores": _scores(submission),
        "passport": submission.passport_json,
        "verdict": submission.verdict_json,
        "created_at": submission.created_at,
    }


def _scores(submission: Submission) -> dict[str, float]:
    found = scores_for(submission, visible_splits(RoleName.PARTICIPANT))
    return {split: score.value for split, score in found.items()}


def _certificates(event: Event, only: Team | None = None) -> Iterator[tuple[str, bytes]]:
    """A PDF for each member; a text says why where one cannot be printed."""
    for number, (team, name) in enumerate(certificates.certificates_of(event), start=1):
        if only is not None and team != only:
            continue
        stem = f"{slugify(team.name) or 'team'}-{slugify(name) or number}"
        try:
            yield f"{stem}.pdf", certificates.pdf(certificates.certificate_of(name, team))
        except Refusal as refusal:
            yield f"{stem}.txt", f"{refusal.subject} {refusal.text}\n".encode()


def to_json(value: object) -> str:
    """JSON with times in ISO 8601."""
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)

"""Reads about challenges that pages and the API share."""

import secrets
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.safestring import SafeString

from challenges.bundle import built_in
from challenges.manifest import Format, Manifest, Source
from heldout import blobs
from heldout.catalog.admissions import admission_of, admissions_of
from heldout.catalog.models import BaselineScore, Challenge, Preparation
from heldout.catalog.rules import Admission, ChallengeState, is_opened, state_of
from heldout.events.models import Event
from heldout.events.rules import Viewer, is_organizer
from heldout.markdown import to_html

PREVIEW = "preview.png"
LARGEST_PREVIEW = 8 * 2**20


@dataclass(frozen=True)
class ChallengeCard:
    """A challenge in a list. Participants see one that has not opened as a locked `draft`, and one that
    has opened but not for their team as `locked`; `admission` says what opens it."""

    challenge: Challenge
    manifest: Manifest
    state: ChallengeState
    admission: Admission


@dataclass(frozen=True)
class ChallengePage:
    """All that the page of a challenge says, besides submissions and the board."""

    challenge: Challenge
    manifest: Manifest
    statement_html: SafeString
    pass_score: float
    quota_per_day: int
    formats: list[Format]
    max_mb: int
    given_digest: str
    sources: list[Source]


def challenges_for(event: Event, user: Viewer) -> list[ChallengeCard]:
    """The event's challenges in order. Only organizers see how far one that has not opened is."""
    now = timezone.now()
    sees_all = is_organizer(user, event)
    challenges = list(_with_preparations(event))
    admissions = admissions_of(user, event, challenges)
    return [_card(challenge, admissions[challenge.pk], now, sees_all) for challenge in challenges]


def challenge_card(challenge: Challenge, user: Viewer) -> ChallengeCard:
    """One challenge as `user` would find it in the list."""
    sees_all = is_organizer(user, challenge.event)
    return _card(challenge, admission_of(user, challenge), timezone.now(), sees_all)


def _with_preparations(event: Event) -> Iterable[Challenge]:
    light = Preparation.objects.defer("report_json").order_by("-created_at")
    challenges = Challenge.objects.filter(event=event).select_related("event", "bundle")
    return challenges.prefetch_related(Prefetch("preparations", queryset=light))


def _card(challenge: Challenge, admission: Admission, now: datetime, sees_all: bool) -> ChallengeCard:
    own = (found for found in challenge.preparations.all() if found.bundle_id == challenge.bundle_id)
    latest = next(own, None)
    hidden = not sees_all and not is_opened(challenge, now)
    state: ChallengeState = "draft" if hidden else state_of(challenge, latest, now)
    if state in ("open", "closed") and not admission.admitted:
        state = "locked"
    return ChallengeCard(challenge, challenge.bundle.manifest, state, admission)


def latest_preparation(challenge: Challenge) -> Preparation | None:
    """The newest building of the splits of the challenge's bundle version, whatever became of it."""
    return challenge.preparations.filter(bundle=challenge.bundle_id).order_by("-created_at").first()


def published_challenge_or_none(event: Event, slug: str, user: Viewer) -> Challenge | None:
    """The challenge, if `user` may know of it: everybody of the event once it has opened, organizers always.

    It may still be closed to the viewer's team.
    """
    found = Challenge.objects.filter(event=event, slug=slug)
    challenge = found.select_related("event", "bundle", "preparation").first()
    if challenge is None:
        return None
    return challenge if is_opened(challenge, timezone.now()) or is_organizer(user, event) else None


def open_challenge_or_none(event: Event, slug: str, user: Viewer) -> Challenge | None:
    """The challenge, if it is open to `user`, as `rules.admission` decides."""
    challenge = published_challenge_or_none(event, slug, user)
    if challenge is None or not admission_of(user, challenge).admitted:
        return None
    return challenge


def challenge_page(challenge: Challenge) -> ChallengePage:
    """What the challenge's page shows."""
    manifest = challenge.bundle.manifest
    return ChallengePage(
        challenge=challenge,
        manifest=manifest,
        statement_html=to_html(challenge.bundle.statement),
        pass_score=manifest.pass_score,
        quota_per_day=manifest.quota_per_day,
        formats=manifest.formats,
        max_mb=manifest.limits.artefact_mb,
        given_digest=challenge.preparation.given if challenge.preparation else "",
        sources=manifest.data.sources,
    )


def given_file(challenge: Challenge) -> Path | None:
    """The archive that teams download; None before the challenge is prepared."""
    if challenge.preparation is None or not challenge.preparation.given:
        return None
    return blobs.path(challenge.preparation.given)


def preview_file(challenge: Challenge) -> Path | None:
    """The contact sheet inside the given archive, unpacked once into `VAR/previews`; None without one."""
    given = given_file(challenge)
    if given is None or not given.exists():
        return None
    kept = Path(settings.VAR) / "previews" / f"{given.name}.png"
    return kept if kept.exists() or _unpack_preview(given, kept) else None


def _unpack_preview(given: Path, kept: Path) -> bool:
    with zipfile.ZipFile(given) as archive:
        entry = next((e for e in archive.infolist() if Path(e.filename).name == PREVIEW), None)
        if entry is None or entry.file_size > LARGEST_PREVIEW:
            return False
        content = archive.read(entry)
    kept.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place: the store may be on another disk, from which no file moves in one step.
    unfinished = kept.with_name(secrets.token_hex(16))
    unfinished.write_bytes(content)
    unfinished.replace(kept)
    return True


def baselines(challenge: Challenge) -> list[BaselineScore]:
    """The reference models of the challenge's green preparation."""
    if challenge.preparation_id is None:
        return []
    return list(BaselineScore.objects.filter(preparation_id=challenge.preparation_id))


def builtin_bundles() -> list[Path]:
    """The folders of the bundles that ship with the product, in the order of the built-in event."""
    return built_in()


def builtin_named(name: str) -> Path | None:
    """One of them, by the name of its folder."""
    return next((folder for folder in builtin_bundles() if folder.name == name), None)

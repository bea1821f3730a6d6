"""What the pages on bundles show."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from challenges.hints import Hint
from challenges.manifest import Manifest, Source
from heldout.authoring.models import UploadedBundle
from heldout.catalog.criteria import Judged, checklist
from heldout.catalog.models import Challenge, Preparation, PreparationState
from heldout.catalog.rules import why_not_ready
from heldout.events.models import Event
from heldout.markdown import to_html


@dataclass(frozen=True)
class Version:
    """A version of a bundle, and the event's challenge of the same name, if there is one."""

    uploaded: UploadedBundle
    manifest: Manifest
    challenge: Challenge | None
    tested: Preparation | None = None
    """Its newest self-test in the challenge, where it was asked for."""

    @property
    def may_test(self) -> bool:
        """Whether it can be tested beside the version of a challenge that has opened."""
        opened = self.challenge is not None and self.challenge.opened_at is not None
        running = self.tested is not None and self.tested.state == PreparationState.QUEUED
        return opened and not self.in_use and not running

    @property
    def fault(self) -> str:
        """What its self-test found wrong; empty while there is none that has ended so."""
        ended = self.tested is not None and self.tested.state != PreparationState.QUEUED
        return why_not_ready(self.tested) if ended else ""

    @property
    def in_use(self) -> bool:
        """Whether the challenge is made from this version."""
        return self.challenge is not None and self.challenge.bundle_id == self.uploaded.bundle_id

    @property
    def may_publish(self) -> bool:
        """Whether it can become the challenge's version: none has opened, and it is not in use."""
        return not self.in_use and (self.challenge is None or self.challenge.opened_at is None)


@dataclass(frozen=True)
class Preview:
    """A bundle as the page of its challenge will show it. The data is not built yet."""

    manifest: Manifest
    statement_html: SafeString
    sources: list[Source]
    max_mb: int
    checklist: list[Judged]
    hints: list[Hint]
    coach_guide: SafeString
    given_digest: str = ""


def versions(event: Event) -> list[Version]:
    """The event's uploaded bundles by name, the newest version first."""
    challenges = {challenge.slug: challenge for challenge in event.challenges.all()}
    rows = event.uploaded_bundles.select_related("bundle", "author")
    return [Version(row, row.bundle.manifest, challenges.get(row.bundle.slug)) for row in rows]


def version_or_none(event: Event, uploaded: int) -> Version | None:
    """One of the event's uploaded bundles."""
    row = event.uploaded_bundles.select_related("bundle", "author", "event").filter(pk=uploaded).first()
    if row is None:
        return None
    challenge = event.challenges.filter(slug=row.bundle.slug).first()
    tested = challenge.preparations.filter(bundle=row.bundle).first() if challenge else None
    return Version(row, row.bundle.manifest, challenge, tested)


def preview(version: Version) -> Preview:
    """What a participant will see of it."""
    manifest, bundle = version.manifest, version.uploaded.bundle
    return Preview(
        manifest=manifest,
        statement_html=to_html(bundle.statement),
        sources=manifest.data.sources,
        max_mb=manifest.limits.artefact_mb,
        checklist=checklist(manifest, None, [], []),
        hints=bundle.hints,
        coach_guide=to_html(bundle.coach_guide),
    )

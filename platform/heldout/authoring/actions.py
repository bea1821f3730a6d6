"""Bringing bundles into an event, publishing them, and switching between their versions."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from challenges import bundle as bundles
from challenges.bundle import Fault
from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.authoring.models import UploadedBundle
from heldout.authoring.rules import refuse_switch
from heldout.broadcast import publish_on_commit
from heldout.catalog.actions import add_challenge, prepare_beside, register_bundle
from heldout.catalog.models import BundleVersion, Challenge, Preparation
from heldout.events.models import Event
from heldout.events.rules import Refusal

ARCHIVE = "bundle.zip"
FIELD = "bundle"
"""The form's field that a zip comes in."""
NO_FILE = Fault(file="the form", field=FIELD, found="no file", expected="a bundle's zip")
POINTS = 100


def upload(event: Event, pieces: Iterable[bytes], actor: User) -> UploadedBundle:
    """Check a zipped bundle and keep it for the event.

    The zip holds the bundle's files, or one folder with them. Raises `challenges.bundle.BundleError` with
    every fault; then nothing is kept. The same content is kept once.
    """
    with tempfile.TemporaryDirectory(prefix="heldout-upload-") as scratch:
        archive = Path(scratch, ARCHIVE)
        with archive.open("xb") as file:
            for piece in pieces:
                file.write(piece)
        bundles.unpack(archive, Path(scratch, "bundle"))
        version = register_bundle(_root(Path(scratch, "bundle")), actor)
    return _shelve(event, version, actor)


def _root(folder: Path) -> Path:
    """The folder itself, or the only one in it, as a zip of a folder has it."""
    inside = [path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX"))]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


@transaction.atomic
def _shelve(event: Event, version: BundleVersion, actor: User) -> UploadedBundle:
    uploaded, created = UploadedBundle.objects.get_or_create(
        event=event, bundle=version, defaults={"author": actor}
    )
    if created:
        after = {"bundle": version.digest, "version": version.version}
        audit.write("bundle.uploaded", uploaded, actor=actor, event_slug=event.slug, after=after)
    return uploaded


def publish(uploaded: UploadedBundle, actor: User) -> Challenge:
    """Put the bundle into its event, still locked; where the event has its challenge, switch to this version.

    Raises Refusal when the challenge has opened or is being tested.
    """
    event, version = uploaded.event, uploaded.bundle
    challenge = event.challenges.filter(slug=version.slug).first()
    if challenge is not None:
        return use_version(challenge, version, actor)
    last = event.challenges.aggregate(last=Max("position"))["last"] or 0
    return add_challenge(event, version, last + 1, POINTS, actor)


def try_beside(uploaded: UploadedBundle, actor: User) -> Preparation:
    """Test the bundle beside the version that its challenge keeps. Raises Refusal where there is none."""
    challenge = uploaded.event.challenges.filter(slug=uploaded.bundle.slug).first()
    if challenge is None:
        raise Refusal("The event has no such challenge.", "Add the bundle to the event first.")
    return prepare_beside(challenge, uploaded.bundle, actor)


@transaction.atomic
def use_version(challenge: Challenge, version: BundleVersion, actor: User) -> Challenge:
    """Let a challenge that has not opened use another version of its bundle, a newer or an earlier one.

    The version that it used stays at hand. A self-test counts for the version that it tested alone.
    """
    locked = Challenge.objects.select_for_update().select_related(None).get(pk=challenge.pk)
    refuse_switch(locked, version)
    before = locked.bundle
    _shelve(locked.event, before, actor)
    locked.bundle = version
    locked.title = version.manifest.title
    locked.preparation = None
    locked.save(update_fields=["bundle", "title", "preparation"])
    audit.write(
        "challenge.version_switched",
        locked,
        actor=actor,
        event_slug=locked.event.slug,
        before={"bundle": before.digest, "version": before.version},
        after={"bundle": version.digest, "version": version.version},
    )
    publish_on_commit("challenge", event=locked.event_id, challenge=locked.slug)
    return locked

"""Every change of the catalog's state."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from challenges import bundle as bundles
from heldout import blobs
from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.catalog.models import BaselineScore, BundleVersion, Challenge, Preparation, PreparationState
from heldout.catalog.queries import latest_preparation
from heldout.catalog.rules import NotReady, is_opened, why_not_ready
from heldout.celery import messages_in, send_on_commit
from heldout.events.actions import lock
from heldout.events.models import Event
from heldout.events.rules import Refusal
from scoring.job import (
    PREPARE_QUEUE,
    PREPARE_TASK,
    BaselineResult,
    PreparationReport,
    PrepareJob,
    Preparing,
    SplitScore,
)

PREPARATION_LIMIT = timedelta(minutes=30)
"""How long one try of a preparation may take, with its time in the queue."""
PREPARATION_TRIES = 2
UNANSWERED = timedelta(seconds=30)
"""How long a preparation that the broker no longer holds may go unheard of before it is sent again."""

POINTS = 100
"""What passing a built-in challenge is worth."""


def register_bundle(folder: Path, actor: User | None) -> BundleVersion:
    """Check a bundle and keep it by its content. Raises `challenges.bundle.BundleError` with every fault."""
    bundle = bundles.read(folder)
    packed = blobs.new_incoming()
    digest = bundles.pack(folder, packed)
    blobs.keep(packed, digest)
    with transaction.atomic():
        version, created = BundleVersion.objects.get_or_create(
            digest=digest,
            defaults={
                "slug": bundle.manifest.slug,
                "version": bundle.manifest.version,
                "manifest_json": bundle.manifest.model_dump(mode="json"),
                "statement": bundle.statement,
                "hints_json": [hint.model_dump() for hint in bundle.hints],
                "coach_guide": bundle.coach_guide,
            },
        )
        if created:
            audit.write("bundle.registered", version, actor=actor, after={"digest": digest})
    return version


@transaction.atomic
def add_challenge(
    event: Event, bundle: BundleVersion, position: int, points: int, actor: User | None
) -> Challenge:
    """Put a bundle version into an event, still locked."""
    lock(event)
    manifest = bundle.manifest
    clash = Challenge.objects.filter(event=event).filter(Q(slug=manifest.slug) | Q(position=position)).first()
    if clash is not None:
        raise Refusal(
            "This place is taken.",
            f"{clash.title} is already number {clash.position}. Choose another bundle or another position.",
        )
    challenge = Challenge.objects.create(
        event=event,
        bundle=bundle,
        slug=manifest.slug,
        title=manifest.title,
        position=position,
        points=points,
    )
    after = {"bundle": bundle.digest, "position": position, "points": points}
    audit.write("challenge.added", challenge, actor=actor, event_slug=event.slug, after=after)
    return challenge


def append_builtin(event: Event, folder: Path, actor: User) -> Challenge:
    """Put a bundle that ships with the product at the end of an event. Raises Refusal if it is there."""
    bundle = register_bundle(folder, actor)
    last = event.challenges.aggregate(last=Max("position"))["last"] or 0
    return add_challenge(event, bundle, last + 1, POINTS, actor)


@transaction.atomic
def prepare(challenge: Challenge, actor: User | None) -> Preparation:
    """Ask a worker to build the challenge's splits and to run its self-test."""
    now = timezone.now()
    locked = Challenge.objects.select_for_update().select_related(None).get(pk=challenge.pk)
    if locked.opened_at is not None:
        raise Refusal("The challenge has opened.", "Its splits stay as they are while teams work on them.")
    if locked.preparations.filter(state=PreparationState.QUEUED).exists():
        raise Refusal("It is being prepared already.", "Wait for the result of the self-test.")
    locked.preparation = None
    locked.save(update_fields=["preparation"])
    audit.write("challenge.prepared", challenge, actor=actor, event_slug=challenge.event.slug)
    return _queue(challenge, locked.bundle, now)


@transaction.atomic
def prepare_beside(challenge: Challenge, version: BundleVersion, actor: User | None) -> Preparation:
    """Build and test another version beside the one that teams work on, to score anew against it.

    The challenge keeps its version and its data. Raises Refusal before it opens: then it can switch.
    """
    locked = Challenge.objects.select_for_update().select_related(None).get(pk=challenge.pk)
    if locked.opened_at is None:
        raise Refusal("The challenge has not opened.", "Let it use this version, then run its self-test.")
    if locked.bundle_id == version.pk or locked.slug != version.slug:
        raise Refusal("This is no other version of the challenge.", f"Bring a version of {locked.slug}.")
    if locked.preparations.filter(state=PreparationState.QUEUED).exists():
        raise Refusal("A self-test is running.", "Wait for its result, then test this version.")
    audit.write(
        "challenge.prepared_beside",
        challenge,
        actor=actor,
        event_slug=challenge.event.slug,
        after={"version": version.version, "bundle": version.digest},
    )
    return _queue(challenge, version, timezone.now())


def _queue(challenge: Challenge, version: BundleVersion, now: datetime) -> Preparation:
    preparation = Preparation.objects.create(
        challenge=challenge, bundle=version, deadline=now + PREPARATION_LIMIT
    )
    _send(preparation, now)
    return preparation


def _send(preparation: Preparation, now: datetime) -> None:
    Preparation.objects.filter(pk=preparation.pk).update(heard_at=now)
    job = PrepareJob(
        preparation=preparation.pk,
        bundle=preparation.bundle.digest,
        secret=preparation.challenge.event.secret,
    )
    send_on_commit(PREPARE_TASK, job, PREPARE_QUEUE)
    _tell(preparation.challenge)


def _tell(challenge: Challenge) -> None:
    publish_on_commit("challenge", event=challenge.event_id, challenge=challenge.slug)


def record_preparing(preparing: Preparing) -> None:
    """Take a worker's word that it is at a preparation, so that it is not sent again."""
    queued = Preparation.objects.filter(pk=preparing.preparation, state=PreparationState.QUEUED)
    queued.update(heard_at=timezone.now())


@transaction.atomic
def record_preparation(report: PreparationReport) -> None:
    """Store a self-test's outcome. A late or second report changes nothing."""
    green = report.green and bool(report.hidden_set and report.given)
    finished = Preparation.objects.filter(
        pk=report.preparation, bundle__digest=report.bundle, state=PreparationState.QUEUED
    ).update(
        state=PreparationState.GREEN if green else PreparationState.RED,
        report_json=report.model_dump(mode="json"),
        given=report.given or "",
        hidden_set=report.hidden_set or "",
        finished_at=timezone.now(),
    )
    if not finished:
        return
    preparation = Preparation.objects.select_related("challenge", "bundle").get(pk=report.preparation)
    BaselineScore.objects.bulk_create(
        _baseline(preparation, result, score)
        for result in report.baselines
        for score in result.scores
        if score.split == "public"
    )
    if green:
        same = {"pk": preparation.challenge_id, "bundle": preparation.bundle_id}
        locked = Challenge.objects.filter(**same, opened_at=None)
        locked.update(preparation=preparation)
    _tell(preparation.challenge)


def _baseline(preparation: Preparation, result: BaselineResult, public: SplitScore) -> BaselineScore:
    declared = {b.name: b.strength for b in preparation.bundle.manifest.baselines}
    return BaselineScore(
        preparation=preparation,
        name=result.name,
        strength=declared.get(result.name, ""),
        format=result.format,
        artefact=result.artefact,
        file_name=result.file_name,
        score=public.value,
        low=public.low,
        high=public.high,
        cost_json=result.cost.model_dump(mode="json"),
    )


@transaction.atomic
def open_challenge(challenge: Challenge, actor: User | None) -> Challenge:
    """Show the challenge and take submissions. Raises `NotReady` unless its self-test is green."""
    now = timezone.now()
    _refresh_locked(challenge)
    if challenge.event.ends_at <= now:
        raise Refusal("The event is over.", "Its challenges take submissions until it ends.")
    latest = latest_preparation(challenge)
    why_not = why_not_ready(latest)
    if why_not:
        raise NotReady(f"{challenge.title} may not open yet.", why_not)
    before = challenge.closes_at
    challenge.preparation = latest
    challenge.opened_at = challenge.opened_at or now
    challenge.closes_at = None if before and before <= now else before
    challenge.save(update_fields=["preparation", "opened_at", "closes_at"])
    audit.write("challenge.opened", challenge, actor=actor, event_slug=challenge.event.slug)
    _tell(challenge)
    return challenge


@transaction.atomic
def close_challenge(challenge: Challenge, actor: User | None) -> Challenge:
    """Take no more submissions. What was handed in before is still scored."""
    now = timezone.now()
    _refresh_locked(challenge)
    if not is_opened(challenge, now):
        raise Refusal("The challenge is not open.", "Only an open challenge can be closed.")
    challenge.closes_at = now
    challenge.save(update_fields=["closes_at"])
    audit.write("challenge.closed", challenge, actor=actor, event_slug=challenge.event.slug)
    _tell(challenge)
    return challenge


def _refresh_locked(challenge: Challenge) -> None:
    """Read the challenge again; others who change it wait until this transaction ends."""
    challenge.refresh_from_db(from_queryset=Challenge.objects.select_for_update())


def sweep_preparations(now: datetime) -> int:
    """Send again what the broker or a worker lost, and give up what took too long. Gives the number sent."""
    late = Preparation.objects.filter(state=PreparationState.QUEUED, deadline__lte=now)
    unanswered = Preparation.objects.filter(
        Q(heard_at__isnull=True) | Q(heard_at__lte=now - UNANSWERED),
        state=PreparationState.QUEUED,
        deadline__gt=now,
    )
    again = sum(_retry_or_fail(preparation, now) for preparation in late)
    if unanswered.exists() and messages_in(PREPARE_QUEUE) == 0:
        again += sum(_send_again(preparation, now) for preparation in unanswered)
    return again


@transaction.atomic
def _send_again(preparation: Preparation, now: datetime) -> int:
    _send(preparation, now)
    return 1


@transaction.atomic
def _retry_or_fail(preparation: Preparation, now: datetime) -> int:
    same = Preparation.objects.filter(
        pk=preparation.pk, state=PreparationState.QUEUED, tries=preparation.tries
    )
    if preparation.tries < PREPARATION_TRIES:
        if same.update(tries=F("tries") + 1, deadline=now + PREPARATION_LIMIT):
            return _send_again(preparation, now)
        return 0
    if same.update(state=PreparationState.FAILED, finished_at=now):
        _tell(preparation.challenge)
    return 0

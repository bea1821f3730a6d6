"""Running scored submissions once more. Nothing of it counts until it is kept (`leaderboards.rescoring`)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.catalog.models import Challenge, Preparation, PreparationState
from heldout.events.rules import Refusal
from heldout.submissions.dispatching import dispatch, new_attempt
from heldout.submissions.models import (
    UNFINISHED_STATES,
    Attempt,
    AttemptJob,
    AttemptState,
    Evaluation,
    Rescoring,
    RescoringState,
    Submission,
    SubmissionState,
)
from heldout.teams.models import Team


@dataclass(frozen=True)
class Progress:
    """How far a rescoring is. `without_score` ended, and keep the score that they have."""

    total: int
    unfinished: int
    scored: int

    @property
    def without_score(self) -> int:
        """How many ended without a score."""
        return self.total - self.unfinished - self.scored

    @property
    def is_over(self) -> bool:
        """Whether every run has ended."""
        return self.unfinished == 0


def preparations(challenge: Challenge) -> "QuerySet[Preparation]":
    """What the challenge can be rescored against: each green self-test of it, the newest first."""
    green = challenge.preparations.filter(state=PreparationState.GREEN)
    return green.select_related("bundle").order_by("-created_at")


def scored_on(challenge: int) -> "QuerySet[Submission]":
    """The submissions of a challenge, by its number, that can be rescored."""
    return Submission.objects.filter(challenge=challenge, state=SubmissionState.SCORED, rehearsal=False)


@transaction.atomic
def start(
    challenge: Challenge,
    reason: str,
    actor: User,
    *,
    team: Team | None = None,
    submission: Submission | None = None,
    preparation: Preparation | None = None,
) -> Rescoring:
    """Run what was scored on a challenge once more: all, a team's, or one submission. Costs no try.

    Against another preparation than the challenge's own only all of it can be, for a board compares what
    was measured by the same rule. Raises Refusal.
    """
    locked = Challenge.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "preparation", "event"
    )
    challenge = locked.get(pk=challenge.pk)
    if challenge.preparation is None:
        raise Refusal("There is nothing to rescore.", "The challenge has no green self-test.")
    against = preparation or challenge.preparation
    if against.challenge_id != challenge.pk or against.state != PreparationState.GREEN:
        raise Refusal("This cannot be scored against.", "Choose a green self-test of this challenge.")
    if against != challenge.preparation and (team or submission):
        raise Refusal(
            "Another version is for everybody.",
            "Rescore the whole challenge against it, so that ranks compare.",
        )
    if challenge.rescorings.filter(state=RescoringState.RUNNING).exists():
        raise Refusal("The challenge is being rescored.", "Keep or discard that first.")
    made = Rescoring.objects.create(
        challenge=challenge,
        preparation=against,
        previous=challenge.preparation,
        team=team,
        submission=submission,
        reason=reason,
        by=actor,
    )
    added = _add(made, missing(made))
    if not added:
        raise Refusal("There is nothing to rescore.", "No submission of these was scored.")
    after = {"what": str(made), "submissions": added, "bundle": against.bundle.digest}
    _write("rescoring.started", made, actor, after=after)
    return made


def missing(rescoring: Rescoring) -> "QuerySet[Submission]":
    """The scored submissions in its scope that it has not taken in: those scored since it began."""
    found = scored_on(rescoring.challenge_id)
    if rescoring.team_id:
        found = found.filter(team=rescoring.team_id)
    if rescoring.submission_id:
        found = found.filter(pk=rescoring.submission_id)
    return found.exclude(attempts__in=rescoring.attempts.all())


@transaction.atomic
def catch_up(rescoring: Rescoring, actor: User) -> int:
    """Take in what was scored since it began; gives how many submissions. Raises Refusal."""
    rescoring = undecided(rescoring)
    added = _add(rescoring, missing(rescoring))
    if not added:
        raise Refusal("Nothing was added.", "Every scored submission is part of it already.")
    _write("rescoring.caught_up", rescoring, actor, after={"submissions": added})
    return added


def undecided(rescoring: Rescoring) -> Rescoring:
    """The rescoring, locked. Raises Refusal when it was decided."""
    related = Rescoring.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "challenge__event", "preparation__bundle", "previous__bundle"
    )
    locked = related.get(pk=rescoring.pk)
    if locked.state != RescoringState.RUNNING:
        raise Refusal("It is decided already.", f"This rescoring was {locked.get_state_display().lower()}.")
    return locked


def _add(rescoring: Rescoring, submissions: Iterable[Submission]) -> int:
    now, added = timezone.now(), 0
    for submission in submissions:
        new_attempt(submission, AttemptJob.SCORING, now, rescoring=rescoring)
        added += 1
    transaction.on_commit(lambda: dispatch(now), robust=True)
    return added


@transaction.atomic
def discard(rescoring: Rescoring, actor: User) -> None:
    """Let all stay as it is. What has run is kept as a record; what has not is not run. Raises Refusal."""
    rescoring = undecided(rescoring)
    decide(rescoring, RescoringState.DISCARDED)
    ended = {"state": AttemptState.CANCELLED, "finished_at": timezone.now()}
    unfinished = rescoring.attempts.filter(state__in=UNFINISHED_STATES)
    unfinished.update(**ended, lease_until=None, deadline=None)
    _write("rescoring.discarded", rescoring, actor)


def decide(rescoring: Rescoring, state: RescoringState) -> None:
    """Note what became of it. Call it inside the transaction that holds it."""
    rescoring.state, rescoring.decided_at = state, timezone.now()
    rescoring.save(update_fields=["state", "decided_at"])


def progress(rescoring: Rescoring) -> Progress:
    """How far it is."""
    attempts = rescoring.attempts
    return Progress(
        total=attempts.values("submission").distinct().count(),
        unfinished=attempts.filter(state__in=UNFINISHED_STATES).count(),
        scored=results(rescoring).count(),
    )


def results(rescoring: Rescoring) -> "QuerySet[Evaluation]":
    """What its runs yielded where they ended with scores."""
    return Evaluation.objects.filter(
        attempt__in=Attempt.objects.filter(rescoring=rescoring), scores__split="public"
    )


def _write(action: str, made: Rescoring, actor: User, **facts: object) -> None:
    slug = made.challenge.event.slug
    audit.write(action, made, actor=actor, event_slug=slug, reason=made.reason, **facts)  # type: ignore[arg-type]

"""Freezing an event's boards, choosing what counts, publishing the final boards."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.events.actions import lock
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.leaderboards import shelf
from heldout.leaderboards.actions import rebuild_standings
from heldout.leaderboards.models import BoardRules, Choice, FinalRule
from heldout.leaderboards.rules import rules_of
from heldout.submissions.models import Submission, SubmissionState
from heldout.teams.models import Team
from heldout.teams.rules import is_member


@transaction.atomic
def change_rules(event: Event, actor: User, **values: Any) -> BoardRules:
    """Set when the boards freeze and what counts in the end. Raises Refusal if a value is not valid.

    What counts is settled once the final boards are published: take them back first.
    """
    event = lock(event)
    rules, _ = BoardRules.objects.get_or_create(event=event)
    if rules.published_at is not None:
        raise Refusal("The final boards are published.", "Take them back first, then change the rules.")
    before = {name: str(getattr(rules, name)) for name in values}
    for name, value in values.items():
        setattr(rules, name, value)
    try:
        rules.full_clean()
    except ValidationError as error:
        raise Refusal("Nothing was changed.", "\n".join(error.messages)) from error
    rules.save()
    after = {name: str(value) for name, value in values.items()}
    audit.write("boards.rules", rules, actor=actor, event_slug=event.slug, before=before, after=after)
    rebuild_standings(event)
    _tell(event)
    return rules


def freeze(event: Event, actor: User, at: datetime | None = None) -> BoardRules:
    """Let the boards stand still for others from now on, or from `at`. Raises Refusal as `change_rules`."""
    return change_rules(event, actor, freezes_at=at or timezone.now())


def unfreeze(event: Event, actor: User) -> BoardRules:
    """Let the boards move again for everybody. Raises Refusal as `change_rules`."""
    return change_rules(event, actor, freezes_at=None)


@transaction.atomic
def publish_final(event: Event, actor: User) -> None:
    """Show everybody the final boards. Raises Refusal when they are published."""
    _publish(event, actor, timezone.now(), "boards.published")


@transaction.atomic
def take_back_final(event: Event, actor: User) -> None:
    """Hide the final boards again; whoever has seen them has. Raises Refusal when they are not published."""
    _publish(event, actor, None, "boards.taken_back")


def _publish(event: Event, actor: User, at: datetime | None, action: str) -> None:
    event = lock(event)
    rules, _ = BoardRules.objects.get_or_create(event=event)
    changed = BoardRules.objects.filter(pk=rules.pk, published_at__isnull=at is not None)
    if not changed.update(published_at=at):
        done = "published" if at else "hidden"
        raise Refusal(f"The final boards are {done} already.", "Reload the page.")
    audit.write(action, rules, actor=actor, event_slug=event.slug)
    _tell(event)


@transaction.atomic
def choose(submission: Submission, user: User) -> None:
    """Let a scored submission count in the end, for its team. Raises Refusal where that cannot be."""
    _refuse_choice(submission, user)
    rules = rules_of(submission.challenge.event)
    if Choice.objects.filter(submission=submission).exists():
        raise Refusal("It is chosen already.", "Reload the page.")
    chosen = Choice.objects.filter(
        submission__team=submission.team_id, submission__challenge=submission.challenge_id
    )
    if chosen.count() >= rules.choices:
        raise Refusal(
            f"Your team has chosen {rules.choices} already.",
            "Take another one back first, then choose this one.",
        )
    Choice.objects.create(submission=submission, by=user)
    _write_choice("submission.chosen", submission, user)


@transaction.atomic
def take_choice_back(submission: Submission, user: User) -> None:
    """Let a chosen submission count no more. Raises Refusal where that cannot be."""
    _refuse_choice(submission, user)
    if not Choice.objects.filter(submission=submission).delete()[0]:
        raise Refusal("It is not chosen.", "Reload the page.")
    _write_choice("submission.unchosen", submission, user)


def _refuse_choice(submission: Submission, user: User) -> None:
    """Refuse strangers, what is not scored, and choices when they count for nothing or are settled."""
    team = Team.objects.select_for_update(no_key=True).get(pk=submission.team_id)
    event = submission.challenge.event
    if not is_member(user, team):
        raise Refusal("You are not in this team.", "Its members choose.")
    if rules_of(event).final != FinalRule.CHOSEN:
        raise Refusal("Nothing is to be chosen.", "In this event the best submission counts by itself.")
    if submission.rehearsal or submission.state != SubmissionState.SCORED:
        raise Refusal("It has no score.", "Choose a submission that was scored.")
    if timezone.now() >= event.ends_at:
        raise Refusal("The event is over.", "What was chosen by its end counts.")


def _write_choice(action: str, submission: Submission, user: User) -> None:
    slug = submission.challenge.event.slug
    audit.write(action, submission, actor=user, event_slug=slug)
    publish_on_commit(
        "submission",
        event=submission.challenge.event_id,
        team=submission.team_id,
        submission=str(submission.pk),
    )


def _tell(event: Event) -> None:
    """Every open board of the event is another one now."""
    transaction.on_commit(lambda: shelf.forget_event(event), robust=True)
    publish_on_commit("challenge", event=event.pk)
    for slug in event.challenges.values_list("slug", flat=True):
        publish_on_commit("board", event=event.pk, challenge=slug)

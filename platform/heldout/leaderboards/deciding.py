"""What organizers decide about boards, and what teams choose to be ranked by."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.catalog.models import Challenge
from heldout.catalog.rules import closing_time
from heldout.events.actions import lock
from heldout.events.models import Event
from heldout.events.rules import Refusal, is_organizer
from heldout.leaderboards import shelf
from heldout.leaderboards.actions import counting_scores
from heldout.leaderboards.freezing import rules_of
from heldout.leaderboards.models import BoardRules, FinalBy, FinalChoice, Reveal
from heldout.leaderboards.places import final_places
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from heldout.teams.rules import is_member

FIELDS = ("tie_order", "final_by", "chosen_limit", "rank_bonus", "growth_bonus")


@transaction.atomic
def set_rules(event: Event, actor: User, **fields: Any) -> BoardRules:
    """Change how the event ranks. Raises Refusal once a final board is public: its rule stands."""
    rules = _locked_rules(event)
    published = Reveal.objects.filter(challenge__event=event, published_at__isnull=False)
    if published.exists() and fields.get("final_by", rules.final_by) != rules.final_by:
        raise Refusal("A final board is public.", "Take it back first; then its rule can change.")
    return _change(rules, actor, "board.rules_changed", **fields)


@transaction.atomic
def freeze(event: Event, actor: User, at: datetime | None = None) -> BoardRules:
    """Let the event's boards stand still from `at` on, or from now."""
    rules = _locked_rules(event)
    now = timezone.now()
    if rules.freezes_at is not None and rules.freezes_at <= now:
        raise Refusal("The boards are frozen.", "Let them move first, then freeze them at another time.")
    if at is not None and at < now:
        raise Refusal("That time is over.", "Choose one to come, or freeze the boards now.")
    return _change(rules, actor, "board.frozen", freezes_at=at or now)


@transaction.atomic
def unfreeze(event: Event, actor: User) -> BoardRules:
    """Let the event's boards move again, with all that was handed in meanwhile."""
    rules = _locked_rules(event)
    if rules.freezes_at is None:
        raise Refusal("The boards are not frozen.", "There is nothing to undo.")
    return _change(rules, actor, "board.unfrozen", freezes_at=None)


def _locked_rules(event: Event) -> BoardRules:
    lock(event)
    return BoardRules.objects.get_or_create(event=event)[0]


def _change(rules: BoardRules, actor: User, action: str, **fields: Any) -> BoardRules:
    before = {name: getattr(rules, name) for name in fields}
    for name, value in fields.items():
        setattr(rules, name, value)
    rules.save(update_fields=list(fields))
    said = [{name: _said(value) for name, value in facts.items()} for facts in (before, fields)]
    slug = rules.event.slug
    audit.write(action, rules, actor=actor, event_slug=slug, before=said[0], after=said[1])
    _tell(rules.event)
    return rules


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _tell(event: Event) -> None:
    """Every board of the event is to be looked at again."""
    transaction.on_commit(lambda: shelf.forget_event(event), robust=True)
    publish_on_commit("challenge", event=event.pk)
    for slug in Challenge.objects.filter(event=event).values_list("slug", flat=True):
        publish_on_commit("board", event=event.pk, challenge=slug)


@transaction.atomic
def choose(submission: Submission, actor: User) -> FinalChoice:
    """Choose a submission to be ranked by. Raises Refusal beyond the limit, after the end and for others."""
    challenge, team = _may_choose(submission, actor)
    if not counting_scores(challenge, "public").filter(evaluation__submission=submission).exists():
        raise Refusal("That submission has no score.", "Choose one that was scored.")
    chosen = FinalChoice.objects.filter(challenge=challenge, team=team)
    limit = rules_of(challenge.event).chosen_limit
    if not chosen.filter(submission=submission).exists() and chosen.count() >= limit:
        raise Refusal(f"Your team has chosen {limit} already.", "Take one back, then choose this one.")
    choice, _ = FinalChoice.objects.get_or_create(
        submission=submission, defaults={"challenge": challenge, "team": team, "by": actor}
    )
    audit.write("final.chosen", submission, actor=actor, event_slug=challenge.event.slug)
    return choice


@transaction.atomic
def take_back(submission: Submission, actor: User) -> None:
    """No longer be ranked by that submission."""
    challenge, team = _may_choose(submission, actor)
    if not FinalChoice.objects.filter(submission=submission, team=team).delete()[0]:
        raise Refusal("That submission is not chosen.", "There is nothing to take back.")
    audit.write("final.taken_back", submission, actor=actor, event_slug=challenge.event.slug)


def _may_choose(submission: Submission, actor: User) -> tuple[Challenge, Team]:
    challenge = submission.challenge
    team = Team.objects.select_for_update(no_key=True).get(pk=submission.team_id)
    if not is_member(actor, team):
        raise Refusal("You are not in this team.", "Only its members choose.")
    if rules_of(challenge.event).final_by != FinalBy.CHOSEN:
        raise Refusal("Nothing is to be chosen.", "In this event the final ranking does not ask for it.")
    if timezone.now() >= closing_time(challenge):
        raise Refusal("This challenge has closed.", "What was chosen by then counts.")
    return challenge, team


@transaction.atomic
def go_to(challenge: Challenge, step: int, actor: User) -> Reveal:
    """Tell the final board up to that step, on the stage's page. Raises Refusal while hand-ins are open."""
    if not is_organizer(actor, challenge.event):
        raise Refusal("Only organizers tell the final board.", "Ask one of them.")
    if timezone.now() < closing_time(challenge):
        raise Refusal("The challenge is still open.", "The final board can be told once it has closed.")
    reveal = _locked_reveal(challenge)
    teams = len(final_places(challenge, rules_of(challenge.event)))
    reveal.step = max(0, min(step, teams))
    reveal.save(update_fields=["step"])
    return reveal


@transaction.atomic
def publish_final(challenge: Challenge, actor: User) -> Reveal:
    """Let everybody see the final board, from the private split. Raises Refusal before all is told."""
    reveal = go_to(challenge, _locked_reveal(challenge).step, actor)
    teams = len(final_places(challenge, rules_of(challenge.event)))
    if reveal.step < teams:
        raise Refusal("Not every team was told yet.", f"{teams - reveal.step} are left; go on to the top.")
    return _publish(reveal, timezone.now(), actor, "final.published")


@transaction.atomic
def take_back_final(challenge: Challenge, actor: User) -> Reveal:
    """Hide the final board again."""
    reveal = _locked_reveal(challenge)
    if reveal.published_at is None:
        raise Refusal("The final board is not public.", "There is nothing to take back.")
    return _publish(reveal, None, actor, "final.hidden")


def _publish(reveal: Reveal, at: datetime | None, actor: User, action: str) -> Reveal:
    reveal.published_at = at
    reveal.save(update_fields=["published_at"])
    challenge = reveal.challenge
    audit.write(action, challenge, actor=actor, event_slug=challenge.event.slug)
    _tell(challenge.event)
    return reveal


def _locked_reveal(challenge: Challenge) -> Reveal:
    lock(challenge.event)
    return Reveal.objects.select_related("challenge__event").get_or_create(challenge=challenge)[0]

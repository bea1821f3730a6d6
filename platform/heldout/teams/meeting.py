"""How people and teams find each other: profiles, requests to join, invitations into a team."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.events.actions import lock
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.teams.actions import enter, refuse_locked, refuse_newcomer, rename_team
from heldout.teams.models import Approach, ApproachKind, Profile, Team
from heldout.teams.rules import is_member

MOST_OPEN = 5
"""Approaches of one person, or to one team, that wait for an answer."""


def keep_profile(event: Event, user: User, **values: Any) -> Profile:
    """What somebody says for the team finder, and for teams that are made beforehand."""
    return Profile.objects.update_or_create(event=event, user=user, defaults=values)[0]


@transaction.atomic
def seek(team: Team, words: str, actor: User) -> None:
    """Say whom the team looks for; empty takes it out of the finder. Raises Refusal."""
    if not is_member(actor, team):
        raise Refusal(f"You are not in {team.name}.", "Its members say whom they look for.")
    Team.objects.filter(pk=team.pk).update(seeks=words)
    _tell(team)


@transaction.atomic
def change(team: Team, actor: User, *, name: str | None = None, seeks: str | None = None) -> None:
    """Change what is given of a team, all of it or nothing. Raises Refusal."""
    if name is not None:
        rename_team(team, name, actor)
    if seeks is not None:
        seek(team, seeks, actor)


@transaction.atomic
def ask_to_join(team: Team, user: User, words: str) -> Approach:
    """Ask a team whether one may join. Raises Refusal."""
    event = lock(team.event)
    refuse_locked(event)
    refuse_newcomer(event, user)
    mine = Approach.objects.filter(user=user, team__event=event, kind=ApproachKind.REQUEST, closed_at=None)
    if mine.count() >= MOST_OPEN:
        raise Refusal(f"You have asked {MOST_OPEN} teams already.", "Wait for an answer, or take one back.")
    return _approach(team, user, ApproachKind.REQUEST, words)


@transaction.atomic
def invite_into(team: Team, user: User, actor: User, words: str) -> Approach:
    """Ask a participant without a team to join. Raises Refusal."""
    event = lock(team.event)
    refuse_locked(event)
    if not is_member(actor, team):
        raise Refusal(f"You are not in {team.name}.", "Its members invite.")
    profile = Profile.objects.filter(event=event, user=user, looks_for_team=True)
    if not profile.exists():
        raise Refusal("That person does not look for a team.", "Tell them your join code instead.")
    refuse_newcomer(event, user)
    return _approach(team, user, ApproachKind.INVITATION, words)


@transaction.atomic
def accept(approach: Approach, actor: User) -> None:
    """Let the two come together; the person's other approaches end. Raises Refusal."""
    event = lock(approach.team.event)
    _refuse_answer(approach, actor)
    refuse_locked(event)
    refuse_newcomer(event, approach.user)
    enter(approach.team, approach.user, event)
    _close(approach, accepted=True)
    audit.write("team.join", approach.team, actor=approach.user, event_slug=event.slug)
    others = Approach.objects.filter(user=approach.user, team__event=event, closed_at=None)
    others.update(closed_at=timezone.now())
    _tell(approach.team)


@transaction.atomic
def decline(approach: Approach, actor: User) -> None:
    """Say no, or take it back. Raises Refusal from others."""
    lock(approach.team.event)
    of_both = actor == approach.user or is_member(actor, approach.team)
    if not of_both:
        raise Refusal("This is not yours to answer.", "Its team and its person do.")
    _close(approach, accepted=False)
    _tell(approach.team)


def _approach(team: Team, user: User, kind: ApproachKind, words: str) -> Approach:
    if Approach.objects.filter(team=team, user=user, closed_at=None).exists():
        raise Refusal("One is waiting for an answer already.", "Look at the team's page.")
    made = Approach.objects.create(team=team, user=user, kind=kind, words=words)
    _tell(team)
    return made


def _refuse_answer(approach: Approach, actor: User) -> None:
    """A request is the team's to answer, an invitation the person's."""
    is_request = approach.kind == ApproachKind.REQUEST
    may = is_member(actor, approach.team) if is_request else actor == approach.user
    if not may:
        raise Refusal("This is not yours to answer.", "The other side does.")


def _close(approach: Approach, *, accepted: bool) -> None:
    still = Approach.objects.filter(pk=approach.pk, closed_at=None)
    if not still.update(closed_at=timezone.now(), accepted=accepted):
        raise Refusal("It was answered already.", "Reload the page.")


def _tell(team: Team) -> None:
    publish_on_commit("notice", event=team.event_id)

"""Tokens of teams: a shared machine acts for its team, within the team's event.

A token acts as the member who made it, who is the author of what it hands in, and never for more than the
team may: it reads and hands in. Any member makes and revokes them, as any member may hand in. It ends with
the team, and when that member leaves it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from heldout.accounts import tokens
from heldout.accounts.models import ApiToken, Scope, User
from heldout.audit import actions as audit
from heldout.events.rules import Refusal, is_operator
from heldout.teams.models import Membership, Team, TeamToken
from heldout.teams.rules import clean_name, is_member

SCOPES = (Scope.READ, Scope.SUBMIT)
MOST = 10


def of_team(team: Team, now: datetime) -> "QuerySet[TeamToken]":
    """The tokens of a team that are of use, the newest first."""
    found = TeamToken.objects.filter(membership__team=team, token__revoked_at=None, token__expires_at__gt=now)
    return found.select_related("token", "membership__user")


@transaction.atomic
def make(
    team: Team, user: User, name: str, days: int, now: datetime, *, by: ApiToken | None = None
) -> tuple[TeamToken, str]:
    """A new token of the team, with its text, which is told once. Raises Refusal.

    Made `by` another token, it must end no later than that one: who has found a key for a day has no more.
    """
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    place = Membership.objects.filter(team=team, user=user).first()
    if place is None:
        raise Refusal(f"You are not in {team.name}.", "Only its members make its tokens.")
    if is_operator(user):
        raise Refusal(
            "Your account runs the site.", "Let another member make the token: it acts as its maker."
        )
    if of_team(team, now).count() >= MOST:
        raise Refusal(f"A team has {MOST} tokens at most.", "Revoke one that is not needed any more.")
    if by is not None:
        _refuse_longer_than(by, now + timedelta(days=days), now)
    made, secret = tokens.make(user, clean_name(name), SCOPES, days, is_personal=False)
    kept = TeamToken.objects.create(membership=place, token=made)
    _write("team.token", team, user, {"name": made.name, "until": made.expires_at.isoformat()})
    return kept, secret


def _refuse_longer_than(by: ApiToken, until: datetime, now: datetime) -> None:
    if until <= by.expires_at:
        return
    left = (by.expires_at - now).days
    raise Refusal(
        "The new token would outlive the one that asks for it.",
        f"That has {left} whole days left: ask for fewer `days`."
        if left
        else "That ends within a day: make the new one on your team's page.",
    )


@transaction.atomic
def revoke(team: Team, token: TeamToken, actor: User) -> None:
    """Let a token of the team be of no use from now on. Raises Refusal."""
    if not is_member(actor, team):
        raise Refusal(f"You are not in {team.name}.", "Only its members revoke its tokens.")
    tokens.revoke(token.token)
    _write("team.token_revoked", team, actor, {"name": token.token.name})


def place_of(token: ApiToken) -> Membership | None:
    """The place in a team by which the token acts; None once team or place is gone, or if it may do more.

    Whoever came to run the site or the event meanwhile would lend it powers that no team has.
    """
    place = (
        Membership.objects.filter(
            tokens__token=token, event__roles__user=F("user"), event__roles__name="participant"
        )
        .select_related("team", "event", "user")
        .first()
    )
    return None if place is None or is_operator(place.user) else place


def _write(action: str, team: Team, actor: User, after: dict[str, str]) -> None:
    audit.write(action, team, actor=actor, event_slug=team.event.slug, after=after)

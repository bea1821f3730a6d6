"""Pure questions about teams."""

import unicodedata
from datetime import datetime

from heldout.events.models import Event, RoleName
from heldout.events.rules import Refusal, Viewer, is_organizer, role_of
from heldout.teams.models import Membership, Team


def may_see_team(user: Viewer, team: Team) -> bool:
    """Whether `user` may see what is private to `team`: its members, its coach, the organizers."""
    if not user.is_authenticated:
        return False
    return coaches(user, team) or is_organizer(user, team.event) or is_member(user, team)


def is_member(user: Viewer, team: Team) -> bool:
    """Whether `user` belongs to `team`."""
    return user.is_authenticated and Membership.objects.filter(team=team, user=user).exists()


def coaches(user: Viewer, team: Team) -> bool:
    """Whether `user` is the coach of `team`, and still has the role for it."""
    return team.coach_id == user.pk and role_of(user, team.event) == RoleName.COACH


def may_coach(user: Viewer, team: Team) -> bool:
    """Whether `user` may sign off, open hints and answer calls for `team`: its coach, the organizers."""
    return user.is_authenticated and (coaches(user, team) or is_organizer(user, team.event))


def are_locked(event: Event, now: datetime) -> bool:
    """Whether teams may no longer change by themselves."""
    return event.teams_lock_at is not None and now >= event.teams_lock_at


def clean_name(raw: str) -> str:
    """`raw` in one spelling: NFKC, no control characters, single spaces. Refusal if nothing good is left."""
    name = visible_text(unicodedata.normalize("NFKC", raw))
    longest = Team._meta.get_field("name").max_length or 0
    if not name:
        raise Refusal("A team needs a name.", "Type at least one letter.")
    if len(name) > longest:
        raise Refusal("That name is too long.", f"It has {len(name)} characters; use at most {longest}.")
    return name


def visible_text(raw: str) -> str:
    """`raw` on one line as it may be shown: no control or invisible characters, single spaces."""
    return " ".join("".join(map(_visible, raw)).split())


def _visible(letter: str) -> str:
    """`letter`, a space in place of a control character, nothing in place of an invisible one."""
    category = unicodedata.category(letter)
    if category == "Cc":
        return " "
    return "" if category.startswith("C") else letter

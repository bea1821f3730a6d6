"""Every change of teams. Each locks the event, so that its rules hold for people who act at once.

People change their own team until the event's teams lock; organizers may at any time.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.events.actions import lock
from heldout.events.models import Event, RoleName
from heldout.events.rules import Refusal, is_organizer, role_of
from heldout.teams.models import Membership, Team, UnwelcomeWords, name_key
from heldout.teams.models import new_join_code as fresh_code
from heldout.teams.names import refuse_lookalike, refuse_unwelcome
from heldout.teams.queries import team_of
from heldout.teams.rules import are_locked, clean_name, is_member


@transaction.atomic
def create_team(event: Event, user: User, name: str) -> Team:
    """Make a team whose only member is `user`. Raises Refusal."""
    event = lock(event)
    refuse_locked(event)
    refuse_newcomer(event, user)
    team = Team.objects.create(event=event, name=_free_name(event, name), captain=user)
    Membership.objects.create(team=team, event=event, user=user)
    _write("team.create", team, user, after={"name": team.name})
    return team


@transaction.atomic
def join_team(event: Event, user: User, code: str) -> Team:
    """Put `user` into the team with that join code, however it is spaced. Raises Refusal."""
    event = lock(event)
    refuse_locked(event)
    refuse_newcomer(event, user)
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    team = Team.objects.filter(event=event, join_code=letters).first()
    if team is None:
        raise Refusal("No team has that code.", "Compare it with the code on the team page of a member.")
    enter(team, user, event)
    _write("team.join", team, user)
    return team


@transaction.atomic
def leave_team(team: Team, user: User) -> None:
    """Take `user` out. What the team has handed in stays with the team. Raises Refusal."""
    refuse_locked(lock(team.event))
    left, _ = Membership.objects.filter(team=team, user=user).delete()
    if not left:
        raise Refusal(f"You are not in {team.name}.", "Reload the page to see where you are.")
    _write("team.leave", team, user)
    _succeed(team)


@transaction.atomic
def hand_over(team: Team, to: User, actor: User) -> None:
    """Make another member the captain. Raises Refusal from others than the captain."""
    lock(team.event)
    _refuse_other_than_captain(team, actor)
    if not is_member(to, team):
        raise Refusal(f"{to} is not in {team.name}.", "Choose a member.")
    Team.objects.filter(pk=team.pk).update(captain=to)
    _write("team.hand_over", team, actor, before={"captain": actor.email}, after={"captain": to.email})


@transaction.atomic
def remove_member(team: Team, user: User, actor: User) -> None:
    """Take a member out. What the team has handed in stays with the team. Raises Refusal."""
    refuse_locked(lock(team.event))
    _refuse_other_than_captain(team, actor)
    if user == actor:
        raise Refusal("You are the captain.", "Leave the team instead; another member follows you.")
    if not Membership.objects.filter(team=team, user=user).delete()[0]:
        raise Refusal(f"{user} is not in {team.name}.", "Reload the page.")
    _write("team.remove", team, actor, before={"member": user.email})


@transaction.atomic
def disband(team: Team, actor: User) -> None:
    """Remove a team that has handed in nothing; its members are free again. Raises Refusal."""
    event = lock(team.event)
    refuse_locked(event)
    _refuse_other_than_captain(team, actor)
    _write("team.disband", team, actor, before={"name": team.name})
    try:
        with transaction.atomic():
            Team.objects.filter(pk=team.pk).delete()
    except ProtectedError as error:
        raise Refusal(
            "This team has handed something in.", "It stays, with its history. Its members can leave it."
        ) from error


@transaction.atomic
def make_teams(event: Event, groups: Sequence[Sequence[User]], actor: User) -> list[Team]:
    """Make a team of each group at once, with names that can be changed. Organizers only. Raises Refusal.

    Nobody is placed when somebody of them is in a team meanwhile, or is no participant any more.
    """
    event = lock(event)
    _refuse_stranger(event, actor)
    made = []
    for number, group in enumerate(groups, start=1):
        team = Team.objects.create(event=event, name=_next_name(event, number))
        for user in group:
            refuse_newcomer(event, user)
            enter(team, user, event)
        members = ", ".join(user.email for user in group)
        _write("team.create", team, actor, after={"name": team.name, "members": members})
        made.append(team)
    return made


@transaction.atomic
def empty_team(team: Team, actor: User) -> None:
    """Take everybody out and change the join code; what was handed in stays. Organizers only."""
    event = lock(team.event)
    _refuse_stranger(event, actor)
    people = ", ".join(Membership.objects.filter(team=team).values_list("user__email", flat=True))
    Membership.objects.filter(team=team).delete()
    Team.objects.filter(pk=team.pk).update(captain=None, seeks="", join_code=fresh_code())
    _write("team.empty", team, actor, before={"members": people})


@transaction.atomic
def keep_unwelcome_words(event: Event, words: str, actor: User) -> None:
    """Which words the names of this event's teams may not have, one a line. Organizers only."""
    event = lock(event)
    _refuse_stranger(event, actor)
    kept, _ = UnwelcomeWords.objects.update_or_create(event=event, defaults={"words": words})
    audit.write("teams.unwelcome_words", kept, actor=actor, event_slug=event.slug, after={"words": words})


def _next_name(event: Event, number: int) -> str:
    taken = set(Team.objects.filter(event=event).values_list("name_key", flat=True))
    while name_key(f"Team {number}") in taken:
        number += 1
    return f"Team {number}"


def _succeed(team: Team) -> None:
    """A team whose captain has left is led by its longest-standing member."""
    fresh = Team.objects.get(pk=team.pk)
    if fresh.captain_id and Membership.objects.filter(team=team, user=fresh.captain_id).exists():
        return
    first = Membership.objects.filter(team=team).order_by("joined_at").first()
    Team.objects.filter(pk=team.pk).update(captain=first.user if first else None)


def _refuse_other_than_captain(team: Team, actor: User) -> None:
    fresh = Team.objects.get(pk=team.pk)
    leads = fresh.captain_id == actor.pk and is_member(actor, team)
    if not (leads or is_organizer(actor, team.event)):
        raise Refusal("Only the captain of the team may do that.", "Ask the captain, or an organizer.")


@transaction.atomic
def rename_team(team: Team, name: str, actor: User) -> None:
    """Give the team another name: members until teams lock, organizers always. Raises Refusal."""
    event = lock(team.event)
    _refuse_change(team, event, actor)
    before, team.name = team.name, _free_name(event, name, except_for=team)
    team.save(update_fields=["name", "name_key"])
    _write("team.rename", team, actor, before={"name": before}, after={"name": team.name})


@transaction.atomic
def new_join_code(team: Team, actor: User) -> str:
    """Replace the join code; the old one stops working. Raises Refusal as `rename_team` does."""
    _refuse_change(team, lock(team.event), actor)
    team.join_code = fresh_code()
    team.save(update_fields=["join_code"])
    _write("team.new_code", team, actor)
    return team.join_code


@transaction.atomic
def assign_coach(team: Team, coach: User | None, actor: User) -> None:
    """Make `coach` the coach of the team, or leave it without one. Organizers only. Raises Refusal."""
    event = lock(team.event)
    _refuse_stranger(event, actor)
    if coach is not None and role_of(coach, event) != RoleName.COACH:
        raise Refusal(f"{coach} is not a coach of this event.", "Invite them as a coach first.")
    before = Team.objects.select_related("coach").get(pk=team.pk).coach
    team.coach = coach
    team.save(update_fields=["coach"])
    _write("team.coach", team, actor, before={"coach": _label(before)}, after={"coach": _label(coach)})


@transaction.atomic
def move_member(user: User, team: Team, actor: User) -> None:
    """Put `user` into `team`, out of the present one if any. Organizers only. Raises Refusal.

    Earlier submissions stay with the team that handed them in.
    """
    event = lock(team.event)
    _refuse_stranger(event, actor)
    _refuse_non_participant(event, user)
    before = team_of(user, event)
    if before == team:
        raise Refusal(f"{user} is in {team.name} already.", "Choose another team.")
    Membership.objects.filter(event=event, user=user).delete()
    enter(team, user, event)
    if before is not None:
        _succeed(before)
    _write("team.move", team, actor, before={"team": _label(before)}, after={"member": user.email})


def enter(team: Team, user: User, event: Event) -> None:
    """Add a member to a team of a locked event, or Refusal if it is full."""
    if team.memberships.count() >= event.team_size_limit:
        raise Refusal(
            f"{team.name} is full.",
            f"A team has at most {event.team_size_limit} members. Join another, or make your own.",
        )
    Membership.objects.create(team=team, event=event, user=user)
    Team.objects.filter(pk=team.pk, captain=None).update(captain=user)


def _free_name(event: Event, raw: str, except_for: Team | None = None) -> str:
    """`raw` as a clean name that no other team of the locked event has, or Refusal."""
    name = clean_name(raw)
    others = Team.objects.filter(event=event, name_key=name_key(name))
    if except_for is not None:
        others = others.exclude(pk=except_for.pk)
    if others.exists():
        raise Refusal(f"There is a team {name} already.", "Choose another name, or join it with its code.")
    rest = Team.objects.filter(event=event)
    refuse_lookalike(name, (other.name for other in rest if other != except_for))
    own = UnwelcomeWords.objects.filter(event=event).first()
    refuse_unwelcome(name, own.words.splitlines() if own else ())
    return name


def refuse_locked(event: Event) -> None:
    """Refuse changes by people themselves once teams are locked."""
    if are_locked(event, timezone.now()):
        raise Refusal("Teams are locked.", "Ask an organizer if somebody must change teams now.")


def refuse_newcomer(event: Event, user: User) -> None:
    """Refuse people who may not enter a team by themselves."""
    _refuse_non_participant(event, user)
    team = team_of(user, event)
    if team is not None:
        raise Refusal(f"You are in {team.name} already.", "Leave it first; one person has one team.")


def _refuse_non_participant(event: Event, user: User) -> None:
    if role_of(user, event) != RoleName.PARTICIPANT:
        raise Refusal(
            "Only participants form teams.", f"{user} is not a participant of {event}: invite them as one."
        )


def _refuse_change(team: Team, event: Event, actor: User) -> None:
    """Refuse whoever is neither an organizer nor a member of a team that may still change."""
    if is_organizer(actor, event):
        return
    if not is_member(actor, team):
        raise Refusal(f"You are not in {team.name}.", "Only its members and the organizers change it.")
    refuse_locked(event)


def _refuse_stranger(event: Event, actor: User) -> None:
    if not is_organizer(actor, event):
        raise Refusal("Only organizers may do that.", f"Ask an organizer of {event}.")


def _label(thing: User | Team | None) -> str:
    return str(thing) if thing is not None else ""


def _write(
    action: str,
    team: Team,
    actor: User,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    audit.write(action, team, actor=actor, event_slug=team.event.slug, before=before, after=after)

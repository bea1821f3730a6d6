"""Every change of calls for help and of opened hints."""

from django.db import transaction
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.catalog.admissions import refuse_unless_admitted
from heldout.catalog.models import Challenge
from heldout.catalog.passing import tell_team
from heldout.coaching.models import HelpCall, OpenedHint
from heldout.events.rules import Refusal
from heldout.teams.models import Team
from heldout.teams.rules import is_member, may_coach, visible_text

LONGEST_WORDS = 300


@transaction.atomic
def raise_hand(challenge: Challenge, team: Team, author: User, words: str) -> HelpCall:
    """Call the coach to a challenge. One call a challenge is open at a time. Raises Refusal."""
    if team.event_id != challenge.event_id or not is_member(author, team):
        raise Refusal("You are not in this team.", "Only members of a team raise its hand.")
    refuse_unless_admitted(team, challenge)
    clean = visible_text(words)[:LONGEST_WORDS]
    if not clean:
        raise Refusal("Say in a sentence what you need.", "Your coach reads it before coming over.")
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    if HelpCall.objects.filter(challenge=challenge, team=team, closed_at=None).exists():
        raise Refusal("Your hand is up already.", "Your coach sees it.")
    call = HelpCall.objects.create(challenge=challenge, team=team, author=author, words=clean)
    _tell("help.called", call, author, {"words": clean})
    return call


@transaction.atomic
def claim(call: HelpCall, actor: User) -> None:
    """Tell the team that `actor` comes. Of two coaches at once one gets it. Raises Refusal."""
    _refuse_stranger(call, actor)
    free = HelpCall.objects.filter(pk=call.pk, claimed_by=None, closed_at=None)
    if not free.update(claimed_by=actor, claimed_at=timezone.now()):
        raise Refusal("Somebody was faster.", "The call is taken or closed already.")
    _tell("help.claimed", call, actor)


@transaction.atomic
def close(call: HelpCall, actor: User) -> None:
    """End a call: the coach when the team can go on, or the team itself. Raises Refusal."""
    if not is_member(actor, call.team):
        _refuse_stranger(call, actor)
    still_open = HelpCall.objects.filter(pk=call.pk, closed_at=None)
    if not still_open.update(closed_by=actor, closed_at=timezone.now()):
        raise Refusal("The call is closed already.", "Reload the page.")
    _tell("help.closed", call, actor)


@transaction.atomic
def open_hint(challenge: Challenge, team: Team, title: str, actor: User) -> OpenedHint:
    """Show a hint to a team. Raises Refusal."""
    if team.event_id != challenge.event_id or not may_coach(actor, team):
        raise Refusal(f"You do not coach {team}.", "Its coach opens hints, or an organizer.")
    if title not in [hint.title for hint in challenge.bundle.hints]:
        raise Refusal("There is no such hint.", "Reload the page and choose again.")
    hint, is_new = OpenedHint.objects.get_or_create(
        challenge=challenge, team=team, title=title, defaults={"by": actor}
    )
    if not is_new:
        raise Refusal("This hint is open already.", f"{hint.by} opened it.")
    after = {"title": title}
    audit.write("hint.opened", hint, actor=actor, event_slug=challenge.event.slug, after=after)
    tell_team(challenge, team)
    publish_on_commit("help", event=challenge.event_id, team=team.pk, challenge=challenge.slug)
    return hint


def _refuse_stranger(call: HelpCall, actor: User) -> None:
    if not may_coach(actor, call.team):
        raise Refusal(f"You do not coach {call.team}.", "Its coach answers, or an organizer.")


def _tell(action: str, call: HelpCall, actor: User, after: dict[str, str] | None = None) -> None:
    event = call.challenge.event
    audit.write(action, call, actor=actor, event_slug=event.slug, after=after)
    publish_on_commit("help", event=event.pk, team=call.team_id, challenge=call.challenge.slug)

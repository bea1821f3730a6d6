"""Pure questions about notices: who reads, who answers."""

from heldout.accounts.models import User
from heldout.events.models import Event, RoleName
from heldout.events.rules import is_organizer, role_of
from heldout.notices.models import Audience, Inquiry
from heldout.teams.rules import may_see_team


def audiences_of(user: User, event: Event) -> list[Audience]:
    """To whom an announcement must be addressed for `user` to read it. Organizers read all."""
    if is_organizer(user, event):
        return list(Audience)
    own = {RoleName.PARTICIPANT: Audience.PARTICIPANTS, RoleName.COACH: Audience.COACHES}
    role = role_of(user, event)
    return [Audience.ALL, *([own[role]] if role in own else [])]


def may_read(user: User, inquiry: Inquiry) -> bool:
    """Whether `user`, who is of the event and may see its challenge, may read a question."""
    return inquiry.is_public or may_see_team(user, inquiry.team)


def may_answer(user: User, inquiry: Inquiry) -> bool:
    """Whether `user` may answer: organizers, the team's coach, and any coach what is public."""
    role, organizes = role_of(user, inquiry.event), is_organizer(user, inquiry.event)
    return answers(user, role, inquiry, organizes=organizes)


def answers(user: User, role: RoleName | None, inquiry: Inquiry, *, organizes: bool) -> bool:
    """As `may_answer`, where the user's role in the event is known."""
    of_own_team = inquiry.team.coach_id == user.pk
    return organizes or (role == RoleName.COACH and (inquiry.is_public or of_own_team))

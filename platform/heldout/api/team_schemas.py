"""What the API says of teams, and what it is told of them."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import StringConstraints

from heldout.accounts.models import User
from heldout.api.schemas import TeamOut
from heldout.api.words import Line, Note, Number, Written
from heldout.teams.models import Approach, Team
from heldout.teams.queries import TeamCard


class PersonOut(Schema):
    """Somebody of the event."""

    id: int
    name: str

    @classmethod
    def shown(cls, user: User) -> "PersonOut":
        """A person as others see them."""
        return cls(id=user.pk, name=str(user))


class TeamCardOut(TeamOut):
    """A team as everybody of the event sees it."""

    coach: str | None
    members: list[str]
    is_mine: bool

    @classmethod
    def shown(cls, card: TeamCard) -> "TeamCardOut":
        """A card as the API says it."""
        return cls(
            id=card.team.pk,
            name=card.team.name,
            coach=str(card.team.coach) if card.team.coach else None,
            members=[str(member) for member in card.members],
            is_mine=card.is_mine,
        )


class OwnTeamOut(TeamOut):
    """The caller's team, with what is its own alone."""

    join_code: str
    coach: str | None
    captain: int | None
    seeks: str
    """Whom it looks for, as the team finder shows it."""
    members: list[PersonOut]
    places_left: int

    @classmethod
    def whole(cls, team: Team, people: list[User]) -> "OwnTeamOut":
        """All that its members know of it."""
        return cls(
            id=team.pk,
            name=team.name,
            join_code=team.join_code,
            coach=str(team.coach) if team.coach else None,
            captain=team.captain_id,
            seeks=team.seeks,
            members=[PersonOut.shown(person) for person in people],
            places_left=max(0, team.event.team_size_limit - len(people)),
        )


class ApproachOut(Schema):
    """Somebody asks a team (`request`), or a team asks somebody (`invitation`)."""

    id: int
    kind: str
    team: TeamOut
    person: PersonOut
    words: str
    at: datetime

    @classmethod
    def shown(cls, made: Approach) -> "ApproachOut":
        """An approach as both sides see it."""
        return cls(
            id=made.pk,
            kind=made.kind,
            team=TeamOut.of(made.team),
            person=PersonOut.shown(made.user),
            words=made.words,
            at=made.at,
        )


class TeamIn(Schema):
    """A team to found."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=40), Written]


class TeamChangeIn(Schema):
    """What is to change about a team."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=40), Written] | None = None
    seeks: Annotated[str, StringConstraints(max_length=200), Written] | None = None


class JoinIn(Schema):
    """The code that a member has told."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=20), Written]


class PersonIn(Schema):
    """A member, by number."""

    person: Number


class WordsIn(Schema):
    """A few words to go with it."""

    words: Annotated[str, StringConstraints(max_length=200), Written] = ""


class NoteIn(Schema):
    """What was changed in a submission."""

    note: Note


class ReasonIn(Schema):
    """Why."""

    reason: Line

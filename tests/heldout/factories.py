"""Things that tests are about, made with as little said as possible."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from heldout.accounts.models import User
from heldout.events.models import Event, Role, RoleName
from heldout.teams.models import Membership, Team

_numbers = count(1)


def make_user(email: str = "", *, password: str | None = None, **fields: Any) -> User:
    """An account; without `email` it has one that nobody else has."""
    number = next(_numbers)
    fields.setdefault("name", f"Person {number}")
    return User.objects.create_user(email or f"person{number}@example.org", password, **fields)


def make_superuser(email: str = "") -> User:
    """An account that runs the site."""
    return make_user(email, is_staff=True, is_superuser=True)


def make_event(slug: str = "", **fields: Any) -> Event:
    """An event that began an hour ago and lasts three days."""
    slug = slug or f"event-{next(_numbers)}"
    now = timezone.now()
    fields.setdefault("name", slug.replace("-", " ").title())
    fields.setdefault("starts_at", now - timedelta(hours=1))
    fields.setdefault("ends_at", now + timedelta(days=3))
    return Event.objects.create(slug=slug, **fields)


def make_role(event: Event, name: RoleName, user: User | None = None) -> User:
    """Somebody who is `name` in `event`."""
    user = user or make_user()
    Role.objects.create(event=event, user=user, name=name)
    return user


def make_participant(event: Event, user: User | None = None) -> User:
    return make_role(event, RoleName.PARTICIPANT, user)


def make_coach(event: Event, user: User | None = None) -> User:
    return make_role(event, RoleName.COACH, user)


def make_organizer(event: Event, user: User | None = None) -> User:
    return make_role(event, RoleName.ORGANIZER, user)


def make_team(event: Event, name: str = "", *, members: int | list[User] = 1, **fields: Any) -> Team:
    """A team of `members` participants: new ones if a number is given."""
    team = Team.objects.create(event=event, name=name or f"Team {next(_numbers)}", **fields)
    people = [make_participant(event) for _ in range(members)] if isinstance(members, int) else members
    for user in people:
        Membership.objects.create(team=team, event=event, user=user)
    return team

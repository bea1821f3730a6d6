from functools import partial

import pytest

from heldout.accounts.models import User
from heldout.events import actions, agenda
from heldout.events.models import Invitation, Registration, Role, RoleName
from tests.heldout.factories import make_event, make_organizer, make_user
from tests.heldout.threads import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_several_who_accept_one_link_at_once_one_gets_the_role() -> None:
    event, ada = make_event(), make_user("ada@example.org")
    _, token = actions.invite(event, ada.email, RoleName.COACH, None)
    outcomes = at_once([partial(actions.accept, token, ada)] * 6)
    assert len(refusals(outcomes)) == 5
    assert Role.objects.filter(event=event).count() == 1


def test_of_several_newcomers_with_one_link_one_gets_an_account() -> None:
    _, token = actions.invite(make_event(), "ada@example.org", RoleName.COACH, None)
    outcomes = at_once([partial(actions.accept_as_new, token, f"Ada {number}") for number in range(6)])
    assert len(refusals(outcomes)) == 5
    assert User.objects.filter(email="ada@example.org").count() == 1
    assert Role.objects.count() == 1


def test_two_organizers_who_invite_one_address_at_once_make_one_invitation() -> None:
    event = make_event()
    outcomes = at_once(
        [
            partial(actions.invite, event, "ada@example.org", RoleName.COACH, make_organizer(event))
            for _ in range(4)
        ]
    )
    assert len(refusals(outcomes)) == 3
    assert Invitation.objects.count() == 1


def test_a_link_is_either_accepted_or_revoked() -> None:
    event, ada = make_event(), make_user("ada@example.org")
    organizer = make_organizer(event)
    invitation, token = actions.invite(event, ada.email, RoleName.COACH, organizer)
    outcomes = at_once([partial(actions.accept, token, ada), partial(actions.revoke, invitation, organizer)])
    assert len(refusals(outcomes)) == 1
    invitation.refresh_from_db()
    assert (invitation.accepted_at is None) != (invitation.revoked_at is None)


def test_the_last_seats_are_given_once_and_come_free_once() -> None:
    event = make_event()
    session = agenda.add_session(
        event, None, title="Talk", starts_at=event.starts_at, ends_at=event.ends_at, is_open=True, capacity=2
    )
    at_once([partial(agenda.register, session, "Ada", f"ada{number}@example.org") for number in range(5)])
    seated = Registration.objects.filter(waits=False)
    assert (seated.count(), Registration.objects.count()) == (2, 5)
    first = seated.earliest("at")
    outcomes = at_once([partial(agenda.cancel, first)] * 3)
    assert len(refusals(outcomes)) == 2
    assert seated.filter(cancelled_at=None).count() == 2

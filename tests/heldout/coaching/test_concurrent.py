from functools import partial

import pytest

from heldout.catalog.models import Attainment, SignOff, Tick
from heldout.catalog.passing import sign_off
from heldout.coaching import actions
from heldout.coaching.models import HelpCall, OpenedHint
from tests.heldout.factories import make_coach, make_event, make_organizer, make_team
from tests.heldout.handing_in import make_challenge, member_of
from tests.heldout.threads import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_several_people_do_at_once_is_done_once() -> None:
    event = make_event()
    challenge = make_challenge(event, criteria=[{"text": "Plotted", "evidence": True}])
    challenge.bundle.hints_json = [{"title": "Begin", "text": "Plot it."}]
    challenge.bundle.save()
    coach = make_coach(event)
    team = make_team(event, coach=coach)
    helpers = [coach, *(make_organizer(event) for _ in range(3))]
    raised = at_once([partial(actions.raise_hand, challenge, team, member_of(team), "Help")] * 4)
    assert len(refusals(raised)) == 3
    call = HelpCall.objects.get()
    assert len(refusals(at_once([partial(actions.claim, call, who) for who in helpers]))) == 3
    assert len(refusals(at_once([partial(actions.close, call, who) for who in helpers]))) == 3
    at_once([partial(actions.open_hint, challenge, team, "Begin", who) for who in helpers])
    at_once([partial(sign_off, challenge, team, who, seen=["Plotted"]) for who in helpers])
    counts = [model.objects.count() for model in (OpenedHint, Tick, SignOff, Attainment)]
    assert counts == [1, 1, 1, 1]

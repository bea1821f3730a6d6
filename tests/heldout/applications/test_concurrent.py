"""Two organizers who decide at once share the places."""

from functools import partial

import pytest

from heldout.accounts.models import User
from heldout.applications import actions
from heldout.applications.models import Application, Intake
from heldout.events.models import Event
from tests.heldout.applications.conftest import Apply
from tests.heldout.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_last_place_is_given_once(event: Event, organizer: User, apply: Apply) -> None:
    Intake.objects.update(places=1)
    made = [apply(name).pk for name in ("Ada", "Ben", "Eve")]
    at_once([partial(actions.decide, event, [pk], "accept", organizer) for pk in made])
    assert Application.objects.filter(state="accepted").count() == 1

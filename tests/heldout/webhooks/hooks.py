"""Webhooks as tests need them."""

import json
from typing import Any

from heldout.events.models import Event
from heldout.teams.models import Team
from heldout.webhooks import actions
from heldout.webhooks.models import Delivery, Hook, Topic
from tests.heldout.factories import make_organizer
from tests.heldout.handing_in import member_of

PUBLIC = "https://hooks.example.org/in"


def of_event(event: Event, url: str = PUBLIC, *topics: Topic) -> Hook:
    return actions.add(event, None, url, topics or list(Topic), make_organizer(event))


def of_team(team: Team, url: str = PUBLIC, *topics: Topic) -> Hook:
    return actions.add(team.event, team, url, topics or list(Topic), member_of(team))


def told(hook: Hook) -> list[dict[str, Any]]:
    """What was written down for it, the first at the front."""
    return [json.loads(each.body) for each in Delivery.objects.filter(hook=hook).order_by("created_at")]

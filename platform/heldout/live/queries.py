"""Who a viewer is to the live channel."""

from heldout.events.models import Event
from heldout.events.rules import Viewer, is_organizer
from heldout.live.rules import Listener
from heldout.teams.models import Team
from heldout.teams.queries import team_of
from heldout.teams.rules import coaches


def listener_for(user: Viewer, event: Event) -> Listener:
    """Resolve once, when a page connects, what the viewer may hear."""
    mine = team_of(user, event)
    coached = Team.objects.filter(event=event, coach=user.pk).select_related("event")
    teams = {team.pk for team in coached if coaches(user, team)} | ({mine.pk} if mine else set())
    return Listener(event=event.pk, organizer=is_organizer(user, event), teams=frozenset(teams))

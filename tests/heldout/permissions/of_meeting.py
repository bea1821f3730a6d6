"""People and teams that find each other, captains, and teams that organizers make."""

from typing import Any

from heldout.teams.models import Approach, Profile, Team
from tests.heldout.web.scene import Life

MATRIX = """
# request                                               nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/teams/find/                      login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/teams/find/                     login  404      404       422  422   422    200   200     200       200
GET /events/gear-trail/teams/assign/                    login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/teams/assign/                   login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/teams/words/                     405
POST /events/gear-trail/teams/words/                    login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/teams/{team}/empty/              405
POST /events/gear-trail/teams/{team}/empty/             login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/teams/{team}/ask/                405
POST /events/gear-trail/teams/{team}/ask/               login  404      404       302  302   302    302   302     302       302
GET /events/gear-trail/teams/{team}/rename/             405
POST /events/gear-trail/teams/{team}/rename/            login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/people/{lone}/invite/            405
POST /events/gear-trail/people/{lone}/invite/           login  404      404       302  302   302    302   302     302       302
GET /events/gear-trail/approaches/{approach}/accept/    405
POST /events/gear-trail/approaches/{approach}/accept/   login  404      404       302  404   302    404   404     404       404
GET /events/gear-trail/approaches/{approach}/decline/   405
POST /events/gear-trail/approaches/{approach}/decline/  login  404      404       302  404   302    404   404     404       404
GET /events/gear-trail/team/seek/                       405
POST /events/gear-trail/team/seek/                      login  404      404       302  302   302    302   302     302       302
GET /events/gear-trail/team/hand-over/                  405
POST /events/gear-trail/team/hand-over/                 login  404      404       302  302   302    302   302     302       302
GET /events/gear-trail/team/remove/                     405
POST /events/gear-trail/team/remove/                    login  404      404       302  302   302    302   302     302       302
GET /events/gear-trail/team/disband/                    405
POST /events/gear-trail/team/disband/                   login  404      404       302  302   302    302   302     302       302
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """The lone participant asks the member's team, which has a captain."""
    scene = life.scene
    lone = scene.people["lone"]
    Team.objects.filter(pk=scene.team.pk).update(captain=scene.people["participant"])
    Profile.objects.create(event=scene.event, user=lone, looks_for_team=True)
    asked = Approach.objects.create(team=scene.team, user=lone, kind="request")
    return {"approach": asked.pk, "lone": lone.pk}

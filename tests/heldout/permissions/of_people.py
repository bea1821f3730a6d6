"""Invitations and teams."""

from typing import Any

from django.utils import timezone

from heldout.events.actions import invite
from heldout.events.models import RoleName
from heldout.teams import tokens
from tests.heldout.web.scene import Life

MATRIX = """
# request                                                 nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/new/                                          login  404      200       404  404   404    404   404     200       200
POST /events/new/                                         login  404      200       404  404   404    404   404     200       200
GET /events/gear-trail/invitations/                       login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/invitations/                      login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/invitations/{invitation}/resend/   405
POST /events/gear-trail/invitations/{invitation}/resend/  login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/invitations/{invitation}/revoke/   405
POST /events/gear-trail/invitations/{invitation}/revoke/  login  404      404       404  404   404    404   404     302       302
GET /invitations/made-up/                                 410
POST /invitations/made-up/                                410
GET /events/gear-trail/team/                              login  404      404       200  200   200    302   302     302       302
POST /events/gear-trail/team/                             login  404      404       200  200   200    302   302     302       302
GET /events/gear-trail/team/create/                       405
POST /events/gear-trail/team/create/                      login  404      404       422  302   302    302   302     302       302
GET /events/gear-trail/team/join/                         405
POST /events/gear-trail/team/join/                        login  404      404       422  302   302    302   302     302       302
GET /events/gear-trail/team/leave/                        405
POST /events/gear-trail/team/leave/                       login  404      404       302  302   302    302   302     302       302
GET /events/gear-trail/team/rename/                       405
POST /events/gear-trail/team/rename/                      login  404      404       302  422   422    302   302     302       302
GET /events/gear-trail/team/code/                         405
POST /events/gear-trail/team/code/                        login  404      404       302  302   302    302   302     302       302
GET /events/gear-trail/team/tokens/                       login  404      404       302  200   200    302   302     302       302
POST /events/gear-trail/team/tokens/                      login  404      404       302  422   422    302   302     302       302
GET /events/gear-trail/team/tokens/{team_token}/revoke/   405
POST /events/gear-trail/team/tokens/{team_token}/revoke/  login  404      404       404  404   302    404   404     404       404
GET /events/gear-trail/teams/                             login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/teams/                            login  404      404       200  200   200    200   200     200       200
GET /events/gear-trail/teams/{team}/coach/                405
POST /events/gear-trail/teams/{team}/coach/               login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/teams/move/                        405
POST /events/gear-trail/teams/move/                       login  404      404       404  404   404    404   404     302       302
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """The member's team with a token, and an invitation that nobody has accepted."""
    invitation, _ = invite(life.scene.event, "asked@example.org", RoleName.PARTICIPANT, None)
    member = life.scene.people["participant"]
    token, _ = tokens.make(life.scene.team, member, "CI", 7, timezone.now())
    return {"team_token": token.pk, "team": life.scene.team.pk, "invitation": invitation.pk}

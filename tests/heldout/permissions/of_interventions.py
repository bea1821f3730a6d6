"""The organizers' interventions."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from heldout.submissions.intervention_models import Disqualification, Extension, Grant, Pause
from tests.heldout.web.scene import Life

MATRIX = """
# request                                                                   nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/control/interventions/                               login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/control/interventions/                              login  404      404       404  404   404    404   404     404       404
GET /events/gear-trail/control/pauses/{pause}/resume/                       405
POST /events/gear-trail/control/pauses/{pause}/resume/                      login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/control/grants/{grant}/take-back/                    405
POST /events/gear-trail/control/grants/{grant}/take-back/                   login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/control/extensions/{extension}/take-back/            405
POST /events/gear-trail/control/extensions/{extension}/take-back/           login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/control/disqualifications/{disqualification}/undo/   405
POST /events/gear-trail/control/disqualifications/{disqualification}/undo/  login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/submissions/{scored}/disqualify/                     login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/submissions/{scored}/disqualify/                    login  404      404       404  404   404    404   404     422       422
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """One of each intervention, where it changes nothing for the rest of the scene."""
    scene = life.scene
    common: dict[str, Any] = {"reason": "x", "by": scene.people["organizer"]}
    of_team = {"challenge": scene.locked, "team": scene.team} | common
    later = timezone.now() + timedelta(hours=1)
    return {
        "pause": Pause.objects.create(
            event=scene.event, challenge=scene.locked, scope="scoring", **common
        ).pk,
        "grant": Grant.objects.create(tries=1, **of_team).pk,
        "extension": Extension.objects.create(until=later, **of_team).pk,
        "disqualification": Disqualification.objects.create(
            submission=scene.submissions["queued"], **common
        ).pk,
    }

"""Webhooks: of the organizers, and of teams. Whoever has none of their own finds nothing."""

from typing import Any

from heldout.webhooks.telling import trial_message
from tests.heldout.web.scene import Life
from tests.heldout.webhooks.hooks import of_event, of_team

MATRIX = """
# request                                                          nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/webhooks/                                   login  404      404       404  200   200    404   404     200       200
POST /events/gear-trail/webhooks/                                  login  404      404       404  422   422    404   404     422       422
GET /events/gear-trail/webhooks/{hook}/                            login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/webhooks/{hook}/                           405
GET /events/gear-trail/webhooks/{team_hook}/                       login  404      404       404  404   200    404   404     404       404
GET /events/gear-trail/webhooks/{team_hook}/secret/                405
POST /events/gear-trail/webhooks/{team_hook}/secret/               login  404      404       404  404   200    404   404     404       404
GET /events/gear-trail/webhooks/{team_hook}/test/                  405
POST /events/gear-trail/webhooks/{team_hook}/test/                 login  404      404       404  404   302    404   404     404       404
POST /events/gear-trail/webhooks/{hook}/test/                      login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/webhooks/{team_hook}/pause/                 405
POST /events/gear-trail/webhooks/{team_hook}/pause/                login  404      404       404  404   302    404   404     404       404
GET /events/gear-trail/webhooks/{team_hook}/resume/                405
POST /events/gear-trail/webhooks/{team_hook}/resume/               login  404      404       404  404   302    404   404     404       404
GET /events/gear-trail/webhooks/{team_hook}/remove/                405
POST /events/gear-trail/webhooks/{team_hook}/remove/               login  404      404       404  404   302    404   404     404       404
GET /events/gear-trail/webhooks/deliveries/{delivery}/again/      405
POST /events/gear-trail/webhooks/deliveries/{delivery}/again/     login  404      404       404  404   404    404   404     302       302
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """A webhook of the organizers with a message, and one of the member's team."""
    hook = of_event(life.scene.event)
    delivery = trial_message(hook)
    return {"hook": hook.pk, "team_hook": of_team(life.scene.team).pk, "delivery": delivery.pk}

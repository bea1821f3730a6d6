"""Scoring anew."""

from typing import Any

from heldout.submissions.models import Rescoring
from tests.heldout.web.scene import Life

MATRIX = """
# request                                                        nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/control/rescorings/                       login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/control/rescorings/                      login  404      404       404  404   404    404   404     422       422
GET /events/gear-trail/control/rescorings/{rescoring}/           login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/control/rescorings/{rescoring}/          405
GET /events/gear-trail/control/rescorings/{rescoring}/discard/   405
POST /events/gear-trail/control/rescorings/{rescoring}/discard/  login  404      404       404  404   404    404   404     302       302
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """A rescoring that has no runs."""
    challenge = life.scene.open
    assert challenge.preparation is not None
    made = Rescoring.objects.create(
        challenge=challenge,
        preparation=challenge.preparation,
        previous=challenge.preparation,
        reason="x",
        by=life.scene.people["organizer"],
    )
    return {"rescoring": made.pk}

"""Announcements and questions."""

from typing import Any

from heldout.notices.models import Announcement, Inquiry
from tests.heldout.web.scene import Life

MATRIX = """
# request                                                   nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/notices/                             login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/notices/                            login  404      404       404  404   404    404   404     422       422
GET /events/gear-trail/notices/bell/                        login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/notices/bell/                       405
GET /events/gear-trail/notices/{announcement}/              login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/notices/{announcement}/             login  404      404       404  404   404    404   404     422       422
GET /events/gear-trail/notices/{announcement}/withdraw/     405
POST /events/gear-trail/notices/{announcement}/withdraw/    login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/questions/                           login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/questions/                          login  404      404       422  422   422    422   422     422       422
GET /events/gear-trail/questions/{question_asked}/answer/   405
POST /events/gear-trail/questions/{question_asked}/answer/  login  404      404       404  404   302    302   404     302       302
GET /events/gear-trail/questions/{question_asked}/public/   405
POST /events/gear-trail/questions/{question_asked}/public/  login  404      404       404  404   302    302   404     302       302
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """An announcement, and a private question of the member's team."""
    scene = life.scene
    told = Announcement.objects.create(event=scene.event, title="Lunch", by=scene.people["organizer"])
    asked = Inquiry.objects.create(
        event=scene.event,
        team=scene.team,
        author=scene.people["participant"],
        text="May we?",
        is_public=False,
    )
    return {"announcement": told.pk, "question_asked": asked.pk}

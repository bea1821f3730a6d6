"""Applications: what strangers see of an event that takes them, and what its organizers decide."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from heldout.applications.models import Application, Intake, Question
from heldout.events.actions import digest
from tests.heldout.web.scene import Life

MATRIX = """
# request                                                          nobody outsider elsewhere lone rival member coach another organizer operator
GET /apply/gear-trail/                                             200
POST /apply/gear-trail/                                            422
GET /apply/other-event/                                            404
POST /apply/other-event/                                           404
GET /applications/{application_token}/                             200
POST /applications/{application_token}/                            302
GET /applications/made-up/                                         404
GET /events/gear-trail/applications/                               login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/applications/                              405
GET /events/gear-trail/applications/decide/                        405
POST /events/gear-trail/applications/decide/                       login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/applications/{application}/                 login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/applications/{application}/                login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/applications/form/                          login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/applications/form/                         login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/applications/questions/new/                 login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/applications/questions/new/                login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/applications/questions/{question}/          login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/applications/questions/{question}/         login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/applications/questions/{question}/remove/   405
POST /events/gear-trail/applications/questions/{question}/remove/  login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/invitations/roster/                         login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/invitations/roster/                        login  404      404       404  404   404    404   404     422       422
GET /events/gear-trail/invitations/roster/sample.csv               login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/invitations/roster/sample.csv              405
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """An application with its link, and a question."""
    event, now = life.scene.event, timezone.now()
    Intake.objects.create(event=event, opens_at=now - timedelta(days=1))
    made = Application.objects.create(
        event=event, name="Ida", email="ida@example.org", skill=3, agreed_at=now, token_digest=digest("ida")
    )
    question = Question.objects.create(event=event, text="Why?")
    return {"application": made.pk, "application_token": "ida", "question": question.pk}

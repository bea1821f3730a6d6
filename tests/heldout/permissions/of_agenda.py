"""The agenda, calendars, and sessions that anybody may attend."""

from typing import Any

from heldout.events import ticket
from heldout.events.models import Registration, Session
from tests.heldout.web.scene import Life

MATRIX = """
# request                                         nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/agenda/                    login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/agenda/                   405
GET /events/gear-trail/agenda/new/                login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/agenda/new/               login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/agenda/{session}/          login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/agenda/{session}/         login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/agenda/{session}/remove/   405
POST /events/gear-trail/agenda/{session}/remove/  login  404      404       404  404   404    404   404     302       302
GET /agenda/made-up.ics                           404
POST /agenda/made-up.ics                          405
GET /open/{session}/                              200
POST /open/{session}/                             200
GET /open/{private_session}/                      404
POST /open/{private_session}/                     404
GET /open/{session}.ics                           200
POST /open/{session}.ics                          405
GET /open/{private_session}.ics                   404
GET /open/cancel/{seat}/                          200
POST /open/cancel/{seat}/                         302
GET /open/cancel/made-up/                         404
GET /events/gear-trail/attendance/{session}/                              login  404 404 404 404 404 200 200 200 200
POST /events/gear-trail/attendance/{session}/                             405
GET /events/gear-trail/attendance/{private_session}/                      login  404 404 404 404 404 404 404 404 404
GET /events/gear-trail/attendance/{session}/attendance.csv                login  404 404 404 404 404 200 200 200 200
POST /events/gear-trail/attendance/{session}/attendance.csv               405
GET /events/gear-trail/attendance/{session}/{registration}/check-in/      405
POST /events/gear-trail/attendance/{session}/{registration}/check-in/     login  404 404 404 404 404 302 302 302 302
GET /events/gear-trail/attendance/{session}/{registration}/undo/          405
POST /events/gear-trail/attendance/{session}/{registration}/undo/         login  404 404 404 404 404 302 302 302 302
GET /events/gear-trail/check-in/{ticket}/                                 login  404 404 404 404 404 200 200 200 200
POST /events/gear-trail/check-in/{ticket}/                                login  404 404 404 404 404 302 302 302 302
GET /events/gear-trail/check-in/made-up/                                  login  404 404 404 404 404 404 404 404 404
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """An open session with a seat in it, and one for the event's people alone."""
    private = Session.objects.filter(event=life.scene.event, is_open=False).latest("pk")
    seat = Registration.objects.get(session=life.session, email="grace@example.org")
    return {
        "session": life.session.pk,
        "private_session": private.pk,
        "seat": life.seat,
        "registration": seat.pk,
        "ticket": ticket.code_of(seat),
    }

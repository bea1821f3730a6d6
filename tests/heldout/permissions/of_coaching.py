"""Coaching: the cockpit, sign-offs, hints and raised hands."""

from typing import Any

from tests.heldout.web.scene import Life

MATRIX = """
# request                                               nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/coach/                           login  404      404       404  404   404    200   200     200       200
POST /events/gear-trail/coach/                          405
GET /events/gear-trail/coach/{team}/show-it/            login  404      404       404  404   404    200   404     200       200
POST /events/gear-trail/coach/{team}/show-it/           405
GET /events/gear-trail/coach/{team}/the-wild/           login  404      404       404  404   404    404   404     404       404
GET /events/gear-trail/coach/{team}/show-it/sign-off/   405
POST /events/gear-trail/coach/{team}/show-it/sign-off/  login  404      404       404  404   404    302   404     302       302
GET /events/gear-trail/coach/{team}/show-it/withdraw/   405
POST /events/gear-trail/coach/{team}/show-it/withdraw/  login  404      404       404  404   404    302   404     302       302
GET /events/gear-trail/coach/{team}/show-it/hints/      405
POST /events/gear-trail/coach/{team}/show-it/hints/     login  404      404       404  404   404    302   404     302       302
GET /events/gear-trail/challenges/show-it/help/         405
POST /events/gear-trail/challenges/show-it/help/        login  404      404       302  302   302    302   302     302       302
POST /events/gear-trail/challenges/which-pixels/help/   login  404      404       404  404   404    302   302     302       302
GET /events/gear-trail/help/{call}/claim/               405
POST /events/gear-trail/help/{call}/claim/              login  404      404       404  404   404    302   404     302       302
GET /events/gear-trail/help/{call}/close/               405
POST /events/gear-trail/help/{call}/close/              login  404      404       404  404   302    302   404     302       302
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """A call for help of the member's team."""
    return {"call": life.call.pk}

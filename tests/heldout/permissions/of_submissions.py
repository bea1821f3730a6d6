"""What teams hand in. Whoever is in no team is told so and led back; other teams' work is not there."""

from typing import Any

from tests.heldout.web.scene import Life

MATRIX = """
# request                                                      nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/challenges/into-the-deep/submissions/   405
POST /events/gear-trail/challenges/into-the-deep/submissions/  login  404      404       302  302   302    302   302     302       302
POST /events/gear-trail/challenges/first-steps/submissions/    login  404      404       302  302   302    302   302     302       302
POST /events/gear-trail/challenges/the-wild/submissions/       login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/submissions/{scored}/                   login  404      404       404  404   200    200   404     200       200
POST /events/gear-trail/submissions/{scored}/                  405
GET /events/gear-trail/submissions/{scored}/compare/           login  404      404       404  404   200    200   404     200       200
GET /events/gear-trail/submissions/{scored}/compare/?with={rehearsed}  login  404  404   404  404   200    200   404     200       200
GET /events/gear-trail/submissions/{scored}/compare/?with={rivals_own}  login  404  404  404  404   404    404   404     200       200
GET /events/gear-trail/submissions/{rejected}/compare/         login  404      404       404  404   200    200   404     200       200
POST /events/gear-trail/submissions/{scored}/compare/          405
GET /events/gear-trail/submissions/{rejected}/                 login  404      404       404  404   200    200   404     200       200
GET /events/gear-trail/teams/{own_team}/notebook/              login  404      404       404  404   200    200   404     200       200
POST /events/gear-trail/teams/{own_team}/notebook/             405
GET /events/gear-trail/teams/{own_team}/notebook.csv           login  404      404       404  404   200    200   404     200       200
POST /events/gear-trail/teams/{own_team}/notebook.csv          405
GET /events/gear-trail/submissions/{scored}/note/              405
POST /events/gear-trail/submissions/{scored}/note/             login  404      404       404  404   302    302   404     302       302
GET /events/gear-trail/submissions/{queued}/cancel/            405
POST /events/gear-trail/submissions/{queued}/cancel/           login  404      404       404  404   302    403   404     302       302
GET /events/gear-trail/submissions/{failed}/retry/             405
POST /events/gear-trail/submissions/{failed}/retry/            login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/submissions/{rehearsed}/submit/         405
POST /events/gear-trail/submissions/{rehearsed}/submit/        login  404      404       404  404   302    403   404     403       403
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """A submission of the member's team in each state."""
    found = {name: submission.pk for name, submission in life.scene.submissions.items()}
    rivals = life.scene.rivals.submissions.earliest("number")
    return found | {"own_team": life.scene.team.pk, "rivals_own": rivals.pk}

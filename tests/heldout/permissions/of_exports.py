"""Exports, and what teams take home: while the event is on, members are led back to their team's page."""

MATRIX = """
# request                                           nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/control/export/              login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/control/export/             405
GET /events/gear-trail/control/export/all.zip       login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/control/export/all.zip      405
GET /events/gear-trail/control/export/people.csv    login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/control/export/people.csv   405
GET /events/gear-trail/control/export/people.json   login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/control/export/people.json  405
GET /events/gear-trail/teams/{team}/take-home.zip   login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/teams/{team}/take-home.zip  405
GET /events/gear-trail/team/take-home.zip           login  404      404       404  302   302    404   404     404       404
POST /events/gear-trail/team/take-home.zip          405
GET /events/gear-trail/team/certificate.pdf         login  404      404       404  302   302    404   404     404       404
POST /events/gear-trail/team/certificate.pdf        405
"""  # noqa: E501

"""The words of an event's mails."""

MATRIX = """
# request                                          nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/mails/                      login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/mails/                     405
GET /events/gear-trail/mails/invitation/           login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/mails/invitation/          login  404      404       404  404   404    404   404     422       422
GET /events/gear-trail/mails/made-up/              login  404      404       404  404   404    404   404     404       404
GET /events/gear-trail/mails/invitation/reset/     405
POST /events/gear-trail/mails/invitation/reset/    login  404      404       404  404   404    404   404     302       302
"""  # noqa: E501

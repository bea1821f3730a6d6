"""How boards end: rules, freeze, reveal, final boards, choices. Nothing is published in the scene."""

MATRIX = """
# request                                                     nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/board/rules/                           login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/board/rules/                          login  404      404       404  404   404    404   404     422       422
GET /events/gear-trail/board/freeze/                          405
POST /events/gear-trail/board/freeze/                         login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/board/unfreeze/                        405
POST /events/gear-trail/board/unfreeze/                       login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/board/publish/                         405
POST /events/gear-trail/board/publish/                        login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/board/take-back/                       405
POST /events/gear-trail/board/take-back/                      login  404      404       404  404   404    404   404     302       302
GET /events/gear-trail/challenges/into-the-deep/reveal/       login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/challenges/into-the-deep/reveal/      405
GET /events/gear-trail/challenges/into-the-deep/final/        login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/challenges/into-the-deep/final/       405
GET /api/v1/events/gear-trail/challenges/into-the-deep/final  401    404      404       404  404   404    404   404     200       200
GET /events/gear-trail/submissions/{scored}/choose/           405
POST /events/gear-trail/submissions/{scored}/choose/          login  404      404       404  404   302    302   404     302       302
GET /events/gear-trail/submissions/{scored}/unchoose/         405
POST /events/gear-trail/submissions/{scored}/unchoose/        login  404      404       404  404   302    302   404     302       302
"""  # noqa: E501

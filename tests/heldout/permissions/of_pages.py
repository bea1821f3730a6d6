"""The pages that look at several rooms, the boards, and the live channel."""

MATRIX = """
# request                                                nobody outsider elsewhere lone rival member coach another organizer operator
GET /                                                    200    200      200       302  302   302    302   302     200       200
POST /                                                   405
GET /events/gear-trail/                                  login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/                                 405
GET /events/gear-trail/control/                          login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/control/                         405
GET /events/gear-trail/challenges/into-the-deep/         login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/challenges/into-the-deep/        405
GET /events/gear-trail/challenges/the-wild/              login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/challenges/first-steps/           login  404      404       200  200   200    200   200     200       200
GET /events/gear-trail/challenges/which-pixels/          login  404      404       200  200   200    200   200     200       200
GET /events/gear-trail/challenges/into-the-deep/board/   login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/challenges/into-the-deep/board/  405
GET /events/gear-trail/challenges/the-wild/board/        login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/challenges/which-pixels/board/    login  404      404       404  404   404    200   200     200       200
GET /events/gear-trail/board/                            login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/board/                           405
GET /events/gear-trail/live/                             login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/live/                            405
"""  # noqa: E501

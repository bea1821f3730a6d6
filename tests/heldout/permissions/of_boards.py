"""Parts of boards that are kept ready, their pictures, the big screen, what is worth a look."""

MATRIX = """
# request                                                                       nobody outsider elsewhere lone rival member coach another organizer operator
GET /events/gear-trail/challenges/into-the-deep/board/rows/                     401    404      404       200  200   200    200   200     200       200
POST /events/gear-trail/challenges/into-the-deep/board/rows/                    405
GET /events/gear-trail/challenges/the-wild/board/rows/                          401    404      404       404  404   404    404   404     200       200
GET /events/gear-trail/challenges/which-pixels/board/rows/                      401    404      404       404  404   404    200   200     200       200
GET /events/gear-trail/challenges/into-the-deep/board/pictures/                 login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/challenges/into-the-deep/board/pictures/                405
GET /events/gear-trail/challenges/the-wild/board/pictures/                      login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/challenges/into-the-deep/board/pictures/time.svg         401    404      404       200  200   200    200   200     200       200
GET /events/gear-trail/challenges/which-pixels/board/pictures/time.csv          401    404      404       404  404   404    200   200     200       200
POST /events/gear-trail/challenges/into-the-deep/board/pictures/time.csv        405
GET /events/gear-trail/challenges/into-the-deep/board/time-lapse/               login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/challenges/into-the-deep/board/time-lapse/              405
GET /events/gear-trail/challenges/the-wild/board/time-lapse/                    login  404      404       404  404   404    404   404     200       200
GET /events/gear-trail/board/time-lapse/                                        login  404      404       200  200   200    200   200     200       200
POST /events/gear-trail/board/time-lapse/                                       405
GET /events/gear-trail/screen/                                                  login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/screen/                                                 405
GET /events/gear-trail/integrity/                                               login  404      404       404  404   404    404   404     200       200
POST /events/gear-trail/integrity/                                              405
"""  # noqa: E501

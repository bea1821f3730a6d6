"""The API. Whoever is not signed in is told so."""

MATRIX = """
# request                                                            nobody outsider elsewhere lone rival member coach another organizer operator
GET /api/v1/openapi.json                                             200
POST /api/v1/device/authorize                                        422
POST /api/v1/device/token                                            422
GET /api/v1/events                                                   401    200      200       200  200   200    200   200     200       200
GET /api/v1/me                                                       401    200      200       200  200   200    200   200     200       200
GET /api/v1/events/gear-trail                                        401    404      404       200  200   200    200   200     200       200
GET /api/v1/events/gear-trail/board                                  401    404      404       200  200   200    200   200     200       200
GET /api/v1/events/gear-trail/live                                   401    404      404       200  200   200    200   200     200       200
GET /api/v1/events/gear-trail/challenges/into-the-deep               401    404      404       200  200   200    200   200     200       200
GET /api/v1/events/gear-trail/challenges/the-wild                    401    404      404       404  404   404    404   404     200       200
GET /api/v1/events/gear-trail/challenges/which-pixels                401    404      404       404  404   404    200   200     200       200
GET /api/v1/events/gear-trail/challenges/into-the-deep/files/into-the-deep.zip  401 404 404 200 200 200 200 200 200 200
GET /api/v1/events/gear-trail/challenges/which-pixels/files/which-pixels.zip    401 404 404 404 404 404 200 200 200 200
GET /api/v1/events/gear-trail/challenges/into-the-deep/files/other.zip          401 404 404 404 404 404 404 404 404 404
GET /api/v1/events/gear-trail/submissions/{rehearsed}/log            401    404      404       404  404   200    200   404     200       200
GET /api/v1/events/gear-trail/challenges/into-the-deep/submissions?team={team}  401 404 404 404 404 200 200 404 200 200
GET /api/v1/events/gear-trail/challenges                             401    404      404       200  200   200    200   200     200       200
GET /api/v1/events/gear-trail/challenges/into-the-deep/board         401    404      404       200  200   200    200   200     200       200
GET /api/v1/events/gear-trail/challenges/the-wild/board              401    404      404       404  404   404    404   404     200       200
GET /api/v1/events/gear-trail/challenges/which-pixels/board          401    404      404       404  404   404    200   200     200       200
GET /api/v1/events/gear-trail/challenges/into-the-deep/submissions   401    404      404       409  200   200    409   409     409       409
POST /api/v1/events/gear-trail/challenges/into-the-deep/submissions  401    404      404       409  409   409    409   409     409       409
GET /api/v1/events/gear-trail/submissions/{scored}                   401    404      404       404  404   200    200   404     200       200
GET /api/v1/events/gear-trail/submissions/{scored}/compare/{rehearsed}  401    404      404       404  404   200    200   404     200       200
GET /api/v1/events/gear-trail/submissions/{scored}/compare/{failed}  401    404      404       404  404   409    409   404     409       409
POST /api/v1/events/gear-trail/bundles                               401    404      404       404  404   404    404   404     422       422
POST /api/v1/events/gear-trail/bundles/{bundle}/publish              401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/submissions/{rehearsed}/submit        401    404      404       404  404   201    409   404     409       409
"""  # noqa: E501

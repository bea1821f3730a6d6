"""Arranging an event by the API: agenda, gates, rules, teams; and who looks for a team."""

MATRIX = """
# request                                                                                  nobody outsider elsewhere lone rival member coach another organizer operator
POST /api/v1/events/gear-trail/agenda?title=Lunch&starts_at=4102300000&ends_at=4102303600  401    404      404       404  404   404    404   404     201       201
PATCH /api/v1/events/gear-trail/agenda/{session}?room=Hall                                 401    404      404       404  404   404    404   404     200       200
DELETE /api/v1/events/gear-trail/agenda/{session}                                          401    404      404       404  404   404    404   404     204       204
PATCH /api/v1/events/gear-trail/board/rules?choices=3                                      401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/bundles/{bundle}/test                                       401    404      404       404  404   404    404   404     409       409
POST /api/v1/events/gear-trail/challenges?bundle=made-up                                   401    404      404       404  404   404    404   404     422       422
GET /api/v1/events/gear-trail/challenges/which-pixels/gates                                401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/challenges/which-pixels/gates?kind=time&at=4102300000       401    404      404       404  404   404    404   404     201       201
DELETE /api/v1/events/gear-trail/challenges/which-pixels/gates/{gate}                      401    404      404       404  404   404    404   404     204       204
GET /api/v1/events/gear-trail/challenges/which-pixels/openings                             401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/challenges/which-pixels/openings?team={team}&reason=x       401    404      404       404  404   404    404   404     201       201
PATCH /api/v1/events/gear-trail/announcements/{announcement}?title=Dinner                  401    404      404       404  404   404    404   404     200       200
DELETE /api/v1/events/gear-trail/announcements/{announcement}                              401    404      404       404  404   404    404   404     204       204
PATCH /api/v1/events/gear-trail/questions/{question_asked}?is_public=true                  401    404      404       404  404   404    404   404     200       200
GET /api/v1/events/gear-trail/profile                                                      401    404      404       200  200   200    404   404     404       404
PATCH /api/v1/events/gear-trail/profile?about=x                                            401    404      404       200  200   200    404   404     404       404
GET /api/v1/events/gear-trail/people/looking                                               401    404      404       200  200   200    200   200     200       200
POST /api/v1/events/gear-trail/people/{lone}/invite                                        401    404      404       404  201   409    404   404     404       404
GET /api/v1/events/gear-trail/people                                                       401    404      404       404  404   404    404   404     200       200
PATCH /api/v1/events/gear-trail/teams/{team}?name=Scree                                    401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/teams/{team}/coach?person=9223372036854775807               401    404      404       404  404   404    404   404     422       422
POST /api/v1/events/gear-trail/teams/{team}/members?person={lone}                          401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/teams/{team}/empty                                          401    404      404       404  404   404    404   404     200       200
GET /api/v1/events/gear-trail/unwelcome-words                                              401    404      404       404  404   404    404   404     200       200
PATCH /api/v1/events/gear-trail/unwelcome-words?words=x                                    401    404      404       404  404   404    404   404     200       200
"""  # noqa: E501

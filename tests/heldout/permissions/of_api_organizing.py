"""What organizers do by the API: interventions, rescoring, applications, invitations."""

MATRIX = """
# request                                                                                                 nobody outsider elsewhere lone rival member coach another organizer operator
GET /api/v1/events/gear-trail/grants                                                                      401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/challenges/into-the-deep/grants?team={team}&tries=2&reason=x               401    404      404       404  404   404    404   404     201       201
DELETE /api/v1/events/gear-trail/grants/{grant}                                                           401    404      404       404  404   404    404   404     204       204
GET /api/v1/events/gear-trail/extensions                                                                  401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/challenges/into-the-deep/extensions?team={team}&until=4102358400&reason=x              401    404      404       404  404   404    404   404     201       201
DELETE /api/v1/events/gear-trail/extensions/{extension}                                                   401    404      404       404  404   404    404   404     204       204
GET /api/v1/events/gear-trail/disqualifications                                                           401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/submissions/{scored}/disqualify?reason=x                                   401    404      404       404  404   404    404   404     201       201
POST /api/v1/events/gear-trail/teams/{team}/disqualify?reason=x                                           401    404      404       404  404   404    404   404     201       201
DELETE /api/v1/events/gear-trail/disqualifications/{disqualification}                                     401    404      404       404  404   404    404   404     204       204
GET /api/v1/events/gear-trail/challenges/show-it/preparations                                             401    404      404       404  404   404    404   404     200       200
GET /api/v1/events/gear-trail/rescorings                                                                  401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/challenges/show-it/rescorings?reason=x                                     401    404      404       404  404   404    404   404     201       201
GET /api/v1/events/gear-trail/rescorings/{rescoring}                                                      401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/rescorings/{rescoring}/discard                                             401    404      404       404  404   404    404   404     200       200
GET /api/v1/events/gear-trail/applications                                                                401    404      404       404  404   404    404   404     200       200
GET /api/v1/events/gear-trail/applications/{application}                                                  401    404      404       404  404   404    404   404     200       200
PATCH /api/v1/events/gear-trail/applications/{application}?notes=x                                        401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/applications/decide?applications=[9223372036854775807]&decision=accept     401    404      404       404  404   404    404   404     422       422
GET /api/v1/events/gear-trail/invitations                                                                 401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/invitations?emails=["new@example.org"]                                     401    404      404       404  404   404    404   404     201       201
POST /api/v1/events/gear-trail/invitations/{invitation}/resend                                            401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/invitations/{invitation}/revoke                                            401    404      404       404  404   404    404   404     200       200
POST /api/v1/events/gear-trail/invitations/roster                                                         401    404      404       404  404   404    404   404     422       422
"""  # noqa: E501

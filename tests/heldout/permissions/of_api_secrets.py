"""Webhooks and tokens of teams by the API, which tell a secret once."""

MATRIX = """
# request                                                                                                 nobody outsider elsewhere lone rival member coach another organizer operator
GET /api/v1/events/gear-trail/webhooks                                                                    401    404      404       404  200   200    404   404     200       200
POST /api/v1/events/gear-trail/webhooks?url=https://hooks.example.org/in&topics=["rank.changed"]          401    404      404       404  201   201    404   404     201       201
GET /api/v1/events/gear-trail/webhooks/{hook}                                                             401    404      404       404  404   404    404   404     200       200
GET /api/v1/events/gear-trail/webhooks/{team_hook}                                                        401    404      404       404  404   200    404   404     404       404
DELETE /api/v1/events/gear-trail/webhooks/{team_hook}                                                     401    404      404       404  404   204    404   404     404       404
POST /api/v1/events/gear-trail/webhooks/{team_hook}/secret                                                401    404      404       404  404   200    404   404     404       404
GET /api/v1/events/gear-trail/webhooks/{team_hook}/deliveries                                             401    404      404       404  404   200    404   404     404       404
POST /api/v1/events/gear-trail/webhooks/{team_hook}/pause                                                 401    404      404       404  404   200    404   404     404       404
POST /api/v1/events/gear-trail/webhooks/{team_hook}/resume                                                401    404      404       404  404   200    404   404     404       404
POST /api/v1/events/gear-trail/webhooks/{team_hook}/test                                                  401    404      404       404  404   200    404   404     404       404
POST /api/v1/events/gear-trail/webhooks/deliveries/{delivery}/again                                       401    404      404       404  404   404    404   404     409       409
GET /api/v1/events/gear-trail/team/tokens                                                                 401    404      404       404  200   200    404   404     404       404
POST /api/v1/events/gear-trail/team/tokens?name=CI2                                                       401    404      404       404  201   201    404   404     404       404
DELETE /api/v1/events/gear-trail/team/tokens/{team_token}                                                 401    404      404       404  404   204    404   404     404       404
"""  # noqa: E501

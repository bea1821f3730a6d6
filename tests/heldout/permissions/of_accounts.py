"""Signing in, tokens, and the outbox that only an operator of a site without a mail server sees."""

from typing import Any

from django.utils import timezone

from heldout.accounts import device, tokens
from heldout.accounts.models import Scope
from tests.heldout.web.scene import Life

MATRIX = """
# request                                     nobody outsider elsewhere lone rival member coach another organizer operator
GET /outbox/                                  404
POST /outbox/                                 404
GET /account/                                 login  200      200       200  200   200    200   200     200       200
POST /account/                                login  422      422       422  422   422    422   422     422       422
GET /account/data.json                        login  200      200       200  200   200    200   200     200       200
POST /account/data.json                       login  405      405       405  405   405    405   405     405       405
GET /account/delete/                          login  200      200       200  200   200    200   200     200       200
POST /account/delete/                         login  422      422       422  422   422    422   422     422       422
GET /device/                                  login  200      200       200  200   200    200   200     200       200
POST /device/                                 login  422      422       422  422   422    422   422     422       422
POST /device/?code={device}                   login  200      200       200  200   200    200   200     200       200
GET /account/tokens/                          login  200      200       200  200   200    200   200     200       200
POST /account/tokens/                         login  422      422       422  422   422    422   422     422       422
GET /account/tokens/{token}/revoke/           405
POST /account/tokens/{token}/revoke/          login  404      404       404  404   302    404   404     404       404
GET /accounts/login/                          200    302      302       302  302   302    302   302     302       302
POST /accounts/login/                         200    302      302       302  302   302    302   302     302       302
GET /accounts/login/code/                     200    302      302       302  302   302    302   302     302       302
POST /accounts/login/code/                    200    302      302       302  302   302    302   302     302       302
GET /accounts/login/code/confirm/             login  302      302       302  302   302    302   302     302       302
POST /accounts/login/code/confirm/            login  302      302       302  302   302    302   302     302       302
GET /accounts/logout/                         login  200      200       200  200   200    200   200     200       200
POST /accounts/logout/                        login
GET /accounts/inactive/                       200
POST /accounts/inactive/                      405
GET /accounts/signup/                         200    302      302       302  302   302    302   302     302       302
POST /accounts/signup/                        200    302      302       302  302   302    302   302     302       302
GET /accounts/confirm-email/                  200
POST /accounts/confirm-email/                 405
GET /accounts/confirm-email/made-up/          200
POST /accounts/confirm-email/made-up/         404
GET /accounts/password/change/                login  302      302       302  302   302    302   302     302       302
POST /accounts/password/change/               login  302      302       302  302   302    302   302     302       302
GET /accounts/password/set/                   login  200      200       200  200   200    200   200     200       200
POST /accounts/password/set/                  login  200      200       200  200   200    200   200     200       200
GET /accounts/password/reset/                 200
POST /accounts/password/reset/                200
GET /accounts/password/reset/sent/            200
POST /accounts/password/reset/sent/           405
GET /accounts/password/reset/key/1-made-up/   200
POST /accounts/password/reset/key/1-made-up/  200
GET /accounts/password/reset/done/            200
POST /accounts/password/reset/done/           405
"""  # noqa: E501


def things(life: Life) -> dict[str, Any]:
    """A token of the member; a program that waits to be let in."""
    token, _ = tokens.make(life.scene.people["participant"], "laptop", [Scope.READ], 30)
    begun = device.begin("laptop", [Scope.READ], timezone.now())
    return {"token": token.pk, "device": begun.login.user_code}

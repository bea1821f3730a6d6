"""The page on which somebody lets a program act for them: the code, what it asks for, yes or no."""

from typing import cast

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from heldout.accounts import device as rules
from heldout.accounts.models import DeviceLogin, User

UNKNOWN = (
    "No program waits under this code. Compare it with what your program shows, "
    "or start its login again: a code lasts ten minutes and works once."
)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """Ask for the code; then show what waits under it; then take the answer. Nothing is told on a GET."""
    if request.method != "POST":
        return _page(request, code=request.GET.get("code", "")[:20])
    if not ratelimit.consume(request, action="device_code"):
        return render(request, "429.html", status=429)
    typed = request.POST.get("code", "")[:20]
    login = rules.waiting(typed, timezone.now())
    answer = request.POST.get("answer")
    if login is None:
        return _page(request, code=typed, error=UNKNOWN, status=422)
    if answer not in ("allow", "refuse"):
        return _page(request, login=login)
    return _decided(request, login, allow=answer == "allow")


def _decided(request: HttpRequest, login: DeviceLogin, *, allow: bool) -> HttpResponse:
    if not rules.decide(login, cast(User, request.user), timezone.now(), allow=allow):
        return _page(request, code=login.user_code, error=UNKNOWN, status=422)
    return _page(request, done=login, allowed=allow)


def _page(request: HttpRequest, status: int = 200, **context: object) -> HttpResponse:
    return render(request, "accounts/device.html", context | {"days": rules.TOKEN_DAYS}, status=status)

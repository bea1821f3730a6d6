"""Decorators that let a page be seen by the people of its event only.

Strangers get 404 and not 403: an invite-only event does not tell that it exists.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control
from django_htmx.middleware import HtmxDetails

from heldout.accounts.models import User
from heldout.events.models import Event
from heldout.events.rules import Viewer, is_crew, is_organizer, may_see

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    """A request whose user is known."""

    user: User
    htmx: HtmxDetails


EventView = Callable[Concatenate[SignedInRequest, Event, P], HttpResponseBase]
SlugView = Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]


def find_event(viewer: Viewer, slug: str, allowed: Callable[[Viewer, Event], bool] = may_see) -> Event:
    """The event called `slug`, or Http404 if there is none or `allowed` says no."""
    event = Event.objects.filter(slug=slug).first()
    if event is None or not allowed(viewer, event):
        raise Http404(f"no event {slug!r} for this viewer")
    return event


def event_member(view: EventView[P]) -> SlugView[P]:
    """Sign-in required; `event` in the address becomes the Event; 404 for people without a role in it."""
    return guard(view, may_see)


def event_organizer(view: EventView[P]) -> SlugView[P]:
    """As `event_member`, but 404 for everybody except the event's organizers."""
    return guard(view, is_organizer)


def event_crew(view: EventView[P]) -> SlugView[P]:
    """As `event_member`, but 404 for everybody except the event's organizers and coaches."""
    return guard(view, is_crew)


def guard(view: EventView[P], allowed: Callable[[Viewer, Event], bool]) -> SlugView[P]:
    """As `event_member`, but 404 for everybody of whom `allowed` says no."""

    @wraps(view)
    def guarded(request: HttpRequest, event: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in_first(request)
        found = find_event(request.user, event, allowed)
        response = view(cast(SignedInRequest, request), found, *args, **kwargs)
        if _is_part(request):
            # It has the address of its page: going back, a browser would show the part instead.
            patch_cache_control(response, no_store=True)
        return response

    return cast("SlugView[P]", guarded)


def _sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """The way to the sign-in page, and back to a page that can be got; a part lets its page find that way."""
    if _is_part(request):
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Refresh": "true"})
    asked_for_page = request.method in ("GET", "HEAD")
    return redirect_to_login(request.get_full_path() if asked_for_page else resolve_url("home"))


def _is_part(request: HttpRequest) -> bool:
    """Whether a script of an open page asks, for a part of it."""
    return bool(cast(SignedInRequest, request).htmx)

"""Organizers bring a bundle, look at it as a participant will, and put it into the event."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenges.archive import LARGEST_BUNDLE
from challenges.bundle import BundleError, Fault
from heldout.authoring import actions, queries
from heldout.authoring.actions import FIELD
from heldout.authoring.models import UploadedBundle
from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.web.contract import contract


@require_http_methods(["GET", "HEAD", "POST"])
@event_organizer
def bundles(request: SignedInRequest, event: Event) -> HttpResponse:
    """The event's own bundles, and the form to bring one; after a bad one, all of its faults."""
    faults: list[Fault] = []
    if request.method == "POST":
        try:
            uploaded = _received(request, event)
        except BundleError as error:
            faults = list(error.faults)
        else:
            messages.success(request, f"{uploaded} is in order. This is what participants will see of it.")
            return redirect("bundle", event.slug, uploaded.pk)
    context = {
        "event": event,
        "versions": queries.versions(event),
        "faults": faults,
        "field": FIELD,
        "largest_mb": LARGEST_BUNDLE // 2**20,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return render(request, "authoring/bundles.html", context, status=status)


def _received(request: SignedInRequest, event: Event) -> UploadedBundle:
    file = request.FILES.get(FIELD)
    if file is None:
        raise BundleError([actions.NO_FILE])
    return actions.upload(event, file.chunks(), request.user)


@require_safe
@event_organizer
def bundle(request: SignedInRequest, event: Event, uploaded: int) -> HttpResponse:
    """A bundle as a participant will see it."""
    version = _found(event, uploaded)
    context = {
        "event": event,
        "version": version,
        "page": queries.preview(version),
        "contract": contract(version.manifest),
    }
    return render(request, "authoring/bundle.html", context)


@require_POST
@event_organizer
def publish_bundle(request: SignedInRequest, event: Event, uploaded: int) -> HttpResponse:
    """Add the bundle to the event, or let its challenge use this version."""
    version = _found(event, uploaded)
    done = f"{version.manifest.title} uses version {version.manifest.version}. Run its self-test next."
    attempt(request, lambda: actions.publish(version.uploaded, request.user), done)
    return redirect("control", event.slug)


@require_POST
@event_organizer
def try_bundle(request: SignedInRequest, event: Event, uploaded: int) -> HttpResponse:
    """Test a version beside the one that an open challenge keeps."""
    version = _found(event, uploaded)
    done = "A worker tests this version. When it is green, submissions can be scored anew against it."
    attempt(request, lambda: actions.try_beside(version.uploaded, request.user), done)
    return redirect("bundle", event.slug, uploaded)


def _found(event: Event, uploaded: int) -> queries.Version:
    version = queries.version_or_none(event, uploaded)
    if version is None:
        raise Http404(f"the event has no bundle {uploaded}")
    return version

"""The API for organizers' bundles: bring a version, put it into the event."""

from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, JsonResponse
from ninja import Router, Schema, Status

from challenges.bundle import BundleError
from heldout.accounts.models import User
from heldout.api.auth import ORGANIZE
from heldout.api.description import file_form
from heldout.api.finding import organized
from heldout.api.keeping import keeps_by_itself
from heldout.api.problems import problem
from heldout.authoring import actions, queries
from heldout.authoring.actions import FIELD
from heldout.authoring.models import UploadedBundle

router = Router(auth=ORGANIZE, tags=["bundles"])
BUNDLES = "/events/{slug:event}/bundles"


class BundleOut(Schema):
    """A bundle that was brought into an event."""

    id: int
    slug: str
    version: str
    digest: str
    title: str

    @classmethod
    def of(cls, uploaded: UploadedBundle) -> "BundleOut":
        """A bundle as the API says it."""
        version = uploaded.bundle
        return cls(
            id=uploaded.pk,
            slug=version.slug,
            version=version.version,
            digest=version.digest,
            title=version.manifest.title,
        )


class TestedOut(Schema):
    """A self-test of a bundle, beside the version that the challenge keeps."""

    preparation: UUID
    """The number to score anew against, once it is green."""
    challenge: str
    version: str


class PublishedOut(Schema):
    """The challenge that uses a bundle now. It opens after a green self-test."""

    challenge: str
    version: str
    page: str


@router.post(BUNDLES, response={201: BundleOut}, openapi_extra=file_form(FIELD), summary="Bring a bundle")
@keeps_by_itself
def bring(request: HttpRequest, event: str) -> Any:
    """Send the zip as `bundle`. Each fault is named; then nothing is kept. The same content is kept once."""
    found = organized(request, event)
    file = request.FILES.get(FIELD)
    try:
        if file is None:
            raise BundleError([actions.NO_FILE])
        uploaded = actions.upload(found, file.chunks(), cast(User, request.user))
    except BundleError as error:
        return _faults(error)
    # The same bundle is kept once, whether a key came with it or not.
    return Status(201, BundleOut.of(uploaded))


@router.post(BUNDLES + "/{int:bundle}/publish", response=PublishedOut, summary="Put a bundle into the event")
def publish(request: HttpRequest, event: str, bundle: int) -> PublishedOut:
    """Add its challenge, still locked, or let the event's challenge use this version."""
    found = organized(request, event)
    version = queries.version_or_none(found, bundle)
    if version is None:
        raise Http404(f"the event has no bundle {bundle}")
    challenge = actions.publish(version.uploaded, cast(User, request.user))
    return PublishedOut(
        challenge=challenge.slug,
        version=version.manifest.version,
        page=f"/events/{found.slug}/control/",
    )


@router.post(
    BUNDLES + "/{int:bundle}/test",
    response={201: TestedOut},
    summary="Test a bundle beside an open challenge",
)
def test_beside(request: HttpRequest, event: str, bundle: int) -> Status[TestedOut]:
    """A worker tests this version. When it is green, submissions can be scored anew against it."""
    version = queries.version_or_none(organized(request, event), bundle)
    if version is None:
        raise Http404(f"the event has no bundle {bundle}")
    made = actions.try_beside(version.uploaded, cast(User, request.user))
    told = version.manifest
    return Status(201, TestedOut(preparation=made.pk, challenge=told.slug, version=told.version))


def _faults(error: BundleError) -> JsonResponse:
    named = [
        {"file": fault.file, "field": fault.field, "found": fault.found, "expected": fault.expected}
        for fault in error.faults
    ]
    found = f"{len(named)} fault{'s' * (len(named) != 1)}: see `errors`. Nothing was kept."
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The bundle is not in order", found, errors=named)

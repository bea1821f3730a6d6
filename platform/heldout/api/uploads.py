"""Resumable uploads by tus 1.0: core, creation (with upload), expiration, termination, checksum.

https://tus.io/protocols/resumable-upload
"""

import base64
import binascii
import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import http_date
from ninja import Router, Schema, Status
from ninja.decorators import decorate_view

from heldout.api.auth import SUBMIT, place
from heldout.api.description import FURTHER_ERRORS
from heldout.api.finding import CHALLENGE, caller, challenge_known_to, own_team
from heldout.api.problems import problem
from heldout.api.schemas import SubmissionOut
from heldout.api.words import Note
from heldout.arriving import pieces_of
from heldout.catalog.models import Challenge
from heldout.submissions import resuming
from heldout.submissions.actions import submit_upload
from heldout.submissions.queries import submission_row
from heldout.submissions.resuming import NotResumable, Piece
from heldout.submissions.rules import refuse_hand_in, splits_for
from heldout.submissions.upload_models import Upload

UPLOADS = CHALLENGE + "/uploads"
UPLOAD = "/uploads/{uuid:upload}"
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
PIECE_TYPE = "application/offset+octet-stream"
LONGEST_NUMBER = 18
DIGEST = re.compile(r"[0-9a-f]{64}")

OTHER_VERSION = {"412": "Another version of tus than Tus-Resumable must name"}
HELD = {"423": "Somebody else adds to the upload: ask again in some seconds"}
OF_A_PIECE = {
    "410": "What came before is gone: begin the upload again",
    "415": "The content type is not that of a piece",
    "460": "The checksum is wrong: send the piece again",
}


def errors(*further: dict[str, str]) -> dict[str, dict[str, str]]:
    """What tus answers with besides the API's own errors, for the description of an operation."""
    return {FURTHER_ERRORS: {status: words for each in further for status, words in each.items()}}


router = Router(auth=SUBMIT, tags=["uploads"])
View = Callable[..., HttpResponse]


def by_tus(view: View) -> View:
    """Each answer says which version of the protocol it speaks."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        if response.status_code == HTTPStatus.PRECONDITION_FAILED:
            response["Tus-Version"] = VERSION
        return response

    return answered


def told_by_status(operation: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What cannot be resumed is told as a problem with the status that tus has for it."""

    @wraps(operation)
    def answered(*args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return operation(*args, **kwargs)
        except NotResumable as error:
            return problem(error.status, error.title, error.detail)

    return answered


@router.api_operation(["OPTIONS"], UPLOADS, response={204: None}, summary="What of tus is spoken here")
@decorate_view(by_tus)
def capabilities(request: HttpRequest, event: str, challenge: str) -> HttpResponse:
    """Version and extensions of the protocol for resumable uploads."""
    challenge_known_to(request, event, challenge)
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": "sha256",
    }
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=headers)


@router.post(
    UPLOADS,
    response={201: None},
    openapi_extra=errors(OTHER_VERSION, HELD, OF_A_PIECE),
    summary="Begin a resumable upload",
)
@decorate_view(by_tus)
@told_by_status
def begin(request: HttpRequest, event: str, challenge: str) -> HttpResponse:
    """Needs `Upload-Length`. `Upload-Metadata` may have `filename`, and as `sha256` what the file must have.

    The body may bring the first piece. When the upload is whole, hand it in by `submissions/from-upload`.
    """
    found = challenge_known_to(request, event, challenge)
    _refuse_hand_in(request, found)
    _refuse_other_version(request)
    if "Upload-Defer-Length" in request.headers:
        raise NotResumable(400, "The length is missing", "Say it at once by Upload-Length.")
    about = _metadata(request.headers.get("Upload-Metadata", ""))
    piece = _piece(request, 0) if request.content_type == PIECE_TYPE else None
    upload = resuming.begin(
        found,
        caller(request),
        length=_number(request, "Upload-Length"),
        name=about.get("filename", ""),
        declared=_declared(about.get("sha256", "")),
    )
    if piece is not None:
        resuming.add(upload, piece)
    response = HttpResponse(status=HTTPStatus.CREATED, headers=_progress(upload))
    response["Location"] = f"/api/v1/uploads/{upload.pk}"
    return response


def _refuse_hand_in(request: HttpRequest, challenge: Challenge) -> None:
    """Nothing is sent that could not be taken; whether it costs a try is known when it is handed in."""
    team = own_team(request, challenge.event)
    refuse_hand_in(caller(request), team, challenge, timezone.now(), rehearsal=True)


@router.api_operation(
    ["HEAD"],
    UPLOAD,
    url_name="upload",
    response={200: None},
    openapi_extra=errors(OTHER_VERSION, HELD),
    summary="How far an upload is",
)
@decorate_view(by_tus)
@told_by_status
def progress(request: HttpRequest, upload: UUID) -> HttpResponse:
    """`Upload-Offset` says from which byte on to go on."""
    found = _own(request, upload)
    _refuse_other_version(request)
    resuming.refuse_held(found, timezone.now())
    response = HttpResponse(headers=_progress(found) | {"Upload-Length": str(found.length)})
    response["Cache-Control"] = "no-store"
    return response


@router.patch(
    UPLOAD,
    url_name="upload",
    response={204: None},
    openapi_extra=errors(OTHER_VERSION, HELD, OF_A_PIECE),
    summary="Add a piece to an upload",
)
@decorate_view(by_tus)
@told_by_status
def add(request: HttpRequest, upload: UUID) -> HttpResponse:
    """`Upload-Offset` must be the upload's own; `Upload-Checksum` may name the SHA-256 of the piece.

    What came of a piece that was cut off is kept.
    """
    found = _own(request, upload)
    _refuse_other_version(request)
    if request.content_type != PIECE_TYPE:
        raise NotResumable(415, "This is no piece of a file", f"Expected the content type {PIECE_TYPE}.")
    resuming.add(found, _piece(request, _number(request, "Upload-Offset")))
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=_progress(found))


@router.delete(
    UPLOAD,
    url_name="upload",
    response={204: None},
    openapi_extra=errors(OTHER_VERSION, HELD),
    summary="Give an upload up",
)
@decorate_view(by_tus)
@told_by_status
def end(request: HttpRequest, upload: UUID) -> HttpResponse:
    """What came of it is deleted."""
    found = _own(request, upload)
    _refuse_other_version(request)
    resuming.end(found)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


class HandInIn(Schema):
    """An upload that is whole, and what was changed."""

    upload: UUID | None = None
    note: Note = ""


@router.post(
    CHALLENGE + "/submissions/from-upload",
    response={201: SubmissionOut},
    summary="Hand in a file that was uploaded before",
)
def hand_in_upload(
    request: HttpRequest, event: str, challenge: str, handed_in: HandInIn, rehearsal: bool = False
) -> Any:
    """The same as handing in by a form, with a file that was sent as a resumable upload."""
    found = challenge_known_to(request, event, challenge)
    # Asked for here and not by the schema: what the caller may not know of is not there, whatever is sent.
    if handed_in.upload is None:
        return problem(422, "The upload is missing", "Name the one to hand in as `upload`.")
    upload = _own(request, handed_in.upload)
    if upload.challenge_id != found.pk:
        raise Http404("the upload is to another challenge")
    submission = submit_upload(upload, caller(request), note=handed_in.note, rehearsal=rehearsal)
    return Status(201, SubmissionOut.of(submission_row(submission), splits_for(request.user, found.event)))


def _own(request: HttpRequest, upload: UUID) -> Upload:
    found = resuming.living(caller(request), upload, timezone.now())
    at = place(request)
    if found is None or (at is not None and at.event_id != found.challenge.event_id):
        raise Http404(f"the caller has no upload {upload}")
    return found


def _refuse_other_version(request: HttpRequest) -> None:
    said = request.headers.get("Tus-Resumable", "")
    if said != VERSION:
        raise NotResumable(412, "Another version of tus", f"Tus-Resumable is {said!r}; expected {VERSION}.")


def _number(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    if not (value.isascii() and value.isdecimal()) or len(value) > LONGEST_NUMBER:
        raise NotResumable(400, f"{name} is missing", f"Found {value[:40]!r}; expected a number of bytes.")
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    """The pairs of `Upload-Metadata`: names, each with a value in base64 or without one."""
    found: dict[str, str] = {}
    for pair in filter(None, map(str.strip, header.split(","))):
        name, _, value = pair.partition(" ")
        found[name] = _decoded(value.strip(), "Upload-Metadata").decode(errors="replace")
    return found


def _decoded(value: str, name: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotResumable(400, f"{name} is malformed", f"{value[:40]!r} is not base64: {error}.") from error


def _declared(digest: str) -> str:
    if digest and not DIGEST.fullmatch(digest):
        expected = "expected 64 digits of lower-case hexadecimal"
        raise NotResumable(400, "The SHA-256 is malformed", f"Found {digest[:70]!r}; {expected}.")
    return digest


def _piece(request: HttpRequest, offset: int) -> Piece:
    announced = request.headers.get("Content-Length", "")
    return Piece(
        offset=offset,
        length=int(announced) if announced.isdecimal() else None,
        content=pieces_of(request),
        sha256=_checksum(request.headers.get("Upload-Checksum", "")),
    )


def _checksum(header: str) -> bytes | None:
    if not header:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm != "sha256":
        found = f"Found {algorithm[:40]!r}; expected sha256."
        raise NotResumable(400, "The checksum's algorithm is not known", found)
    return _decoded(value.strip(), "Upload-Checksum")


def _progress(upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }

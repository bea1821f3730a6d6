"""Errors as `application/problem+json` (RFC 9457): what happened, and what to do."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from heldout.events.rules import Refusal
from heldout.files import OutOfRange


def problem(status: int, title: str, detail: str, **more: object) -> JsonResponse:
    """One error."""
    body = {"type": "about:blank", "status": int(status), "title": title, "detail": detail, **more}
    return JsonResponse(body, status=int(status), content_type="application/problem+json")


def refused(request: HttpRequest, error: Refusal) -> JsonResponse:
    """A rule said no."""
    return problem(HTTPStatus.CONFLICT, error.subject, error.text)


def not_found(request: HttpRequest, error: Http404) -> JsonResponse:
    """Nothing there that the caller may know of."""
    return problem(HTTPStatus.NOT_FOUND, "Not found", "There is nothing here that you may see.")


@csrf_exempt
def no_such_address(request: HttpRequest, rest: str) -> JsonResponse:
    """An address of the API that names nothing, whatever is done there."""
    return problem(
        HTTPStatus.NOT_FOUND, "Not found", "The API has no such address: see /api/v1/openapi.json."
    )


def forbidden(request: HttpRequest, error: PermissionDenied) -> JsonResponse:
    """The request was not the caller's own."""
    return problem(HTTPStatus.FORBIDDEN, "Forbidden", str(error))


def signed_out(request: HttpRequest, error: AuthenticationError) -> JsonResponse:
    """Nobody is signed in."""
    return problem(
        HTTPStatus.UNAUTHORIZED,
        "Not signed in",
        "Send a token of your account, or sign in on the site first.",
    )


def malformed(request: HttpRequest, error: ValidationError) -> JsonResponse:
    """The request does not have the form that the schema asks for."""
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The request is malformed",
        "See `errors`, and the schema at /api/v1/openapi.json.",
        errors=error.errors,
    )


def other(request: HttpRequest, error: HttpError) -> JsonResponse:
    """What the framework itself refuses."""
    status = HTTPStatus(error.status_code)
    return problem(status, status.phrase, str(error))


def out_of_range(request: HttpRequest, error: OutOfRange) -> JsonResponse:
    """The rest of a file that has no rest."""
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    found = f"The file has {error.size} bytes: you may have all of it. Compare its SHA-256, or start again."
    response = problem(status, "The file has no such bytes", found)
    response["Content-Range"] = f"bytes */{error.size}"
    return response


def too_large(request: HttpRequest, error: RequestDataTooBig) -> JsonResponse:
    """More JSON than anything here needs."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    found = f"Up to {limit:,} bytes are taken here; files go into a form of their own."
    return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large", found)


def suspicious(request: HttpRequest, error: Exception) -> JsonResponse:
    """A form that cannot be read."""
    return problem(HTTPStatus.BAD_REQUEST, "The request cannot be read", str(error))


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], JsonResponse]] = {
    Refusal: refused,
    Http404: not_found,
    PermissionDenied: forbidden,
    AuthenticationError: signed_out,
    ValidationError: malformed,
    OutOfRange: out_of_range,
    RequestDataTooBig: too_large,
    SuspiciousOperation: suspicious,
    MultiPartParserError: suspicious,
    HttpError: other,
}


def register(api: NinjaAPI) -> None:
    """Let `api` answer every error in this form."""
    for error, handler in HANDLERS.items():
        api.add_exception_handler(error, handler)

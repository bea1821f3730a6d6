"""`Idempotency-Key`: a POST that is sent again, because its answer was lost on the way, is not done again.

Keys are rows of the database, not of Redis: the answer is written in the transaction of what was done, so
that either both are there or neither is, whatever dies in between. Only what was done is kept. A request that
was refused has changed nothing, and is tried anew.

A hand-in is known by the digest of its file, which is there once the file has come whole: so its key is
looked up after the upload, and two broken uploads with one key hinder nobody.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Status
from ninja.errors import ValidationError
from ninja.renderers import JSONRenderer

from heldout.api.auth import caller_key
from heldout.api.models import KeptAnswer
from heldout.api.problems import problem

KEEP = timedelta(hours=24)
PATIENCE = timedelta(minutes=2)
"""How long a request may be at work before another one with its key may take over."""
KEY = re.compile(r"[\x21-\x7e]{1,100}", re.ASCII)
HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
BY_ITSELF = "_keeps_by_itself"
TOLD_ONCE = "_told_once"

F = TypeVar("F", bound=Callable[..., Any])


def keeps_by_itself(operation: F) -> F:
    """Of an operation that reads a file: it calls `once` when the file is there."""
    setattr(operation, BY_ITSELF, True)
    return operation


def told_once(*fields: str) -> Callable[[F], F]:
    """Of an operation that tells a secret in these fields: the answer that is kept has null in them."""

    def marked(operation: F) -> F:
        setattr(operation, TOLD_ONCE, fields)
        return operation

    return marked


def keeping(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Let an operation of the API heed the key of a POST."""
    if getattr(operation, BY_ITSELF, False):
        return operation

    @wraps(operation)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST" or HEADER not in request.headers:
            return operation(request, *args, **kwargs)
        hidden = getattr(operation, TOLD_ONCE, ())
        return once(request, request.body, lambda: operation(request, *args, **kwargs), hidden)

    return kept


def once(request: HttpRequest, content: bytes, do: Callable[[], Any], hidden: Sequence[str] = ()) -> Any:
    """Do it and keep the answer; or, where the caller's key has been seen, answer what was answered.

    `content` is what tells the request from others at its address. Without a key it is just done. The fields
    that are `hidden` hold secrets, which are not kept.
    """
    key, caller = _asked_key(request), caller_key(request)
    if key is None or caller is None:
        return do()
    mark, claim = _fingerprint(request, content), secrets.token_hex(8)
    earlier = _claimed(caller, key, mark, claim)
    if earlier is not None:
        return _again(earlier, mark)
    mine = KeptAnswer.objects.filter(caller=caller, key=key, claim=claim)
    try:
        with transaction.atomic():
            answer = _answer(request, do())
            done = HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES
            if done and not mine.update(status=answer.status_code, **_content_of(answer, hidden)):
                raise _TakenOver
    except _TakenOver:
        return _at_work()
    except BaseException:
        mine.filter(status=None).delete()
        raise
    if not done:
        mine.delete()
    if hidden:
        answer["Cache-Control"] = "no-store"
    return answer


def is_known(request: HttpRequest) -> bool:
    """Whether the caller's key has been seen: what it did may be why it could not be done anew."""
    key, caller = _asked_key(request), caller_key(request)
    return key is not None and KeptAnswer.objects.filter(caller=caller, key=key).exists()


class _TakenOver(Exception):
    """Another request with the key has thought that this one is dead."""


def _asked_key(request: HttpRequest) -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not KEY.fullmatch(key):
        found = f"found {len(key)} characters; expected 1 to 100 visible ASCII characters, no spaces"
        raise ValidationError([{"type": "key", "loc": ["header", HEADER], "msg": found}])
    return key


def _fingerprint(request: HttpRequest, content: bytes) -> str:
    announced = "\n".join(request.headers.get(name, "") for name in ("Upload-Length", "Upload-Metadata"))
    asked = f"{request.method}\n{request.get_full_path()}\n{announced}\n".encode()
    return hashlib.sha256(asked + hashlib.sha256(content).digest()).hexdigest()


def _claimed(caller: str, key: str, mark: str, claim: str) -> KeptAnswer | None:
    """Begin to work on the key; gives the row of who has begun before, if somebody has."""
    now = timezone.now()
    KeptAnswer.objects.filter(created_at__lt=now - KEEP).delete()
    started = {"claim": claim, "claimed_at": now}
    try:
        with transaction.atomic():
            KeptAnswer.objects.create(caller=caller, key=key, fingerprint=mark, created_at=now, **started)
    except IntegrityError:
        same = KeptAnswer.objects.filter(caller=caller, key=key)
        dead = same.filter(status=None, fingerprint=mark, claimed_at__lt=now - PATIENCE)
        if dead.update(**started):
            return None
        # None where it has ended without being done this very moment: then it may be tried again.
        return same.first() or KeptAnswer(fingerprint=mark)
    return None


def _again(earlier: KeptAnswer, mark: str) -> HttpResponse:
    if earlier.fingerprint != mark:
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "This key belongs to another request.",
            f"{HEADER} was sent before with another address or content. Make a new key for each request.",
        )
    if earlier.status is None:
        return _at_work()
    answer = HttpResponse(earlier.body, status=earlier.status, headers=earlier.headers)
    answer[REPLAYED] = "true"
    return answer


def _at_work() -> HttpResponse:
    answer = problem(
        HTTPStatus.CONFLICT,
        "The first request is still at work.",
        f"One with the same {HEADER} has not ended yet. Send it again in a second.",
    )
    answer["Retry-After"] = "1"
    return answer


def _answer(request: HttpRequest, result: Any) -> HttpResponse:
    """The response that the API would make of an operation's result."""
    if isinstance(result, HttpResponse):
        return result
    status, value = (result.status_code, result.value) if isinstance(result, Status) else (200, result)
    renderer = JSONRenderer()
    content = b"" if value is None else renderer.render(request, value.model_dump(), response_status=status)
    return HttpResponse(content, status=status, content_type="application/json; charset=utf-8")


def _content_of(answer: HttpResponse, hidden: Sequence[str]) -> dict[str, Any]:
    body = answer.content.decode()
    if hidden:
        body = json.dumps(json.loads(body) | dict.fromkeys(hidden))
    return {"headers": dict(answer.items()), "body": body}

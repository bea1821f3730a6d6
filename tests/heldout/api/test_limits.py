"""Each answer says how much more may be asked within the minute, and one too many is told when to go on."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from heldout import broadcast
from heldout.accounts.models import Scope
from heldout.api import limits
from tests.heldout.api.test_api import problem, signed_in
from tests.heldout.api.test_tokens import bearer
from tests.heldout.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = "/api/v1/events"
NEW_TEAM = "/api/v1/events/none/submissions/7/submit"


@pytest.fixture(autouse=True)
def two_a_minute(settings: Any) -> Iterator[None]:
    settings.API_LIMITS = {"reads": 2, "writes": 1, "uploads": 1, "strangers": 3}
    _forget()
    yield
    _forget()


def _forget() -> None:
    for name in broadcast.connection().scan_iter("api-limit:*"):
        broadcast.connection().delete(name)


def told(answer: Any) -> tuple[int, str]:
    assert 1 <= int(answer["RateLimit-Reset"]) <= 60
    return answer.status_code, answer["RateLimit-Remaining"]


def test_reads_are_counted_and_one_too_many_is_told_when_to_go_on() -> None:
    client = signed_in(make_user())
    assert [told(client.get(EVENTS)) for _ in range(3)] == [(200, "1"), (200, "0"), (429, "0")]
    over = client.get(EVENTS)
    assert problem(over)["detail"].startswith("Up to 2 such requests")
    assert (over["RateLimit-Limit"], over["Retry-After"]) == ("2", over["RateLimit-Reset"])


def test_all_tokens_and_sessions_of_a_person_count_together_and_others_apart() -> None:
    user = make_user()
    for headers in (bearer(user, Scope.READ), bearer(user, Scope.READ)):
        assert Client().get(EVENTS, headers=headers).status_code == 200
    assert signed_in(user).get(EVENTS).status_code == 429
    assert signed_in(make_user()).get(EVENTS).status_code == 200


def test_reads_writes_and_uploads_have_limits_of_their_own() -> None:
    client, url = signed_in(make_user()), "/api/v1/events/none/challenges/none/submissions"
    form = {"artefact": SimpleUploadedFile("model.onnx", b"x")}
    assert [client.post(NEW_TEAM, {}, "application/json").status_code for _ in range(2)] == [422, 429]
    assert [client.post(url, form).status_code for _ in range(2)] == [404, 429]
    assert client.get(EVENTS).status_code == 200


def test_strangers_are_counted_by_their_address_whatever_token_they_try() -> None:
    answers = [Client().get(EVENTS, headers={"Authorization": f"Bearer hld_{n}"}) for n in range(3)]
    assert [told(answer) for answer in answers] == [(401, "2"), (401, "1"), (401, "0")]
    assert Client().get(EVENTS).status_code == 429
    assert Client().get(EVENTS, REMOTE_ADDR="203.0.113.9").status_code == 401
    assert signed_in(make_user()).get(EVENTS).status_code == 200


def test_zero_is_no_limit(settings: Any) -> None:
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, 0)
    client = signed_in(make_user())
    answers = [client.get(EVENTS) for _ in range(4)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Limit" not in answers[0]


def test_without_redis_everybody_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis(host="127.0.0.1", port=1)
    monkeypatch.setattr(limits, "connection", lambda: away)
    client = signed_in(make_user())
    assert {client.get(EVENTS).status_code for _ in range(4)} == {200}

"""One submission can be followed through the logs: from the request to the board."""

import json
import logging
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from heldout.celery import app
from heldout.leaderboards import actions as leaderboards
from heldout.submissions import actions
from heldout.submissions.models import Submission
from scoring.logs import Json
from tests.heldout.factories import make_team
from tests.heldout.handing_in import evaluation_for, make_challenge, member_of, passport_for, put_to_work

pytestmark = pytest.mark.django_db(transaction=True)


class Kept(logging.Handler):
    """Formats each line where it is written, since what it is about is known only there."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(Json().format(record)))


@pytest.fixture
def log() -> Iterator[Kept]:
    kept, root = Kept(), logging.getLogger()
    root.addHandler(kept)
    yield kept
    root.removeHandler(kept)


def test_each_answer_names_its_request_and_the_log_knows_it(client: Client, log: Kept) -> None:
    first, second = client.get("/accounts/login/"), client.get("/accounts/login/")
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    told = [line for line in log.lines if line["logger"] == "heldout.metrics.requests"]
    assert [line["request"] for line in told] == [
        first.headers["X-Request-ID"],
        second.headers["X-Request-ID"],
    ]


def test_a_secret_address_is_not_in_the_log(client: Client, log: Kept) -> None:
    client.get("/invitations/a-secret-token/")
    told = [line["message"] for line in log.lines if line["logger"] == "heldout.metrics.requests"]
    assert told and "a-secret-token" not in str(told)


def test_probes_do_not_fill_the_log(client: Client, log: Kept) -> None:
    client.get("/healthz")
    assert [line for line in log.lines if line["logger"] == "heldout.metrics.requests"] == []


def test_a_submission_is_followed_from_its_request_to_the_board(client: Client, log: Kept) -> None:
    challenge = make_challenge()
    team = make_team(challenge.event)
    client.force_login(member_of(team))
    address = f"/events/{challenge.event.slug}/challenges/{challenge.slug}/submissions/"
    answer = client.post(address, {"artefact": SimpleUploadedFile("model.onnx", b"a model")})
    submission = Submission.objects.get()
    actions.record_passport(passport_for(submission))
    put_to_work(submission)
    leaderboards.record_evaluation(evaluation_for(submission))

    mine = [line for line in log.lines if line.get("submission") == str(submission.pk)]
    assert mine[0]["request"] == answer.headers["X-Request-ID"]
    assert mine[0]["attempt"] == str(submission.attempts.get(job="inspection").pk)
    assert mine[-1]["message"] == f"the board of {challenge.slug} changes"
    assert any("to scored" in line["message"] for line in mine)


def test_a_job_tells_the_worker_which_submission_it_is_of(client: Client) -> None:
    challenge = make_challenge()
    team = make_team(challenge.event)
    client.force_login(member_of(team))
    address = f"/events/{challenge.event.slug}/challenges/{challenge.slug}/submissions/"
    client.post(address, {"artefact": SimpleUploadedFile("model.onnx", b"a model")})
    with app.connection_for_read() as link:
        message = link.SimpleQueue("scoring.inspect").get(timeout=2)
    assert message.headers["submission"] == str(Submission.objects.get().pk)

"""What a worker says once is recorded, even if the database is restarted in that moment."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import Task
from django.db import OperationalError, connection

from heldout.leaderboards.tasks import record_evaluation
from heldout.submissions.models import SubmissionState
from heldout.submissions.tasks import record_passport
from tests.heldout.factories import make_team
from tests.heldout.handing_in import (
    evaluation_for,
    fresh,
    hand_in,
    inspected,
    make_challenge,
    passport_for,
    put_to_work,
)

pytestmark = pytest.mark.django_db(transaction=True)


class Restarted:
    """A database that is away for the first query, as while it is restarted."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, execute: Callable[..., Any], *query: Any) -> Any:
        self.asked += 1
        if self.asked == 1:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(*query)


def run(task: "Task[..., None]", message: str) -> None:
    with connection.execute_wrapper(Restarted()):
        task.apply((message,)).get()


def test_a_passport_waits_for_the_database() -> None:
    challenge = make_challenge()
    row = hand_in(challenge, make_team(challenge.event))
    run(record_passport, passport_for(row).model_dump_json())
    assert fresh(row).passport is not None


def test_an_evaluation_waits_for_the_database_and_is_recorded_once() -> None:
    challenge = make_challenge()
    row = inspected(challenge, make_team(challenge.event))
    put_to_work(row)
    run(record_evaluation, evaluation_for(row).model_dump_json())
    assert fresh(row).state == SubmissionState.SCORED
    assert row.evaluations.count() == 1

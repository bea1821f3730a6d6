"""Whatever the API's description allows, it answers as it says, and never by a fault of its own.

schemathesis makes requests up from the description. Most name things that are there, or each would end at
"not found". What a request does is undone, so that the next one finds the scene as it was.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

import heldout.urls  # noqa: F401  # It puts all routers together.
from heldout.accounts import tokens
from heldout.accounts.models import Scope
from heldout.api.base import api
from tests.heldout.factories import make_user
from tests.heldout.permissions.matrix import things
from tests.heldout.web.scene import make_life, make_scene

HOST = "http://127.0.0.1"
EXAMPLES = 5
SCHEMA = schemathesis.openapi.from_dict(dict(api.get_openapi_schema(path_prefix="/api/v1/")))
FOUND: list[Any] = [result.ok() for result in SCHEMA.get_all_operations()]  # type: ignore[union-attr]
TAGS = {tag for operation in FOUND for tag in operation.tags}
HELD = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
bounded = settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Callers:
    """Somebody of each kind with a token, and what addresses may name."""

    def __init__(self) -> None:
        life = make_life(make_scene())
        people = life.scene.people
        who = {
            "participant": people["participant"],
            "organizer": people["organizer"],
            "stranger": make_user(),
        }
        self.headers = {
            name: {"Authorization": f"Bearer {tokens.make(user, name, list(Scope), 1)[1]}"}
            for name, user in who.items()
        }
        named = {name: str(thing) for name, thing in things(life).items()}
        self.places = {
            "event": [life.scene.event.slug],
            "challenge": ["into-the-deep", "show-it", "the-wild", "which-pixels"],
            "submission": [named[name] for name in ("scored", "rehearsed", "queued", "failed")],
            "question": [named["question_asked"]],
            "person": [named["lone"]],
            "name": ["into-the-deep.zip"],
        }
        self.named = named

    def place(self, name: str, pick: int) -> str | None:
        """A thing of the scene that an address's part may name."""
        known = self.places.get(name) or ([self.named[name]] if name in self.named else [])
        return known[pick % len(known)] if known else None


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A request does not end the test's connection, in which all is undone; so does Django's own client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.filterwarnings(
    "ignore:StreamingHttpResponse must consume:Warning"
)  # Not under ASGI, as it is served.
@pytest.mark.parametrize("tag", sorted(TAGS))
def test_the_answers_are_as_described(tag: str) -> None:
    callers, application = Callers(), get_wsgi_application()
    faults = []
    for operation in FOUND:
        if tag in operation.tags:
            try:
                _ask(operation, callers, application)
            except (AssertionError, FailureGroup) as error:
                faults.append(f"{operation.label}: {error}")
    assert not faults, "\n\n".join(faults)


def _ask(operation: Any, callers: Callers, application: Any) -> None:
    """Ask it a number of times. Raises AssertionError or FailureGroup."""

    @bounded
    @given(case=operation.as_strategy(), who=st.sampled_from(sorted(callers.headers)), pick=st.integers(0, 7))
    def asked(case: Any, who: str, pick: int) -> None:
        if pick < 6:
            for name in list(case.path_parameters):
                case.path_parameters[name] = callers.place(name, pick) or case.path_parameters[name]
        with transaction.atomic():
            answer = case.call(base_url=HOST, app=application, headers=callers.headers[who])
            transaction.set_rollback(True)
        case.validate_response(answer, checks=HELD)

    asked()

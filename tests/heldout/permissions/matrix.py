"""Who gets which answer at which address: the tables of this folder, read and put to the site.

Each module whose name begins with `of_` has a `MATRIX`: a line a request, an answer a column. An answer that
stands alone is everybody's. `{name}` in an address is a thing of the scene; a module adds things of its own
with `things(life)`. `login` leads to sign in. Strangers are told that a page is not there: 404.
"""

import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from heldout.accounts.models import User
from heldout.api.base import api
from heldout.api.problems import no_such_address
from tests.heldout import permissions
from tests.heldout.factories import (
    make_coach,
    make_event,
    make_organizer,
    make_superuser,
    make_team,
    make_user,
)
from tests.heldout.web.scene import Life

WHO = (
    "nobody",
    "outsider",  # has an account, and no role in the event
    "elsewhere",  # organizes another event
    "lone",  # a participant without a team
    "rival",  # is in another team
    "member",  # is in the team that the things belong to
    "coach",  # coaches that team
    "another",  # coaches another team
    "organizer",
    "operator",
)
API = "api/v1/"
OTHER_EVENT = "other-event"
"""The slug of the event that `elsewhere` organizes."""


@dataclass(frozen=True)
class Row:
    """One request, and the answer to each of WHO."""

    verb: str
    address: str
    answers: dict[str, str]

    @property
    def is_of_things(self) -> bool:
        """Whether it names a thing of an event: a number, a team, a challenge."""
        return "{" in self.address or re.search("/challenges/[a-z]", self.address) is not None


def modules() -> list[ModuleType]:
    """The modules that hold a table."""
    names = [
        found.name for found in pkgutil.iter_modules(permissions.__path__) if found.name.startswith("of_")
    ]
    return [import_module(f"{permissions.__name__}.{name}") for name in names]


@cache
def rows() -> tuple[Row, ...]:
    """Every row of every table."""
    return tuple(row for module in modules() for row in _parsed(module.MATRIX))


def _parsed(table: str) -> Iterator[Row]:
    for line in table.strip().splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        verb, address, *answers = line.split()
        if len(answers) not in (1, len(WHO)):
            raise ValueError(f"{line!r}: {len(answers)} answers, where 1 or {len(WHO)} were expected: {WHO}")
        yield Row(verb, address, dict(zip(WHO, answers * (len(WHO) // len(answers)), strict=True)))


def things(life: Life) -> dict[str, Any]:
    """What the addresses speak of, by the names that they use."""
    found: dict[str, Any] = {}
    for module in modules():
        found |= module.things(life) if hasattr(module, "things") else {}
    return found


def person(life: Life, who: str) -> User | None:
    """Somebody of that kind; None for nobody."""
    people = life.scene.people
    makers: dict[str, Callable[[], User | None]] = {
        "nobody": lambda: None,
        "outsider": make_user,
        "elsewhere": lambda: make_organizer(make_event(OTHER_EVENT)),
        "another": lambda: make_team(life.scene.event, coach=make_coach(life.scene.event)).coach,
        "member": lambda: people["participant"],
        "operator": make_superuser,
    }
    return makers[who]() if who in makers else people[who]


def ask(client: Client, verb: str, address: str) -> Any:
    """The answer to the request. To post, what follows the address's `?` is the form, or the API's JSON."""
    if verb == "GET":
        return client.get(address)
    path, _, form = address.partition("?")
    if address.startswith(f"/{API}"):
        return client.generic(verb, path, _body(form), content_type="application/json")
    return client.post(path, dict(parse_qsl(form)))


def _body(form: str) -> str:
    """The form as JSON: numbers and lists as they are written, anything else as text."""
    return json.dumps({name: _value(text) for name, text in parse_qsl(form)})


def _value(text: str) -> Any:
    return json.loads(text) if text[:1] in "[0123456789" else text


def told(response: Any) -> str:
    """The status, or `login` where the way leads to sign in."""
    if response.status_code == 302 and response.headers["Location"].startswith("/accounts/login/"):
        return "login"
    return str(response.status_code)


NUMBER = "00000000-0000-4000-8000-000000000000"
PageOrOperation = tuple[str, str]
"""A verb, and the route as the address book has it."""


def covered() -> set[PageOrOperation]:
    """What the rows ask for."""
    asked = set()
    for row in rows():
        route = resolve(_with_any_things(row.address.partition("?")[0], NUMBER)).route
        asked.add((row.verb, _as_written(route)))
    return asked


def pages_with_forms() -> set[str]:
    """The routes of pages that take what is sent to them from somebody, or say what is wrong with it."""
    return {
        resolve(_with_any_things(row.address.partition("?")[0], NUMBER)).route
        for row in rows()
        if row.verb == "POST" and not row.address.startswith(f"/{API}") and "405" not in row.answers.values()
    }


def _as_written(route: str) -> str:
    """ninja registers a converter of its own under another name."""
    return route.replace("<uuidstr:", "<uuid:")


def _with_any_things(address: str, uuid: str) -> str:
    """The address with something in each place that its route accepts."""
    for guess in ("1", uuid, "made-up"):
        filled = _filled(address, guess)
        if _resolves(filled):
            return filled
    raise ValueError(f"{address}: no page has this address")


def _filled(address: str, guess: str) -> str:
    before, brace, rest = address.partition("{")
    if not brace:
        return address
    return before + guess + _filled(rest.partition("}")[2], guess)


def _resolves(address: str) -> bool:
    try:
        found = resolve(address)
    except Resolver404:
        return False
    return found.func is not no_such_address


def every_page() -> set[PageOrOperation]:
    """Each verb of each address of the site: pages answer to GET and POST, the API to what it declares."""
    pages = {
        (verb, route)
        for route in _routes(get_resolver())
        for verb in ("GET", "POST")
        if not route.startswith(("admin/", API))  # The admin is for operators alone, and has its own test.
    }
    return pages | set(operations())


def operations() -> Iterator[PageOrOperation]:
    """Each operation of the API."""
    yield ("GET", f"{API}openapi.json")
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            route = f"{API}{(prefix + path).lstrip('/')}".replace("{", "<").replace("}", ">")
            route = _as_written(route)
            yield from ((verb, route) for operation in view.operations for verb in operation.methods)


def _routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from _routes(entry, route)

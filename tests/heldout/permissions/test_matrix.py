"""Role by object by verb, over every address of pages, API and live channels.

A new address without a row in one of the tables of this folder fails here.
"""

from copy import deepcopy

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client

from tests.heldout.factories import make_event, make_organizer, make_superuser
from tests.heldout.permissions.matrix import (
    OTHER_EVENT,
    WHO,
    ask,
    covered,
    every_page,
    person,
    rows,
    things,
    told,
)
from tests.heldout.web.scene import Life, make_life, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def life() -> Life:
    return make_life(make_scene())


def answer(client: Client, verb: str, address: str) -> str:
    """What the site says. What the request does is undone, so that each row finds the scene as it was."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        said = told(ask(client, verb, address))
        transaction.set_rollback(True)
    client.cookies = cookies
    return said


@pytest.mark.parametrize("who", WHO)
def test_each_gets_the_answer_of_the_table(client: Client, life: Life, who: str) -> None:
    found_things = things(life)
    user = person(life, who)
    if user is not None:
        client.force_login(user)
    found = {
        f"{row.verb} {row.address}": answer(client, row.verb, row.address.format(**found_things))
        for row in rows()
    }
    assert found == {f"{row.verb} {row.address}": row.answers[who] for row in rows()}


def test_no_address_is_without_a_row() -> None:
    missing = sorted(every_page() - covered())
    assert not missing, "Add a row for each to a table in tests/heldout/permissions: " + ", ".join(
        f"{verb} /{route}" for verb, route in missing
    )


def test_a_thing_of_one_event_is_not_reached_through_another(client: Client, life: Life) -> None:
    client.force_login(make_organizer(make_event(OTHER_EVENT)))
    found_things, slug = things(life), life.scene.event.slug
    reached = {}
    for row in rows():
        if not (row.is_of_things and f"/events/{slug}/" in row.address):
            continue
        address = row.address.format(**found_things).replace(f"/events/{slug}/", f"/events/{OTHER_EVENT}/")
        said = answer(client, row.verb, address)
        if said not in ("404", "405"):
            reached[f"{row.verb} {row.address}"] = said
    assert reached == {}


@pytest.mark.parametrize("who", ["member", "coach", "organizer", "operator"])
def test_nothing_is_at_an_event_that_is_not_there(client: Client, life: Life, who: str) -> None:
    client.force_login(person(life, who) or make_superuser())
    found_things, slug = things(life), life.scene.event.slug
    for row in rows():
        if f"/events/{slug}/" in row.address:
            address = row.address.format(**found_things).replace(f"/{slug}/", "/no-such-event/")
            assert answer(client, row.verb, address) in ("404", "405"), address


@pytest.mark.parametrize("who", [who for who in WHO if who != "operator"])
def test_the_admin_is_for_operators_alone(client: Client, life: Life, who: str) -> None:
    if (user := person(life, who)) is not None:
        client.force_login(user)
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        said = client.get(address)
        assert said.status_code == 403 or said.headers.get("Location", "").startswith("/admin/login/"), (
            address
        )


def test_operators_see_each_list_of_the_admin(client: Client, life: Life) -> None:
    client.force_login(make_superuser())
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(address).status_code == 200, address

"""The API's own description: each operation says what it does, with examples that fit."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import validator_for

import heldout.urls  # noqa: F401  # It puts all routers together.
from heldout.api.base import api

DOCUMENT: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
VERBS = ("get", "post", "put", "patch", "delete", "head", "options")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in DOCUMENT["paths"].items():
        yield from ((verb, path, operation) for verb, operation in found.items() if verb in VERBS)


NAMED = {f"{verb.upper()} {path}": operation for verb, path, operation in operations()}


@pytest.mark.parametrize("name", NAMED)
def test_each_operation_has_a_summary_a_tag_and_its_errors(name: str) -> None:
    operation = NAMED[name]
    assert operation["summary"] and operation["description"] and operation["tags"]
    assert {"401", "404", "409", "422", "429"} <= operation["responses"].keys()
    assert len(operation["summary"]) <= 60


@pytest.mark.parametrize("name", NAMED)
def test_each_operation_has_examples_that_fit_its_schemas(name: str) -> None:
    operation = NAMED[name]
    described = [operation.get("requestBody", {}), *operation["responses"].values()]
    contents = [content for each in described for content in each.get("content", {}).values()]
    for content in [*contents, *operation.get("parameters", [])]:
        schema = content["schema"] | {"components": DOCUMENT["components"]}
        validator_for(schema).validate(content["example"])


def test_a_post_takes_a_key() -> None:
    without = [
        name
        for name, operation in NAMED.items()
        if name.startswith("POST")
        and not any(p["name"] == "Idempotency-Key" for p in operation["parameters"])
    ]
    assert not without

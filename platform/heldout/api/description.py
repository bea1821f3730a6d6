"""What the API says of itself: an OpenAPI document with every error and an example of everything."""

from copy import deepcopy
from functools import cache
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from heldout.api.examples import Schema, example_of
from heldout.api.keeping import HEADER

CONTENT = "x-content"
"""An operation that does not answer in JSON names its media type by this extension of OpenAPI."""
FURTHER_ERRORS = "x-further-errors"
"""An operation that answers with errors of its own names them by this one: each status with its words."""
JSON = "application/json"
PROBLEM = "application/problem+json"
ERRORS = {
    "400": "The request cannot be read",
    "401": "Nobody is signed in, or the token is of no use any more",
    "403": "The token lacks the scope, or the form was not the site's own",
    "404": "There is nothing here that the caller may see",
    "409": "A rule says no, or the first request with this key is still at work",
    "413": "The request is too large",
    "422": "The request is malformed, or its key belongs to another one",
    "429": "That was a lot within a minute: go on after `Retry-After` seconds",
}
PROBLEM_SCHEMA = {
    "title": "Problem",
    "description": "An error (RFC 9457): what happened, and what to do.",
    "type": "object",
    "required": ["type", "status", "title", "detail"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
KEY_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "The same key with the same request gives the first answer again, within a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"},
    "example": "hand-in-7c9e6679",
}


def file_form(field: str, **beside: Schema) -> Schema:
    """What an operation takes that reads a file from the form's `field`, with other fields beside it."""
    properties = {field: {"type": "string", "format": "binary"}, **beside}
    schema = {"type": "object", "required": [field], "properties": properties}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


class DescribedAPI(NinjaAPI):
    """The API with a document that is made once, when all routers are there."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The whole document."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return _document(self, prefix)


@cache
def _document(api: NinjaAPI, prefix: str) -> OpenAPISchema:
    document = OpenAPISchema(api, prefix)
    components = document["components"]["schemas"]
    components["Problem"] = PROBLEM_SCHEMA
    for path in document["paths"].values():
        for verb, operation in path.items():
            _complete(verb, operation, components)
    return document


def _complete(verb: str, operation: Schema, components: Schema) -> None:
    """Say what ninja does not know of the operation."""
    if verb == "post":
        operation.setdefault("parameters", []).append(deepcopy(KEY_PARAMETER))
    for parameter in operation.get("parameters", []):
        if "example" not in parameter:
            parameter["example"] = example_of(parameter["schema"], components, parameter["name"])
    responses = {str(status): response for status, response in operation["responses"].items()}
    if media_type := operation.pop(CONTENT, None):
        _answer_in(media_type, responses)
    for status, description in {**ERRORS, **operation.pop(FURTHER_ERRORS, {})}.items():
        responses.setdefault(status, _problem(status, description))
    operation["responses"] = responses
    for described in (operation.get("requestBody", {}), *responses.values()):
        for content in described.get("content", {}).values():
            content.setdefault("example", example_of(content["schema"], components))


def _answer_in(media_type: str, responses: Schema) -> None:
    """The answer is text or a file, of which there may be a part."""
    text = media_type.startswith("text/")
    schema = {"type": "string"} if text else {"type": "string", "format": "binary"}
    content = {media_type: {"schema": schema, "example": "epoch 1\n" if text else "PK"}}
    responses["200"]["content"] = content
    if not text:
        responses["206"] = {"description": "The part that `Range` names", "content": deepcopy(content)}
        responses["416"] = _problem("416", "The file has no such bytes")


def _problem(status: str, title: str) -> Schema:
    example = {"type": "about:blank", "status": int(status), "title": title, "detail": "What to do now."}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    return {"description": title, "content": {PROBLEM: content}}

"""An example of everything that the API takes and says, made from its schema, and so never out of date.

Each field has a value of its own, or one by its name, or else by its type.
"""

from typing import Any

Schema = dict[str, Any]

FILE = "(the file's content)"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
BY_NAME: dict[str, Any] = {
    "about": "about:blank",
    "abstract": "Splits, leaks and luck.",
    "answer": "Yes, as long as you say so in your note.",
    "answer_code": 204,
    "artefact": FILE,
    "audience": "all",
    "best": "0.912",
    "body": "In the **hall**, at one.",
    "bundle": FILE,
    "by": "Ines Vidal",
    "captain": 12,
    "challenge": "into-the-deep",
    "claimed_by": "Grace",
    "coach": "Grace",
    "code": "K7PWM2QX",
    "code_of_conduct": "Be kind, and assume that others mean well.",
    "company": "Peak Labs",
    "criterion": "Train and validation loss plotted and explained to the coach",
    "decided_by": "Ines Vidal",
    "detail": "Your team has used its 5 tries. New ones come on Friday at 00:00 (Europe/Amsterdam).",
    "digest": DIGEST,
    "email": "ada@example.org",
    "event": "gear-trail",
    "file_name": "model.onnx",
    "final": "best_public",
    "final_rule": "The submission that is best on the public split",
    "format": "onnx",
    "high": 0.924,
    "join_code": "K7PWM2QX",
    "kind": "request",
    "low": 0.899,
    "made_by": "Ada Lovelace",
    "metric": "Accuracy",
    "name": "Cairn",
    "next": "YmVmb3JlOjQx",
    "note": "Wider, with flips",
    "notes": "Has organized a hackathon.",
    "paused_why": "",
    "phase": "running",
    "previous_version": "1.0.0",
    "question": "Why do you want to come?",
    "reason": "The plots were of another model.",
    "role": "participant",
    "room": "Hall",
    "roster": FILE,
    "rule": "Points for passed challenges.",
    "scope": "hand_in",
    "scopes": ["read", "submit"],
    "score": 0.912,
    "score_text": "0.912",
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "seen": ["Train and validation loss plotted and explained to the coach"],
    "signed_off_by": "Grace",
    "skill": 4,
    "slides_url": "https://example.org/slides",
    "slug": "into-the-deep",
    "speaker": "Ada Lovelace",
    "stage": "scoring",
    "state": "open",
    "statement": "## Your task\n\nTell hats from boots.",
    "status": 409,
    "team": "Cairn",
    "team_id": 7,
    "text": "May we use a model that was trained before?",
    "time_zone": "Europe/Amsterdam",
    "title": "Where to begin",
    "token": "hld_(told once)",
    "topic": "submission.scored",
    "topics": ["submission.scored"],
    "type": "about:blank",
    "url": "https://heldout.example.org/api/v1/events/gear-trail/challenges/into-the-deep/files/into-the-deep.zip",
    "value": 0.912,
    "venue": "A hut",
    "version": "1.0.0",
    "words": "Our loss is NaN after one epoch",
}
TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "array": list,
    "boolean": bool,
}
BY_TYPE = {"string": "into-the-deep", "integer": 3, "number": 0.5, "boolean": True}
BY_FORMAT = {
    "date-time": "2026-11-26T16:40:00Z",
    "uuid": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "binary": FILE,
}


def example_of(schema: Schema, components: Schema, name: str = "") -> Any:
    """Something that the schema allows; `name` is that of the field."""
    schema = _resolved(schema, components)
    kind = str(schema.get("type"))
    if known := schema.get("examples") or schema.get("enum"):
        return known[0]
    if kind == "object":
        return _object(schema, components)
    if name in BY_NAME and isinstance(BY_NAME[name], TYPES.get(kind, ())):
        return BY_NAME[name]
    if "prefixItems" in schema:
        return [example_of(item, components) for item in schema["prefixItems"]]
    if kind == "array":
        return [example_of(schema.get("items", {}), components, name.rstrip("s"))]
    usual = BY_FORMAT.get(schema.get("format", ""), BY_TYPE.get(kind))
    default = schema.get("default")
    return usual if default is None else default


def _object(schema: Schema, components: Schema) -> dict[str, Any]:
    fields = schema.get("properties", {})
    if fields:
        return {name: example_of(field, components, name) for name, field in fields.items()}
    values = schema.get("additionalProperties")
    return {"public": example_of(values, components)} if isinstance(values, dict) else {}


def _resolved(schema: Schema, components: Schema) -> Schema:
    """Without references, and the first of several that are possible."""
    while True:
        if "$ref" in schema:
            schema = components[schema["$ref"].rsplit("/", 1)[-1]]
        elif choices := schema.get("anyOf") or schema.get("allOf") or schema.get("oneOf"):
            schema = choices[0]
        else:
            return schema

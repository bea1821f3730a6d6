"""Where in an ONNX model its cost lies: by kinds of nodes, by its largest nodes, and at other resolutions.

All of it is for people to read. A file may have a million nodes and names of any length, so everything here
is short, and what would take long is left out.
"""

import time
from collections import Counter
from typing import Any

import onnx

from . import onnx_macs
from .onnx_macs import Priced

MOST_KINDS = 12
MOST_LAYERS = 12
LONGEST_NAME = 80
LONGEST_KIND = 40
SCALES = (0.5, 0.75, 1.0, 1.5, 2.0)
"""Of the sides of the challenge's images."""

_PATIENCE_SECONDS = 0.3
"""Other resolutions are left out where finding the shapes of one takes longer."""


def breakdown(
    model: onnx.ModelProto, weights: set[str], sizes: dict[str, int], priced: Priced | None, shape: list[int]
) -> dict[str, Any] | None:
    """The parts of a model that is light already, and its cost for images of other sizes than `shape`.

    `weights` are inputs that are no examples, `sizes` those of all weights.
    """
    if priced is None:
        return None
    parts = _parts(priced, dict(sizes))
    largest = sorted(range(len(parts)), key=lambda place: _weight(parts[place]), reverse=True)[:MOST_LAYERS]
    layers = [parts[place] for place in sorted(largest) if any(_weight(parts[place]))]
    return {"kinds": _kinds(parts), "layers": layers, "sizes": _at_sizes(model, weights, shape)}


def _weight(part: dict[str, Any]) -> tuple[int, int]:
    return part["macs"] or 0, part["parameters"]


def _parts(priced: Priced, sizes: dict[str, int]) -> list[dict[str, Any]]:
    """Each node but constants. A weight belongs to the first node that takes it."""
    found = []
    for node, macs in priced:
        if node.op_type == "Constant":
            continue
        numbers = sum(sizes.pop(name, 0) for name in node.input)
        numbers += sum(len(attribute.floats) for attribute in node.attribute)
        name = node.name or next(iter(node.output), "")
        part = {"name": name[:LONGEST_NAME], "kind": node.op_type[:LONGEST_KIND], "count": 1}
        found.append({**part, "macs": macs, "parameters": numbers})
    return found


def _kinds(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sums of each kind of node, the costliest first; the smallest kinds are told as one."""
    merged: dict[str, dict[str, Any]] = {}
    for part in parts:
        _add(merged.setdefault(part["kind"], {"name": "", "kind": part["kind"]}), part)
    ordered = sorted(merged.values(), key=lambda each: (*_weight(each), each["count"]), reverse=True)
    if len(ordered) <= MOST_KINDS:
        return ordered
    others: dict[str, Any] = {"name": "", "kind": "others"}
    for each in ordered[MOST_KINDS - 1 :]:
        _add(others, each)
    return [*ordered[: MOST_KINDS - 1], others]


def _add(total: dict[str, Any], part: dict[str, Any]) -> None:
    known = Counter({key: total.get(key, 0) or 0 for key in ("count", "parameters", "macs")})
    unknown = part["macs"] is None or ("macs" in total and total["macs"] is None)
    total["count"] = known["count"] + part["count"]
    total["parameters"] = known["parameters"] + part["parameters"]
    total["macs"] = None if unknown else known["macs"] + part["macs"]


def _at_sizes(model: onnx.ModelProto, weights: set[str], shape: list[int]) -> list[dict[str, int]]:
    """The cost for images of other sizes; empty for other inputs, and where the model does not take them."""
    if len(shape) != 3:
        return []
    found = []
    for scale in SCALES:
        height, width = (max(1, round(length * scale)) for length in shape[1:])
        started = time.monotonic()
        macs = onnx_macs.count(model, weights, (height, width))
        if time.monotonic() - started > _PATIENCE_SECONDS:
            return []
        if macs is not None:
            found.append({"height": height, "width": width, "macs": macs})
    return found if len(found) > 1 else []

"""Writing measured scores of baselines into a manifest, which otherwise stays as its author wrote it."""

import math
import re
import tomllib
from pathlib import Path

from challenges.bundle import MANIFEST
from challenges.faults import Fault
from challenges.manifest import Manifest
from scoring.job import BaselineResult

LEAST_TOLERANCE = 0.02
"""Of the score's own size, or of 1 where that is smaller."""
WIDER = 2.0
"""The tolerance is so many halves of the 95 % interval, as another secret draws other examples."""
_HEAD = re.compile(r"^\s*\[\[\s*baselines\s*\]\]\s*(#.*)?$")
_TABLE = re.compile(r"^\s*\[")
_PAIR = re.compile(r"^(\s*)(score|tolerance)(\s*=\s*)[^#]*?(\s*(?:#.*)?)$")
_UNMEASURED = re.compile(r"^\s*# Not measured yet: ")


def adopt(folder: Path, results: list[BaselineResult]) -> list[str]:
    """Set score and tolerance of each scored baseline; a line a baseline that says what was set.

    Raises ValueError when the manifest is laid out such that its lines cannot be told apart; it is then left
    as it was.
    """
    path = folder / MANIFEST
    text = path.read_text("utf-8")
    names = [baseline["name"] for baseline in tomllib.loads(text)["baselines"]]
    measured = {result.name: _measured(result) for result in results}
    changed = _rewritten(text, [measured.get(name) for name in names])
    for baseline in Manifest.model_validate(tomllib.loads(changed)).baselines:
        wanted = measured.get(baseline.name)
        if wanted is not None and (baseline.score, baseline.tolerance) != wanted:
            raise ValueError(f"score and tolerance of {baseline.name!r} are not on lines of their own")
    path.write_text(changed, "utf-8")
    return [
        f"{name}: score = {score:g}, tolerance = {tolerance:g}"
        for name, (score, tolerance) in measured.items()
    ]


def fault(error: ValueError) -> Fault:
    """What kept a manifest from being changed."""
    expected = "a [[baselines]] table each, with 'score = ...' and 'tolerance = ...' on lines of their own"
    return Fault(file=MANIFEST, field="baselines", found=str(error), expected=expected)


def _measured(result: BaselineResult) -> tuple[float, float]:
    """The private score, and how far another draw may be from it, both to as many digits as make sense."""
    score = next(score for score in result.scores if score.split == "private")
    tolerance = max(WIDER * (score.high - score.low) / 2, LEAST_TOLERANCE * max(1.0, abs(score.value)))
    digits = max(0, 2 - math.floor(math.log10(tolerance)))
    # Rounded first, so that a tolerance of just 0.06 does not become 0.0601 by a binary fraction.
    return round(score.value, digits), math.ceil(round(tolerance * 10**digits, 6)) / 10**digits


def _rewritten(text: str, wanted: list[tuple[float, float] | None]) -> str:
    """Replace the values of the pairs below each `[[baselines]]`, in order."""
    lines, current, number = [], None, -1
    for line in text.split("\n"):
        if _HEAD.match(line):
            number += 1
            current = wanted[number] if number < len(wanted) else None
        elif _TABLE.match(line):
            current = None
        pair = _PAIR.match(line)
        if current is not None and pair is not None:
            value = current[0] if pair[2] == "score" else current[1]
            lines.append(f"{pair[1]}{pair[2]}{pair[3]}{value!r}{pair[4]}")
        elif current is None or not _UNMEASURED.match(line):
            lines.append(line)
    return "\n".join(lines)

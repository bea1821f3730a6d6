"""Whether one run is better than another, or may have been lucky. Pure, and without any library.

Both were scored on the same hidden examples, so their outcomes are compared example by example: a paired
bootstrap of the mean difference, 95 % interval by the percentile method (Efron and Tibshirani, An
Introduction to the Bootstrap, 1993, chapters 13 and 16). Two runs are tied if that interval has zero in it.
"""

import base64
import math
import random
import struct
import zlib
from collections.abc import Sequence

from heldout.submissions.models import Outcomes

RESAMPLES = 1000
SURE_TIE, SURE_DIFFERENCE = 1.0, 4.0
"""Standard errors of the mean difference. Below the one and above the other the bootstrap cannot say
anything else with so many examples, so it is only drawn between."""
FEWEST = 30
"""With fewer examples it is always drawn."""
MANY = 500
NORMAL = 1.959963984540054
SEED = 20261123
LARGEST = 8 * 2**20


def unpack(outcomes: Outcomes) -> list[float] | None:
    """The outcome of each example; None where there are none, or not as many as said."""
    try:
        inflate = zlib.decompressobj()
        raw = inflate.decompress(base64.b64decode(outcomes.values, validate=True), LARGEST)
    except (ValueError, zlib.error):
        return None
    if not outcomes.count or len(raw) != 4 * outcomes.count:
        return None
    return list(struct.unpack(f"<{outcomes.count}f", raw))


def differ(ours: Sequence[float], theirs: Sequence[float]) -> bool | None:
    """Whether the mean outcomes differ significantly. None where they are not of the same examples."""
    if len(ours) != len(theirs) or not ours:
        return None
    both = zip(ours, theirs, strict=True)
    differences = [a - b for a, b in both if not (math.isnan(a) or math.isnan(b))]
    if len(differences) < 2:
        return None
    if not any(differences):
        return False
    return _differ(differences)


def _differ(differences: list[float]) -> bool:
    count = len(differences)
    mean = math.fsum(differences) / count
    variance = math.fsum((each - mean) ** 2 for each in differences) / (count - 1)
    errors = abs(mean) / math.sqrt(variance / count) if variance else math.inf
    if count >= FEWEST and not SURE_TIE <= errors <= SURE_DIFFERENCE:
        return errors > SURE_DIFFERENCE
    low, high = interval(differences)
    return not low <= 0 <= high


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the mean, by the bootstrap over examples. The same input gives the same digits."""
    draw = random.Random(SEED)  # noqa: S311 (statistics, not a secret)
    count = len(differences)
    means = sorted(sum(draw.choices(differences, k=count)) / count for _ in range(RESAMPLES))
    edge = RESAMPLES // 40
    return means[edge - 1], means[-edge]


def quick_interval(differences: Sequence[float]) -> tuple[float, float]:
    """The interval for a page that somebody waits for: of many examples by the normal approximation, which
    the bootstrap of a mean comes to."""
    count = len(differences)
    if count <= MANY:
        return interval(differences)
    mean = math.fsum(differences) / count
    variance = math.fsum((each - mean) ** 2 for each in differences) / (count - 1)
    half = NORMAL * math.sqrt(variance / count)
    return mean - half, mean + half


def apart(ours: tuple[float, float], theirs: tuple[float, float]) -> bool:
    """The coarser rule where outcomes tell nothing of the metric: the 95 % intervals do not overlap.

    It calls more teams tied than a paired comparison would, and never separates for less reason.
    """
    return ours[0] > theirs[1] or theirs[0] > ours[1]

"""The kinds of tasks by name."""

from typing import cast

from challenges.manifest import Kind
from scoring.kinds import classification
from scoring.kinds.kind import KindModule

KINDS: dict[Kind, KindModule] = {
    "classification": cast(KindModule, classification),
}

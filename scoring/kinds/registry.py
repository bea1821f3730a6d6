"""The kinds of tasks by name."""

from typing import cast

from challenges.task import Kind
from scoring.kinds import classification, detection, images, regression, segmentation, similarity
from scoring.kinds.kind import KindModule

KINDS: dict[Kind, KindModule] = {
    "classification": cast(KindModule, classification),
    "detection": cast(KindModule, detection),
    "segmentation": cast(KindModule, segmentation),
    "similarity": cast(KindModule, similarity),
    "regression": cast(KindModule, regression),
    "images": cast(KindModule, images),
}

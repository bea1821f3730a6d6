"""The words of `heldout bundle import`, taken apart. Needs no library but the base install's."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from challenges.faults import BundleError, Fault
from challenges.task import METRIC_LABELS, MetricName

if TYPE_CHECKING:
    from challenges.importers.importing import Request
    from challenges.importers.partition import Shares

Form = Literal["image-folder", "items", "csv", "coco", "masks", "parquet"]
Rule = Literal["stretch", "letterbox", "crop"]
LARGEST_SIDE = 1024


@dataclass(frozen=True)
class Asked:
    """Options as they were typed."""

    form: Form
    source: Path
    licence: str
    title: str
    summary: str
    source_name: str
    metric: str
    pass_score: float
    shares: str
    seed: int
    group_by: str
    similar: bool
    size: str
    channels: int
    resize: Rule
    images: Path | None
    classes: str
    label: str
    value: str
    id_: str
    features: str

    def request(self) -> "Request":
        """What is to be imported. Raises BundleError with every option that makes no sense."""
        from challenges.importers.importing import Request
        from challenges.importers.pictures import Frame
        from challenges.importers.tables import Roles

        faults: list[Fault] = []
        height, width = _sides(self.size, faults)
        shares = _shares(self.shares, faults)
        if self.metric and self.metric not in METRIC_LABELS:
            expected = f"one of {', '.join(METRIC_LABELS)}"
            faults.append(Fault(file="--metric", field="", found=repr(self.metric), expected=expected))
        if self.channels == 2:
            faults.append(Fault(file="--channels", field="", found="2", expected="1 or 3"))
        if faults:
            raise BundleError(faults)
        return Request(
            form=self.form,
            source=self.source,
            frame=Frame(height, width, self.channels, self.resize),
            licence=self.licence,
            title=self.title,
            summary=self.summary,
            source_name=self.source_name,
            metric=cast(MetricName, self.metric) if self.metric else None,
            pass_score=self.pass_score,
            shares=shares,
            seed=self.seed,
            group_by=self.group_by,
            similar=self.similar,
            images=self.images,
            classes=listed(self.classes),
            roles=Roles(
                id=self.id_, label=self.label, value=self.value, features=tuple(listed(self.features))
            ),
        )


def listed(text: str) -> list[str]:
    """Names that are separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _sides(text: str, faults: list[Fault]) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) == 2 and all(part.isdecimal() and 1 <= int(part) <= LARGEST_SIDE for part in parts):
        return int(parts[0]), int(parts[1])
    expected = f"HEIGHTxWIDTH, each from 1 to {LARGEST_SIDE}"
    faults.append(Fault(file="--size", field="", found=repr(text), expected=expected))
    return 1, 1


def _shares(text: str, faults: list[Fault]) -> "Shares":
    from challenges.importers.partition import Shares

    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 4 and all(0 < number < 1e6 for number in numbers):
        return Shares(*numbers)
    expected = "four numbers above 0 by commas: train, validation, public, private"
    faults.append(Fault(file="--shares", field="", found=repr(text), expected=expected))
    return Shares()

"""Where in a model its cost lies, made ready for a page."""

from dataclasses import dataclass

from challenges.task import ImageInput, Task
from scoring.learned import AtSize, Breakdown, Part


@dataclass(frozen=True)
class PartRow:
    """A layer, or all of a kind. `width` is its share of the products in percent, for a bar."""

    name: str
    kind: str
    times: int
    macs: int | None
    parameters: int
    width: str
    share_text: str


@dataclass(frozen=True)
class SizeRow:
    """The cost at one resolution, as a multiple of that at the challenge's own."""

    lengths: list[int]
    macs: int
    ratio: float | None
    width: str
    is_own: bool


@dataclass(frozen=True)
class Costs:
    """The section of a submission's page that says where the cost lies."""

    kinds: list[PartRow]
    layers: list[PartRow]
    sizes: list[SizeRow]
    counted: bool
    """Whether the products of all layers could be counted."""
    same: bool
    """Whether the cost is the same at every resolution."""


def own_resolution(task: Task) -> list[int] | None:
    """Height and width of the challenge's images; None where its inputs are none."""
    return [task.input.height, task.input.width] if isinstance(task.input, ImageInput) else None


def costs(found: Breakdown | None, resolution: list[int] | None) -> Costs | None:
    """What the page shows; None where nothing is known. `resolution` is the challenge's own."""
    if found is None or not found.kinds:
        return None
    whole = sum(part.macs or 0 for part in found.kinds)
    own = next((s.macs for s in found.sizes if [s.height, s.width] == resolution), None)
    largest = max((size.macs for size in found.sizes), default=0)
    return Costs(
        kinds=[_part(part, whole) for part in found.kinds],
        layers=[_part(part, whole) for part in found.layers],
        sizes=[_size(size, own, largest, resolution) for size in found.sizes],
        counted=all(part.macs is not None for part in found.kinds),
        same=len({size.macs for size in found.sizes}) == 1,
    )


def _part(part: Part, whole: int) -> PartRow:
    share = (part.macs or 0) / whole if whole else 0.0
    return PartRow(
        name=part.name,
        kind=part.kind,
        times=part.count,
        macs=part.macs,
        parameters=part.parameters,
        width=f"{100 * share:.1f}",
        share_text="?" if part.macs is None else _percent(share),
    )


def _percent(share: float) -> str:
    return "under 1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def _size(size: AtSize, own: int | None, largest: int, resolution: list[int] | None) -> SizeRow:
    lengths = [size.height, size.width]
    return SizeRow(
        lengths=lengths,
        macs=size.macs,
        ratio=size.macs / own if own else None,
        width=f"{100 * size.macs / largest:.1f}" if largest else "0",
        is_own=lengths == resolution,
    )

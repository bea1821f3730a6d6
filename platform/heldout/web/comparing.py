"""Two submissions side by side, made ready for a page."""

from dataclasses import dataclass

from heldout.events.rules import Viewer
from heldout.leaderboards.contrasts import Contrast
from heldout.leaderboards.side_by_side import ClassPair, CostPair, Examples, ScorePair, Side, side_by_side
from heldout.submissions.models import Submission
from heldout.web.insight import COLUMNS, OUTCOMES, shown_outcome

COSTS = {
    "macs": "Multiply-adds",
    "parameters": "Parameters",
    "milliseconds_alone": "One example alone",
    "peak_memory_bytes": "Peak memory",
    "artefact_bytes": "File",
}


@dataclass(frozen=True)
class ScoreLine:
    """A row of the table of scores, all in words."""

    split: str
    first: str
    second: str
    difference: str
    interval: str
    verdict: str


@dataclass(frozen=True)
class ContrastItem:
    """An example that one of the two answered better, with what each said."""

    contrast: Contrast
    first: str
    second: str


@dataclass(frozen=True)
class Compared:
    """What the page shows of two submissions. `second` is the other one."""

    scores: list[ScoreLine]
    examples: Examples | None
    bars: tuple[str, str]
    """Shares of the examples that the first and the second answered better, in percent."""
    verdict: str
    gains: list[ContrastItem]
    losses: list[ContrastItem]
    layered: bool
    class_label: str
    classes: list[ClassPair]
    costs: list[tuple[str, CostPair]]
    same_data: bool
    outcome: str


def compared(first: Submission, second: Submission, viewer: Viewer) -> Compared:
    """The comparison in the words of the page. Refuses what cannot be compared."""
    found = side_by_side(first, second, viewer)
    task = first.challenge.bundle.manifest.task
    names: dict[Side, str] = {"first": first.label, "second": second.label}

    def items(contrasts: list[Contrast]) -> list[ContrastItem]:
        return [
            ContrastItem(
                each,
                each.first_said or f"{shown_outcome(each.first, task):.3g}",
                each.second_said or f"{shown_outcome(each.second, task):.3g}",
            )
            for each in contrasts
        ]

    both = [*found.gains, *found.losses]
    return Compared(
        scores=[_line(pair, names) for pair in found.scores],
        examples=found.examples,
        bars=_bars(found.examples),
        verdict=_verdict(found.examples, names),
        gains=items(found.gains),
        losses=items(found.losses),
        layered=any(each.case.truth_layer or each.case.predicted_layer for each in both),
        class_label=COLUMNS.get(found.class_key, found.class_key.capitalize()),
        classes=found.classes,
        costs=[(COSTS[pair.name], pair) for pair in found.costs],
        same_data=found.same_data,
        outcome=OUTCOMES[task.kind],
    )


def _line(pair: ScorePair, names: dict[Side, str]) -> ScoreLine:
    def text(value: float, sign: str = "") -> str:
        return f"{value:{sign}.{pair.decimals}f}"

    ends = [text(end, "+") for end in (pair.low, pair.high) if end is not None]
    return ScoreLine(
        split=pair.split,
        first=text(pair.first),
        second=text(pair.second),
        difference=text(pair.difference, "+"),
        interval=" to ".join(ends),
        verdict=f"{names[pair.better]} is better" if pair.better else "may be luck",
    )


def _bars(examples: Examples | None) -> tuple[str, str]:
    if examples is None:
        return "0", "0"
    first, second = (100 * part / examples.count for part in (examples.first_better, examples.second_better))
    return f"{first:.1f}", f"{second:.1f}"


def _verdict(examples: Examples | None, names: dict[Side, str]) -> str:
    """What the examples say, in a sentence."""
    if examples is None:
        return ""
    if examples.better is None:
        return "The difference may be luck: another draw of examples could turn it round."
    return f"{names[examples.better]} is better, and luck does not explain it."

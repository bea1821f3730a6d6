"""Pure questions about passing: which criteria a team has met, and whether that is all of them.

Passing is separate from rank. An automatic criterion is met once any scored submission of the team
meets it, and stays met.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from challenges.manifest import Criterion, Manifest
from challenges.task import Task
from scoring.learned import ClassScore


@dataclass(frozen=True)
class Run:
    """What a scored submission shows on the public split. `value` is of the challenge's own metric."""

    value: float
    metrics: Mapping[str, float]
    classes: Sequence[ClassScore] = ()


class Ticked(Protocol):
    """A coach's tick of an evidence criterion."""

    criterion: str
    note: str


@dataclass(frozen=True)
class Judged:
    """A line of a team's checklist. `tick` is the coach's, where one was needed and given."""

    text: str
    evidence: bool
    met: bool
    tick: Ticked | None = None


def passes(score: float, pass_score: float, *, higher_is_better: bool) -> bool:
    """Whether a score is good enough to pass the challenge; the pass score itself is."""
    return score >= pass_score if higher_is_better else score <= pass_score


def met_by(manifest: Manifest, runs: Iterable[Run]) -> list[str]:
    """The texts of the automatic criteria that at least one of the runs meets, in their order."""
    found = list(runs)
    automatic = [criterion for criterion in manifest.criteria if not criterion.evidence]
    return [c.text for c in automatic if any(is_met(c, run, manifest.task) for run in found)]


def is_met(criterion: Criterion, run: Run, task: Task) -> bool:
    """Whether a run meets an automatic criterion. What was not measured meets nothing."""
    if criterion.each_class:
        return _each_class(criterion, run.classes)
    own = criterion.metric == task.metric
    value = run.value if own else run.metrics.get(criterion.metric or "")
    return value is not None and _within(criterion, value)


def _each_class(criterion: Criterion, classes: Sequence[ClassScore]) -> bool:
    """Each class with enough examples to be judged; one that is never named has no precision, so fails."""
    judged = [score.scores.get(criterion.metric or "") for score in classes if score.count]
    return bool(judged) and all(value is not None and _within(criterion, value) for value in judged)


def _within(criterion: Criterion, value: float) -> bool:
    """Exact about NaN, which meets nothing."""
    if criterion.at_least is not None:
        return value >= criterion.at_least
    return criterion.at_most is not None and value <= criterion.at_most


def checklist(
    manifest: Manifest, best: float | None, met: Sequence[str], ticks: Iterable[Ticked]
) -> list[Judged]:
    """All that a team must show: the pass score first, then the criteria in the bundle's order."""
    ticked = {tick.criterion: tick for tick in ticks}
    higher = manifest.task.higher_is_better
    scored = best is not None and passes(best, manifest.pass_score, higher_is_better=higher)
    return [
        Judged(pass_text(manifest), evidence=False, met=scored),
        *(
            Judged(c.text, c.evidence, c.text in (ticked if c.evidence else met), ticked.get(c.text))
            for c in manifest.criteria
        ),
    ]


def has_passed(lines: Iterable[Judged]) -> bool:
    """Whether a team with this checklist has passed."""
    return all(line.met for line in lines)


def score_is_enough(lines: Iterable[Judged]) -> bool:
    """Whether only a coach's word is missing, if anything is."""
    return all(line.met for line in lines if not line.evidence)


def pass_text(manifest: Manifest) -> str:
    """The pass line as a criterion."""
    side = "or more" if manifest.task.higher_is_better else "or less"
    line = max(f"{manifest.pass_score:.12g}", f"{manifest.pass_score:.2f}", key=len)
    return f"{manifest.task.metric_label} of {line} {side} on the board"

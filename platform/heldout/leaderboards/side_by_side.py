"""Two submissions of one challenge side by side: which is better, by how much, where it gained and lost.

What is told of single examples is told of the validation split alone, whose labels teams have. Of the public
split there is the difference of the two scores, rounded as the scores are, and whether it may be luck: the
question that the board's ties answer. The private split is not looked at.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import QuerySet

from challenges.manifest import Manifest, Split
from heldout.events.rules import Refusal, Viewer
from heldout.leaderboards import ties
from heldout.leaderboards.comparing import is_mean
from heldout.leaderboards.contrasts import Contrast, Said, contrasts
from heldout.submissions.models import Evaluation, Outcomes, Score, Submission, SubmissionState
from heldout.submissions.queries import insight_of
from heldout.submissions.rules import digits
from scoring.learned import ClassScore, Insight

MOST_OFFERED = 50
_SHOWN: tuple[Split, ...] = ("public", "validation")
"""Splits that participants may see scores on."""

_CLASS_KEYS = ("f1", "iou", "ap", "recall")

Side = Literal["first", "second"]


@dataclass(frozen=True)
class ScorePair:
    """The challenge's metric of both on a split. `better` is empty where the difference may be luck.

    `difference` is the first one's score less the second's. `low` to `high` is its 95 % interval, where the
    metric is a mean over examples, so that these can be compared one by one.
    """

    split: Split
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    better: Side | None
    decimals: int


@dataclass(frozen=True)
class Examples:
    """The validation examples one by one: how many either answered better, and the mean difference."""

    count: int
    first_better: int
    second_better: int
    same: int
    difference: float
    low: float
    high: float
    better: Side | None


@dataclass(frozen=True)
class ClassPair:
    """A class with the score of both."""

    name: str
    count: int
    first: float | None
    second: float | None

    @property
    def difference(self) -> float | None:
        """How much better the first is."""
        return None if self.first is None or self.second is None else self.first - self.second


@dataclass(frozen=True)
class CostPair:
    """One measure of cost of both; None where a format cannot tell."""

    name: str
    first: float | None
    second: float | None

    @property
    def ratio(self) -> float | None:
        """The first one's as a multiple of the second's."""
        return self.first / self.second if self.first is not None and self.second else None


@dataclass(frozen=True)
class SideBySide:
    """All of a comparison. `gains` and `losses` are those of the first."""

    first: Submission
    second: Submission
    scores: list[ScorePair]
    examples: Examples | None
    gains: list[Contrast]
    losses: list[Contrast]
    class_key: str
    classes: list[ClassPair]
    costs: list[CostPair]
    same_data: bool
    """Whether both were scored on one version of the challenge; else they are not compared by example."""


def others(submission: Submission) -> list[Submission]:
    """What the submission's team may compare it with: its scored ones of the challenge, the newest first."""
    scored = Submission.objects.filter(
        team=submission.team_id, challenge=submission.challenge_id, state=SubmissionState.SCORED
    )
    return list(scored.exclude(pk=submission.pk).defer("passport_json").order_by("-number")[:MOST_OFFERED])


def usual_other(submission: Submission) -> Submission | None:
    """With what a submission is compared unless somebody says otherwise: the team's best; the best with the
    one before it."""
    offered = others(submission)
    higher = submission.challenge.bundle.manifest.task.higher_is_better
    scores = Score.objects.filter(
        evaluation__current=True, evaluation__submission__in=[s.pk for s in offered]
    )
    values = dict(scores.filter(split="public").values_list("evaluation__submission", "value"))
    real = [other for other in offered if other.pk in values]
    own = Score.objects.filter(evaluation__current=True, evaluation__submission=submission, split="public")
    mine = own.values_list("value", flat=True).first()
    best = max(real, key=lambda s: (values[s.pk] * (1 if higher else -1), -s.number), default=None)
    if best is not None and (mine is None or (values[best.pk] >= mine) == higher):
        return best
    earlier = [other for other in (*real, *offered) if other.number < submission.number]
    return next(iter(earlier or offered), None)


def side_by_side(first: Submission, second: Submission, viewer: Viewer) -> SideBySide:
    """Compare two scored submissions that `viewer` may see. Refuses others, and such of two challenges."""
    _refuse_unlike(first, second)
    runs = _runs(first, second)
    manifest = first.challenge.bundle.manifest
    insights = (insight_of(first, viewer) or Insight(), insight_of(second, viewer) or Insight())
    same_data = runs[0].bundle == runs[1].bundle
    values = {split: _values(runs, split) if same_data else None for split in _SHOWN}
    compared = {split: _examples(*both) if both else None for split, both in values.items()}
    key, classes = _classes(insights[0].classes, insights[1].classes)
    sides = [Said.of(_outcomes(run, "validation"), manifest.task) for run in runs]
    known = values["validation"]
    gains, losses = contrasts(insights, known, sides) if known else ([], [])
    return SideBySide(
        first=first,
        second=second,
        scores=[pair for split in _SHOWN if (pair := _scores(runs, split, manifest, compared[split]))],
        examples=compared["validation"],
        gains=gains,
        losses=losses,
        class_key=key,
        classes=classes,
        costs=_costs(runs),
        same_data=same_data,
    )


def _refuse_unlike(first: Submission, second: Submission) -> None:
    if first.pk == second.pk:
        raise Refusal("That is one submission.", "Choose another one to compare it with.")
    if first.challenge_id != second.challenge_id:
        raise Refusal(
            "These are of two challenges.",
            "Compare submissions of the same challenge: their scores mean the same.",
        )
    for each in (first, second):
        if each.state != SubmissionState.SCORED:
            raise Refusal(f"{each.label} has no score.", "Choose two that were scored.")


def _runs(first: Submission, second: Submission) -> tuple[Evaluation, Evaluation]:
    """What counts of both, with scores and outcomes."""
    found = {run.submission_id: run for run in _complete(first, second)}
    return found[first.pk], found[second.pk]


def _complete(first: Submission, second: Submission) -> "QuerySet[Evaluation]":
    runs = Evaluation.objects.filter(submission__in=(first.pk, second.pk), current=True)
    return runs.defer("insight_json", "log_excerpt").prefetch_related("scores", "outcomes")


def _score(run: Evaluation, split: Split) -> Score | None:
    return next((score for score in run.scores.all() if score.split == split), None)


def _outcomes(run: Evaluation, split: Split) -> Outcomes | None:
    return next((kept for kept in run.outcomes.all() if kept.split == split), None)


def _values(runs: Sequence[Evaluation], split: Split) -> tuple[list[float], list[float]] | None:
    """The outcome of each example in both; None where these are not of the same examples."""
    kept = [_outcomes(run, split) for run in runs]
    first, second = (ties.unpack(each) if each else None for each in kept)
    return (first, second) if first and second and len(first) == len(second) else None


def _scores(
    runs: tuple[Evaluation, Evaluation], split: Split, manifest: Manifest, examples: Examples | None
) -> ScorePair | None:
    """Both scores on a split that participants may see, rounded to what the wider interval supports."""
    first, second = (_score(run, split) for run in runs)
    if first is None or second is None:
        return None
    decimals = min(digits(score.low, score.high) for score in (first, second))
    higher = manifest.task.higher_is_better
    interval: tuple[float, float] | None = None
    if examples is not None and is_mean(manifest):
        better = examples.better
        interval = (examples.low, examples.high) if higher else (-examples.high, -examples.low)
    else:
        apart = ties.apart((first.low, first.high), (second.low, second.high))
        better = _side_of(first.value - second.value if higher else second.value - first.value, apart)
    return ScorePair(
        split=split,
        first=round(first.value, decimals),
        second=round(second.value, decimals),
        difference=round(first.value - second.value, decimals),
        low=round(interval[0], decimals) if interval else None,
        high=round(interval[1], decimals) if interval else None,
        better=better,
        decimals=decimals,
    )


def _side(low: float, high: float) -> Side | None:
    """Who is better, by the interval of the difference of outcomes; None where that has zero in it."""
    return None if low <= 0 <= high else "first" if low > 0 else "second"


def _side_of(difference: float, apart: bool) -> Side | None:
    return None if not apart else "first" if difference > 0 else "second"


def _known(first: Sequence[float], second: Sequence[float]) -> list[float]:
    both = zip(first, second, strict=True)
    return [a - b for a, b in both if not (math.isnan(a) or math.isnan(b))]


def _examples(first: Sequence[float], second: Sequence[float]) -> Examples | None:
    """How the two fare on each example. Outcomes are higher where better, of whatever metric."""
    differences = _known(first, second)
    if not differences:
        return None
    low, high = ties.quick_interval(differences)
    gained, lost = (sum(sign * each > 0 for each in differences) for sign in (1, -1))
    return Examples(
        count=len(differences),
        first_better=gained,
        second_better=lost,
        same=len(differences) - gained - lost,
        difference=math.fsum(differences) / len(differences),
        low=low,
        high=high,
        better=_side(low, high),
    )


def _classes(first: list[ClassScore], second: list[ClassScore]) -> tuple[str, list[ClassPair]]:
    """The classes of both by the one score that says most of a class, the largest difference first."""
    known = {each.name: each for each in second}
    keys = {key for each in first for key in each.scores}
    key = next((key for key in _CLASS_KEYS if key in keys), "")
    pairs = [
        ClassPair(each.name, each.count, each.scores.get(key), known[each.name].scores.get(key))
        for each in first
        if key and each.name in known
    ]
    return key, sorted(pairs, key=lambda pair: -abs(pair.difference or 0.0))


_COSTS = ("macs", "parameters", "milliseconds_alone", "peak_memory_bytes", "artefact_bytes")


def _costs(runs: tuple[Evaluation, Evaluation]) -> list[CostPair]:
    first, second = (run.cost for run in runs)
    if first is None or second is None:
        return []
    pairs = [CostPair(name, getattr(first, name), getattr(second, name)) for name in _COSTS]
    return [pair for pair in pairs if pair.first is not None or pair.second is not None]

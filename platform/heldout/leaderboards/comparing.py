"""Which teams are tied: comparisons of runs, each worked out once and kept."""

from collections.abc import Mapping

from django.utils import timezone

from challenges.manifest import Manifest, Split
from heldout.broadcast import publish
from heldout.catalog.models import Challenge
from heldout.leaderboards import shelf, ties
from heldout.leaderboards.models import Comparison
from heldout.leaderboards.places import Place, standing_places
from heldout.leaderboards.rules import Entry, Tied, is_frozen, rank, rules_of
from heldout.submissions.models import Outcomes

MEANS = {
    ("classification", "accuracy"),
    ("similarity", "map_at_r"),
    ("regression", "mae"),
    ("images", "images_right"),
}
"""The metrics that are the mean of what is kept of each example, but for their sign."""

Known = dict[tuple[int, int], bool]


def is_mean(manifest: Manifest) -> bool:
    """Whether the metric is a mean of outcomes, so that runs can be compared example by example."""
    return (manifest.task.kind, manifest.task.metric) in MEANS


def tie_text(manifest: Manifest) -> str:
    """The exact rule by which teams are tied, for people."""
    if is_mean(manifest):
        return (
            "Teams share a rank with the best of them when the 95 % interval of the paired bootstrap of the "
            "mean difference, over the same hidden examples, has zero in it."
        )
    return (
        "Teams share a rank with the best of them when their 95 % intervals overlap: this metric is no "
        "mean over examples, so that they are not compared one by one."
    )


def tied_by(challenge: Challenge, places: Mapping[int, Place], split: Split, *, work: bool = True) -> Tied:
    """The question whether two teams with these places are tied.

    With `work`, what is not known yet is worked out and kept; without, intervals answer meanwhile.
    """
    runs = {team: place.run for team, place in places.items()}
    evaluations = {run.evaluation for run in runs.values()}
    paired = is_mean(challenge.bundle.manifest)
    known = _known(evaluations, split) if paired else {}
    loaded: dict[int, list[float] | None] = {}

    def tied(best: int, other: int) -> bool:
        ours, theirs = runs[best], runs[other]
        pair = (ours.evaluation, theirs.evaluation)
        if pair in known:
            return not known[pair]
        overlap = ties.apart((ours.low, ours.high), (theirs.low, theirs.high))
        if not (paired and work):
            return not overlap
        found = ties.differ(_outcomes(pair[0], split, loaded) or [], _outcomes(pair[1], split, loaded) or [])
        differs = overlap if found is None else found
        _keep(pair, split, differs, "intervals" if found is None else "bootstrap")
        known[pair] = differs
        return not differs

    return tied


def _known(evaluations: set[int], split: Split) -> Known:
    kept = Comparison.objects.filter(split=split, better__in=evaluations, other__in=evaluations)
    return {
        (better, other): differs for better, other, differs in kept.values_list("better", "other", "differs")
    }


def _keep(pair: tuple[int, int], split: Split, differs: bool, by: str) -> None:
    better, other = pair
    row = Comparison(split=split, better_id=better, other_id=other, differs=differs, by=by)
    Comparison.objects.bulk_create([row], ignore_conflicts=True)


def _outcomes(evaluation: int, split: Split, loaded: dict[int, list[float] | None]) -> list[float] | None:
    if evaluation not in loaded:
        row = Outcomes.objects.filter(evaluation=evaluation, split=split).first()
        loaded[evaluation] = ties.unpack(row) if row else None
    return loaded[evaluation]


def compare_again(challenge: Challenge) -> None:
    """Work out the comparisons that a changed board needs, and tell pages if there were any.

    Called after the change has been told: a board is never late for its statistics.
    """
    if not is_mean(challenge.bundle.manifest):
        return
    places = standing_places(challenge)
    before = Comparison.objects.count()
    entries = [Entry(team, place.run.score, place.run.at) for team, place in places.items()]
    higher = challenge.bundle.manifest.task.higher_is_better
    rank(entries, higher_is_better=higher, tied=tied_by(challenge, places, "public"))
    if Comparison.objects.count() != before:
        shelf.forget(challenge)
        if not is_frozen(rules_of(challenge.event), timezone.now()):
            publish("board", event=challenge.event_id, challenge=challenge.slug)

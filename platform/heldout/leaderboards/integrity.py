"""What an organizer should look at: files and answers that two teams share, leaps, and probing.

Nothing follows by itself. Each finding says what was found, so that a person can judge it.
"""

import base64
import hashlib
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from django.db.models import QuerySet

from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.leaderboards.places import Run, runs_of, standing_places
from heldout.leaderboards.ties import LARGEST
from heldout.submissions.counting import counting_scores
from heldout.submissions.models import Outcomes, Submission

SHARED_WRONG = 0.9
"""Share of identical wrong answers, among the examples that both get wrong. Honest models of one challenge
were measured to share 0.64 to 0.76, and a copy with slightly changed weights 0.95."""
FEWEST_WRONG = 50
MOST_COMPARED = 150
"""Of so many teams, the best, every pair is compared."""
LEAP_WIDTHS = 6
"""A gain of so many half-widths of the interval within `LEAP_TIME` is worth a look."""
LEAP_TIME = timedelta(minutes=20)
PROBES = 8
"""So many scored submissions within `PROBE_TIME`, each within noise of the one before, look like probing."""
PROBE_TIME = timedelta(hours=1)


@dataclass(frozen=True)
class Finding:
    """One thing to look at."""

    kind: str
    challenge: Challenge
    teams: list[str]
    evidence: str
    submissions: list[Submission]


def findings(event: Event) -> list[Finding]:
    """All of the event, the most telling kind first."""
    challenges = list(Challenge.objects.filter(event=event).select_related("event", "bundle"))
    found: list[Finding] = []
    for look in (same_files, same_answers, leaps, probes):
        for challenge in challenges:
            found += look(challenge)
    return found


def same_files(challenge: Challenge) -> Iterator[Finding]:
    """The same file from two teams. The starter kit's baselines are left out."""
    known = set()
    if challenge.preparation is not None:
        known = set(challenge.preparation.baselines.values_list("artefact", flat=True))
    by_file: dict[str, list[Submission]] = defaultdict(list)
    for submission in _submissions(challenge):
        by_file[submission.blob_id].append(submission)
    for digest, shared in by_file.items():
        teams = sorted({submission.team.name for submission in shared})
        if len(teams) > 1 and digest not in known:
            evidence = f"The same file, SHA-256 {digest[:12]}…, was handed in by {len(teams)} teams."
            yield Finding("The same file", challenge, teams, evidence, shared)


def _submissions(challenge: Challenge) -> "QuerySet[Submission]":
    handed_in = Submission.objects.filter(challenge=challenge, rehearsal=False)
    return handed_in.select_related("team").defer("passport_json").order_by("created_at")


def same_answers(challenge: Challenge) -> Iterator[Finding]:
    """Teams whose best submissions answer alike where both are wrong, or exactly alike."""
    places = sorted(standing_places(challenge).items(), key=lambda each: each[1].run.score)
    if challenge.bundle.manifest.task.higher_is_better:
        places.reverse()
    runs = {team: place.run for team, place in places[:MOST_COMPARED]}
    answers = dict(_answers(run.evaluation for run in runs.values()))
    known = {
        one.pk: one for one in _submissions(challenge).filter(pk__in=[r.submission for r in runs.values()])
    }
    for ours, theirs in combinations(sorted(runs), 2):
        pair = [runs[ours], runs[theirs]]
        said = [answers.get(run.evaluation) for run in pair]
        if said[0] is None or said[1] is None:
            continue
        evidence = alike(said[0], said[1])
        if evidence:
            both = [known[run.submission] for run in pair if run.submission in known]
            yield Finding("Nearly the same answers", challenge, [s.team.name for s in both], evidence, both)


@dataclass(frozen=True)
class Answers:
    """What a run predicted for each example of the public split, and how good each answer was."""

    predicted: tuple[int, ...]
    right: tuple[float, ...]
    digest: str


def _answers(evaluations: Iterable[int]) -> Iterator[tuple[int, Answers]]:
    rows = Outcomes.objects.filter(evaluation__in=list(evaluations), split="public")
    for row in rows:
        predicted, right = _unpacked(row.predicted, row.count, "i"), _unpacked(row.values, row.count, "f")
        if predicted and right:
            digest = hashlib.sha256(repr(predicted).encode()).hexdigest()
            yield row.evaluation_id, Answers(tuple(map(int, predicted)), tuple(right), digest)


def _unpacked(text: str, count: int, kind: str) -> tuple[float, ...]:
    try:
        raw = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), LARGEST)
    except (ValueError, zlib.error):
        return ()
    return struct.unpack(f"<{count}{kind}", raw) if count and len(raw) == 4 * count else ()


def alike(ours: Answers, theirs: Answers) -> str:
    """What is the same, in words; empty where it is no more than honest models share."""
    if len(ours.predicted) != len(theirs.predicted):
        return ""
    pairs = zip(ours.predicted, theirs.predicted, ours.right, theirs.right, strict=True)
    wrong = [a == b for a, b, good, also in pairs if good < 0.5 and also < 0.5]
    if len(wrong) < FEWEST_WRONG:
        return ""
    share = sum(wrong) / len(wrong)
    if ours.digest == theirs.digest:
        return f"All {len(ours.predicted)} answers are the same, {len(wrong)} wrong ones among them."
    if share <= SHARED_WRONG:
        return ""
    return f"Of {len(wrong)} examples that both get wrong, {share * 100:.0f} % have the same wrong answer."


def leaps(challenge: Challenge) -> Iterator[Finding]:
    """A gain that is large beside the interval, shortly after the submission before."""
    for team, runs in _by_team(challenge).items():
        for before, after in pairwise(runs):
            half = (after.high - after.low) / 2
            gain = after.score - before.score
            gain = gain if challenge.bundle.manifest.task.higher_is_better else -gain
            if half > 0 and gain > LEAP_WIDTHS * half and after.at - before.at < LEAP_TIME:
                minutes = (after.at - before.at).total_seconds() / 60
                evidence = (
                    f"From {before.score:.4g} to {after.score:.4g} within {minutes:.0f} minutes: "
                    f"{gain / half:.0f} half-widths of its interval."
                )
                yield _of(challenge, team, "A large leap", evidence, [before, after])


def probes(challenge: Challenge) -> Iterator[Finding]:
    """Many submissions in a short time that hardly differ, as of somebody who feels out a hidden split."""
    for team, runs in _by_team(challenge).items():
        row = longest_probe(runs)
        if len(row) >= PROBES:
            minutes = (row[-1].at - row[0].at).total_seconds() / 60
            evidence = (
                f"{len(row)} submissions in {minutes:.0f} minutes, each within noise of the one before."
            )
            yield _of(challenge, team, "Probing", evidence, row)


def longest_probe(runs: list[Run]) -> list[Run]:
    """The longest row of runs within the time that each move by less than half of a half-width."""
    best: list[Run] = []
    row: list[Run] = []
    for run in runs:
        small = row and abs(run.score - row[-1].score) <= (run.high - run.low) / 4
        row = [*row, run] if small else [run]
        row = [one for one in row if _recent(one.at, run.at)]
        best = max(best, row, key=len)
    return best


def _recent(at: datetime, now: datetime) -> bool:
    return now - at <= PROBE_TIME


def _by_team(challenge: Challenge) -> dict[int, list[Run]]:
    runs: dict[int, list[Run]] = defaultdict(list)
    for run in sorted(runs_of(counting_scores(challenge, "public")), key=lambda run: (run.at, run.number)):
        runs[run.team].append(run)
    return runs


def _of(challenge: Challenge, team: int, kind: str, evidence: str, runs: list[Run]) -> Finding:
    shown = list(_submissions(challenge).filter(pk__in=[run.submission for run in runs[-4:]]))
    return Finding(kind, challenge, sorted({s.team.name for s in shown}), evidence, shown)

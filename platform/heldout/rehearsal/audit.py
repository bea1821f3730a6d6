"""The auditor: scores every file anew from the raw files, and compares what follows with the boards.

It believes the ledger, which the crowd kept, the blobs, the hidden sets and the scoring engine. The scores,
states and standings of the database are what it examines.
"""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count

from heldout.catalog.models import Challenge
from heldout.leaderboards.models import Standing
from heldout.rehearsal.ledger import Accepted, Ledger
from heldout.submissions.models import UNFINISHED_STATES, Attempt, Evaluation, Submission, SubmissionState
from heldout.submissions.transitions import FINAL
from scoring.job import AgainAnswer, AgainJob, SplitScore

Key = tuple[str, str]
"""A file's digest, and the slug of the challenge that it was handed in for."""
Team = tuple[str, int]
"""The slug of a challenge, and a team's number."""


class AuditFailed(Exception):
    """The files could not be scored anew; the text says why."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be."""

    what: str
    about: str
    found: str
    expected: str


@dataclass
class Verdict:
    """What the audit found."""

    lost: list[Finding] = field(default_factory=list)
    wrong: list[Finding] = field(default_factory=list)
    duplicate: list[Finding] = field(default_factory=list)
    standings: int = 0
    """Standings that were compared."""
    files: int = 0
    """Different files that were scored anew."""
    states: dict[str, int] = field(default_factory=dict)
    expected: "Mapping[Team, Expected]" = field(default_factory=dict)
    """The standings that follow from the files."""

    @property
    def clean(self) -> bool:
        """Whether nothing is lost, wrong or counted twice."""
        return not (self.lost or self.wrong or self.duplicate)


def audit(ledger: Ledger, worker: Mapping[str, str], tell: Callable[[int, int], None]) -> Verdict:
    """Examine the platform after the event. `worker`: where blobs and hidden sets are."""
    taken = list(ledger.accepted.values())
    return examine(taken, score_again(taken, worker, tell))


def examine(taken: list[Accepted], again: Mapping[Key, AgainAnswer]) -> Verdict:
    """Compare what the platform says with what was accepted and what its files yield."""
    rows = {str(row.pk): row for row in Submission.objects.select_related("team", "challenge")}
    expected = standings_from(taken, again)
    return Verdict(
        lost=[*_lost(taken, rows), *_unfinished()],
        wrong=[*_misjudged(taken, rows, again), *_wrong_standings(expected)],
        duplicate=list(_duplicates(taken, rows)),
        standings=len(expected),
        files=len(again),
        states=_counted(row.state for row in rows.values()),
        expected=expected,
    )


def _counted(words: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for word in words:
        counts[word] += 1
    return dict(counts)


def score_again(
    taken: list[Accepted], worker: Mapping[str, str], tell: Callable[[int, int], None]
) -> dict[Key, AgainAnswer]:
    """Every different file, scored by the engine in a process that knows no database."""
    jobs = _jobs(taken)
    keys = list(jobs)
    found: dict[Key, AgainAnswer] = {}
    process = subprocess.Popen(
        [sys.executable, "-m", "scoring.again"],
        env={**os.environ, **worker},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin and process.stdout  # noqa: S101 - pipes were asked for
        for key in keys:
            process.stdin.write(jobs[key].model_dump_json() + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                raise AuditFailed(f"scoring.again ended at file {key[0]}; its words are above")
            found[key] = AgainAnswer.model_validate_json(line)
            tell(len(found), len(keys))
        process.stdin.close()
    return found


def _jobs(taken: list[Accepted]) -> dict[Key, AgainJob]:
    challenges = {c.slug: c for c in Challenge.objects.select_related("bundle", "preparation")}
    return {
        (one.digest, one.challenge): _job(one.digest, challenges[one.challenge])
        for one in taken
        if one.challenge in challenges
    }


def _job(digest: str, challenge: Challenge) -> AgainJob:
    assert challenge.preparation and challenge.preparation.hidden_set  # noqa: S101 - it was opened with one
    manifest = challenge.bundle.manifest
    return AgainJob(
        artefact=digest,
        hidden_set=challenge.preparation.hidden_set,
        bundle=challenge.bundle.digest,
        formats=manifest.formats,
        task=manifest.task,
        limits=manifest.limits,
    )


def _lost(taken: list[Accepted], rows: Mapping[str, Submission]) -> Iterable[Finding]:
    """What was accepted and has no end, or an end by a fault of ours."""
    for one in taken:
        row = rows.get(one.submission)
        if row is None:
            yield Finding("lost", one.submission, "no such submission", "the one that was accepted")
        elif row.state not in FINAL:
            yield Finding("lost", one.submission, f"it is {row.state}", "an end")
        elif row.state in (SubmissionState.FAILED, SubmissionState.CANCELLED):
            why = row.verdict.found if row.verdict else "no reason"
            yield Finding("lost", one.submission, f"it {row.state}: {why}", "scored or rejected")
        elif row.blob_id != one.digest:
            yield Finding("lost", one.submission, f"file {row.blob_id}", f"file {one.digest}")


def _unfinished() -> Iterable[Finding]:
    for attempt in Attempt.objects.filter(state__in=UNFINISHED_STATES).select_related("submission"):
        yield Finding(
            "lost", str(attempt.submission_id), f"an attempt that is {attempt.state}", "none at work"
        )


def _duplicates(taken: list[Accepted], rows: Mapping[str, Submission]) -> Iterable[Finding]:
    """One hand-in that is there twice, or one submission that was recorded twice."""
    for note, count in _counted(row.note for row in rows.values()).items():
        if count > 1:
            yield Finding("duplicate", note, f"{count} submissions", "one for each upload")
    known = {one.submission for one in taken}
    for strange in rows.keys() - known:
        yield Finding("duplicate", strange, "a submission that nobody was told of", "those of the ledger")
    runs = Evaluation.objects.order_by().values_list("submission").annotate(count=Count("pk"))
    for submission, count in runs.filter(count__gt=1):
        yield Finding("duplicate", str(submission), f"{count} evaluations", "at most one")


def _misjudged(
    taken: list[Accepted], rows: Mapping[str, Submission], again: Mapping[Key, AgainAnswer]
) -> Iterable[Finding]:
    """A submission whose end is not the one that its file deserves."""
    for one in taken:
        row, answer = rows.get(one.submission), again[one.digest, one.challenge]
        should = "scored" if answer.verdict is None else "rejected"
        if (one.sort == "good") != (should == "scored"):
            why = answer.verdict.code if answer.verdict else "scores"
            yield Finding(
                "wrong", one.submission, f"a {one.sort} file that yields {why}", "what its maker meant"
            )
        if row is not None and row.state in ("scored", "rejected") and row.state != should:
            yield Finding("wrong", one.submission, f"it is {row.state}", f"{should}, as scored anew")


@dataclass(frozen=True)
class Expected:
    """The standing that follows from the raw files."""

    submission: str
    score: SplitScore
    achieved_at: datetime
    count: int


def standings_from(taken: Iterable[Accepted], again: Mapping[Key, AgainAnswer]) -> dict[Team, Expected]:
    """For each challenge and team: the best public score; among equals the first that was handed in."""
    tries: dict[Team, list[tuple[float, datetime, int, str, SplitScore]]] = defaultdict(list)
    for one in taken:
        for score in again[one.digest, one.challenge].scores:
            if score.split == "public":
                at = datetime.fromisoformat(one.created_at)
                tries[one.challenge, one.team].append((-score.value, at, one.number, one.submission, score))
    found = {}
    for key, made in tries.items():
        _, at, _, submission, score = min(made, key=lambda each: each[:3])
        found[key] = Expected(submission, score, at, len(made))
    return found


def _wrong_standings(expected: Mapping[Team, Expected]) -> list[Finding]:
    """Rows of the boards that are not as the raw files say, too many, or missing."""
    kept = {
        (row.challenge.slug, number_of(row.team.name)): row
        for row in Standing.objects.select_related("challenge", "team")
    }
    wrong = []
    for key in sorted(expected.keys() | kept.keys()):
        about = f"team {key[1]} on {key[0]}"
        if key not in kept:
            wrong.append(Finding("wrong", about, "no standing", f"{expected[key].score.value:.6f}"))
        elif key not in expected:
            wrong.append(Finding("wrong", about, f"a standing of {kept[key].score:.6f}", "none"))
        else:
            wrong += _compared(about, kept[key], expected[key])
    return wrong


def _compared(about: str, kept: Standing, expected: Expected) -> Iterable[Finding]:
    pairs: dict[str, tuple[Any, Any]] = {
        "score": (kept.score, expected.score.value),
        "low": (kept.low, expected.score.low),
        "high": (kept.high, expected.score.high),
        "submission": (str(kept.submission_id), expected.submission),
        "handed in": (to_milliseconds(kept.achieved_at), to_milliseconds(expected.achieved_at)),
        "tries": (kept.scored_count, expected.count),
    }
    for name, (found, wanted) in pairs.items():
        if found != wanted:
            yield Finding("wrong", f"{about}: {name}", str(found), str(wanted))


def to_milliseconds(moment: datetime) -> datetime:
    """A moment as exactly as the API tells it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def number_of(team: str) -> int:
    """A team's number, by its name."""
    return int(team.rsplit(" ", 1)[1])

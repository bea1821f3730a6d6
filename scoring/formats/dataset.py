"""Data for a data challenge: a CSV of changes to the training data, or of the examples to train on.

The challenge's own trainer is run in a box on what `edits` makes of the train split, and the model that it
gives answers the hidden inputs. The same file always scores the same: the trainer gets the examples in the
order of the train split, one seed for all, and its model the hidden inputs in one order.

Whose fault is a run that fails? The organizers' where the trainer fails on the data as it was given too,
which is tried then; the team's where only its changes make it fail.
"""

import dataclasses
import io
import logging
import re
from collections import Counter
from pathlib import Path

import numpy as np

from challenges.manifest import Limits
from challenges.splits import LabelledSplit
from challenges.task import Task
from scoring.formats import boxed, edits
from scoring.formats.edits import ACTIONS, Edit, rules_of, used
from scoring.formats.exam import Answers, Exam, Inspection, OnRows, Runner
from scoring.formats.peek import Peek
from scoring.job import Fact
from scoring.verdicts import Rejected, check_size

logger = logging.getLogger(__name__)

SEED = 0
"""Of every training and of the order of the hidden inputs, so that a score can be repeated."""

_HEADER = re.compile(
    rb'(\xef\xbb\xbf)?[ "]*id[ "]*([,;\t][ "]*action[ "]*([,;\t\r\n]|$)|[\r\n]|$)', re.IGNORECASE
)


def detect(peek: Peek) -> bool:
    """Whether the bytes begin as text with the header `id,action…`, or `id` alone."""
    return bool(_HEADER.match(peek.head)) and b"\0" not in peek.head


def _inspection(rows: list[Edit], task: Task) -> Inspection:
    rules = rules_of(task)
    facts = [Fact(name="Rows", value=f"{len(rows):,}")]
    if rules.track == "edits":
        counts = Counter(row.action for row in rows)
        actions = ", ".join(f"{counts[action]:,} {action}" for action in ACTIONS)
        facts.append(Fact(name="Actions", value=actions))
    facts.append(Fact(name="Budget", value=f"{used(rows, rules):,} of {rules.budget:,} used"))
    return Inspection(facts)


def inspect(artefact: Path, task: Task, limits: Limits, run: Runner) -> Inspection:
    """What the file asks for; whether its ids exist is seen when it is scored. Raises `Rejected`."""
    check_size(artefact.stat().st_size, limits)
    return _inspection(edits.read(artefact, task), task)


def _packed(train: LabelledSplit) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, inputs=train.inputs, labels=train.labels)
    return buffer.getvalue()


def _trained(data: LabelledSplit, exam: Exam, run: Runner, on_rows: OnRows, known: Inspection) -> Answers:
    extra = {"source": rules_of(exam.task).source, "seed": SEED}
    return boxed.answer_bytes("trainer", _packed(data), extra, exam, run, on_rows, lambda facts: known)


def _organizers_fault(found: str) -> Rejected:
    """Costs no try; the self-test of a challenge shows it, before there is a team to see it."""
    expected = "a trainer that can train on the challenge's own data"
    fix = "nothing on your side: the organizers have to mend the challenge"
    return Rejected("platform_fault", found, expected, fix)


def _check_trainer(train: LabelledSplit, exam: Exam, run: Runner) -> None:
    """After a failure: blame the organizers if the trainer fails on the data as it was given, too."""
    try:
        _trained(train, exam, run, lambda share: None, Inspection())
    except Rejected as rejected:
        verdict, name = rejected.verdict, rules_of(exam.task).trainer
        logger.error("%s fails on its own data: %s\n%s", name, verdict.found, verdict.excerpt)
        found = f"{name} fails on the challenge's own training data: {verdict.found}"
        raise _organizers_fault(found) from rejected


def _on_this_data(rejected: Rejected) -> Rejected:
    """The verdict of a training that works on the data as it was given, and not on this."""
    verdict = rejected.verdict
    found = f"the challenge's trainer works on the data as given, and fails on yours: {verdict.found}"
    fix = "take some of the changes back, to find those that the trainer cannot take"
    return Rejected(verdict.code, found, verdict.expected, fix, verdict.excerpt)


def answer(artefact: Path, exam: Exam, run: Runner, on_rows: OnRows) -> Answers:
    """Train on what the file leaves, and predict every example. Raises `Rejected`."""
    check_size(artefact.stat().st_size, exam.limits)
    if exam.train is None:
        raise ValueError("a data challenge without its train split; build its hidden set anew")
    rows = edits.read(artefact, exam.task)
    data = edits.applied(rows, exam.train, exam.task)
    steady = dataclasses.replace(exam, seed=SEED)
    try:
        return _trained(data, steady, run, on_rows, _inspection(rows, exam.task))
    except Rejected as rejected:
        _check_trainer(exam.train, steady, run)
        raise _on_this_data(rejected) from rejected

"""Scoring at home: a bundle's folder and a file in, the platform's own evaluation out."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from challenges.build import given_folder
from challenges.bundle import Bundle, BundleError, built_in, read
from challenges.manifest import GIVEN_SPLITS, Manifest, Split
from challenges.sources import SourceError
from challenges.splits import LabelledSplit, read_split
from scoring import engine
from scoring.engine import Report
from scoring.formats import registry
from scoring.formats.exam import Runner
from scoring.formats.peek import peek
from scoring.job import Evaluation, ScoreJob, Verdict
from scoring.sandbox.pool import Pool
from scoring.sandbox.selftest import requirements
from scoring.store import digest_of
from scoring.verdicts import Rejected


class Unusable(Exception):
    """What was given cannot be scored; the text says what was found, what was expected and what to do."""


class MachineFault(Exception):
    """This machine cannot score; the text says what is missing and how to get it."""


class Scored(NamedTuple):
    """A challenge and what a file yielded in it."""

    manifest: Manifest
    evaluation: Evaluation


def score(model: Path, challenge: Path, split: str, report: Report, run: Runner | None = None) -> Scored:
    """Score a file on a given split of a challenge. `run` has boxes ready; without it, some are started.

    Raises `Unusable`, or `MachineFault`.
    """
    name = _given(split)
    _need_file(model)
    challenge = _folder(challenge)
    bundle = _bundle(challenge)
    job = _job(bundle, model, name)
    given = _data(challenge)
    splits: dict[Split, LabelledSplit] = {name: read_split(given, name)}
    train = read_split(given, "train") if job.task.training is not None else None
    with ExitStack() as stack:
        if run is None:
            _require_sandbox(job)
            run = stack.enter_context(Pool({})).run
        evaluation = engine.evaluate(job, model, splits, run, report, "this machine", train)
    return Scored(bundle.manifest, _judged(evaluation))


def _given(split: str) -> Split:
    for name in GIVEN_SPLITS:
        if name == split:
            return name
    raise Unusable(
        f"--split: found {split!r}; expected {' or '.join(GIVEN_SPLITS)}, the splits that teams have"
    )


def _need_file(model: Path) -> None:
    if model.is_dir():
        raise Unusable(f"{model} is a folder; expected the file to hand in (for code, a zip of the folder)")
    if not model.is_file():
        raise Unusable(f"{model} does not exist; expected the file to score")
    try:
        model.open("rb").close()
    except OSError as error:
        raise Unusable(
            f"{model} cannot be read: {error.strerror}; expected a file that you may read"
        ) from error


def _folder(challenge: Path) -> Path:
    """The folder itself, or that of the built-in challenge with this name."""
    if challenge.is_dir() or len(challenge.parts) != 1:
        return challenge
    return next((folder for folder in built_in() if folder.name == challenge.name), challenge)


def _bundle(challenge: Path) -> Bundle:
    try:
        return read(challenge)
    except BundleError as error:
        raise Unusable(str(error)) from error


def _job(bundle: Bundle, model: Path, split: Split) -> ScoreJob:
    manifest = bundle.manifest
    try:
        format_ = registry.identify(peek(model), manifest.formats)
    except Rejected as rejected:
        raise Unusable(explained(rejected.verdict)) from rejected
    return ScoreJob(
        attempt=uuid4(),
        artefact=digest_of(model),
        format=format_,
        hidden_set="0" * 64,
        bundle=bundle.digest,
        task=manifest.task,
        limits=manifest.limits,
        seed=0,
        rehearsal=split == "validation",
    )


def _data(challenge: Path) -> Path:
    """The folder of the challenge's given splits, made when there is none yet."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    try:
        return given_folder(challenge, Path(base) / "heldout" / "given")
    except (BundleError, SourceError, ValueError, OSError) as error:
        raise Unusable(f"The data of {challenge} could not be made: {error}") from error


def _require_sandbox(job: ScoreJob) -> None:
    kind = registry.BOXES.get(job.format)
    if kind is None:
        return
    missing = [requirement for requirement in requirements([kind]) if not requirement.ok]
    if missing:
        lines = [
            f"{requirement.name}: {requirement.found}. To mend it: {requirement.fix}."
            for requirement in missing
        ]
        raise MachineFault("\n".join(f"This machine cannot run a model safely: {line}" for line in lines))


def _judged(evaluation: Evaluation) -> Evaluation:
    verdict = evaluation.verdict
    if verdict is None:
        return evaluation
    if verdict.fault == "platform":
        raise MachineFault(explained(verdict))
    raise Unusable(explained(verdict))


def explained(verdict: Verdict) -> str:
    """A verdict for a terminal."""
    lines = [f"{verdict.title}."]
    lines += [f"  {name + ':':<10}{getattr(verdict, name)}" for name in ("found", "expected", "fix")]
    return "\n".join([*lines, verdict.excerpt] if verdict.excerpt else lines)

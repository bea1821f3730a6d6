"""What a worker does with a message, free of any transport: job in, answer out."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from challenges.manifest import Format, Split
from challenges.splits import LabelledSplit
from scoring import engine, prepare
from scoring.engine import Report
from scoring.formats.exam import Runner
from scoring.job import Evaluation, InspectJob, Passport, PreparationReport, PrepareJob, ScoreJob
from scoring.store import Blobs, Store, hidden_set, train_split
from scoring.verdicts import PLATFORM_FAULT

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Service:
    """A worker's means: its stores, a way to run boxes, the formats that it may touch, its name."""

    blobs: Blobs
    hidden: Store
    run: Runner
    formats: list[Format]
    name: str

    def inspect(self, job: InspectJob) -> Passport:
        """Say what an artefact is. Never raises."""
        try:
            artefact = self.blobs.fetch(job.artefact)
        except Exception:
            logger.exception("the artefact of attempt %s could not be fetched", job.attempt)
            return Passport(attempt=job.attempt, format=None, verdict=PLATFORM_FAULT, seconds=0.0)
        return engine.inspect(job, artefact, self.run)

    def score(self, job: ScoreJob, report: Report) -> Evaluation:
        """Score an artefact. Never raises."""
        try:
            artefact, splits, train = self._fetch(job)
        except Exception:
            logger.exception("the files of attempt %s could not be fetched", job.attempt)
            return engine.unscored(job, self.name, PLATFORM_FAULT)
        return engine.evaluate(job, artefact, splits, self.run, report, self.name, train)

    def prepare(self, job: PrepareJob) -> PreparationReport:
        """Build a challenge's splits and test it. Never raises."""
        return prepare.prepare(job, self.blobs, self.hidden, self.run, self.formats)

    def _fetch(self, job: ScoreJob) -> tuple[Path, Mapping[Split, LabelledSplit], LabelledSplit | None]:
        train = train_split(self.hidden, job.hidden_set) if job.task.training is not None else None
        return self.blobs.fetch(job.artefact), hidden_set(self.hidden, job.hidden_set), train

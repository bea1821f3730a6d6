"""Scores many files anew, for whoever wants to check what a platform says: lines of JSON in and out.

    python -m scoring.again < jobs.jsonl > answers.jsonl

A job names a file and a hidden set by their digests; what the file is, is found out again. The folders of
both come from HELDOUT_BLOBS and HELDOUT_HIDDEN. Nothing is asked of a database, a broker or a site.
"""

import sys
from pathlib import Path
from uuid import UUID

from scoring import engine, settings
from scoring.formats.exam import Runner
from scoring.job import AgainAnswer, AgainJob, InspectJob, ScoreJob
from scoring.sandbox.pool import Pool
from scoring.store import Store, hidden_set

NOBODY = UUID(int=0)
NAME = "scored again"


def score_again(asked: AgainJob, blobs: Store, hidden: Store, run: Runner) -> AgainAnswer:
    """Inspect and score one file as a worker would. Raises where the file or the set is not there."""
    artefact = blobs.fetch(asked.artefact)
    answer = AgainAnswer(artefact=asked.artefact, hidden_set=asked.hidden_set)
    passport = engine.inspect(_inspection(asked, artefact), artefact, run)
    if passport.verdict is not None or passport.format is None:
        return answer.model_copy(update={"format": passport.format, "verdict": passport.verdict})
    job = ScoreJob(
        attempt=NOBODY,
        artefact=asked.artefact,
        format=passport.format,
        hidden_set=asked.hidden_set,
        bundle=asked.bundle,
        task=asked.task,
        limits=asked.limits,
        seed=0,
    )
    splits = hidden_set(hidden, asked.hidden_set)
    found = engine.evaluate(job, artefact, splits, run, _quietly, NAME)
    public = [outcomes for outcomes in found.outcomes if outcomes.split == "public"]
    return AgainAnswer(
        artefact=asked.artefact,
        hidden_set=asked.hidden_set,
        format=passport.format,
        scores=found.scores,
        outcomes=public,
        verdict=found.verdict,
    )


def _inspection(asked: AgainJob, artefact: Path) -> InspectJob:
    return InspectJob(
        attempt=NOBODY,
        artefact=asked.artefact,
        file_name=artefact.name,
        formats=asked.formats,
        task=asked.task,
        limits=asked.limits,
    )


def _quietly(stage: str, share: float) -> None:
    """Nobody watches the stages."""


def main() -> None:
    """Read jobs until the input ends; each answer is written at once."""
    blobs = Store(Path(settings.needed("HELDOUT_BLOBS", "the folder of blobs")))
    hidden = Store(Path(settings.needed("HELDOUT_HIDDEN", "the folder of hidden sets")))
    with Pool({"onnx": 1, "sklearn": 1}, kept_seconds=60) as pool:
        for line in sys.stdin:
            answer = score_again(AgainJob.model_validate_json(line), blobs, hidden, pool.run)
            print(answer.model_dump_json(), flush=True)


if __name__ == "__main__":
    main()

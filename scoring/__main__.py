"""Score a model at home: the same engine and the same sandbox as on the platform.

python -m scoring MODEL --challenge DIR --split validation
"""

import os
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from challenges.build import given_folder
from challenges.bundle import BundleError, read
from challenges.manifest import GIVEN_SPLITS, Manifest, Split
from challenges.sources import SourceError
from challenges.splits import read_split
from scoring import engine
from scoring.formats import registry
from scoring.formats.peek import peek
from scoring.job import Evaluation, ScoreJob, Verdict
from scoring.sandbox.pool import Pool
from scoring.sandbox.selftest import requirements
from scoring.store import digest_of
from scoring.verdicts import Rejected


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "heldout" / "given"


def _job(manifest: Manifest, bundle: str, model: Path) -> ScoreJob:
    """Raises `Rejected` for a format that the challenge doesn't take."""
    return ScoreJob(
        attempt=uuid4(),
        artefact=digest_of(model),
        format=registry.identify(peek(model), manifest.formats),
        hidden_set="0" * 64,
        bundle=bundle,
        task=manifest.task,
        limits=manifest.limits,
        seed=0,
    )


def _explain(verdict: Verdict) -> None:
    typer.echo(f"{verdict.title}.", err=True)
    for name in ("found", "expected", "fix"):
        typer.echo(f"  {name + ':':<10}{getattr(verdict, name)}", err=True)
    if verdict.excerpt:
        typer.echo(verdict.excerpt, err=True)


def _show(evaluation: Evaluation, manifest: Manifest) -> None:
    for score in evaluation.scores:
        metric = manifest.task.metric
        interval = f"95 % interval {score.low!r} to {score.high!r}"
        typer.echo(f"{score.split}: {metric} {score.value!r} ({interval}, {score.count} examples)")
        for name, value in score.metrics.items():
            typer.echo(f"  {name:<20}{value!r}")
    for name, value in evaluation.cost.model_dump(exclude_none=True).items() if evaluation.cost else ():
        typer.echo(f"  {name:<28}{value:,}")


def _require_sandbox() -> None:
    missing = [requirement for requirement in requirements() if not requirement.ok]
    for requirement in missing:
        typer.echo(
            f"This machine cannot run a model safely: {requirement.name}: {requirement.found}. "
            f"To mend it: {requirement.fix}.",
            err=True,
        )
    if missing:
        raise typer.Exit(1)


def main(
    model: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file to score.")],
    challenge: Annotated[Path, typer.Option(exists=True, file_okay=False, help="The bundle's folder.")],
    split: Annotated[str, typer.Option(help="train or validation.")] = "validation",
    as_json: Annotated[bool, typer.Option("--json", help="Print the evaluation as JSON.")] = False,
) -> None:
    """Score MODEL on a given split of a challenge, exactly as the platform would."""
    given: Split | None = next((name for name in GIVEN_SPLITS if name == split), None)
    if given is None:
        raise typer.BadParameter(f"found {split!r}; expected {' or '.join(GIVEN_SPLITS)}")
    try:
        bundle = read(challenge)
        job = _job(bundle.manifest, bundle.digest, model)
    except BundleError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except Rejected as rejected:
        _explain(rejected.verdict)
        raise typer.Exit(1) from rejected
    evaluation = _evaluate(job, model, _data(challenge), given)
    if as_json:
        typer.echo(evaluation.model_dump_json(indent=2))
    elif evaluation.verdict is None:
        _show(evaluation, bundle.manifest)
    else:
        _explain(evaluation.verdict)
    raise typer.Exit(0 if evaluation.verdict is None else 1)


def _data(challenge: Path) -> Path:
    """The folder of the challenge's given splits, made when there is none yet."""
    try:
        return given_folder(challenge, _cache())
    except (BundleError, SourceError, ValueError, OSError) as error:
        typer.echo(f"The data of {challenge} could not be made: {error}", err=True)
        raise typer.Exit(1) from error


def _evaluate(job: ScoreJob, model: Path, data: Path, split: Split) -> Evaluation:
    if job.format in registry.UNTRUSTED:
        _require_sandbox()
    splits = {split: read_split(data, split)}
    train = read_split(data, "train") if job.task.training is not None else None
    with Pool({}) as pool:
        return engine.evaluate(job, model, splits, pool.run, lambda stage, share: None, "this machine", train)


if __name__ == "__main__":
    typer.run(main)

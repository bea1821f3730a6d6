"""Score a model at home: the same engine and the same sandbox as on the platform.

heldout score MODEL --challenge DIR --split validation, or as `python -m scoring`

Ends with 0 when it was scored, with 2 when what was given cannot be scored, with 1 when this machine or
the platform is at fault.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from scoring import home
from scoring.engine import Report
from scoring.formats.exam import Runner
from scoring.insight import pictures
from scoring.job import Cost, Evaluation, Stage
from scoring.learned import ClassScore, Insight

app = typer.Typer(add_completion=False)

COST_UNITS = {
    "artefact_bytes": "bytes",
    "milliseconds_per_example": "ms, in the platform's batches",
    "milliseconds_alone": "ms, one example at a time",
    "relative_latency": "times the reference model",
    "peak_memory_bytes": "bytes",
    "resolution": "pixels, height and width",
}


@app.command()
def main(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(help="The file to score.")],
    challenge: Annotated[
        Path,
        typer.Option(
            "--challenge",
            "-c",
            help="The bundle's folder, or the short name of a built-in challenge.",
            envvar="HELDOUT_CHALLENGE",
        ),
    ],
    split: Annotated[str, typer.Option(help="train or validation.")] = "validation",
    as_json: Annotated[bool, typer.Option("--json", help="Print the evaluation as JSON.")] = False,
    log: Annotated[bool, typer.Option("--log", help="Print what the run printed, too.")] = False,
    insight: Annotated[
        Path | None, typer.Option(help="Write the mistakes, with their pictures, into this folder.")
    ] = None,
) -> None:
    """Score MODEL on a given split of a challenge, exactly as the platform would."""
    run: Runner | None = context.obj
    try:
        with _progress() as report:
            manifest, evaluation = home.score(model, challenge, split, report, run)
        if insight is not None:
            _write_insight(evaluation.insight, insight)
    except home.Unusable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except home.MachineFault as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(evaluation.model_dump_json(indent=2))
        return
    _show(evaluation, manifest.task.metric_label)
    if log:
        typer.echo(f"\nWhat the run printed:\n{evaluation.log_excerpt or '(nothing)'}")


@contextmanager
def _progress() -> Iterator[Report]:
    """A bar on the terminal; nothing where the output goes elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("preparing", total=1.0)

        def report(stage: Stage, share: float) -> None:
            bar.update(task, description=stage, completed=share)

        yield report


def _show(evaluation: Evaluation, metric: str) -> None:
    for score in evaluation.scores:
        interval = f"95 % interval {score.low!r} to {score.high!r}"
        typer.echo(f"{score.split}: {metric} {score.value!r} ({interval}, {score.count} examples)")
        for name, value in score.metrics.items():
            typer.echo(f"  {name:<20}{value!r}")
    if evaluation.cost is not None:
        typer.echo("cost")
        _show_cost(evaluation.cost)
    if evaluation.insight is not None and evaluation.insight.classes:
        typer.echo("classes")
        _show_classes(evaluation.insight.classes)


def _show_cost(cost: Cost) -> None:
    for name, value in cost.model_dump(exclude_none=True).items():
        number = " x ".join(map(str, value)) if isinstance(value, list) else f"{value:,.6g}"
        shown = f"{value:,}" if isinstance(value, int) else number
        typer.echo(f"  {name:<28}{shown} {COST_UNITS.get(name, '')}".rstrip())


def _show_classes(classes: list[ClassScore]) -> None:
    names = list(classes[0].scores)
    width = max(len(score.name) for score in classes) + 2
    typer.echo(f"  {'':<{width}}" + "".join(f"{name:>12}" for name in ("examples", *names)))
    for score in classes:
        values = [score.scores[name] for name in names]
        cells = "".join(f"{'-' if value is None else f'{value:.3f}':>12}" for value in values)
        typer.echo(f"  {score.name:<{width}}{score.count:>12}{cells}")


def _write_insight(insight: Insight | None, folder: Path) -> None:
    if insight is None:
        raise home.Unusable("--insight: there is none for this split; expected --split validation")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        document = insight.model_dump()
        for part in ("mistakes", "further", "suspects"):
            for number, case in enumerate(document[part], start=1):
                case["picture"] = _written(folder / f"{part}-{number:02}.png", case)
        (folder / "insight.json").write_text(json.dumps(document, indent=2), "utf-8")
    except OSError as error:
        raise home.Unusable(f"--insight: {folder} cannot be written: {error.strerror}") from error


def _written(path: Path, case: dict[str, Any]) -> str:
    """Write a case's picture with its layers over it; its file's name, or nothing where there is none."""
    layers = [case.pop("truth_layer"), case.pop("predicted_layer")]
    if not case["picture"]:
        return ""
    path.write_bytes(pictures.composed(case["picture"], layers))
    return path.name


if __name__ == "__main__":
    app()

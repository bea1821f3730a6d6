"""`heldout bundle import`: from data in a well-known form to a bundle."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from challenges.importers.asked import Asked, Form, Rule
from challenges.terminal import or_exit

if TYPE_CHECKING:
    from challenges.importers.importing import Imported
    from challenges.importers.pictures import Progress as Report

SHARES = "60,15,10,15"


def import_(  # noqa: PLR0913 - a command's options
    form: Annotated[Form, typer.Argument(help="The form of the data.")],
    source: Annotated[Path, typer.Argument(help="A folder, or a CSV, JSON or Parquet file.")],
    target: Annotated[Path, typer.Argument(help="The bundle's folder, which must not exist yet.")],
    *,
    licence: Annotated[str, typer.Option(help="The data's licence, for the data card.")],
    title: Annotated[str, typer.Option(help="The challenge's title; else from the source's name.")] = "",
    summary: Annotated[str, typer.Option(help="One sentence on the challenge.")] = "",
    source_name: Annotated[str, typer.Option(help="Where the data comes from; else the source's name.")] = "",
    metric: Annotated[str, typer.Option(help="The metric; else the usual one of the kind of task.")] = "",
    pass_score: Annotated[float, typer.Option(help="The score that passes.")] = 0.5,
    shares: Annotated[str, typer.Option(help="Parts of train, validation, public, private.")] = SHARES,
    seed: Annotated[int, typer.Option(min=0, help="What the splits are drawn by.")] = 1,
    group_by: Annotated[
        str,
        typer.Option(
            help="What must stay together. Tables: a column. COCO: a key of images. "
            "Folders: a regular expression that is searched in each path."
        ),
    ] = "",
    similar: Annotated[
        bool, typer.Option("--similar/--no-similar", help="Keep pictures together that look nearly the same.")
    ] = True,
    size: Annotated[str, typer.Option(help="Pictures: HEIGHTxWIDTH in pixels.")] = "64x64",
    channels: Annotated[int, typer.Option(min=1, max=3, help="Pictures: 3 for colour, 1 for grey.")] = 3,
    resize: Annotated[
        Rule, typer.Option(help="Pictures: how those of other shapes are made to fit.")
    ] = "letterbox",
    images: Annotated[Path | None, typer.Option(help="COCO: the folder with the pictures.")] = None,
    classes: Annotated[str, typer.Option(help="Masks: names of the indices from 0, by commas.")] = "",
    label: Annotated[str, typer.Option(help="Tables: the column with the class.")] = "",
    value: Annotated[str, typer.Option(help="Tables: the column with the number to predict.")] = "",
    id_: Annotated[str, typer.Option("--id", help="Tables: the column with each row's own name.")] = "id",
    features: Annotated[str, typer.Option(help="Tables: columns by commas; else all others.")] = "",
) -> None:
    """Make a bundle from an ImageFolder, a folder of items, a CSV, a COCO file, PNG masks or a Parquet file.

    Splits are drawn by the seed, hold each class alike, and keep groups and copies together. All faults are
    printed at once; nothing is written unless there is none. The same input gives the same bundle.
    """
    asked = Asked(**{name: given for name, given in locals().items() if name != "target"})
    with or_exit(source):
        with _bar() as progress:
            imported = _run(asked, target, progress)
        _say(imported, target)


def _run(asked: Asked, target: Path, progress: "Report") -> "Imported":
    # Pictures and tables need libraries that a base install does without.
    from challenges.importers import importing

    return importing.run(asked.request(), target, progress)


@contextmanager
def _bar() -> Iterator["Report"]:
    """A bar for each stage; where the output goes elsewhere, a line when a stage is done."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<20}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        tasks = {}

        def report(stage: str, share: float) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=1.0)
            bar.update(tasks[stage], completed=share)

        yield report


def _say(imported: "Imported", target: Path) -> None:
    bundle, found = imported
    sizes = ", ".join(f"{name} {size:,}" for name, size in found.sizes.model_dump().items())
    spared = int((found.part == 2).sum()) - found.sizes.public - found.sizes.private
    typer.echo(f"{target}: {bundle.manifest.task.kind}, {sizes}")
    typer.echo(
        f"{found.identical} copies and {found.near_identical} pairs that look nearly the same were found; "
        f"the largest group that stays together has {found.largest}. None crosses a split."
    )
    if spared:
        typer.echo(f"{spared} hidden examples are spared in each draw, so that no group is torn apart.")
    typer.echo(f"SHA-256 {bundle.digest}")
    typer.echo(f"Next: heldout bundle self-test {target} --adopt")

"""`heldout bundle new`: asks what a challenge is about and writes a bundle that works at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar, cast

import typer
from pydantic import ValidationError

from challenges.authoring import draft
from challenges.authoring.asking import ask
from challenges.faults import BundleError, Fault, from_validation
from challenges.manifest import Sizes, Source
from challenges.task import METRICS, ImageInput, Kind, MetricName, TableInput, Task
from challenges.terminal import or_exit

CLASSES = "hat,boot,tent"
FEATURES = "length,width,weight"
SIZES = "300,100,200,300"
EXAMPLE = "Example data, drawn from a seed by data.py"
NEEDS_CLASSES = ("classification", "detection", "segmentation")
NEEDS_IMAGES = ("detection", "segmentation")

Part = TypeVar("Part")


def new(  # noqa: PLR0913 - a command's options
    target: Annotated[Path, typer.Argument(help="The bundle's folder, which must not exist yet.")],
    *,
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(draft.DEFAULT_METRIC)}.")] = "",
    title: Annotated[str, typer.Option(help="At most 80 characters.")] = "",
    summary: Annotated[str, typer.Option(help="One sentence, for lists.")] = "",
    input_: Annotated[str, typer.Option("--input", help="image or table.")] = "",
    size: Annotated[str, typer.Option(help="Images: HEIGHTxWIDTH in pixels.")] = "",
    features: Annotated[str, typer.Option(help="Tables: the columns, by commas.")] = "",
    classes: Annotated[str, typer.Option(help="The classes, by commas, in the order of their indices.")] = "",
    metric: Annotated[str, typer.Option(help="What is measured.")] = "",
    pass_score: Annotated[str, typer.Option(help="The score that passes.")] = "",
    source: Annotated[str, typer.Option(help="Where the data comes from.")] = "",
    licence: Annotated[str, typer.Option(help="The data's licence.")] = "",
    sizes: Annotated[str, typer.Option(help="Examples in train, validation, public, private.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="What the given splits are made from.")] = 1,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing; take what is not said as usual.")
    ] = False,
) -> None:
    """Write a new bundle with example data, a brief, a data builder and a first baseline.

    What is not said by an option is asked. The example data makes the bundle pass its self-test at once; put
    your own in its place in data.py, or let `heldout bundle import` write the bundle from data that you have.
    """
    with or_exit(target):
        found = ask(kind, "Kind of task", "classification", tuple(draft.DEFAULT_METRIC), defaults)
        said = ask(title, "Title", "Gear and tags", (), defaults)
        shape = _input(found, input_, size, features, defaults)
        named = ask(classes, "Classes, by commas", CLASSES, (), defaults) if found in NEEDS_CLASSES else ""
        measured = ask(
            metric, "Metric", draft.DEFAULT_METRIC[cast(Kind, found)], METRICS[cast(Kind, found)], defaults
        )
        made = draft.Draft(
            title=said,
            summary=ask(summary, "One sentence on it", f"{said}: a {found} task.", (), defaults),
            task=_checked(
                lambda: Task(
                    kind=cast(Kind, found),
                    classes=_listed(named),
                    metric=cast(MetricName, measured),
                    input=shape,
                ),
                "task",
            ),
            source=Source(
                name=ask(source, "Source of the data", EXAMPLE, (), defaults),
                licence=ask(licence, "Licence of the data", "CC0", (), defaults),
            ),
            sizes=_sizes(ask(sizes, "Examples in train, validation, public, private", SIZES, (), defaults)),
            pass_score=_number(ask(pass_score, "Score that passes", "0.5", (), defaults)),
            seed=seed,
        )
        written = draft.write(made, target, "example.py")
    typer.echo(f"{target} is a bundle: {written.manifest.slug}, SHA-256 {written.digest}")
    typer.echo(f"Next: heldout bundle self-test {target} --adopt")


def _input(kind: str, form: str, size: str, features: str, defaults: bool) -> ImageInput | TableInput:
    forms = ("image",) if kind in NEEDS_IMAGES else ("image", "table")
    if ask(form, "Input", "image", forms, defaults) == "table":
        names = _listed(ask(features, "Features, by commas", FEATURES, (), defaults))
        return _checked(lambda: TableInput(type="table", features=names), "task.input")
    sides = ask(size, "Height and width of an image, pixels", "32x32", (), defaults).lower().split("x")
    if len(sides) != 2 or not all(side.isdecimal() for side in sides):
        raise _fault("--size", repr("x".join(sides)), "HEIGHTxWIDTH, such as 32x32")
    height, width = map(int, sides)
    return _checked(lambda: ImageInput(type="image", channels=3, height=height, width=width), "task.input")


def _sizes(text: str) -> Sizes:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or not all(part.isdecimal() for part in parts):
        raise _fault(
            "--sizes", repr(text), "four whole numbers by commas: train, validation, public, private"
        )
    train, validation, public, private = map(int, parts)
    return _checked(
        lambda: Sizes(train=train, validation=validation, public=public, private=private), "data.sizes"
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _fault("--pass-score", repr(text), "a number") from None


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _checked(make: Callable[[], Part], part: str) -> Part:
    """Make a part of the manifest; what is wrong with it becomes faults of the file that is being written."""
    try:
        return make()
    except ValidationError as error:
        found = from_validation(error, "challenge.toml")
        named = [fault.model_copy(update={"field": f"{part}.{fault.field}"}) for fault in found]
        whole = [_whole(str(detail["msg"]), part) for detail in error.errors() if not detail["loc"]]
        raise BundleError([*named, *whole]) from error


def _whole(message: str, part: str) -> Fault:
    """The words of a check between fields, which says itself what it expects."""
    found, _, expected = message.removeprefix("Value error, ").partition("; expected ")
    return Fault(
        file="challenge.toml", field=part, found=found, expected=expected or "fields that fit together"
    )


def _fault(option: str, found: str, expected: str) -> BundleError:
    return BundleError([Fault(file=option, field="", found=found, expected=expected)])

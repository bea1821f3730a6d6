"""Write a network of the zoo as a file to be handed in.

python -m scoring.zoo resnet-18 --classes 10 --size 64 --weights trained.safetensors --out model.onnx

Ends with 0 when the file is written, and with 2 when what was given makes none.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .export import written
from .registry import NAMES
from .weights import Network

app = typer.Typer(add_completion=False)


class Form(StrEnum):
    """What is written."""

    onnx = "onnx"
    safetensors = "safetensors"


@app.command()
def main(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(NAMES)}.")],
    classes: Annotated[int, typer.Option(help="How many classes it tells apart.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    size: Annotated[int, typer.Option(help="Side of the images in pixels, 32 or more.")] = 224,
    channels: Annotated[int, typer.Option(help="3 for colours, 1 for grey.")] = 3,
    weights: Annotated[
        Path | None, typer.Option(help="safetensors, or a state dict of torch.save. Else: random weights.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="What to write.")] = Form.onnx,
) -> None:
    """Write NAME, with its weights, as ONNX or as safetensors that name it."""
    try:
        content = None if weights is None else weights.read_bytes()
        out.write_bytes(written(Network(name, classes, size, channels), content, form.value))
    except (ValueError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    note = "" if weights is not None else ", with random weights: good for measuring its cost alone"
    typer.echo(f"{out}: {out.stat().st_size:,} bytes{note}")


if __name__ == "__main__":
    app()

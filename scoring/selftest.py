"""`heldout bundle self-test DIR`: the worker's dress rehearsal of a challenge, on this machine.

It is what `scoring.prepare` does for an event, with a secret that is drawn at random and forgotten. The data
of one rehearsal is therefore never that of an event.
"""

import secrets
import tempfile
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from challenges import bundle
from challenges.archive import pack
from challenges.bundle import Bundle, BundleError
from challenges.manifest import Format
from challenges.terminal import or_exit
from scoring import adopting
from scoring.formats.exam import Runner
from scoring.job import BaselineResult, PreparationReport, PrepareJob
from scoring.prepare import prepare
from scoring.sandbox.pool import Pool
from scoring.store import Store
from scoring.supervisor import safe_formats

SECRET_BYTES = 32


def self_test(
    folder: Annotated[Path, typer.Argument(help="The bundle's folder.")],
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt", help="Write what the baselines score into challenge.toml, then test against it."
        ),
    ] = False,
) -> None:
    """Build the splits from a random secret, train and score the baselines, try to cheat; print every check.

    Ends with 0 when all checks passed, with 1 when one did not.
    """
    with or_exit(folder), Pool({}) as pool:
        found, formats = bundle.read(folder), safe_formats()
        report = rehearse(found, pool.run, formats)
        if adopt and report.baselines:
            _adopt(folder, report.baselines)
            report = rehearse(bundle.read(folder), pool.run, formats)
    _show(report)
    if not report.green:
        raise typer.Exit(1)


def rehearse(found: Bundle, run: Runner, formats: list[Format]) -> PreparationReport:
    """Run the self-test of a bundle with the formats that this machine's sandbox allows."""
    typer.echo("Building the data, training and scoring the baselines. This may take some minutes.", err=True)
    with tempfile.TemporaryDirectory(prefix="heldout-self-test-") as scratch:
        place = Path(scratch)
        pack(found.folder, place / "bundle.zip")
        blobs, hidden = Store(place / "blobs"), Store(place / "hidden", private=True)
        job = PrepareJob(
            preparation=uuid4(),
            bundle=blobs.put(place / "bundle.zip"),
            secret=secrets.token_hex(SECRET_BYTES),
        )
        return prepare(job, blobs, hidden, run, formats)


def _adopt(folder: Path, results: list[BaselineResult]) -> None:
    try:
        changed = adopting.adopt(folder, results)
    except ValueError as error:
        raise BundleError([adopting.fault(error)]) from error
    for line in changed:
        typer.echo(line)


def _show(report: PreparationReport) -> None:
    table = Table("", "Check", "Found", "Expected")
    for check in report.checks:
        table.add_row(
            "ok" if check.passed else "FAILS", *map(_plain, (check.name, check.found, check.expected))
        )
    console = Console()
    console.print(table)
    if report.verdict is not None:
        typer.echo(f"{report.verdict.title}: {report.verdict.found}. {report.verdict.fix}", err=True)
    passed = sum(check.passed for check in report.checks)
    typer.echo(f"{'Green' if report.green else 'Red'}: {passed} of {len(report.checks)} checks passed.")


def _plain(text: str) -> str:
    return escape("".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text))


if __name__ == "__main__":
    typer.run(self_test)

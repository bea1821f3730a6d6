"""A rehearsal from its stage to its report, on a platform that runs."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from heldout.rehearsal import audit as auditing
from heldout.rehearsal import boards, plan, report, stage
from heldout.rehearsal.figures import Figures, by_format, spans_of
from heldout.rehearsal.play import play
from heldout.rehearsal.sizes import Sizes
from heldout.rehearsal.stack import Stack

SPEED_SECONDS = 60
"""By the speed of so many seconds the end is foretold."""
PLAIN_LINES = 20
"""Where there is no terminal, so many lines tell how far it is, each with the time that is left."""
MOST_FINDINGS = 20

Show = Callable[[int, int], None]


def perform(stack: Stack, sizes: Sizes, file: Path, console: Console) -> bool:
    """Make the event, play it, examine it, write the report, print the last line."""
    try:
        made = stage.build(sizes, stack.var, lambda text: console.print(f"{text}."))
        console.print(f"{sizes.submissions} files are made.")
        hand_ins = plan.draw(sizes, made, stage.make_files(made, sizes, stack.var))
        with bar(console, "Three days pass; submissions at their end") as show:
            played = play(stack, made, hand_ins, sizes, lambda ledger: show(ledger.ended, sizes.submissions))
        played.ledger.write(stack.var / "ledger.jsonl")
        with bar(console, "Every file is scored anew") as show:
            verdict = auditing.audit(played.ledger, stack.worker_environment, show)
        for address in stack.addresses:
            verdict.wrong += boards.wrongly_shown(boards.shown(made, address), verdict.expected)
    except (stage.StageFailed, auditing.AuditFailed, httpx.HTTPError) as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    taken = list(played.ledger.accepted.values())
    figures = Figures(
        sizes=sizes,
        played=played,
        verdict=verdict,
        database="PostgreSQL" if stack.postgres else "SQLite",
        load=os.getloadavg(),
        restarts=dict(stack.restarts),
        spans=spans_of(taken),
        formats=by_format(taken),
    )
    file.write_text(report.page(figures), "utf-8")
    tell(figures, file, console)
    print(last_line(figures))
    return verdict.clean


@contextmanager
def bar(console: Console, title: str) -> Iterator[Show]:
    """A bar with the time that is left by the speed of late; lines of text where there is no terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    said, began = 0, time.monotonic()
    with Progress(*columns, console=console, speed_estimate_period=SPEED_SECONDS) as progress:
        task = progress.add_task(title, total=None, visible=console.is_terminal)

        def show(done: int, of: int) -> None:
            nonlocal said
            progress.update(task, completed=done, total=of)
            if not console.is_terminal and PLAIN_LINES * done // of > said:
                said = PLAIN_LINES * done // of
                left = (time.monotonic() - began) * (of - done) / done
                console.print(f"{title}: {done} of {of}, about {left:.0f} s left")

        yield show


def tell(figures: Figures, file: Path, console: Console) -> None:
    """The figures for a person."""
    played, verdict = figures.played, figures.verdict
    for finding in [*verdict.lost, *verdict.wrong, *verdict.duplicate][:MOST_FINDINGS]:
        console.print(
            f"[red]{finding.what}[/red] {finding.about}: found {finding.found}; expected {finding.expected}"
        )
    for name, why in played.faults.left_out.items():
        console.print(f"[yellow]{name} was left out:[/yellow] {why}")
    console.print(
        f"{len(played.ledger.accepted)} of {figures.sizes.submissions} submissions were accepted, "
        f"{len(played.ledger.refused)} never; {len(played.faults.happened)} faults in {played.seconds:.0f} s "
        f"({figures.per_second:.1f} submissions a second)."
    )
    console.print(f"{verdict.standings} standings were made anew from {verdict.files} files. See {file}.")


def last_line(figures: Figures) -> str:
    """What a program reads."""
    verdict = figures.verdict
    return json.dumps(
        {
            "lost": len(verdict.lost),
            "wrong": len(verdict.wrong),
            "duplicate": len(verdict.duplicate),
            "p50_s": round(figures.p50, 2),
            "p99_s": round(figures.p99, 2),
        }
    )

"""`heldout submit`, `heldout rehearse` and `heldout wait`: hand in, and see what becomes of it."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from heldout_client import chosen
from heldout_client.api import Refused, Unreachable
from heldout_client.browse import AChallenge, AnEvent, submission_called
from heldout_client.notebook import Challenge, connect
from heldout_client.submission import Submission
from heldout_client.terminal import INTERRUPTED, REFUSED, AsJson, bar, give, or_exit, say

HOUR = 3600.0

AFile = Annotated[Path, typer.Argument(help="The model's file; for code its folder, a zip, or model.py.")]
ANote = Annotated[str, typer.Option("--note", "-n", help="What did you change? For your team's notebook.")]
Wait = Annotated[bool, typer.Option(help="Wait for the score.")]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait at most; then the exit code is 5.")]


def submit(
    file: AFile,
    event: AnEvent = None,
    challenge: AChallenge = None,
    note: ANote = "",
    wait: Wait = True,
    timeout: Timeout = HOUR,
    as_json: AsJson = False,
) -> None:
    """Hand in a file. It costs one of today's tries, unless it is refused or fails."""
    _hand_in(file, event, challenge, note, wait, timeout, as_json, rehearsal=False)


def rehearse(
    file: AFile,
    event: AnEvent = None,
    challenge: AChallenge = None,
    note: ANote = "",
    wait: Wait = True,
    timeout: Timeout = HOUR,
    as_json: AsJson = False,
) -> None:
    """Run a file on the validation split alone: it costs no try, and is on no board."""
    _hand_in(file, event, challenge, note, wait, timeout, as_json, rehearsal=True)


def wait(
    which: Annotated[str, typer.Argument(metavar="ID", help="A submission's id, or its number.")],
    event: AnEvent = None,
    challenge: AChallenge = None,
    timeout: Timeout = HOUR,
    as_json: AsJson = False,
) -> None:
    """Wait for a submission that was handed in before."""
    with or_exit():
        site = connect()
        found = submission_called(site, which, event, challenge)
        _follow(found, timeout)
        _tell(found, site.event(found.event).challenge(found.challenge), as_json)


def _hand_in(
    file: Path,
    event: str | None,
    challenge: str | None,
    note: str,
    wait: bool,
    timeout: float,
    as_json: bool,
    *,
    rehearsal: bool,
) -> None:
    with or_exit():
        named, of = chosen.the_challenge(event, challenge)
        about = connect().event(named).challenge(of)
        with bar(f"Sending {file.name}") as on_progress:
            send = about.rehearse if rehearsal else about.submit
            found = send(file, note, on_progress=on_progress)
        say(f"{found.label} to {of}: {found.file_name}, id {found.id}.")
        if not wait:
            give(found.to_dict(), lambda: None, as_json=as_json)
            return
        _follow(found, timeout)
        _tell(found, about, as_json)


def _follow(found: Submission, timeout: float) -> None:
    """Wait, and show where it is. Ctrl-C ends the waiting alone."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("", total=1.0)

            def show(now: Submission) -> None:
                total = None if now.fraction == 0 else 1.0
                words = f"{now.label} is {now.stage_text}"
                progress.update(task, description=words, completed=now.fraction, total=total)

            found.wait(timeout, show)
    except KeyboardInterrupt:
        say(f"{found.label} goes on without you: `{found.wait_again}` waits again.")
        raise typer.Exit(INTERRUPTED) from None


def _tell(found: Submission, challenge: Challenge, as_json: bool) -> None:
    """Say what became of it; ends with 1 where it was not scored."""
    standing = _standing(found, challenge)
    told = {**found.to_dict(), "standing": standing}
    give(told, lambda: typer.echo("\n".join(_lines(found, standing))), as_json=as_json)
    if found.state != "scored":
        raise typer.Exit(REFUSED)


def _standing(found: Submission, challenge: Challenge) -> dict[str, Any] | None:
    """Your team's place on the board, if the submission has to do with it and it can be had."""
    if found.rehearsal or found.state != "scored":
        return None
    try:
        board = challenge.board()
    except (Refused, Unreachable):
        return None
    row = board.mine
    if row is None or row["rank"] is None:
        return None
    return {
        "rank": row["rank"],
        "teams": board.teams,
        "tied_with": board.tied_with(row),
        "score_text": row["score_text"],
        "passed": row["passed"],
        "frozen_since": board.frozen_since,
    }


def _lines(found: Submission, standing: dict[str, Any] | None) -> list[str]:
    """What became of it, as a person reads it."""
    verdict = found.verdict
    if verdict is not None:
        lines = [f"{found.label} was not scored: {verdict['title']}."]
        lines += [
            f"  {name + ':':<10}{verdict[name]}" for name in ("found", "expected", "fix") if verdict[name]
        ]
        return [*lines, verdict["excerpt"]] if verdict.get("excerpt") else lines
    if found.score is None:
        return [f"{found.label}: {found.state}."]
    lines = [f"{found.label}: {found.outcome}"]
    if standing is not None:
        ties = standing["tied_with"]
        band = f", tied with {', '.join(ties)}: not significantly different" if ties else ""
        best = "" if found.is_best else f", by an earlier submission with {standing['score_text']}"
        frozen = "; the board is frozen" if standing["frozen_since"] else ""
        lines.append(f"Rank {standing['rank']} of {standing['teams']}{band}{best}{frozen}")
        lines.append(
            "It passes the challenge." if standing["passed"] else "It does not pass the challenge yet."
        )
    return lines

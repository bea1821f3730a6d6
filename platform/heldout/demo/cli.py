"""`heldout demo`: a complete event on one laptop, in one terminal."""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from heldout.demo.machine import MachineLacks, require_alone, require_bundles, require_folder, require_port
from heldout.demo.processes import ChildEnded
from heldout.demo.supervisor import Demo, StartFailed

console = Console(highlight=False)


def default_var() -> Path:
    """`var/` below the folder where the demo is started, unless HELDOUT_VAR names another."""
    return Path(os.environ.get("HELDOUT_VAR", "var")).resolve()


def demo(
    port: Annotated[int, typer.Option(help="Port of the site on 127.0.0.1.")] = 8000,
    reset: Annotated[bool, typer.Option(help="Forget everything the last demo kept, then start.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this challenge, for a quicker start; may be given again.")
    ] = None,
) -> None:
    """Run a demo event with real data, baselines, a worker and people to sign in as."""
    var = default_var()
    try:
        require_folder(var)
        lock = require_alone(var / "demo.lock")
        require_port(port)
        require_bundles(only or [])
    except MachineLacks as lack:
        console.print(f"[red]{lack}[/red]")
        raise typer.Exit(1) from lack
    with lock:
        if reset:
            forget(var)
        run(Demo(var=var, port=port), only or [])


def forget(var: Path) -> None:
    """Remove what a demo keeps: its database, blobs and mail. Downloaded source data stays."""
    for name in ("blobs", "hidden", "outbox", "static", "previews", "logs"):
        shutil.rmtree(var / name, ignore_errors=True)
    for path in (*var.glob("heldout.sqlite3*"), *var.glob("celerybeat-schedule*"), var / "demo.json"):
        path.unlink(missing_ok=True)


def run(demo: Demo, only: list[str]) -> None:
    """Start, seed if new, print the log-ins, stay; whatever happens, end every child."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with console.status("Starting the broker, the site and a scoring worker"):
            demo.prepare()
            demo.start()
        seed(demo, only)
        console.print("\n  All is scored. Ctrl-C ends everything; `make demo` brings it back.")
        console.print("  `make demo-reset` begins anew.\n")
        demo.watch()
    except KeyboardInterrupt:
        console.print("\nStopping.")
    except (ChildEnded, StartFailed) as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    finally:
        demo.processes.stop()


def seed(demo: Demo, only: list[str]) -> None:
    """Fill a new demo with its event, or `only` some of its challenges. What is there already is kept."""
    os.environ.update(demo.site_environment)
    import django

    django.setup()
    from heldout.demo.seed import SeedFailed, seed_event

    try:
        seed_event(console, check=demo.processes.check, greet=lambda: welcome(demo), only=only)
    except SeedFailed as error:
        raise StartFailed(str(error)) from error


def welcome(demo: Demo) -> None:
    """Print where to go and as whom."""
    from heldout.demo.seed import passwords
    from heldout.demo.story import PEOPLE

    console.print(f"\n[bold]Heldout is running at {demo.address}[/bold]\n")
    for person in PEOPLE:
        if person.shown:
            who = f"{person.role.label:<12} {person.email:<24} {passwords()[person.email]:<14}"
            console.print(f"  {who} {person.name}{', team ' + person.team if person.team else ''}")
    console.print(f"\n  Mail that the site sends is shown at {demo.address}/outbox/\n")

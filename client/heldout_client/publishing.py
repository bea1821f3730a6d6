"""`heldout bundle publish`: from a folder on this machine to a challenge of an event."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from heldout_client.account import known
from heldout_client.api import Site
from heldout_client.terminal import or_exit


def publish(
    bundle: Annotated[Path, typer.Argument(exists=True, help="The bundle's folder, or its packed zip.")],
    event: Annotated[str, typer.Option(help="The event's short name, as in its address.")],
) -> None:
    """Bring a bundle into an event that you organize; its challenge uses this version from then on.

    The challenge stays locked until its self-test is green and you open it. An open one keeps its version.
    """
    with tempfile.TemporaryDirectory(prefix="heldout-publish-") as scratch, or_exit():
        site = Site(known())
        archive = bundle if bundle.is_file() else _packed(bundle, Path(scratch))
        typer.echo(f"Sending {archive.stat().st_size:,} bytes to {site.account.site}")
        brought = site.send(f"/events/{event}/bundles", "bundle", archive)
        done = site.post(f"/events/{event}/bundles/{brought['id']}/publish")
    typer.echo(f"{brought['title']} uses version {done['version']}, SHA-256 {brought['digest']}.")
    typer.echo(f"Run its self-test next: {site.account.site}{done['page']}")


def _packed(folder: Path, scratch: Path) -> Path:
    """The folder as `heldout bundle pack` writes it. Its faults are told as that command tells them."""
    archive = scratch / "bundle.zip"
    command = [sys.executable, "-m", "heldout_client", "bundle", "pack", str(folder), str(archive)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        typer.echo(done.stdout, err=True, nl=False)
        raise typer.Exit(done.returncode)
    return archive

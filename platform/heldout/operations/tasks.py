"""What the clock asks of operations."""

from django.utils import timezone

from heldout import heartbeat
from heldout.celery import ARCHIVES_TASK, HEARTBEAT_TASK, app
from heldout.operations.archives import remove_old


@app.task(name=ARCHIVES_TASK)
def remove_archives() -> None:
    """Remove what was packed for somebody who went away."""
    remove_old(timezone.now())


@app.task(name=HEARTBEAT_TASK)
def beat() -> None:
    """Show that the clock and this worker run."""
    heartbeat.beat()

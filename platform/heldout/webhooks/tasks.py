"""What the clock asks of webhooks."""

from heldout.celery import LOOK_AT_BOARDS_TASK, WEBHOOKS_TASK, app
from heldout.webhooks import boards, delivering


@app.task(name=WEBHOOKS_TASK)
def deliver() -> None:
    """Send what is due."""
    delivering.deliver_aside()


@app.task(name=LOOK_AT_BOARDS_TASK)
def look_at_boards() -> None:
    """See whose rank has changed."""
    boards.look()

"""What the clock asks of applications."""

from heldout.applications.actions import fill_places
from heldout.applications.queries import events_with_a_waitlist
from heldout.celery import WAITLIST_TASK, app


@app.task(name=WAITLIST_TASK)
def fill_all_places() -> None:
    """An invitation that was revoked or has run out frees a place for whoever waits."""
    for event in events_with_a_waitlist():
        fill_places(event)

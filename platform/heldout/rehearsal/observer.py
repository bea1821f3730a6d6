"""Looks at the database from outside, as often as it takes to know when each submission came to its end."""

import threading

from django.db import Error, connection

from heldout.rehearsal.ledger import Ledger
from heldout.submissions.models import OPEN_STATES, Submission

LOOK_SECONDS = 0.2
SAMPLE_EVERY = 5
"""Looks between two samples."""


class Observer(threading.Thread):
    """Tells the ledger of submissions that have come to their end."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(name="observer", daemon=True)
        self.ledger = ledger
        self._over = threading.Event()

    def run(self) -> None:
        """Look until `stop`. A database that is away is asked again."""
        looks = 0
        while not self._over.wait(LOOK_SECONDS):
            looks += 1
            try:
                self._look()
            except Error:
                self.ledger.trouble("the database was away for the observer")
                connection.close()
            if looks % SAMPLE_EVERY == 0:
                self.ledger.sample()
        connection.close()

    def _look(self) -> None:
        """Which were accepted before is asked first: what comes meanwhile is looked at the next time."""
        waiting = self.ledger.waiting()
        if not waiting:
            return
        still = {
            str(pk) for pk in Submission.objects.filter(state__in=OPEN_STATES).values_list("pk", flat=True)
        }
        for submission in waiting:
            if submission not in still:
                self.ledger.end(submission)

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self.join()

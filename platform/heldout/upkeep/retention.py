"""What is deleted in time, and what never is.

Deleted are files of rehearsals and of submissions that were rejected or taken back, days after they ended;
files that nothing in the database speaks of; what webhooks were told; and sessions that have run out. Never
deleted is a file that any other submission, a bundle or a preparation needs: a standing can be made anew.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet

from heldout import blobs
from heldout.audit import actions as audit
from heldout.blobs import Stored
from heldout.submissions.models import Blob, Submission, SubmissionState
from heldout.submissions.transitions import FINAL
from heldout.upkeep import rows
from heldout.upkeep.backup import BLOB
from heldout.webhooks.models import Delivery, DeliveryState

logger = logging.getLogger(__name__)

SHORTEST = timedelta(days=1)
"""A file may lie in the store for a while before the database knows of it."""


@dataclass(frozen=True)
class Superfluous:
    """What may be deleted now."""

    submissions: list[Submission]
    """Their files are there, and nothing else needs them."""
    known: list[Stored]
    """These files, each once."""
    unknown: list[Stored]
    """Files of the store that the database does not speak of."""
    sessions: int
    before: datetime
    """What had its end then is old."""
    deliveries: int
    """Messages to webhooks that are not waiting any more."""

    @property
    def files(self) -> list[Stored]:
        """All files, each once."""
        return sorted([*self.known, *self.unknown])

    @property
    def size(self) -> int:
        """How many bytes that is."""
        return sum(file.size for file in self.files)


def superfluous(now: datetime, keep: timedelta) -> Superfluous:
    """What is not needed any more, `keep` after its end; a shorter time than a day counts as a day."""
    before = now - max(keep, SHORTEST)
    ended = list(_ended(before))
    needed = _needed({str(each.pk) for each in ended})
    old = {file.digest: file for file in blobs.files() if file.modified < before}
    free = old.keys() - needed
    mine = [each for each in ended if each.blob_id in free]
    known = {each.blob_id for each in mine}
    sessions = Session.objects.filter(expire_date__lt=now).count()
    deliveries = _told(before).count()
    return Superfluous(
        submissions=mine,
        known=[old[digest] for digest in known],
        unknown=[old[digest] for digest in free - known],
        sessions=sessions,
        before=before,
        deliveries=deliveries,
    )


def _told(before: datetime) -> "QuerySet[Delivery]":
    """Messages to webhooks that were delivered or given up, written before that time."""
    return Delivery.objects.filter(created_at__lt=before).exclude(state=DeliveryState.WAITING)


def _ended(before: datetime) -> "QuerySet[Submission]":
    """Submissions of which no score counts, that ended before that time. A failed one may be run again."""
    worthless = Q(state__in=[SubmissionState.REJECTED, SubmissionState.CANCELLED])
    rehearsed = Q(rehearsal=True, state__in=FINAL - {SubmissionState.FAILED})
    found = Submission.objects.filter(worthless | rehearsed, finished_at__lt=before)
    return found.select_related("challenge__event").order_by("finished_at", "pk")


def _needed(ended: set[str]) -> set[str]:
    """Digests of which anything else in the database speaks, in whatever column.

    The same file may have been handed in by others, or for real; and whatever comes to name files later is
    heeded without a line here.
    """
    found: set[str] = set()
    for model in rows.tables():
        if model is Blob:
            continue
        for line in rows.lines(model):
            if model is not Submission or json.loads(line)["pk"] not in ended:
                found.update(BLOB.findall(line))
    return found


def delete(found: Superfluous, now: datetime) -> int:
    """Delete it; gives the number of files. Each submission's loss is in the audit log."""
    _write_down(found.submissions)
    ended = {each.pk for each in found.submissions}
    count = sum(_delete(file.digest, ended, now) for file in found.files)
    Session.objects.filter(expire_date__lt=now).delete()
    _told(found.before).delete()
    logger.info("deleted %d files that were not needed any more, and %d sessions", count, found.sessions)
    return count


def _delete(digest: str, ended: set[UUID], now: datetime) -> bool:
    """Delete a file, unless somebody has handed it in again since it was looked at."""
    again = Submission.objects.filter(blob_id=digest).exclude(pk__in=ended).exists()
    file = blobs.store().found(digest)
    if again or file is None or file.modified >= now - SHORTEST:
        return False
    blobs.store().delete(digest)
    return True


@transaction.atomic
def _write_down(submissions: list[Submission]) -> None:
    for each in submissions:
        audit.write(
            "submission.file_deleted",
            each,
            actor=None,
            event_slug=each.challenge.event.slug,
            before={"file": each.file_name, "digest": each.blob_id},
            reason="not needed any more",
        )

"""Numbers of the whole site, read from its database and broker when they are asked for.

Each web process gives the same, so in a query take their maximum, never their sum. What grew over a whole
event would take longer and longer to read: times are those of what ended within `WINDOW`, the newest of it.
"""

import logging
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from kombu.exceptions import OperationalError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from heldout import heartbeat
from heldout.celery import messages_in
from heldout.submissions.dispatching import alive_workers
from heldout.submissions.models import UNFINISHED_STATES, Attempt, AttemptState, Evaluation, Submission
from scoring.job import CPU_QUEUE, GPU_QUEUE, INSPECT_QUEUE, PREPARE_QUEUE, SITE_QUEUE

logger = logging.getLogger(__name__)

WINDOW = timedelta(minutes=10)
MOST_RUNS = 1000
QUANTILES = (0.5, 0.95)
QUEUES = (INSPECT_QUEUE, CPU_QUEUE, GPU_QUEUE, PREPARE_QUEUE, SITE_QUEUE)

Labelled = Iterable[tuple[tuple[str, ...], float]]


def family(name: str, words: str, labels: tuple[str, ...], values: Labelled) -> GaugeMetricFamily:
    """One metric with its values."""
    made = GaugeMetricFamily(name, words, labels=labels)
    for named, value in values:
        made.add_metric(named, value)
    return made


def quantiles(values: list[float]) -> list[tuple[str, float]]:
    """Each of QUANTILES as a label, and the value that so large a share is not above. None of nothing."""
    ordered = sorted(values)
    return [(str(q), ordered[min(len(ordered) - 1, int(q * len(ordered)))]) for q in QUANTILES if ordered]


class OfTheSite(Collector):
    """Collects them."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All of them, anew."""
        now = timezone.now()
        yield _submissions()
        yield _verdicts()
        yield _attempts()
        yield _oldest(now)
        yield _waits(now)
        yield _stages(now)
        yield _workers(now)
        yield from _store()
        yield from _broker()
        yield from _site_worker()


def _submissions() -> GaugeMetricFamily:
    rows = Submission.objects.values_list("state", "rehearsal").annotate(count=Count("pk")).order_by()
    values = (((state, str(rehearsal).lower()), count) for state, rehearsal, count in rows)
    words = "Submissions by state; rehearsals apart."
    return family("heldout_submissions", words, ("state", "rehearsal"), values)


def _verdicts() -> GaugeMetricFamily:
    judged = Submission.objects.filter(verdict_json__isnull=False)
    rows = judged.values_list("verdict_json__code").annotate(count=Count("pk")).order_by()
    values = (((code or "",), count) for code, count in rows)
    return family("heldout_verdicts", "Submissions that were not scored, by verdict.", ("code",), values)


def _attempts() -> GaugeMetricFamily:
    shown = Attempt.objects.filter(state__in=[*UNFINISHED_STATES, AttemptState.LOST])
    rows = shown.values_list("job", "state", "queue").annotate(count=Count("pk")).order_by()
    values = (((job, state, queue), count) for job, state, queue, count in rows)
    words = "Attempts that are not finished, and those that were lost, by job, state and queue."
    return family("heldout_attempts", words, ("job", "state", "queue"), values)


def _oldest(now: datetime) -> GaugeMetricFamily:
    waiting = Attempt.objects.filter(state__in=[AttemptState.WAITING, AttemptState.DISPATCHED])
    rows = waiting.values_list("job").annotate(oldest=Min("created_at")).order_by()
    values = (((job,), (now - oldest).total_seconds()) for job, oldest in rows)
    words = "How long the attempt that waits longest has waited for a worker to begin."
    return family("heldout_queue_oldest_seconds", words, ("job",), values)


def _waits(now: datetime) -> GaugeMetricFamily:
    begun = Attempt.objects.filter(started_at__gt=now - WINDOW).order_by("-started_at")
    waits: dict[str, list[float]] = {}
    for job, made, started in begun.values_list("job", "created_at", "started_at")[:MOST_RUNS]:
        waits.setdefault(job, []).append((started - made).total_seconds())  # type: ignore[operator]
    values = (((job, q), value) for job, found in waits.items() for q, value in quantiles(found))
    words = "How long attempts waited that began within the last ten minutes."
    return family("heldout_queue_wait_seconds", words, ("job", "quantile"), values)


def _stages(now: datetime) -> GaugeMetricFamily:
    ended = Evaluation.objects.filter(created_at__gt=now - WINDOW).order_by("-created_at")
    took: dict[str, list[float]] = {}
    for stages in ended.values_list("stages", flat=True)[:MOST_RUNS]:
        for stage, seconds in stages.items():
            took.setdefault(stage, []).append(float(seconds))
    values = (((stage, q), value) for stage, found in sorted(took.items()) for q, value in quantiles(found))
    words = "What workers measured of the runs that ended within the last ten minutes, by stage."
    return family("heldout_stage_seconds", words, ("stage", "quantile"), values)


def _workers(now: datetime) -> GaugeMetricFamily:
    serving = Counter(queue for worker in alive_workers(now) for queue in worker.queues)
    values = (((queue,), serving[queue]) for queue in QUEUES if queue != SITE_QUEUE)
    return family("heldout_workers", "Scoring workers that are alive, by queue.", ("queue",), values)


def _store() -> Iterator[GaugeMetricFamily]:
    try:
        found = shutil.disk_usage(settings.BLOBS)
    except OSError:
        return  # files that lie elsewhere than on a disk of ours do not fill one
    yield GaugeMetricFamily("heldout_store_bytes", "Size of the disk with the store of files.", found.total)
    yield GaugeMetricFamily("heldout_store_free_bytes", "What is free on that disk.", found.free)


def _broker() -> Iterator[GaugeMetricFamily]:
    words = "Messages that wait in the broker, by queue; in `site`, words of workers."
    try:
        found: Labelled = [((queue,), messages_in(queue)) for queue in QUEUES]
    except OperationalError as error:
        logger.warning("the broker does not say how long its queues are: %s", error)
        found = []
    up = "Whether the broker answered, 1 or 0."
    yield GaugeMetricFamily("heldout_broker_up", up, value=float(bool(found)))
    yield family("heldout_broker_messages", words, ("queue",), found)


def _site_worker() -> Iterator[GaugeMetricFamily]:
    """Nothing at all while nobody can say: so watch for its absence too."""
    seconds = heartbeat.age()
    if seconds is not None:
        words = "How long ago the site's own worker and its clock ran."
        yield GaugeMetricFamily("heldout_site_worker_age_seconds", words, value=seconds)

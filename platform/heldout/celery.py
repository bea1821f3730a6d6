"""The site's Celery app: it consumes what workers send to the queue `site`, sweeps, and sends jobs."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init
from kombu.exceptions import ChannelError
from pydantic import BaseModel

from heldout.heartbeat import EVERY_SECONDS
from heldout.tether import end_with_parent
from scoring.job import SITE_QUEUE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heldout.settings")

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

SWEEP_TASK = "site.sweep"
WAITLIST_TASK = "site.fill_places"
ARCHIVES_TASK = "site.remove_archives"
HEARTBEAT_TASK = "site.heartbeat"
WEBHOOKS_TASK = "site.deliver_webhooks"
LOOK_AT_BOARDS_TASK = "site.look_at_boards"

app = Celery("heldout", broker=settings.BROKER_URL)
app.conf.update(
    task_default_queue=SITE_QUEUE,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_timeout=2,
    # A request must not wait for a broker that is away: what is not sent, the sweep sends.
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.1},
    broker_transport_options={
        "socket_keepalive": True,
        "socket_connect_timeout": 2,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
    },
    beat_schedule={
        "sweep": {
            "task": SWEEP_TASK,
            "schedule": float(settings.SWEEP_SECONDS),
            "options": {"expires": float(settings.SWEEP_SECONDS)},
        },
        "archives": {"task": ARCHIVES_TASK, "schedule": 900.0, "options": {"expires": 900.0}},
        "heartbeat": {
            "task": HEARTBEAT_TASK,
            "schedule": EVERY_SECONDS,
            "options": {"expires": EVERY_SECONDS},
        },
        "webhooks": {"task": WEBHOOKS_TASK, "schedule": 5.0, "options": {"expires": 5.0}},
        "boards": {"task": LOOK_AT_BOARDS_TASK, "schedule": 10.0, "options": {"expires": 10.0}},
        "waitlist": {"task": WAITLIST_TASK, "schedule": 60.0, "options": {"expires": 60.0}},
    },
    beat_schedule_filename=str(settings.VAR / "celerybeat-schedule"),
    timezone="UTC",
)
app.autodiscover_tasks()

WORKER = os.getpid()
"""The process that consumes; the clock that it starts beside it is a fork of it."""


@beat_embedded_init.connect
def end_with_the_worker(**_: Any) -> None:
    """The clock of a worker that was killed must not tick on beside the next one's."""
    end_with_parent(WORKER)


PATIENT: dict[str, Any] = {
    "autoretry_for": (OperationalError, InterfaceError),
    "retry_backoff": 1,
    "retry_backoff_max": 5,
    "max_retries": 60,
}
"""Options of a task whose message comes once: for some minutes it waits for a database that is restarted."""


def send_on_commit(task: str, message: BaseModel, queue: str, **about: str) -> None:
    """Send a job when the surrounding transaction has committed; `about` is for the worker's log.

    A broker that is away is logged and no more: the database knows the job, and the sweep sends it again.
    """
    body = message.model_dump_json()
    transaction.on_commit(lambda: app.send_task(task, args=[body], queue=queue, headers=about), robust=True)


def messages_in(queue: str) -> int:
    """How many messages wait in a queue of the broker. Raises `OperationalError` when it is away."""
    with app.connection_for_write() as link:
        try:
            declared: Any = link.default_channel.queue_declare(queue, passive=True)  # type: ignore[attr-defined]
            return int(declared.message_count)
        except ChannelError:
            return 0

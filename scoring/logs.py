"""How a line of the log looks, at the site and at its workers: for a person, or as JSON for a machine.

Some lines belong to something: a request, a submission, an attempt. `about` says so for every line that is
written within its block, so that one submission can be followed from its upload to the board.
"""

import json
import logging
import logging.config
import os
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

FORMAT_SETTING = "HELDOUT_LOG_FORMAT"
LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"

_subjects: ContextVar[dict[str, str] | None] = ContextVar("subjects", default=None)


class UnknownFormat(Exception):
    """The setting names no format that we know."""


@contextmanager
def about(**subjects: object) -> Iterator[None]:
    """Lines within the block carry these, besides what they carry already; what is empty is left out."""
    known = {name: str(value) for name, value in subjects.items() if value}
    token = _subjects.set(carried() | known)
    try:
        yield
    finally:
        _subjects.reset(token)


def carried() -> dict[str, str]:
    """What lines are about here."""
    return dict(_subjects.get() or {})


class Lines(logging.Formatter):
    """A line for a person; what it is about stands at its end."""

    def format(self, record: logging.LogRecord) -> str:
        """As the standard library does it, and what it is about."""
        told = " ".join(f"{name}={value}" for name, value in carried().items())
        whole = super().format(record)
        return f"{whole} [{told}]" if told else whole


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record with what it is about. Nothing of it can begin another line."""
        fields: dict[str, str] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **carried(),
        }
        if record.exc_info and record.exc_info[0]:
            fields["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(fields)


def configuration(level: str, form: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`. Raises UnknownFormat."""
    if form not in ("line", "json"):
        raise UnknownFormat(f"{FORMAT_SETTING} is {form!r}; expected line or json")
    formatter = (
        {"()": "scoring.logs.Json"} if form == "json" else {"()": "scoring.logs.Lines", "format": LINE}
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {form: formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["console"], "level": level},
        # Celery sets the root's level by its own option, and its lines are many.
        "loggers": {name: {"level": level} for name in ("heldout", "scoring")},
    }


def begin() -> None:
    """Set up a worker's log from the environment. Raises UnknownFormat."""
    logging.config.dictConfig(configuration("INFO", os.environ.get(FORMAT_SETTING) or "line"))

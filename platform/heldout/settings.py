"""Settings of the site. Every value that differs between machines comes from the environment.

The defaults serve one laptop; `heldout doctor` says what a real event still needs.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import sentry_sdk
from csp.constants import NONCE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy

from scoring import bucket, logs

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent.parent

env = environ.Env()

VAR = Path(env.str("HELDOUT_VAR", default=str(ROOT / "var")))
DEMO = env.bool("HELDOUT_DEMO", default=False)
DEBUG = env.bool("HELDOUT_DEBUG", default=False)
PUBLIC_URL = env.str("HELDOUT_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.list("HELDOUT_ALLOWED_HOSTS", default=[*LOOPBACK, str(urlsplit(PUBLIC_URL).hostname)])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE = PUBLIC_URL.startswith("https://")


def secret_key() -> str:
    """The key that signs cookies: from the environment, or from a file that the demo writes."""
    kept = VAR / "secret_key"
    key = env.str("HELDOUT_SECRET_KEY", default="") or (kept.read_text().strip() if kept.exists() else "")
    if len(key) < 40:
        raise ImproperlyConfigured(
            f"HELDOUT_SECRET_KEY has {len(key)} characters; expected at least 40. "
            "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return key


SECRET_KEY = secret_key()

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "heldout.audit",
    "heldout.accounts",
    "heldout.events",
    "heldout.teams",
    "heldout.applications",
    "heldout.catalog",
    "heldout.submissions",
    "heldout.coaching",
    "heldout.leaderboards",
    "heldout.notices",
    "heldout.authoring",
    "heldout.api",
    "heldout.operations",
    "heldout.webhooks",
    "heldout.live",
    "heldout.web",
]

MIDDLEWARE = [
    "heldout.metrics.requests.follow",
    "heldout.health.hosts.by_any_name",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "heldout.urls"
ASGI_APPLICATION = "heldout.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "heldout.web.context.site",
            ],
        },
    },
]

# Writers wait for each other instead of failing: SQLite takes its lock when a transaction begins.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
        "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;PRAGMA cache_size=2000;"
    ),
}


def database() -> dict[str, Any]:
    """The database by its URL; SQLite in the site's folder where none is named."""
    url = env.str("HELDOUT_DATABASE_URL", default="") or f"sqlite:///{VAR / 'heldout.sqlite3'}"
    if urlsplit(url).scheme not in environ.Env.DB_SCHEMES:
        raise ImproperlyConfigured(
            f"HELDOUT_DATABASE_URL is {url!r}; expected postgres://user:password@host/name or sqlite:///file"
        )
    found: dict[str, Any] = env.db_url_config(url)
    if found["ENGINE"] == "django.db.backends.sqlite3":
        found["OPTIONS"] = SQLITE_OPTIONS
        make_folder(Path(found["NAME"]).parent)
    return found


def make_folder(folder: Path) -> None:
    """SQLite makes its file, and not the folder around it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The database's folder {folder} cannot be made: {error.strerror}. Set HELDOUT_VAR."
        ) from error


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("HELDOUT_REDIS_URL", default="redis://127.0.0.1:6379/0")
BROKER_URL = env.str("HELDOUT_BROKER_URL", default=REDIS_URL)
BLOBS = Path(env.str("HELDOUT_BLOBS", default=str(VAR / "blobs")))
STORE = env.str("HELDOUT_STORE", default="")
"""The bucket of an S3-compatible server that files are kept in; without one, BLOBS itself is the store."""
COPIES_MB = env.int("HELDOUT_COPIES_MB", default=10_240)
"""How much room copies of a bucket's files may take in BLOBS."""
try:
    bucket.address_of(STORE)
except bucket.WrongAddress as error:
    raise ImproperlyConfigured(str(error)) from error
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

LEASE_SECONDS = env.int("HELDOUT_LEASE_SECONDS", default=15)
"""How long a dispatched or running attempt may be silent before it is given up and made again."""


def limit(name: str, default: int) -> int:
    """A number of requests a minute."""
    number: int = env.int(name, default=default)
    if number < 0:
        raise ImproperlyConfigured(f"{name} is {number}; expected 0 or more")
    return number


# All people of a venue may share one address, so what is counted by address is generous.
API_LIMITS = {
    "reads": limit("HELDOUT_API_READS", 600),
    "writes": limit("HELDOUT_API_WRITES", 300),
    "uploads": limit("HELDOUT_API_UPLOADS", 60),
    "strangers": limit("HELDOUT_API_STRANGERS", 3000),
}
"""How many requests a minute the API answers a person, and an address of strangers; 0 for any number."""

SWEEP_SECONDS = env.int("HELDOUT_SWEEP_SECONDS", default=5)
"""How often the sweep looks for what was lost."""

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("home")
LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_ADAPTER = "heldout.accounts.adapter.InvitationOnlyAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_SESSION_REMEMBER = True
# All people of a venue may share one address, so what is counted by address is generous.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "100/m/ip,5/5m/key",
    "request_login_code": "300/m/ip,3/m/key",
    "reset_password": "60/m/ip,5/m/key",
    # Registrations for open sessions: a mail goes out for each.
    "open_session": "120/h/ip,5/h/key",
    "apply": "120/h/ip,5/h/key",
    # Codes that programs ask for, and those that a person types.
    "device_ask": "120/m/ip",
    "device_code": "20/10m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("HELDOUT_TRUSTED_PROXIES", default=0)
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"

DEFAULT_FROM_EMAIL = env.str("HELDOUT_MAIL_FROM", default="Heldout <heldout@localhost>")
OUTBOX = VAR / "outbox"
vars().update(env.email_url("HELDOUT_MAIL_URL", default="consolemail://"))
if DEMO:
    EMAIL_BACKEND = "heldout.accounts.outbox.OutboxBackend"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# Zero would keep whole uploads in memory: a spooled file without a size never goes to disk.
FILE_UPLOAD_MAX_MEMORY_SIZE = 65_536

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
X_FRAME_OPTIONS = "DENY"
# The admin's own theme builds its menus by evaluating strings, so it keeps Django's defaults.
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    },
}

# The organizer's admin wears the site's name and its green.
UNFOLD = {
    "SITE_TITLE": "Heldout",
    "SITE_HEADER": "Heldout",
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("favicon.svg"),
    "COLORS": {
        "primary": {
            "50": "oklch(97.9% .021 166)",
            "100": "oklch(95% .052 163)",
            "200": "oklch(90.5% .093 164)",
            "300": "oklch(84.5% .143 165)",
            "400": "oklch(76.5% .15 163)",
            "500": "oklch(62% .13 163)",
            "600": "oklch(48% .1 164)",
            "700": "oklch(43% .09 165)",
            "800": "oklch(38% .08 166)",
            "900": "oklch(33% .07 168)",
            "950": "oklch(26% .05 172)",
        },
    },
}

LOG_FORMAT = env.str("HELDOUT_LOG_FORMAT", default="line")
try:
    LOGGING = logs.configuration(env.str("HELDOUT_LOG_LEVEL", default="INFO"), LOG_FORMAT)
except logs.UnknownFormat as error:
    raise ImproperlyConfigured(str(error)) from error
# The web server's own lines of requests name whole addresses, some of which are secrets; ours name routes.
LOGGING["loggers"] |= {
    "uvicorn": {"handlers": [], "propagate": True},
    "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
    # It tells of each glyph that it puts into a certificate.
    "fontTools": {"level": "WARNING"},
}

METRICS_TOKEN = env.str("HELDOUT_METRICS_TOKEN", default="")
"""Who sends it as `Authorization: Bearer …` may read /metrics; without one, nobody may."""
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured(
        f"HELDOUT_METRICS_TOKEN has {len(METRICS_TOKEN)} characters; expected at least 16, or none"
    )

SENTRY_DSN = env.str("HELDOUT_SENTRY_DSN", default="")
"""Where faults are reported; nowhere without it. Reports carry no addresses, forms or values of variables."""
if SENTRY_DSN:
    try:
        sentry_sdk.init(
            dsn=SENTRY_DSN,
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            traces_sample_rate=0.0,
        )
    except sentry_sdk.utils.BadDsn as error:
        raise ImproperlyConfigured(f"HELDOUT_SENTRY_DSN is no address of a project: {error}") from error

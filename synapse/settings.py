"""Settings, all of them from the environment; `.env.example` explains each variable.

Safe by default: DEBUG is off, and production refuses to start without its secrets.
"""

import secrets
import sys
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from synapse.foundation.connection_pools import with_pools
from synapse.foundation.databases import configured_databases
from synapse.foundation.logs.configuration import logging_settings, program_name, read_log_options

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env", overwrite=False)

ENVIRONMENT = env.str("SYNAPSE_ENVIRONMENT", default="local")
if ENVIRONMENT not in {"local", "production"}:
    raise ImproperlyConfigured(f"SYNAPSE_ENVIRONMENT must be local or production, not {ENVIRONMENT!r}.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off in production.")

VAR_DIR = Path(env.str("SYNAPSE_VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
LEGACY_DIR = Path(env.str("LEGACY_DIR", default=str(VAR_DIR / "legacy"))).resolve()
LEGACY_IS_ALIVE = env.bool("LEGACY_IS_ALIVE", default=True)
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(VAR_DIR / "backups"))).resolve()
SNAPSHOTS_ALL_HOURS = env.int("SNAPSHOTS_ALL_HOURS", default=24)
SNAPSHOTS_HOURLY_DAYS = env.int("SNAPSHOTS_HOURLY_DAYS", default=3)
PORT = env.int("PORT", default=8000)
WEB_WORKERS = env.int("WEB_WORKERS", default=1)
WEB_THREADS = env.int("WEB_THREADS", default=8)

LEGACY_TIME_ZONE = env.str("LEGACY_TIME_ZONE", default="Europe/Bucharest")
LEGACY_LOCK_TIMEOUT_SECONDS = env.float("LEGACY_LOCK_TIMEOUT_SECONDS", default=30.0)
LEGACY_LOSS_SHARE = env.float("LEGACY_LOSS_SHARE", default=0.5)
DUMP_BEFORE_IMPORT = env.bool("SYNAPSE_DUMP_BEFORE_IMPORT", default=True)
IMPORT_MOST_BYTES = env.int("IMPORT_MOST_BYTES", default=20_000_000)
IMPORT_MOST_ROWS = env.int("IMPORT_MOST_ROWS", default=10_000)
UPLOAD_DIR = VAR_DIR / "uploads"


def _ensure_local_secret_key() -> str:
    """Return this checkout's own key, made on first use and readable by its owner only."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"secret_key.{secrets.token_hex(4)}")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(50))
        try:
            path.hardlink_to(partial)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if PRODUCTION:
        raise ImproperlyConfigured("In production set SECRET_KEY.")
    SECRET_KEY = _ensure_local_secret_key()

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

DEBUG_TOOLBAR = DEBUG and not PRODUCTION

INSTALLED_APPS = [
    "synapse",
    "synapse.console",
    "synapse.kit.change_log",
    "synapse.kit.jobs",
    "synapse.kit.notices",
    "business_core",
    "analytics",
    "revenue",
    "legacy_import",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "synapse.kit.admin.apps.SynapseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_q",
    *(["debug_toolbar"] if DEBUG_TOOLBAR else []),
]

MIDDLEWARE = [
    "synapse.kit.request_logs.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "synapse.kit.admin.parameter_middleware.ParameterMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "synapse.kit.change_log.middleware.AuthorMiddleware",
    "synapse.kit.admin.lock_wait_middleware.LockWaitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    *(["debug_toolbar.middleware.DebugToolbarMiddleware"] if DEBUG_TOOLBAR else []),
]
INTERNAL_IPS = ["127.0.0.1", "::1"]

ROOT_URLCONF = "synapse.urls"
WSGI_APPLICATION = "synapse.wsgi.application"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {
                "health": "synapse.console.health.template_tags",
                "panels": "synapse.kit.panels.template_tags",
                "request_logs": "synapse.kit.request_logs.template_tags",
            },
        },
    },
]

UNFOLD = {
    "SITE_TITLE": "Synapse",
    "SITE_HEADER": "Synapse",
    "SITE_SUBHEADER": "Consulting, in one place",
    "SITE_SYMBOL": "hub",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("synapse/icon.svg")},
    ],
    "SHOW_HISTORY": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "STYLES": [
        lambda _: static("synapse/synapse.css"),
        lambda _: static("synapse/theme_mends.css"),
        lambda _: static("synapse/kit/notices.css"),
        lambda _: static("synapse/console/stale_data.css"),
    ],
    "SCRIPTS": [
        lambda _: static("synapse/kit/admin/keyboard.js"),
        lambda _: static("synapse/kit/admin/names_for_selects.js"),
    ],
    "LOGIN": {"form": "synapse.kit.request_logs.sign_in_events.LoggedAuthenticationForm"},
    "DASHBOARD_CALLBACK": "synapse.console.front_page.page.fill_front_page",
    "COMMAND": {"search_models": True},
    "TABS": "synapse.console.navigation.database_tabs",
    "SIDEBAR": {"show_search": True, "command_search": True, "navigation": "synapse.console.navigation.sidebar_groups"},
}

BEHIND_PGBOUNCER = env.bool("DATABASE_BEHIND_PGBOUNCER", default=False)
DATABASES = configured_databases(env, production=PRODUCTION, behind_pgbouncer=BEHIND_PGBOUNCER)
DATABASE_POOLS = env.bool("DATABASE_POOLS", default=PRODUCTION and not BEHIND_PGBOUNCER)
# Threads share connections in one program only, the web server, which is what loads synapse.wsgi; a command or a worker
# is one thread with a connection of its own, and a worker forks.
if DATABASE_POOLS and "synapse.wsgi" in sys.modules:
    DATABASES = with_pools(DATABASES, processes=WEB_WORKERS, threads=WEB_THREADS)
DATABASE_ROUTERS = ["synapse.foundation.router.SynapseRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# A form's fields each carry what they showed, so a list or a test with a hundred rows sends more than Django's 1,000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

LANGUAGE_CODE = "en-us"
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Bucharest")
USE_I18N = True
USE_TZ = True

# Where mails go out; the console shows them instead. A server that hangs must not hold up who sends.
_EMAIL = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = _EMAIL["EMAIL_BACKEND"]
EMAIL_HOST = _EMAIL["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _EMAIL["EMAIL_PORT"] or 0
EMAIL_HOST_USER = _EMAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _EMAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _EMAIL["EMAIL_FILE_PATH"] or None
EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT_SECONDS", default=5.0)
EMAIL_USE_LOCALTIME = True
NOTICE_EMAIL_FROM = env.str("NOTICE_EMAIL_FROM", default="Synapse <synapse@localhost>")
SITE_URL = env.str("SITE_URL", default="")
if SITE_URL and not SITE_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured(f"SITE_URL must begin with https:// or http://, not {SITE_URL!r}.")

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Without collectstatic there is no STATIC_ROOT to scan at start, and WhiteNoise warns of it.
WHITENOISE_AUTOREFRESH = not PRODUCTION

# How long a web process shows the line about stale data before it looks again.
STALE_DATA_SECONDS = 15.0

# What a monitoring program sends to read metrics; without one, signed-in people may read them.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

JOB_WORKERS = env.int("JOB_WORKERS", default=2)
JOB_RETRY_SECONDS = env.int("JOB_RETRY_SECONDS", default=5 * 3600)
JOB_HEARTBEAT_SECONDS = env.float("JOB_HEARTBEAT_SECONDS", default=30.0)
JOB_GRACE_SECONDS = env.float("JOB_GRACE_SECONDS", default=20.0)
JOB_STOP_SECONDS = env.float("JOB_STOP_SECONDS", default=10.0)
_QUEUE_LIMIT = 2

Q_CLUSTER = {
    "name": "synapse",
    "orm": "default",
    # Takes the heartbeats of its own cluster beside the messages for every cluster.
    "broker_class": "synapse.kit.jobs.cluster.broker.ClusterBroker",
    "workers": JOB_WORKERS,
    "queue_limit": _QUEUE_LIMIT,
    # retry > timeout * (queue_limit / workers + 2), or a slow task is delivered again while it still runs.
    "timeout": min(3600, int(JOB_RETRY_SECONDS / (_QUEUE_LIMIT / JOB_WORKERS + 2)) - 1),
    "retry": JOB_RETRY_SECONDS,
    "max_attempts": 3,
    "ack_failures": False,
    "catch_up": False,
    "save_limit": 0,
    "poll": 1,
    "label": "Jobs",
    "log_level": "WARNING",
}

# Also whether X-Forwarded-For is to be believed, whose last address is then the client's in the log.
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    # A probe comes straight to the process, without TLS, and takes a redirect for a failure.
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Where unforeseen errors are reported, too; needs requirements-sentry.txt.
SENTRY_DSN = env.str("SENTRY_DSN", default="")

# docs/logging.md: the events, their fields and levels.
LOGGING_CONFIG = "synapse.foundation.logs.configuration.configure_logs"
LOGGING = logging_settings(
    read_log_options(env, production=PRODUCTION, var_dir=VAR_DIR, program=program_name(sys.argv))
)

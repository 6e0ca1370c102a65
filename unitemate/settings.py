"""Settings, all of them taken from the environment; README.md has the table.

With nothing set the project runs on SQLite and the in-memory channel layer,
with debugging off and the development login off.
"""

from pathlib import Path

from realtime.database import sessions
from unitemate.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

DEBUG = env.bool("DEBUG", default=False)
# Good enough to try the project out; `check --deploy` refuses it.
SECRET_KEY = env.str("SECRET_KEY", default="insecure-" + "unitemate-development-key-" * 2)
if not SECRET_KEY:
    # Django itself says so at the first use, which in a worker is the first request.
    env.wrong.append("SECRET_KEY is empty. python3 -c 'import secrets; print(secrets.token_urlsafe(60))'")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# Origins besides the request's own host that may open a socket and post forms.
ALLOWED_ORIGINS = env.list("ALLOWED_ORIGINS", default=[])
CSRF_TRUSTED_ORIGINS = [origin for origin in ALLOWED_ORIGINS if origin.startswith(("http://", "https://"))]

INSTALLED_APPS = [
    "daphne",  # before staticfiles, so that runserver serves sockets too
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_standardized_errors",
    "channels",
    "realtime",
    "staff",
    "users",
    "queue_app",
    "matches",
    "web",
    "unitemate",
]

MIDDLEWARE = [
    "unitemate.telemetry.requests.RequestMiddleware",  # sees what is answered in the end
    "django.middleware.security.SecurityMiddleware",
    "web.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "web.csp.ContentSecurityPolicyMiddleware",
    "staff.zone.HouseZoneMiddleware",
    "unitemate.rest.personal_answers.PersonalAnswersMiddleware",
    "unitemate.rest.refusals.AddressThrottleMiddleware",
    "unitemate.rest.refusals.UnreadableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "unitemate.urls"
ASGI_APPLICATION = "unitemate.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- data ---------------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'unitemate.sqlite3'}")}
DATABASE = DATABASES["default"]
DATABASE.setdefault("OPTIONS", {})
if DATABASE["ENGINE"].endswith("sqlite3"):
    # Several threads and processes share one file: readers never wait in WAL mode, and a
    # transaction takes the write lock when it begins, so that it cannot fail half-way.
    DATABASE["ENGINE"] = "unitemate.sqlite3"  # which begins fairly
    DATABASE["OPTIONS"] |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    DATABASE["TEST"] = {"NAME": env.str("TEST_SQLITE", default=str(BASE_DIR / "var" / "test.sqlite3"))}
else:
    # Persistent connections and ASGI do not go together (one thread a request): a pool does.
    DATABASE["OPTIONS"] = (
        sessions.CLIENT_KEEPALIVE
        | DATABASE["OPTIONS"]
        | {
            "pool": {
                "connection_class": sessions.Connection,
                "min_size": 1,
                "max_size": env.number("DATABASE_POOL"),
                "timeout": sessions.POOL_TIMEOUT,
                # While the server is away the pool asks for it at intervals that double, for as long as this, and gives
                # up; the next request begins anew. By default (300 s) a worker can miss for minutes that it is back.
                "reconnect_timeout": 3,
            }
        }
    )
    DATABASE["CONN_MAX_AGE"] = 0
    DATABASE["CONN_HEALTH_CHECKS"] = True  # what the pool kept over a restart of the server fails nobody
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    # Of several, each carries the streams whose names fall to it; the first has the cache too.
    REDIS_HOSTS = env.hosts("REDIS_URL")
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "realtime.delivery.redis_layer.RedisLayer",
            "CONFIG": {"hosts": REDIS_HOSTS, "prefix": env.str("REDIS_PREFIX", default="unitemate")},
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "unitemate.rest.counting_cache.RedisCache",
            "LOCATION": REDIS_HOSTS[0],
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    }
else:
    CHANNEL_LAYERS = {
        "default": {"BACKEND": "realtime.delivery.memory_layer.MemoryLayer", "CONFIG": {"capacity": 100_000}}
    }
    # Beyond so many keys, old ones are forgotten, and how often they were counted with them.
    CACHES = {"default": {"BACKEND": "unitemate.rest.counting_cache.MemoryCache", "OPTIONS": {"MAX_ENTRIES": 100_000}}}

# --- people -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
PASSWORD_HASHERS = [
    "unitemate.passwords.PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH0_DOMAIN = env.str("AUTH0_DOMAIN", default="")
AUTH0_AUDIENCE = env.str("AUTH0_AUDIENCE", default="")
AUTH0_CLIENT_ID = env.str("AUTH0_CLIENT_ID", default="")
UNITEMATE_DEV_LOGIN = env.bool("UNITEMATE_DEV_LOGIN", default=False)

# --- the service --------------------------------------------------------------------------------

# "off" lifts throttles and per-address limits, for load tests from one address.
UNITEMATE_LIMITS = env.str("UNITEMATE_LIMITS", default="on").lower() != "off"
# Divides every time limit of matches, so that a simulated evening can be played fast.
UNITEMATE_TIME_SCALE = env.number("UNITEMATE_TIME_SCALE")
# When players may queue, such as "14:00-02:00" in Japan's time; empty for always.
MATCH_HOURS = env.str("MATCH_HOURS", default="")
# What is deployed, such as a commit; `realtime_doctor` compares the workers' by it.
RELEASE = env.str("RELEASE", default="")
WEB_CONCURRENCY = env.number("WEB_CONCURRENCY")
# Which stream types are pushed: {name: whether}. REALTIME_<NAME>_PUSH sets it; all others are.
REALTIME_PUSH = env.switches("REALTIME_", "_PUSH")
REALTIME_HEARTBEAT = env.number("REALTIME_HEARTBEAT")  # seconds
# Where the processes of this machine put together what they count (`realtime.telemetry`).
METRICS_DIR = env.str("METRICS_DIR", default=str(BASE_DIR / "var" / "metrics"))
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# For how many days what is kept (`unitemate.retention`).
RETENTION = {
    "audit": env.number("RETAIN_AUDIT_DAYS"),
    "accusations": env.number("RETAIN_ACCUSATIONS_DAYS"),
    "penalties": env.number("RETAIN_PENALTIES_DAYS"),
    "deleted": env.number("RETAIN_DELETED_DAYS"),  # at least as long as a token lives
    "streams": env.number("RETAIN_STREAMS_DAYS"),
}
POLL_INTERVAL = 5  # seconds between polls of a client that has no socket

# --- REST ---------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["unitemate.rest.throttles.CountedAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["unitemate.rest.parsers.JSONBody"],
    "DEFAULT_SCHEMA_CLASS": "unitemate.rest.openapi.Schema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "DEFAULT_PAGINATION_CLASS": "unitemate.rest.pagination.Pages",
    "PAGE_SIZE": 50,
    # The server has taken the client's address from a trusted proxy already; a header that the
    # client can write must not decide whose requests are counted.
    "NUM_PROXIES": 0,
    "DEFAULT_THROTTLE_CLASSES": ["unitemate.rest.throttles.PerScope"],
    "DEFAULT_THROTTLE_RATES": {
        "user": "600/min",
        "address": "3000/min",  # of callers without an account, and of those whose tokens are refused
        "login": "300/min",
        "export": "20/hour",
        "admin": "10/min",
        "admin_account": "20/hour",
    },
}
ERRORS = (400, 401, 403, 404, 405, 406, 415, 429, 500, 503)
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "unitemate.rest.errors.Handler",
    "EXCEPTION_FORMATTER_CLASS": "unitemate.rest.errors.Formatter",
    "ALLOWED_ERROR_STATUS_CODES": ERRORS,
    # One plain form in the document: the codes of services are more than could be listed there.
    "ERROR_SCHEMAS": dict.fromkeys(ERRORS, "users.errors.ErrorAnswer"),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Unitemate",
    "DESCRIPTION": "Matchmaking for Pokémon UNITE communities. State is pushed over the socket at `/ws/`.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api",
    "ENUM_NAME_OVERRIDES": {"RoleEnum": "users.roles.ROLES"},
}

# --- pages --------------------------------------------------------------------------------------

LANGUAGE_CODE = "ja"
LOCALE_PATHS = [BASE_DIR / "unitemate" / "locale"]  # the admin's words; the page has its own
LANGUAGES = [("ja", "日本語"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "UTC"  # the admin has the house's (`staff.zone`)
FORMAT_MODULE_PATH = "unitemate.formats"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True  # no collectstatic step; deployments may still run it

# --- security -----------------------------------------------------------------------------------

SECURE_HTTPS = env.bool("SECURE_HTTPS", default=False)  # behind TLS: secure cookies, HSTS, redirect
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]  # probes come past the proxy
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_HTTPS else 0
# Whose word about the client's address and scheme `serve` takes: nobody's, or these proxies'. Django
# itself looks at no such header (no SECURE_PROXY_SSL_HEADER), since it cannot tell who has sent it.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
FORWARDED_ALLOW_IPS = env.list("FORWARDED_ALLOW_IPS", default=["127.0.0.1", "::1"])
# Whether a whole domain is to be HTTPS only, for browsers to know beforehand, is not one site's to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

# "json" for programs, "console" for people; `unitemate.telemetry.scrubbing` decides what may be said.
LOG_FORMAT = env.word("LOG_FORMAT", ("json", "console"), default="console" if DEBUG else "json")
LOG_LEVEL = env.word("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"scrubbed": {"()": "unitemate.telemetry.logs.formatter", "form": LOG_FORMAT}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "scrubbed"},
        "count": {"class": "unitemate.telemetry.logs.CountingHandler", "level": "WARNING"},
    },
    "loggers": {
        # Django's and Daphne's own handlers would write past the formatter.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "django.channels.server": {"handlers": [], "propagate": True},
        "uvicorn.error": {"level": "WARNING"},  # else two lines for each socket
        "httpx": {"level": "WARNING"},  # else a line for each request that the bots make
        "django.request": {"level": "ERROR"},  # a refusal is an answer, no event
        "django.security": {"level": "CRITICAL"},  # likewise; else a traceback for whoever likes
        "django.security.csrf": {"level": "WARNING"},  # a line, which tells of a setting that is wrong
    },
    "root": {"handlers": ["console", "count"], "level": LOG_LEVEL},
}

env.refuse()

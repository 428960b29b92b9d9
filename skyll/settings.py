"""All settings, read from the environment; README lists the variables.

A variable that is missing or makes no sense stops the start with a sentence that mends it.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from common import logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def fail(sentence: str) -> None:
    """Stop the start with a sentence that says how to mend it."""
    raise ImproperlyConfigured(sentence)


ENVIRONMENT = env.str("ENVIRONMENT", "development")
if ENVIRONMENT not in ("development", "production"):
    fail(f"ENVIRONMENT is '{ENVIRONMENT}': set it to development or production")
PRODUCTION = ENVIRONMENT == "production"
TESTING = "pytest" in sys.modules
DEBUG = env.bool("DEBUG", False)
if PRODUCTION and DEBUG:
    fail("DEBUG must be off in production: unset DEBUG")

LOGGING = logs.configure(json=PRODUCTION, level=env.str("LOG_LEVEL", "INFO"))
LOCAL_DIR = Path(env.str("LOCAL_DIR", str(BASE_DIR / ".local")))


def _secret_key() -> str:
    """Return SECRET_KEY; outside production one is made once and kept beside the embedded data."""
    if key := env.str("SECRET_KEY", ""):
        if len(key) < 32:
            fail("SECRET_KEY is too short: use at least 32 random characters")
        return str(key)
    if PRODUCTION:
        fail("SECRET_KEY is missing: set it to at least 50 random characters and keep it safe")
    from django.core.management.utils import get_random_secret_key

    path = LOCAL_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(get_random_secret_key())
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = _secret_key()
SEALING_KEY = env.str("SEALING_KEY", SECRET_KEY)  # seals provider keys in the database
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
if PRODUCTION and not ALLOWED_HOSTS:
    fail("ALLOWED_HOSTS is missing: set it to the host names of this API, separated by commas")

ROOT_URLCONF = "skyll.urls"
WSGI_APPLICATION = "skyll.wsgi.application"
AUTH_USER_MODEL = "accounts.CustomUser"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "dj_rest_auth",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "audit",
    "traders",
    "futures",
    "accounts",
    "ledger",
    "ingestion",
    "personal",
    "comparative",
    "skyll",
]

MIDDLEWARE = [
    "common.logs.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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

# -- stores ------------------------------------------------------------------------------------
if not (DATABASE_URL := env.str("DATABASE_URL", "")):
    fail(
        "DATABASE_URL is missing: use `make run`, `make test` or manage.py, which start an "
        "embedded PostgreSQL, or set it, e.g. postgres://user:password@host:5432/skyll"
    )
if not (REDIS_URL := env.str("REDIS_URL", "")):
    fail(
        "REDIS_URL is missing: use `make run`, `make test` or manage.py, which start an embedded "
        "server, or set it, e.g. redis://host:6379"
    )
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"].update(
    ATOMIC_REQUESTS=False,
    CONN_MAX_AGE=env.int("CONN_MAX_AGE", 60),
    CONN_HEALTH_CHECKS=True,
    OPTIONS={
        "options": f"-c statement_timeout={env.int('STATEMENT_TIMEOUT_MS', 60_000)} "
        "-c idle_in_transaction_session_timeout=120s -c timezone=UTC",
        **DATABASES["default"].get("OPTIONS", {}),
    },
)


def redis_db(number: int) -> str:
    """Return REDIS_URL for one logical database: 0 broker, 1 results, 2 cache."""
    base = REDIS_URL.split("?")[0].rstrip("/")
    if base.startswith("unix://"):
        return f"{base}?db={number}"
    return f"{base}/{number}"


def _celery_url(number: int) -> str:
    base = REDIS_URL.split("?")[0]
    if base.startswith("unix://"):
        return f"redis+socket://{base.removeprefix('unix://')}?virtual_host={number}"
    return redis_db(number)


CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": redis_db(2),
        "KEY_PREFIX": "skyll",
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": 0.1,
            "SOCKET_TIMEOUT": 0.25,
        },
    }
}
# Seconds that a cached answer lives; the data version in the key makes it stale sooner.
CACHE_TTL = {
    "products": 3600,
    "traders": 60,
    "personal": 300,
    "personal.positions": 60,
    "comparative": 900,
}
COMPARATIVE_DELAY_DAYS = env.int("COMPARATIVE_DELAY_DAYS", 1)

CELERY_BROKER_URL = _celery_url(0)
CELERY_RESULT_BACKEND = _celery_url(1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"

# -- the API -----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["common.rendering.Json"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "common.api.schema.EnvelopeSchema",
    "EXCEPTION_HANDLER": "common.api.errors.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=env.int("ACCESS_TOKEN_SECONDS", 3600)),
    "REFRESH_TOKEN_LIFETIME": timedelta(seconds=env.int("REFRESH_TOKEN_SECONDS", 3 * 86_400)),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,
    "UPDATE_LAST_LOGIN": False,
}
REST_AUTH = {
    "USE_JWT": True,
    "SESSION_LOGIN": False,
    "TOKEN_MODEL": None,
    "JWT_AUTH_HTTPONLY": False,
}
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
FRONTEND_URL = env.str("FRONTEND_URL", "http://localhost:3000")
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[FRONTEND_URL])
CORS_EXPOSE_HEADERS = ["ETag", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)

SPECTACULAR_SETTINGS = {
    "TITLE": "Skyll API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Analytics of a futures trading group. Days are UTC, money is USD.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"PositionSide": ["long", "short"], "FillSide": ["buy", "sell"]},
    "SERVERS": [{"url": url} for url in env.list("API_SERVERS", default=[])],
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": True, "displayRequestDuration": True},
}
if not env.bool("SCHEMA_PUBLIC", True):  # closed: staff only, by their session of the Django admin
    SPECTACULAR_SETTINGS |= {
        "SERVE_AUTHENTICATION": ["rest_framework.authentication.SessionAuthentication"],
        "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAdminUser"],
    }

# -- files and safety --------------------------------------------------------------------------
STATIC_URL = "/static/"
# Production collects its files once; elsewhere they are served from where the packages keep them.
STATIC_ROOT = LOCAL_DIR / "static" if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# -- the provider ------------------------------------------------------------------------------
TT_BASE_URL = env.str("TT_BASE_URL", "")
TT_ENVIRONMENT = env.str("TT_ENVIRONMENT", "ext_prod_live")
TT_KEY = env.str("TT_KEY", "")
TT_SECRET = env.str("TT_SECRET", "")
TT_REQUESTS_PER_SECOND = env.int("TT_REQUESTS_PER_SECOND", 3)
TT_REQUESTS_PER_DAY = env.int("TT_REQUESTS_PER_DAY", 10_000)

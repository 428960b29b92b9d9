"""All settings, read from the environment; README lists the variables.

A variable that is missing or makes no sense stops the start with a sentence that mends it.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from corsheaders.defaults import default_headers

from common import logs
from skyll import openapi, pictures
from skyll.allowances import CACHE_TTL, LIMITS  # noqa: F401 - settings too
from skyll.environment import (
    BASE_DIR,
    address,
    email,
    fail,
    flag,
    mailbox,
    names,
    number,
    one_of,
    origin_of,
    origins,
    secret_key,
    text,
)
from skyll.operating import (  # noqa: F401 - settings too
    ACCESS_LOG,
    ALARM_MAILS,
    ALARM_WEBHOOK,
    ALARM_WEBHOOK_TOKEN,
    BACKUP_HOURS,
    BACKUP_MARK,
    METRICS_TOKEN,
    TRADES_COPY_FROM,
    TRADES_COPY_MASKED,
    TRADES_COPY_TO,
)
from skyll.stores import (  # noqa: F401 - settings too
    CACHES,
    CELERY_BEAT_SCHEDULER,
    CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP,
    CELERY_BROKER_TRANSPORT_OPTIONS,
    CELERY_BROKER_URL,
    CELERY_RESULT_BACKEND,
    CELERY_TASK_DEFAULT_QUEUE,
    CELERY_TASK_IGNORE_RESULT,
    CELERY_TASK_ROUTES,
    CELERY_TASK_SOFT_TIME_LIMIT,
    CELERY_TASK_TIME_LIMIT,
    CELERY_TIMEZONE,
    CELERY_WORKER_HIJACK_ROOT_LOGGER,
    CELERY_WORKER_MAX_TASKS_PER_CHILD,
    CELERY_WORKER_PREFETCH_MULTIPLIER,
    DATABASE_URL,
    DATABASES,
    REDIS_URL,
)

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
ENVIRONMENT = one_of("ENVIRONMENT", "development", ("development", "production"))
PRODUCTION = ENVIRONMENT == "production"
TESTING = "pytest" in sys.modules
DEBUG = flag("DEBUG", False)
if PRODUCTION and DEBUG:
    raise fail("DEBUG must be off in production: unset DEBUG")

LOGGING = logs.configure(json=PRODUCTION, level=one_of("LOG_LEVEL", "INFO", LEVELS))
LOCAL_DIR = BASE_DIR / text("LOCAL_DIR", ".local")
SECRET_KEY = secret_key(LOCAL_DIR, production=PRODUCTION)
SEALING_KEY = text("SEALING_KEY", SECRET_KEY)  # seals provider keys in the database
OLD_SEALING_KEY = text("OLD_SEALING_KEY")  # still opens them, until rotate_sealing_key has run
ALLOWED_HOSTS = names("ALLOWED_HOSTS", [] if PRODUCTION else ["*"])
if not ALLOWED_HOSTS:
    raise fail("ALLOWED_HOSTS is missing: set it to the host names of this API, with commas")

ROOT_URLCONF = "skyll.urls"
WSGI_APPLICATION = "skyll.wsgi.application"
AUTH_USER_MODEL = "accounts.CustomUser"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
FORMAT_MODULE_PATH = "skyll.formats"  # of the console: 2026-03-31 12:00:00, UTC
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "skyll.console.apps.ConsoleConfig",  # django.contrib.admin, with our site
    "accounts",  # ahead of Django's own: its createsuperuser and changepassword are written down
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
    "allauth.mfa",
    "allauth.socialaccount",
    "dj_rest_auth",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rangefilter",
    "django_celery_beat",
    "audit",
    "traders",
    "futures",
    "ledger",
    "journal",
    "ingestion",
    "personal",
    "comparative",
    "skyll",
]

MIDDLEWARE = [
    "common.logs.RequestId",
    "common.answered.Answered",
    "common.policy.ContentPolicy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.zipped.Zipped",
    "corsheaders.middleware.CorsMiddleware",
    "common.throttle.Meter",
    "django.middleware.http.ConditionalGetMiddleware",
    "common.console.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "common.console.Users",
    "common.console.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "skyll" / "templates"],  # ahead of the apps: they override the admin's
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

# -- readings ----------------------------------------------------------------------------------
COMPARATIVE_DELAY_DAYS = number("COMPARATIVE_DELAY_DAYS", 1)
# Trades in top-intraday; admins may ask for others. Nobody else may: two lengths tell of an order.
TOP_INTRADAY_LIMIT = number("TOP_INTRADAY_LIMIT", 5, least=1)

# -- limits ------------------------------------------------------------------------------------
# How many proxies of ours stand in front; what a client says in X-Forwarded-* counts for nothing
# beyond them.
PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = number("PROXIES", 0)
REQUESTS_PER_DAY = number("REQUESTS_PER_DAY", 10_000, least=1)  # of a user, UTC day
ADDRESS_REQUESTS_PER_DAY = number("ADDRESS_REQUESTS_PER_DAY", 100_000, least=1)  # without a user

# -- the API -----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["common.throttle.Daily"],
    "NUM_PROXIES": PROXIES,
    "DEFAULT_RENDERER_CLASSES": ["common.rendering.Json"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "common.rendering.Negotiation",
    "DEFAULT_PARSER_CLASSES": ["common.parsing.Json"],
    "DEFAULT_SCHEMA_CLASS": "common.api.schema.EnvelopeSchema",
    "EXCEPTION_HANDLER": "common.api.errors.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=number("ACCESS_TOKEN_SECONDS", 3600)),
    "REFRESH_TOKEN_LIFETIME": timedelta(seconds=number("REFRESH_TOKEN_SECONDS", 3 * 86_400)),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,
    "UPDATE_LAST_LOGIN": False,
}
SESSION_DAYS = number("SESSION_DAYS", 30, least=1)  # then log in anew, however often renewed
REPLAY_GRACE_SECONDS = 30  # a refresh token used again later than this ends its session
REST_AUTH = {
    "USE_JWT": True,
    "SESSION_LOGIN": False,
    "TOKEN_MODEL": None,
    "JWT_AUTH_HTTPONLY": False,
}
# Who is made superuser at the first start; without a password they get an invitation by mail.
ADMIN_EMAIL = mailbox("ADMIN_EMAIL")
ADMIN_PASSWORD = text("ADMIN_PASSWORD")
# Log-in to the Django admin goes through allauth, for its second factor.
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "account_login"
SESSION_COOKIE_AGE = 12 * 3600  # of the Django admin; it ends with the browser, too
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "accounts.adapter.ConsoleAdapter"
ACCOUNT_RATE_LIMITS = False  # LIMITS count in their stead, together with the API's
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeAtLogin",
    "reauthenticate": "accounts.forms.CodeAgain",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # only staff come here, and not by registering
SECOND_FACTOR_REQUIRED = flag("SECOND_FACTOR_REQUIRED", PRODUCTION)  # of staff
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Skyll"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_HMAC = False  # keys are rows, so that a key can be taken back
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
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
PASSWORD_RESET_TIMEOUT = 3 * 86_400  # of an invitation, too
FRONTEND_URL = address("FRONTEND_URL", "http://localhost:3000")
CORS_ALLOWED_ORIGINS = origins("CORS_ALLOWED_ORIGINS", [origin_of(FRONTEND_URL)])
CORS_URLS_REGEX = r"^/(api/|schema)"
CORS_ALLOW_HEADERS = [*default_headers, "if-none-match"]
CORS_EXPOSE_HEADERS = [
    "Content-Disposition", "ETag", "Retry-After", "X-Request-ID",
    "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
]  # fmt: skip
vars().update(email("EMAIL_URL", "consolemail://"))
EMAIL_TIMEOUT = 10  # of each step; a letter is tried again
DEFAULT_FROM_EMAIL = SERVER_EMAIL = text("MAIL_FROM", "Skyll <no-reply@localhost>")

SCHEMA_PUBLIC = flag("SCHEMA_PUBLIC", True)
SPECTACULAR_SETTINGS = openapi.described(servers=names("API_SERVERS"), public=SCHEMA_PUBLIC)

# -- files and safety --------------------------------------------------------------------------
STATIC_URL = "/static/"
# Production collects its files once; elsewhere they are served from where the packages keep them.
STATIC_ROOT = LOCAL_DIR / "static" if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
IMAGE_BYTES = 5 * 1024**2  # of one file
IMAGE_PIXELS = 32_000_000  # width x height; decoded in memory, one at a time in each process
JOURNAL_BYTES = 100 * 1024**2  # of all images of one trader
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "journal": pictures.storage(LOCAL_DIR / "journal"),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if PRODUCTION:
    SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", True)
    # Asked from beside the process, without TLS.
    SECURE_REDIRECT_EXEMPT = [r"^health(/ready)?/?$", r"^metrics/?$"]
    if PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = number("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = origins("CSRF_TRUSTED_ORIGINS", wildcards=True)

# -- the provider ------------------------------------------------------------------------------
TT_BASE_URL = address("TT_BASE_URL")
TT_ENVIRONMENT = text("TT_ENVIRONMENT", "ext_prod_live")
TT_KEY = text("TT_KEY")
TT_SECRET = text("TT_SECRET")
TT_REQUESTS_PER_SECOND = number("TT_REQUESTS_PER_SECOND", 3, least=1)
TT_REQUESTS_PER_DAY = number("TT_REQUESTS_PER_DAY", 10_000, least=1)

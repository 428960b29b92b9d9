"""Settings of what holds things: PostgreSQL, the fast store, and the broker with its tasks."""

from __future__ import annotations

from typing import Any

from skyll.environment import database, number, redis_db, store

DATABASE_URL = store("DATABASE_URL", "postgres://user:password@host:5432/skyll")
REDIS_URL = store("REDIS_URL", "redis://host:6379")
DATABASES = {"default": database(DATABASE_URL)}
DATABASES["default"].update(
    ENGINE="common.postgres",
    ATOMIC_REQUESTS=False,
    CONN_MAX_AGE=number("CONN_MAX_AGE", 60),
    CONN_HEALTH_CHECKS=True,
    OPTIONS={
        "options": f"-c statement_timeout={number('STATEMENT_TIMEOUT_MS', 60_000)} "
        "-c idle_in_transaction_session_timeout=120s -c timezone=UTC",
        **DATABASES["default"].get("OPTIONS", {}),
    },
)
CACHES: dict[str, dict[str, Any]] = {
    # Of allauth: which codes of a second factor are used up. Log-in must not need the fast store.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
    },
    "fast": {  # read by common.store
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": redis_db(REDIS_URL, 2),
        "KEY_PREFIX": "skyll",
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": 0.1,
            "SOCKET_TIMEOUT": 0.25,
        },
    },
}

CELERY_BROKER_URL = redis_db(REDIS_URL, 0, celery=True)
CELERY_RESULT_BACKEND = redis_db(REDIS_URL, 1, celery=True)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {  # never behind polls
    task: {"queue": "letters"}
    for task in ("accounts.tasks.send_letters", "skyll.tasks.watch", "skyll.tasks.tell_alarms")
}
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

"""The door for a WSGI server; under `make run` a worker dies with its server."""

from __future__ import annotations

import gc
import os
from functools import lru_cache

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from skyll.embedded import tether

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skyll.settings")
if os.environ.get("SKYLL_TIED"):
    tether.tie()

ADDRESSES = 1024  # that a process remembers the views of
COLLECT_AFTER = 20_000  # objects made and not freed

application = get_wsgi_application()
# To try every pattern takes a tenth of a kept answer; what was found once stays where it is.
resolver = get_resolver()
resolver.resolve = lru_cache(ADDRESSES)(resolver.resolve)  # type: ignore[method-assign]
resolver.url_patterns  # noqa: B018 - all views are loaded before the first request
# What is loaded now stays to the end: the collector need not look at it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(COLLECT_AFTER, 10, 10)

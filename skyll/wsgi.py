"""The door for a WSGI server; under `make run` a worker dies with its server."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from skyll.embedded import tether

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skyll.settings")
if os.environ.get("SKYLL_TIED"):
    tether.tie()

application = get_wsgi_application()

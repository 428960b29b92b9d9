"""Give the tests servers of their own, before the settings are read.

Named in `addopts`. The process that starts pytest has PostgreSQL and valkey apart from everything
else; a worker of xdist takes PostgreSQL from it (pytest-django gives each its own database) and
starts its own valkey, since keys have no such walls.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from skyll.embedded import services
from skyll.embedded.keeper import SERVERS

_OURS = "SKYLL_TESTS_EMBEDDED"  # tells the workers which servers are the controller's
_stack = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    if "PYTEST_XDIST_WORKER" in os.environ:
        ours = os.environ.get(_OURS, "").split()
        names = [name for name in ours if name == "valkey"]
    else:
        names = services.missing()
        os.environ[_OURS] = " ".join(names)
    if names:
        _stack.enter_context(services.apart(durable=False, servers=names))
    return (yield)


def pytest_report_header() -> list[str]:
    return [f"{server.variable}: {os.environ[server.variable]}" for server in SERVERS.values()]


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _stack.close()

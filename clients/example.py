"""How a script uses the client that `make clients` puts into made/python.

Usage: PYTHONPATH=clients/made/python clients/made/venv/bin/python clients/example.py ADDRESS EMAIL
"""

from __future__ import annotations

import sys
from datetime import date
from getpass import getpass

from skyll_client import AuthenticatedClient, Client
from skyll_client.api.auth import post_auth_login
from skyll_client.api.personal import get_personal_summary
from skyll_client.models import ApiError, LoginRequest, Session, SummaryAnswer


def log_in(address: str, email: str, password: str) -> AuthenticatedClient:
    """Return a client that sends the token with every request."""
    body = LoginRequest(email=email, password=password)
    answer = post_auth_login.sync(client=Client(base_url=address), body=body)
    if not isinstance(answer, Session):
        raise SystemExit(answer.error if answer else "The answer makes no sense")
    return AuthenticatedClient(base_url=address, token=answer.access_token)


def summary(client: AuthenticatedClient) -> SummaryAnswer | ApiError | None:
    """Return the metric table of a month."""
    return get_personal_summary.sync(
        client=client, start_date=date(2026, 3, 1), end_date=date(2026, 3, 31)
    )


if __name__ == "__main__":
    found = summary(log_in(sys.argv[1], sys.argv[2], getpass()))
    sys.stdout.write(f"{found}\n")

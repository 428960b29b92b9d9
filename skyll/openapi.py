"""What the OpenAPI document says of itself, and who may read it."""

from __future__ import annotations

from typing import Any

from common.quota import HEADERS


def described(*, servers: list[str], public: bool) -> dict[str, Any]:
    """Return drf-spectacular's settings.

    servers  base addresses of the API, listed for Swagger's choice
    public   else for staff only, by their session of the Django admin
    """
    told: dict[str, Any] = {
        "TITLE": "Skyll API",
        "VERSION": "1.0.0",
        "DESCRIPTION": "Analytics of a futures trading group. Days are UTC, money is USD.\n\n"
        "Log in with `POST /api/v1/auth/login`, press Authorize and paste the `access_token`.",
        "TAGS": [
            {"name": "auth", "description": "Log in, stay logged in, log out; one's own user"},
            {"name": "personal", "description": "One trader's results; admins may name the trader"},
            {
                "name": "comparative",
                "description": "The group's results; not for who has opted out",
            },
            {
                "name": "desk",
                "description": "What belongs to all: products, and traders for admins",
            },
        ],
        "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
        "SORT_OPERATION_PARAMETERS": False,
        "SERVE_INCLUDE_SCHEMA": False,
        "SERVE_AUTHENTICATION": [],  # open: a bad token closes nothing
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
        "REDOC_DIST": "SIDECAR",
        "COMPONENT_SPLIT_REQUEST": True,
        "ENUM_NAME_OVERRIDES": {"PositionSide": ["long", "short"], "FillSide": ["buy", "sell"]},
        "APPEND_COMPONENTS": {"headers": HEADERS},
        "SERVERS": [{"url": url} for url in servers],
        "SWAGGER_UI_SETTINGS": {"persistAuthorization": True, "displayRequestDuration": True},
    }
    if not public:
        told |= {
            "SERVE_AUTHENTICATION": ["rest_framework.authentication.SessionAuthentication"],
            "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAdminUser"],
        }
    return told

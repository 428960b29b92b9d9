"""What the OpenAPI document says of itself, and who may read it."""

from __future__ import annotations

from typing import Any

from common.quota import HEADERS

DESCRIPTION = """Analytics of a futures trading group.

**Log in** with `POST /api/v1/auth/login`, press Authorize and paste the `access_token`.

**Answers** come in an envelope: `data` has what was asked for, `meta` what there is to know about
it, with sentences in `meta.notes` wherever something is null or held back. Those of `auth/` come
without. Lists without bound come by pages (`page`, `page_size`); `meta.next` is the address of the
next one.

**Refusals** have one form: `error`, a sentence for a person; `code`, a word for a program, where
there is one; `fields`, sentences by field or parameter, where one is wrong. Parameters that are not
named here are ignored.

**Units.** Days are UTC, both ends included, `YYYY-MM-DD`; instants are ISO 8601 in UTC with `Z`;
money is a number in USD with two decimals; rates are fractions of 1. A list parameter is given
several times: `product=14&product=31`.

**Caching.** Answers carry an `ETag`: ask again with `If-None-Match` and get 304 where nothing has
changed, as browsers do by themselves.
"""


def described(*, servers: list[str], public: bool) -> dict[str, Any]:
    """Return drf-spectacular's settings.

    servers  base addresses of the API, listed for Swagger's choice
    public   else for staff only, by their session of the Django admin
    """
    told: dict[str, Any] = {
        "TITLE": "Skyll API",
        "VERSION": "1.0.0",
        "DESCRIPTION": DESCRIPTION,
        "TAGS": [
            {"name": "auth", "description": "Log in, stay logged in, log out; one's own user"},
            {"name": "personal", "description": "One trader's results; admins may name the trader"},
            {
                "name": "journal",
                "description": "What a trader writes about the own trades; admins read along",
            },
            {
                "name": "comparative",
                "description": "The group's results; not for who has opted out",
            },
            {
                "name": "ingestion",
                "description": "How the books stand with the provider, and which day figures "
                "changed; for admins",
            },
            {
                "name": "desk",
                "description": "What belongs to all: products, the calendar, this week's greeting; "
                "and the traders for admins",
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
        "ENUM_NAME_OVERRIDES": {
            "PositionSide": ["long", "short"],
            "FillSide": ["buy", "sell"],
            "Importance": ["low", "medium", "high"],
            "Timeframe": ["1min", "5min", "15min", "1hour"],
            "ImageType": ["image/png", "image/jpeg", "image/webp"],
            "PromptType": ["weekly", "custom"],
            "TagType": ["fixed", "custom"],
            "FixedTagType": ["fixed"],
            "Unit": ["index", "USD"],
            "UnusedState": ["corrected", "busted", "excluded", "waiting"],
            "ReconciliationState": ["flat", "open", "unverifiable", "mismatch", "skipped"],
            "RestatementReason": [
                "late",
                "correction",
                "bust",
                "rate",
                "fees",
                "instrument",
                "terms",
                "rebuild",
            ],
        },
        "APPEND_COMPONENTS": {"headers": HEADERS},
        "SERVERS": [{"url": url} for url in servers],
        "SWAGGER_UI_SETTINGS": {
            "deepLinking": True,
            "displayRequestDuration": True,
            "persistAuthorization": True,
        },
    }
    if not public:
        told |= {
            "SERVE_AUTHENTICATION": ["rest_framework.authentication.SessionAuthentication"],
            "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAdminUser"],
        }
    return told

"""The outer form of every endpoint: envelope, errors, parameters, pages, slashes, schema."""

from common.api.analytic import Analytic
from common.api.answers import answers, answers_file
from common.api.envelope import (
    ListMetaOut,
    MetaOut,
    PageMetaOut,
    reply,
    reply_list,
    reply_page,
    reply_ready,
)
from common.api.errors import Invalid, Refusal
from common.api.fields import Flag, Price, Text, Usd, UtcDateTime
from common.api.kept import PRIVATE
from common.api.paging import Page, PageParams, read_page
from common.api.params import (
    Day,
    Id,
    Number,
    OpenPeriodParams,
    Params,
    Period,
    PeriodParams,
    Repeated,
    read,
    read_body,
    read_period,
)
from common.api.routes import route
from common.api.shape import shaped

__all__ = [
    "PRIVATE",
    "Analytic",
    "Day",
    "Flag",
    "Id",
    "Invalid",
    "ListMetaOut",
    "MetaOut",
    "Number",
    "OpenPeriodParams",
    "Page",
    "PageMetaOut",
    "PageParams",
    "Params",
    "Period",
    "PeriodParams",
    "Price",
    "Refusal",
    "Repeated",
    "Text",
    "Usd",
    "UtcDateTime",
    "answers",
    "answers_file",
    "read",
    "read_body",
    "read_page",
    "read_period",
    "reply",
    "reply_list",
    "reply_page",
    "reply_ready",
    "route",
    "shaped",
]

"""The authorization matrix: every address of the project by method, and what governs it.

A new address fails test_completeness.py until it has its line here.
"""

from __future__ import annotations

from tests.authorization.addresses import ANY, API, dated
from tests.authorization.policies import (
    Policy,
    coach,
    coached,
    entrance,
    exported,
    group,
    heard,
    one_entry,
    one_trade,
    own,
    own_pages,
    own_tags,
    pages,
    personal,
    public,
    rates,
    room,
    signed_in,
    staff,
    standing,
    watched,
)

# fmt: off
_API: dict[tuple[str, str], Policy] = {
    ("POST",  "auth/login"):                         public,
    ("POST",  "auth/token/refresh"):                 public,
    ("POST",  "auth/token/verify"):                  public,
    ("POST",  "auth/token/revoke"):                  public,
    ("POST",  "auth/registration"):                  public,
    ("POST",  "auth/registration/verify-email"):     public,
    ("POST",  "auth/registration/resend-email"):     public,
    ("POST",  "auth/password/reset"):                public,
    ("POST",  "auth/password/reset/confirm"):        public,
    ("POST",  "auth/password/change"):               own,
    ("GET",   "auth/user"):                          own,
    ("PATCH", "auth/user"):                          own,
    ("POST",  "auth/user/opt-out"):                  own,

    ("GET",   "products"):                           signed_in,
    ("GET",   "calendar-events"):                    signed_in,
    ("GET",   "futures-price-data"):                 signed_in,
    ("GET",   "welcome-prompt"):                     own,  # greets; of the group, words alone
    ("GET",   "traders"):                            coach,
    ("GET",   "traders/overview"):                   coach,

    ("GET",   "personal/summary"):                   personal,
    ("GET",   "personal/traded-products"):           personal,
    ("GET",   "personal/performance-by-pnl"):        personal,
    ("GET",   "personal/win-loss-ratio"):            personal,
    ("GET",   "personal/performance-by-time"):       personal,
    ("GET",   "personal/performance-by-product"):    personal,
    ("GET",   "personal/performance-by-tag"):        personal,
    ("GET",   "personal/positions"):                 personal,
    ("GET",   "personal/intraday-pnl"):              personal,
    ("GET",   "personal/intraday-daily-pnl"):        personal,
    ("GET",   "personal/calendar-events"):           personal,
    ("GET",   "personal/calendar-events/traded-products"): personal,
    ("GET",   "personal/days/<str:date>/fills"):     personal,
    ("GET",   "personal/trades"):                    personal,
    ("GET",   "personal/trades/<uuid:trade_id>"):    one_trade,
    ("GET",   "personal/trades/<uuid:trade_id>/chart-data"): one_trade,

    ("GET",   "journal/tags"):                       pages,
    ("POST",  "journal/tags"):                       own_tags,
    ("PUT",   "journal/tags/<int:tag_id>"):          own_tags,
    ("DELETE", "journal/tags/<int:tag_id>"):         own_tags,
    ("GET",   "journal/trades"):                     pages,
    ("POST",  "journal/trades/tags"):                own_tags,
    ("GET",   "journal/trades/<uuid:trade_id>"):     one_trade,
    ("POST",  "journal/trades/<uuid:trade_id>/tags"): own_tags,
    ("PUT",   "journal/trades/<uuid:trade_id>/tags"): own_tags,
    ("DELETE", "journal/trades/<uuid:trade_id>/tags/<int:tag_id>"): own_tags,
    ("PATCH", "journal/trades/<uuid:trade_id>/notes"): own_tags,
    ("GET",   "journal/detached"):                   pages,
    ("POST",  "journal/detached/<uuid:trade_id>/attach"): own_tags,
    ("GET",   "journal/analytics/overview"):         personal,
    ("GET",   "journal/analytics/equity-curve"):     personal,
    ("GET",   "journal/analytics/daily-pnl"):        personal,
    ("GET",   "journal/analytics/symbol-breakdown"): personal,
    ("GET",   "journal/analytics/duration-profit"):  personal,
    ("GET",   "journal/analytics/return-distribution"): personal,
    ("GET",   "journal/analytics/time-distribution"): personal,
    ("GET",   "journal/analytics/filter-options"):   personal,
    ("GET",   "journal/export/trades"):              exported,
    ("GET",   "journal/export/entries"):             exported,
    ("GET",   "journal/entries"):                    pages,
    ("POST",  "journal/entries"):                    own_pages,
    ("GET",   "journal/entries/<int:entry_id>"):     one_entry,
    ("PUT",   "journal/entries/<int:entry_id>"):     own_pages,
    ("DELETE", "journal/entries/<int:entry_id>"):    own_pages,
    ("POST",  "journal/upload"):                     own_pages,
    ("GET",   "journal/images/<uuid:image_id>"):     coached,  # or by a signed address
    ("DELETE", "journal/images/<uuid:image_id>"):    own_pages,
    ("GET",   "journal/storage"):                    room,
    ("GET",   "journal/comments"):                   heard,
    ("GET",   "journal/trades/<uuid:trade_id>/comments"): coached,
    ("POST",  "journal/trades/<uuid:trade_id>/comments"): coached,
    ("GET",   "journal/entries/<int:entry_id>/comments"): coached,
    ("POST",  "journal/entries/<int:entry_id>/comments"): coached,
    ("DELETE", "journal/comments/<int:comment_id>"): coached,  # own words alone
    ("POST",  "journal/comments/<int:comment_id>/acknowledge"): coached,  # by the other side

    ("GET",   "comparative/performance-by-time"):    group,
    ("GET",   "comparative/calendar-events"):        group,
    ("GET",   "comparative/calendar-events/traded-products"): group,
    ("GET",   "comparative/performance-by-product"): group,
    ("GET",   "comparative/performance-by-tag"):     group,
    ("GET",   "comparative/top-intraday"):           group,
    ("GET",   "comparative/win-loss-ratio"):         rates,
    ("GET",   "comparative/standing"):               rates,

    ("GET",   "ingestion/status"):                   standing,
    ("GET",   "ingestion/reconciliation"):           watched,
    ("GET",   "ingestion/restatements"):             watched,
}
_BESIDE: dict[tuple[str, str], Policy] = {
    (ANY,     ""):                                   public,  # leads to /swagger or /admin/
    (ANY,     "api/"):                               public,  # the 404 of all that is not there
    ("GET",   "schema"):                             public,  # unless SCHEMA_PUBLIC is off
    ("GET",   "schema.json"):                        public,
    ("GET",   "schema.yaml"):                        public,
    ("GET",   "swagger"):                            public,
    ("GET",   "redoc"):                              public,
    (ANY,     "health"):                             public,
    (ANY,     "health/ready"):                       public,
    (ANY,     "metrics"):                            public,  # its own token; a 404 without one
    (ANY,     "admin"):                              public,  # leads to /admin/
}
_ADMIN: dict[tuple[str, str], Policy] = {
    (ANY,     ""):                                   staff,
    (ANY,     "login/"):                             entrance,
    (ANY,     "logout/"):                            entrance,
    ("GET",   "account/login/"):                     entrance,
    ("POST",  "account/login/"):                     entrance,
    ("GET",   "account/login/code/"):                entrance,
    ("POST",  "account/login/code/"):                entrance,
    ("GET",   "account/logout/"):                    entrance,
    ("POST",  "account/logout/"):                    entrance,
    ("GET",   "account/again/"):                     staff,
    ("POST",  "account/again/"):                     staff,
    ("GET",   "account/again/code/"):                staff,
    ("POST",  "account/again/code/"):                staff,
    ("GET",   "account/second-factor/"):             staff,
    ("GET",   "account/second-factor/set/"):         staff,
    ("POST",  "account/second-factor/set/"):         staff,
    ("GET",   "account/second-factor/remove/"):      staff,
    ("POST",  "account/second-factor/remove/"):      staff,
    ("GET",   "account/recovery-codes/"):            staff,
    ("GET",   "account/recovery-codes/file/"):       staff,
    ("GET",   "account/recovery-codes/new/"):        staff,
    ("POST",  "account/recovery-codes/new/"):        staff,

    (ANY,     "password_change/"):                   staff,
    (ANY,     "password_change/done/"):              staff,
    (ANY,     "autocomplete/"):                      staff,
    (ANY,     "jsi18n/"):                            staff,
    (ANY,     "r/<path:content_type_id>/<path:object_id>/"): staff,
    (ANY,     "<app_label>/"):                       staff,
    (ANY,     "<url>"):                              staff,

    (ANY,     "<model>/"):                           staff,
    (ANY,     "<model>/add/"):                       staff,
    (ANY,     "<model>/<path:object_id>/history/"):  staff,
    (ANY,     "<model>/<path:object_id>/delete/"):   staff,
    (ANY,     "<model>/<path:object_id>/change/"):   staff,
    (ANY,     "<model>/<path:object_id>/"):          staff,
    (ANY,     "<model>/<id>/password/"):             staff,
    (ANY,     "<model>/export/"):                    staff,  # of the audit log, as CSV
    (ANY,     "<model>/reconciliation/"):            staff,  # of groups
    (ANY,     "<model>/<int:group_id>/reconciliation/"): staff,
    (ANY,     "<model>/<int:group_id>/reconciliation/<int:trader_id>/<str:day>/"): staff,
}
# fmt: on
MATRIX = {
    **{(method, API + address): policy for (method, address), policy in _API.items()},
    **_BESIDE,
    **{(method, f"admin/{address}"): policy for (method, address), policy in _ADMIN.items()},
}


def rows(policy: Policy) -> list[tuple[str, str]]:
    """Return (method, address) of what a policy governs; a day in an address is one in March."""
    pairs = [pair for pair, by in MATRIX.items() if by is policy]
    return [(method, dated(address)) for method, address in pairs]

"""/api/v1/: what greets, and journal/"""

from __future__ import annotations

from common.api import route
from journal import views

urlpatterns = [
    *route("welcome-prompt", views.WelcomePrompt),
    *route("journal/tags", views.Tags),
    *route("journal/tags/<int:tag_id>", views.Tag),
    *route("journal/trades", views.Trades),
    *route("journal/trades/tags", views.TradesTags),
    *route("journal/trades/<uuid:trade_id>", views.Trade),
    *route("journal/trades/<uuid:trade_id>/tags", views.TradeTags),
    *route("journal/trades/<uuid:trade_id>/tags/<int:tag_id>", views.TradeTag),
    *route("journal/trades/<uuid:trade_id>/notes", views.TradeNotes),
    *route("journal/detached", views.Detached),
    *route("journal/detached/<uuid:trade_id>/attach", views.Attach),
    *route("journal/trades/<uuid:trade_id>/comments", views.TradeComments),
    *route("journal/entries", views.Entries),
    *route("journal/entries/<int:entry_id>", views.Entry),
    *route("journal/entries/<int:entry_id>/comments", views.EntryComments),
    *route("journal/comments", views.Comments),
    *route("journal/comments/<int:comment_id>", views.Comment),
    *route("journal/comments/<int:comment_id>/acknowledge", views.Acknowledge),
    *route("journal/upload", views.Upload),
    *route("journal/images/<uuid:image_id>", views.Image),
    *route("journal/storage", views.Storage),
    *route("journal/analytics/overview", views.Overview),
    *route("journal/analytics/equity-curve", views.EquityCurve),
    *route("journal/analytics/daily-pnl", views.DailyPnl),
    *route("journal/analytics/symbol-breakdown", views.SymbolBreakdown),
    *route("journal/analytics/duration-profit", views.DurationProfit),
    *route("journal/analytics/return-distribution", views.ReturnDistribution),
    *route("journal/analytics/time-distribution", views.TimeDistribution),
    *route("journal/analytics/filter-options", views.FilterOptions),
    *route("journal/export/trades", views.ExportTrades),
    *route("journal/export/entries", views.ExportEntries),
]

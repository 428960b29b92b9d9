"""Exports of trades and entries: what is in the files, whose, what they cost, what is refused."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import datetime
from decimal import Decimal
from itertools import repeat

import pytest
from django.db import OperationalError
from openpyxl import load_workbook

from accounts.access import own_journal
from common import spreadsheet
from common.spreadsheet import Column, Kind, Table, as_csv, as_excel
from journal import actions
from journal.models import Entry, TradeNote
from journal.queries import exports
from tests.factories import AT, make_account, make_trade, make_user
from tests.personal.conftest import cents, of
from tests.seeded import seed_books

URL = "/api/v1/journal/export"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORDS = {"date": "2026-03-02", "title": "A page"}
EVIL = '=HYPERLINK("http://evil","x")'
both = pytest.mark.parametrize("what", ["trades", "entries"])


@pytest.fixture
def export(as_user):
    """Return a way to get a file as somebody: its header, and its rows by the header's names."""

    def get(user, what, **params):
        answer = as_user(user).get(f"{URL}/{what}", params)
        assert answer.status_code == 200, answer.getvalue()
        data = answer.getvalue()
        if params.get("format") == "xlsx":
            (sheet,) = load_workbook(io.BytesIO(data))
            lines = [list(row) for row in sheet.values]
        else:
            assert data.startswith(b"\xef\xbb\xbf")
            lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]

    return get


def utc(at: datetime) -> str:
    return f"{at.replace(tzinfo=None).isoformat()}Z"


@pytest.mark.parametrize("seed", range(2))
def test_the_rows_are_the_trades(desk, export, seed):
    mine = of(desk.ana, seed_books(desk, seed))
    journal = own_journal(desk.ana)
    custom = actions.make_tag(journal=journal, name="Failed; first", parent_id=6).id
    for number, trade in enumerate(mine[::2]):
        tags = [[6], [30, custom], []][number % 3]
        actions.set_tags(journal=journal, trade_id=trade.id, tag_ids=tags, at=AT)
        if number % 2:
            actions.write_note(journal=journal, trade_id=trade.id, text='"Early",\nü', at=AT)
    paths = {6: "Tech > Breakout", custom: "Tech > Breakout > Failed; first", 30: "Mind > Planned"}

    rows, sheet = export(desk.ana, "trades"), export(desk.ana, "trades", format="xlsx")
    assert [row["id"] for row in rows] == [row["id"] for row in sheet] == [str(t.id) for t in mine]
    for trade, row, typed in zip(mine, rows, sheet, strict=True):
        assert (row["account"], row["product"]) == (trade.account.account, trade.product.symbol)
        assert row["contract"] == trade.contract.name
        assert row["side"] == ("long" if trade.side > 0 else "short")
        assert int(row["quantity"]) == typed["quantity"] == trade.quantity
        assert row["opened_at_utc"] == utc(trade.opened_at)
        assert row["closed_at_utc"] == utc(trade.closed_at)
        seconds = (typed["closed_at_utc"] - trade.closed_at.replace(tzinfo=None)).total_seconds()
        assert abs(seconds) < 0.001
        hold = Decimal(trade.closed_ns - trade.opened_ns) / 10**9
        assert Decimal(row["hold_seconds"]) == hold
        assert Decimal(row["entry_price"]) == trade.entry_price
        assert typed["exit_price"] == float(trade.exit_price)
        for name, usd in (
            ("gross_pnl_usd", trade.gross_usd), ("fees_usd", trade.fees_usd),
            ("pnl_usd", trade.pnl_usd), ("mae_usd", None),
        ):  # fmt: skip
            assert row[name] == ("" if usd is None else f"{cents(usd) + 0.0:.2f}")
            assert typed[name] == (None if usd is None else cents(usd))
        assert row["held_back"] == (typed["held_back"] or "") == trade.held
        borne = mine[::2].index(trade) if trade in mine[::2] else 2
        wanted = [[6], [custom, 30], []][borne % 3]
        assert row["tags"] == (typed["tags"] or "") == "; ".join(paths[tag] for tag in wanted)
        note = TradeNote.objects.filter(trade=trade.id).first()
        assert row["notes"] == (typed["notes"] or "") == (f"'{note.text}"[1:] if note else "")


def test_the_filters_are_those_of_the_list(desk, export, journal):
    seed_books(desk, 3)
    ask = journal(desk.ana)
    for row in ask.list("trades")["data"][::3]:
        ask("post", f"trades/{row['id']}/tags", {"tag": 6})
    for asked in (
        {},
        {"sim": "true"},
        {"side": "short", "start_date": "2026-03-05"},
        {"end_date": "2026-03-11", "untagged": "true"},
        {"tag": 1},
        {"product": [1, 42]},
    ):
        wanted = ask.list("trades", sort="closed_at", **asked)["data"]
        assert [row["id"] for row in export(desk.ana, "trades", **asked)] == [
            row["id"] for row in wanted
        ]


def test_the_rows_are_the_entries(desk, export, journal):
    ask = journal(desk.ana)
    trades = [str(make_trade(desk.ana, sim=sim).id) for sim in (False, True)]
    ask("post", "entries", {**WORDS, "date": "2026-03-03", "body": "Later"}, status=201)
    made = ask(
        "post", "entries",
        {**WORDS, "body": "# Two\n\nlines", "mood": "calm", "trades": trades, "tags": [6, 30]},
        status=201,
    )["data"]  # fmt: skip
    for kind, rows in ((k, export(desk.ana, "entries", format=k)) for k in ("csv", "xlsx")):
        assert [str(row["date"])[:10] for row in rows] == ["2026-03-02", "2026-03-03"], kind
        first = rows[0]
        assert int(first["id"]) == made["id"]
        assert (first["title"], first["mood"]) == ("A page", "calm")
        assert (first["body"], first["trades"]) == ("# Two\n\nlines", " ".join(trades))
        assert first["tags"] == "Tech > Breakout; Mind > Planned"
    assert [r["body"] for r in export(desk.ana, "entries", q="late")] == ["Later"]
    assert len(export(desk.ana, "entries", end_date="2026-03-02")) == 1
    assert export(desk.bo, "entries") == []


def test_whose_they_are(desk, export, as_user, api):
    trade = make_trade(desk.bo)
    journal = own_journal(desk.bo)
    actions.write_note(journal=journal, trade_id=trade.id, text="mine", at=AT)
    for what in ("trades", "entries"):
        if what == "entries":
            Entry.objects.create(
                trader=desk.bo.trader, date=AT, title="mine", created_at=AT, updated_at=AT
            )
        assert export(desk.ana, what) == export(desk.cora, what) == []
        assert export(make_user(group=desk.group), what, format="xlsx") == []
        theirs = export(desk.cora, what, trader=desk.bo.trader_id)
        assert theirs == export(desk.bo, what)
        assert "mine" in theirs[0].values()
        for trader, user, status in (
            (desk.bo.trader_id, desk.ana, 403),
            (desk.sven.trader_id, desk.cora, 404),
            (10**9, desk.cora, 404),
        ):
            answer = as_user(user).get(f"{URL}/{what}", {"trader": trader, "format": "xlsx"})
            assert answer.status_code == status
            assert set(answer.json()) == {"error", "code"}
        assert api.get(f"{URL}/{what}").status_code == 401


@both
@pytest.mark.parametrize(("kind", "media"), [("csv", "text/csv; charset=utf-8"), ("xlsx", EXCEL)])
def test_a_file_is_named_after_trader_and_days(desk, as_user, what, kind, media):
    client, days = as_user(desk.ana), {"start_date": "2026-03-01", "end_date": "2026-03-31"}
    for slash in ("", "/"):
        answer = client.get(f"{URL}/{what}{slash}", {"format": kind, **days}, HTTP_ACCEPT=media)
        name = f"{what}-Ana-from-2026-03-01-to-2026-03-31.{kind}"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer["Content-Type"] == media
        assert answer["Cache-Control"] == "private, no-cache"
        assert answer.getvalue()
    desk.ana.trader.name = "Ana Müller/…"
    desk.ana.trader.save()
    answer = client.get(f"{URL}/{what}", {"format": kind})
    assert answer["Content-Disposition"].endswith(f"filename*=utf-8''{what}-Ana-M%C3%BCller.{kind}")
    assert answer.getvalue()


BAD = [
    ("format", {"format": "pdf"}, ["trades", "entries"]),
    ("format", {"format": ["csv", "xlsx"]}, ["trades", "entries"]),
    ("end_date", {"start_date": "2026-03-02", "end_date": "2026-03-01"}, ["trades", "entries"]),
    ("trader", {"trader": "ana"}, ["trades", "entries"]),
    ("product", {"product": "999999"}, ["trades"]),
    ("tag", {"tag": "999999"}, ["trades"]),
    ("side", {"side": "up"}, ["trades"]),
    ("q", {"q": "x" * 201}, ["entries"]),
]


@pytest.mark.parametrize(
    ("what", "field", "params"),
    [(what, field, params) for field, params, names in BAD for what in names],
)
def test_a_bad_parameter_is_refused_by_name(desk, as_user, what, field, params):
    answer = as_user(desk.ana).get(f"{URL}/{what}", params)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_more_rows_than_excel_holds_are_refused(desk, as_user, export, monkeypatch):
    for _ in range(3):
        make_trade(desk.ana)
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 4)
    assert len(export(desk.ana, "trades", format="xlsx")) == 3
    make_trade(desk.ana)
    answer = as_user(desk.ana).get(f"{URL}/trades", {"format": "xlsx"})
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_rows")
    assert len(export(desk.ana, "trades")) == 4


@both
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_fails_at_once_is_told_as_json(desk, as_user, monkeypatch, what, kind):
    def broken(rows):
        raise OperationalError("gone")

    monkeypatch.setattr(exports, "_read", broken)
    answer = as_user(desk.ana).get(f"{URL}/{what}", {"format": kind})
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/json")


@both
def test_costs_the_same_however_long(desk, as_user, journal, django_assert_num_queries, what):
    client = as_user(desk.ana)
    for size in (1, 20):
        for _ in range(size):
            trade = make_trade(desk.ana)
            journal(desk.ana)("post", f"trades/{trade.id}/tags", {"tags": [6, 30]})
            journal(desk.ana)("post", "entries", {**WORDS, "tags": [7]}, status=201)
        make_account(desk.ana.trader)
        with django_assert_num_queries(4):  # scope, tags, rows, name
            client.get(f"{URL}/{what}").getvalue()
        with django_assert_num_queries(5):  # and how many
            client.get(f"{URL}/{what}", {"format": "xlsx"}).getvalue()


def test_nothing_written_is_a_formula(desk, export, as_user, journal):
    ask, trade = journal(desk.ana), make_trade(desk.ana, pnl="-12.345")
    for text in (EVIL, "+1", "-1+1", "@x", "\tx", "＝1", "#N/A", "- a list"):  # noqa: RUF001
        ask("patch", f"trades/{trade.id}/notes", {"notes": text})
        (row,) = export(desk.ana, "trades")
        assert row["notes"] == (text if text == "#N/A" else f"'{text}")
        assert row["pnl_usd"] == "-12.34"  # a number is none
        data = as_user(desk.ana).get(f"{URL}/trades", {"format": "xlsx"}).getvalue()
        sheet = load_workbook(io.BytesIO(data)).active
        cell = sheet.cell(2, sheet.max_column)
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_excel_takes_any_text(desk):
    long = "x" * 32_766 + "😀" + "y" * 10
    columns = [Column("a", cells=2), Column("b"), Column("n", Kind.MONEY)]
    rows = [(long, long, Decimal("0.125")), ("bell\x07\ufffe", None, Decimal("-0.001"))]
    with as_excel(Table(columns, rows, lambda: 2), title="T") as file:
        book = load_workbook(file)
    header, first, second = book["T"].values
    assert header == ("a", "a_2", "b", "n")
    assert first == ("x" * 32_766, "😀" + "y" * 10, "x" * 32_765 + "…", 0.12)
    assert second == ("bell", None, None, 0)


def as_closed_excel(table):
    with as_excel(table, title="T"):
        return ()


@pytest.mark.parametrize("made", [as_csv, as_closed_excel])
def test_memory_stays_flat(made):
    columns = [Column("text"), Column("usd", Kind.MONEY), Column("at", Kind.INSTANT)]

    def peak(size: int) -> int:
        rows = repeat(("word " * 40, Decimal("12.345"), AT), size)
        tracemalloc.start()
        for _ in made(Table(columns, rows, lambda: size)):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)
    assert peak(20_000) < 1.5 * peak(2_000) + 200_000


def test_rows_come_by_a_cursor_of_the_server(desk, as_user, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(spreadsheet, "LINES_AT_ONCE", 2)
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 2)
    for _ in range(7):
        make_trade(desk.ana)
    client = as_user(desk.ana)
    with django_assert_num_queries(4):
        answer = client.get(f"{URL}/trades")
        assert answer.streaming
        assert sum(1 for _ in answer) == 4

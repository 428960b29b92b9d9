"""The list of closed trades: filters, order, pages."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.access import own_journal
from journal import actions
from tests.factories import AT, make_contract, make_trade
from tests.personal.conftest import held_notes, of
from tests.seeded import seed_books

URL = "trades"


def ids(answer):
    return [row["id"] for row in answer["data"]]


def listed(trades):
    return [str(trade.id) for trade in trades]


@pytest.mark.parametrize("seed", range(3))
def test_filters_and_orders_like_the_slow_way(desk, ask, seed):
    books = seed_books(desk, seed)
    mine = of(desk.ana, books)
    assert len(mine) > 10

    whole = ask(desk.ana, URL)
    assert ids(whole) == listed(reversed(mine))
    held = held_notes(mine)
    assert whole["meta"]["notes"][: len(held)] == held
    assert all(note.startswith("mae and mfe of") for note in whole["meta"]["notes"][len(held) :])
    assert ids(ask(desk.ana, URL, sort="closed_at")) == listed(mine)

    by_pnl = sorted((t for t in mine if t.pnl_usd is not None), key=lambda t: t.pnl_usd)
    held = [t for t in mine if t.pnl_usd is None]
    assert ids(ask(desk.ana, URL, sort="pnl")) == listed([*by_pnl, *held])
    assert ids(ask(desk.ana, URL, sort="-pnl")) == listed([*reversed(by_pnl), *reversed(held)])

    es = make_contract("ES").product_id
    some = of(desk.ana, books, products=(es,), within=(date(2026, 3, 5), date(2026, 3, 11)))
    asked = {"product": es, "start_date": "2026-03-05", "end_date": "2026-03-11", "side": "short"}
    assert ids(ask(desk.ana, URL, **asked)) == listed(t for t in reversed(some) if t.side == -1)
    assert ids(ask(desk.ana, URL, sim="true")) == listed(
        reversed(of(desk.ana, books, sim=True)),
    )


def test_pages_hold_every_trade_once(desk, ask):
    mine = of(desk.ana, seed_books(desk, 7))

    pages, number = [], 1
    while True:
        found = ask(desk.ana, URL, page=number, page_size=4, sort="pnl")
        pages += ids(found)
        assert found["meta"]["count"] == len(mine)
        assert (found["meta"]["previous"] is None) == (number == 1)
        if found["meta"]["next"] is None:
            break
        number += 1
    assert sorted(pages) == sorted(listed(mine))
    assert number == -(-len(mine) // 4)


def test_a_page_behind_the_last_is_empty(desk, ask):
    make_trade(desk.ana)
    assert ask(desk.ana, URL, page=9)["data"] == []


def test_a_row(desk, ask):
    trade = make_trade(desk.ana, pnl="-12.50", quantity=2, side=-1)

    (row,) = ask(desk.ana, URL)["data"]
    assert row == {
        "id": str(trade.id),
        "product": "ES",
        "product_id": trade.product_id,
        "contract": "ES Mar26",
        "side": "short",
        "quantity": 2,
        "opened_at": trade.opened_at.isoformat().replace("+00:00", "Z"),
        "closed_at": trade.closed_at.isoformat().replace("+00:00", "Z"),
        "entry_price": 100.0,
        "exit_price": 100.125,
        "gross_pnl": -12.5,
        "fees": 0.0,
        "pnl": -12.5,
        "mae": None,
        "mfe": None,
        "tags": [],
        "has_notes": False,
    }


def test_a_held_trade_is_listed_without_money(desk, ask):
    make_trade(desk.ana, symbol="FGBL")

    found = ask(desk.ana, URL)
    (row,) = found["data"]
    assert row["gross_pnl"] is row["fees"] is row["pnl"] is None
    assert found["meta"]["notes"][0] == "1 trade is held back: no EUR rate for 2026-03-02"


def test_tags_and_notes_show_and_choose(desk, ask):
    bare, tagged, custom, noted = (make_trade(desk.ana, day=day) for day in (2, 3, 4, 5))
    journal = own_journal(desk.ana)
    made = actions.make_tag(journal=journal, name="Failed first", parent_id=6)
    for trade, tag in ((tagged, 7), (custom, made.id), (noted, 30)):
        actions.add_tags(journal=journal, trade_id=trade.id, tag_ids=[tag], field="tags", at=AT)
    actions.write_note(journal=journal, trade_id=noted.id, text="Too early", at=AT)

    rows = {row["id"]: row for row in ask(desk.ana, URL)["data"]}
    assert rows[str(custom.id)]["tags"] == [made.id]
    assert [rows[str(one.id)]["has_notes"] for one in (bare, noted)] == [False, True]
    detail = ask(desk.ana, f"{URL}/{noted.id}")["data"]
    assert (detail["tags"], detail["notes"], detail["images"]) == ([30], "Too early", [])

    def chosen(**asked):
        return set(ids(ask(desk.ana, URL, **asked)))

    assert chosen(tag=7) == set(listed([tagged]))
    assert chosen(tag=6) == chosen(tag=made.id) == set(listed([custom]))
    assert chosen(tag=1) == set(listed([tagged, custom]))
    assert chosen(tag=[7, 30]) == set(listed([tagged, noted]))
    assert chosen(untagged="true") == set(listed([bare]))
    assert chosen(untagged="true", tag=30) == set(listed([bare, noted]))
    assert chosen(untagged="false") == set(rows)
    assert chosen(tag=5, side="short") == set()


@pytest.mark.parametrize("tag", ["999999", "x", "0", ""])
def test_an_unknown_tag_is_refused_by_name(desk, as_user, tag):
    answer = as_user(desk.ana).get("/api/v1/personal/trades", {"tag": tag})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["tag"])


def test_a_custom_tag_of_another_is_as_unknown(desk, as_user):
    made = actions.make_tag(journal=own_journal(desk.bo), name="Mine", parent_id=6)
    for user, trader, status in (
        (desk.ana, {}, 400),
        (desk.cora, {"trader": desk.bo.trader_id}, 200),
    ):
        answer = as_user(user).get("/api/v1/personal/trades", {"tag": made.id, **trader})
        assert answer.status_code == status

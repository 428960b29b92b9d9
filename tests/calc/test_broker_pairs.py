"""Two brokers' own pairing of their fills, against ours of the same fills.

A broker pairs a sell that came first with a later buy, and one sell fill with three buys; which
lots meet differs, so totals are compared, and pair by pair where a pair stands alone.
"""

from __future__ import annotations

from decimal import Decimal

from tests.calc.real import dollars, gross_usd, matched, stamp, table

MES, MNQ = "5", "2"  # USD per point


def test_tradovate_export_is_seven_trades_and_loses_50():
    signs = {"Buy": 1, "Sell": -1}
    found = matched(
        [
            (
                row["contractName"],
                stamp(row["timestamp"]),
                signs[row["action"]] * int(row["qty"]),
                row["price"],
            )
            for row in table("stephenkgli_tradovate_export.csv")
        ]
    )
    pairs = table("stephenkgli_tradovate_performance.csv")

    assert found.cycles.closed.tolist() == [True] * 7
    assert sum(found.cycles.quantity.tolist()) == sum(int(pair["qty"]) for pair in pairs) == 10
    assert sum(gross_usd(found, MES)) == sum(dollars(pair["pnl"]) for pair in pairs) == -50


def test_each_tradovate_pair_alone_is_what_the_broker_says():
    for pair in table("stephenkgli_tradovate_performance.csv"):
        found = matched(
            [
                ("MES", stamp(pair["boughtTimestamp"]), int(pair["qty"]), pair["buyPrice"]),
                ("MES", stamp(pair["soldTimestamp"]), -int(pair["qty"]), pair["sellPrice"]),
            ]
        )
        assert gross_usd(found, MES) == [dollars(pair["pnl"])]


def test_tradetally_pairs_lose_218():
    pairs = table("tradetally_tradovate_pairs.csv")
    fills = []
    for pair in pairs:
        quantity = int(pair["Paired Qty"])
        bought = (pair["Contract"], stamp(pair["Bought Timestamp"]), quantity, pair["Buy Price"])
        sold = (pair["Contract"], stamp(pair["Sold Timestamp"]), -quantity, pair["Sell Price"])
        assert gross_usd(matched([bought, sold]), MNQ) == [dollars(pair["P/L"])]
        fills += [bought, sold]
    found = matched(fills)

    assert found.cycles.closed.all()
    assert sum(gross_usd(found, MNQ)) == sum(dollars(pair["P/L"]) for pair in pairs)
    assert sum(gross_usd(found, MNQ)) == Decimal("-218.00")

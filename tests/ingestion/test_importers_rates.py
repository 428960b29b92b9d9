"""Files of daily rates."""

from datetime import date
from decimal import Decimal

import pytest

from ingestion.importers.rates import FxRate, read_fx
from ingestion.importers.table import BadLine, FileRefused


def test_rates():
    text = (
        "date,currency,usd_per_unit\n2026-03-02,eur,1.0834\n2026-03-02,JPY,0.0066523170\n"
        "2026-03-02,EUR,1.09\n2026-03-02,GBP,0\n02.03.2026,GBP,1.3\n2026-03-02,POUND,1.3\n"
        "2026-03-03,GBP,inf\n2026-03-03,GBP,1.12345678901\n2026-03-03,GBP,\n"
    )
    good, bad = [], []
    for item in read_fx(text):
        (bad if isinstance(item, BadLine) else good).append(item)
    assert good == [
        FxRate(date(2026, 3, 2), "EUR", Decimal("1.0834")),
        FxRate(date(2026, 3, 2), "JPY", Decimal("0.0066523170")),
        FxRate(date(2026, 3, 3), "GBP", Decimal("1.1234567890")),
    ]
    assert [(item.line, item.reason) for item in bad] == [
        (4, "EUR comes twice on 2026-03-02"),
        (5, "usd_per_unit is out of range: 0"),
        (6, "no such day: '02.03.2026' (write 2026-03-02)"),
        (7, "currency is no three-letter code: 'POUND'"),
        (8, "usd_per_unit is not finite: inf"),
        (10, "usdperunit is missing"),
    ]
    with pytest.raises(FileRefused, match="needs the columns currency"):
        list(read_fx("date,usd_per_unit\n"))

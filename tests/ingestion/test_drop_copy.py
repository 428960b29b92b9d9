"""A second feed of fills by file: kept once, compared by volume."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from ingestion.models import ImportRun, QuarantinedRow
from ledger.models import Fill, ReconciledDay, ReconcileDue, SecondFill
from ledger.reconciliation import check, keep
from tests.ledger.conftest import books as books

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 10, tzinfo=UTC)
HEAD = "account,exec_id,contract,side,quantity,price,executed_at\n"
GOOD = (
    "A1,d1,ES Mar26,buy,2,5000,2026-03-02T14:30:00Z\n"
    "A1,d2,ES Mar26,sell,2,5001,2026-03-02T15:00:00Z\n"
)


@pytest.fixture
def traded(books):
    books.record(
        books.buy(2, at="2026-03-02 14:30:00"), books.sell(2, at="2026-03-02 15:00:00"),
        books.buy(1, at="2026-03-04 14:30:00"), books.sell(1, at="2026-03-04 15:00:00"),
    )  # fmt: skip
    return books


def bring(tmp_path, capsys, rows, **given):
    path = tmp_path / "drop.csv"
    path.write_text(HEAD + rows)
    call_command("import_drop_copy", str(path), **given)
    return capsys.readouterr().out


def states():
    return {
        (row.contract.name, row.day.day): row.state
        for row in ReconciledDay.objects.select_related("contract")
    }


def test_equal_volumes_are_well_and_a_second_run_changes_nothing(traded, tmp_path, capsys):
    keep(at=AT)
    assert "2 fills read, 2 new, 0 known already, 0 rejected" in bring(tmp_path, capsys, GOOD)
    keep(at=AT)
    row = ReconciledDay.objects.get(day=date(2026, 3, 2))
    assert (row.state, row.second_bought, row.second_sold) == ("flat", 2, 2)
    assert ReconciledDay.objects.get(day=date(2026, 3, 4)).second_bought is None

    assert "0 new, 2 known already" in bring(tmp_path, capsys, GOOD)
    assert not ReconcileDue.objects.exists()
    assert SecondFill.objects.count() == 2
    assert Fill.objects.count() == 4


def test_one_more_lot_is_a_mismatch_and_so_is_a_day_that_it_does_not_tell(traded, tmp_path, capsys):
    rows = GOOD.replace("buy,2", "buy,3") + "A1,d9,CL Apr26,buy,1,70,2026-03-05T10:00:00Z\n"
    bring(tmp_path, capsys, rows)
    keep(at=AT)

    assert states() == {
        ("ES Mar26", 2): "mismatch", ("ES Mar26", 4): "mismatch", ("CL Apr26", 5): "mismatch",
    }  # fmt: skip
    row = ReconciledDay.objects.get(day=date(2026, 3, 2))
    assert row.reason == "the second feed bought 3 and sold 2, the books 2 and 2"
    assert check(at=AT).changed == 0

    SecondFill.objects.filter(identity="d1").update(quantity=2)
    check(at=AT)
    assert states()["ES Mar26", 2] == "flat"


def test_a_lost_fill_of_ours_is_found(traded, tmp_path, capsys):
    bring(tmp_path, capsys, GOOD)
    Fill.objects.filter(executed_ns__gt=0, side=-1, quantity=2).delete()
    check(at=AT)
    assert ReconciledDay.objects.get(day=date(2026, 3, 2)).state == "skipped"

    from ledger.rebuild import rebuild

    rebuild(at=AT)
    keep(at=AT)
    row = ReconciledDay.objects.get(day=date(2026, 3, 2))
    assert row.state == "mismatch"
    assert "the books 2 and 0" in row.reason


def test_a_day_that_was_not_over_when_the_file_came_is_not_compared(traded, tmp_path, capsys):
    bring(tmp_path, capsys, GOOD)
    SecondFill.objects.update(stored_at=datetime(2026, 3, 2, 20, tzinfo=UTC), quantity=9)
    check(at=AT)
    assert states()["ES Mar26", 2] == "flat"


def test_what_cannot_be_used_is_rejected_with_its_reason(traded, tmp_path, capsys):
    rows = (
        "A9,x1,ES Mar26,buy,1,1,2026-03-02T14:30:00Z\n"
        "A1,x2,QQQ Mar26,buy,1,1,2026-03-02T14:30:00Z\n"
        "A1,x3,ES Mar26,hold,1,1,2026-03-02T14:30:00Z\n"
    )
    out = bring(tmp_path, capsys, rows + GOOD)
    assert "5 fills read, 2 new, 0 known already, 3 rejected" in out
    assert "no account A9" in out
    assert QuarantinedRow.objects.filter(stream="drop_copy").count() == 3
    changed = bring(tmp_path, capsys, GOOD.replace("A1,d1,ES Mar26,buy,2", "A1,d1,ES Mar26,buy,5"))
    assert "1 known already, 1 rejected" in changed
    assert "contradicts the kept execution d1" in changed


def test_a_dry_run_stores_nothing(traded, tmp_path, capsys):
    assert "2 new" in bring(tmp_path, capsys, GOOD, dry_run=True)
    assert not SecondFill.objects.exists()
    assert not ImportRun.objects.exists()
    with pytest.raises(CommandError, match="whose accounts"):
        bring(tmp_path, capsys, GOOD, environment="elsewhere")

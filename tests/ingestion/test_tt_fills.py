"""Fills of TT's ledger: every one once, and no answer taken for an end that is none."""

import json
from decimal import Decimal

import pytest

from ingestion.poll.reading import read_window
from ingestion.providers.base import ProviderDown, ProviderError, StampFull, WindowTooLarge
from ingestion.providers.tt import TT
from tests.ingestion.fake_tt import Answer, Clock, FakeTT, open_session, tt_row

FILLS = "/ttledger/env/fills"
T0 = 1_760_000_000_000_000_000
SECOND = 1_000_000_000


@pytest.fixture
def fake():
    server = FakeTT()
    yield server
    server.close()


@pytest.fixture
def tt(fake):
    with open_session(fake.url, Clock(), tries=2) as session:
        yield TT(session)


def ledger(rows, limit=500, shuffle=False, says_last=True):
    """TT's fills as a function of the query, oldest first and at most `limit`."""

    def answer(query):
        low, high = int(query["minTimestamp"]), int(query["maxTimestamp"])
        found = [row for row in rows if low <= int(row["timeStamp"]) <= high]
        found.sort(key=lambda row: int(row["timeStamp"]))
        page = found[:limit]
        last = says_last or len(found) <= limit
        return Answer(
            {"status": "Ok", "fills": page[::-1] if shuffle else page, "lastPage": str(last)}
        )

    return answer


def read_all(tt, until=T0 + 10_000 * SECOND):
    fills, misfits, cursor, pages = [], [], None, 0
    while True:
        page = tt.list_fills(T0, until, cursor)
        fills += page.items
        misfits += page.misfits
        pages += 1
        if (cursor := page.next_cursor) is None:
            return fills, misfits, pages
        assert isinstance(cursor, str)
        assert pages < 50


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("says_last", [False, True])
def test_every_fill_once_when_a_stamp_straddles_the_page(fake, tt, shuffle, says_last):
    stamps = [T0 + (n // 7) * SECOND for n in range(1234)]  # seven fills share each stamp
    rows = [tt_row(n, stamp) for n, stamp in enumerate(stamps)]
    fake.on(FILLS, ledger(rows, shuffle=shuffle, says_last=says_last))
    fills, misfits, pages = read_all(tt)
    assert sorted(fill.exec_id for fill in fills) == sorted(row["uniqueExecId"] for row in rows)
    assert (misfits, pages) == ([], 3)
    starts = [int(call.query["minTimestamp"]) for call in fake.calls(FILLS)]
    assert starts[1] in stamps


def test_exactly_one_full_page_is_asked_on(fake, tt):
    fake.on(FILLS, ledger([tt_row(n, T0 + n) for n in range(500)]))
    fills, _, pages = read_all(tt)
    assert (len(fills), pages) == (500, 2)


def test_a_full_stamp_is_read_past_when_an_operator_says_so(fake, tt):
    full = T0 + 400
    rows = [tt_row(n, T0 + n) for n in range(400)]
    rows += [tt_row(1000 + n, full) for n in range(501)]
    rows += [tt_row(2000 + n, full + 1 + n) for n in range(600)]
    fake.on(FILLS, ledger(rows))
    with pytest.raises(StampFull) as caught:
        read_window(tt, T0, T0 + SECOND)
    assert caught.value.stamp_ns == full
    read = read_window(tt, T0, T0 + SECOND, past={full})
    assert len({fill.exec_id for fill in read.fills}) == 400 + 500 + 600
    (gap,) = read.misfits
    assert gap.raw == {"timeStamp": str(full), "rows": 500}
    assert "fills may be missing" in gap.reason


@pytest.mark.parametrize("count", [500, 501])
def test_a_full_page_of_one_stamp_says_what_to_do(fake, tt, count):
    fake.on(FILLS, ledger([tt_row(n, T0 + 5) for n in range(count)]))
    with pytest.raises(ProviderError, match=rf"one stamp {T0 + 5}.*import_fills"):
        read_all(tt)


def test_a_stamp_that_fills_the_second_page_is_found_too(fake, tt):
    rows = [tt_row(n, T0 + n) for n in range(400)]
    rows += [tt_row(1000 + n, T0 + 400) for n in range(501)]
    fake.on(FILLS, ledger(rows))
    with pytest.raises(ProviderError, match="one stamp"):
        read_all(tt)


def test_a_repeat_with_another_content_is_passed_on(fake, tt):
    rows = [tt_row(n, T0 + n) for n in range(500)]
    first = Answer({"fills": rows, "lastPage": "true"})
    changed = {**rows[-1], "lastPx": 1}
    second = Answer({"fills": [rows[-1], changed], "lastPage": "true"})
    fake.on(FILLS, first, second)
    fills, _, _ = read_all(tt)
    assert [fill.price for fill in fills if fill.exec_id == "exec-499"] == [
        Decimal("5000.25"),
        Decimal(1),
    ]


def test_an_answer_that_forgets_what_it_gave_is_a_missing_page(fake, tt):
    rows = [tt_row(n, T0 + n) for n in range(700)]
    fake.on(FILLS, ledger(rows), Answer({"fills": rows[650:], "lastPage": "true"}))
    with pytest.raises(ProviderDown, match="page is missing"):
        read_all(tt)


def test_a_page_that_only_promises_more_does_not_end(fake, tt):
    rows = [tt_row(n, T0 + n) for n in range(3)]
    promising = ledger(rows)
    fake.on(FILLS, lambda query: Answer({**promising(query).body, "lastPage": "false"}))
    with pytest.raises(ProviderDown, match="promised"):
        read_all(tt)


@pytest.mark.parametrize(
    "body",
    [
        {"lastPage": "true"},
        {"fills": None, "lastPage": "true"},
        {"fills": {}, "lastPage": "true"},
        {"fills": []},
        {"fills": [], "lastPage": None},
        {"fills": [], "lastPage": "false"},
    ],
)
def test_an_incomplete_answer_is_never_an_end(fake, tt, body):
    fake.on(FILLS, Answer(body))
    with pytest.raises(ProviderError):
        tt.list_fills(T0, T0 + SECOND, None)


def test_a_refused_answer_is_asked_for_again(fake, tt):
    rows = [tt_row(n, T0 + n) for n in range(700)]
    whole = ledger(rows)
    previous = Answer({"fills": rows[:500], "lastPage": "true"})
    nothing = Answer({"fills": [], "lastPage": "true"})
    fake.on(FILLS, whole, previous, nothing, Answer({"lastPage": "true"}), whole)
    fills, _, pages = read_all(tt)
    assert ({fill.exec_id for fill in fills}, pages) == ({f"exec-{n}" for n in range(700)}, 2)


def test_nothing_in_a_wide_window_is_confirmed(fake, tt):
    rows = [tt_row(n, T0 + n) for n in range(7)]
    fake.on(FILLS, Answer({"fills": [], "lastPage": "true"}), ledger(rows))
    assert len(read_all(tt)[0]) == 7
    fake.on(FILLS, Answer({"fills": [], "lastPage": "true"}))
    assert read_all(tt) == ([], [], 1)


def test_an_empty_window(fake, tt):
    fake.on(FILLS, Answer({"fills": [], "lastPage": "true"}))
    page = tt.list_fills(T0, T0 + SECOND, None)
    assert (page.items, page.misfits, page.next_cursor) == ((), (), None)
    (call,) = fake.calls(FILLS)
    assert int(call.query["minTimestamp"]) == T0
    assert int(call.query["maxTimestamp"]) == T0 + SECOND


def test_poison_rows_are_kept_beside_the_good_ones(fake, tt):
    good = tt_row(1, T0 + 1)
    body = json.dumps({"fills": [good, tt_row(2, T0), 7], "lastPage": "true"})
    body = body.replace('"exec-2"', '"exec\\u0000"').replace("5000.25", "NaN", 1)
    fake.on(FILLS, Answer(raw=body.encode()))
    page = tt.list_fills(T0, T0 + SECOND, None)
    assert page.items == ()
    assert [misfit.reason for misfit in page.misfits] == [
        "lastPx is not finite: NaN",
        "uniqueExecId holds a character that cannot be kept: exec\\u0000",
        "the row is not an object",
    ]


def test_poison_stamps_do_not_carry_the_reading_away(fake, tt):
    rows = [tt_row(n, T0 + n) for n in range(600)]
    poison = [tt_row("far", T0 * 2), {**tt_row("nan", 1), "timeStamp": "NaN"}]
    page = Answer({"fills": [*poison, *rows[:498]], "lastPage": "true"})
    fake.on(FILLS, page, ledger(rows))
    fills, misfits, _ = read_all(tt)
    assert {f"exec-{n}" for n in range(600)} <= {fill.exec_id for fill in fills}
    assert len(misfits) == 1


@pytest.mark.parametrize("status", [408, 504])
def test_a_window_too_large(fake, tt, status):
    fake.on(FILLS, Answer(status=status))
    with pytest.raises(WindowTooLarge):
        tt.list_fills(T0, T0 + SECOND, None)


@pytest.mark.parametrize("cursor", ["", "junk", "{}", '{"from": "x", "seen": []}', "[]"])
def test_a_foreign_cursor_is_refused(tt, cursor):
    with pytest.raises(ProviderError, match="not one of ours"):
        tt.list_fills(T0, T0 + SECOND, cursor)


def test_market_numbers_are_looked_up_once(fake, tt):
    fake.on("/ttpds/env/markets", Answer({"markets": [{"id": 7, "name": "ALGO"}]}))
    rows = [tt_row(1, T0, marketId=7), tt_row(2, T0, marketId="CME")]
    fake.on(FILLS, Answer({"fills": rows, "lastPage": "true"}))
    for _ in range(2):
        page = tt.list_fills(T0, T0 + SECOND, None)
        assert [fill.synthetic for fill in page.items] == [True, False]
    assert len(fake.calls("/ttpds/env/markets")) == 1


def test_changed_words_stop_the_reading(fake, tt):
    fake.on("/ttledger/env/orderdata", Answer({"orderData": {"side": {"1": "SELL", "2": "BUY"}}}))
    with pytest.raises(ProviderError, match="no longer BUY"):
        tt.list_fills(T0, T0 + SECOND, None)

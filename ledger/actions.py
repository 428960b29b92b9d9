"""Everything that changes the books. Each action locks its accounts first and may be repeated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction

from common.clock import NS_PER_DAY
from futures.actions import set_rates
from futures.bars import BarColumns, NewBar, StoredBars, store_bars
from futures.models import Contract
from ledger import due, effective, staging
from ledger.fold import refold
from ledger.fold.facts import number_of
from ledger.history.because import Because, Cause, Key
from ledger.models import Reason, State
from ledger.succession import FillKey
from ledger.words import BEGINNING_NS, NewFill, Place, Recorded
from traders.actions import Moved


@transaction.atomic
def record_fills(fills: Sequence[NewFill], *, at: datetime) -> Recorded:
    """Bring reported fills into the books, each exactly once, and match what they change.

    One transaction: fills, trades, positions and day results move together or not at all. A row
    known already is counted and left; one that contradicts what is known comes back in `conflicts`.
    ValueError when a price or fee is finer than the books keep.
    """
    if not fills:
        return Recorded()
    lock_accounts({fill.account_id for fill in fills})
    staging.stage(fills, _point_values({fill.contract_id for fill in fills}))
    duplicate, contradicting = staging.drop_repeats(fills)
    new, waiting = staging.insert(at)
    if waiting:
        due.to_reconcile(staging.waiting_days())
    settled = effective.settle_batch() if new else effective.NOTHING_SETTLED
    trades = refold(
        staging.touched() + settled.places if new else [],
        Because(at, Reason.LATE, lambda booked: [*staging.late(booked), *settled.causes]),
        before=lambda: {**settled.counted, **staging.fresh()},
    )
    conflicts = tuple(fills[line] for line in sorted(contradicting))
    return Recorded(new, duplicate - len(conflicts), conflicts, waiting, trades)


@transaction.atomic
def record_bars(bars: Iterable[NewBar] | BarColumns) -> StoredBars:
    """Store one-minute bars; the candles of the days that they change are due in the same deed.

    ValueError when a price is finer than the books keep.
    """
    stored = store_bars(bars)
    due.of_bars(stored.touched)
    return stored


@transaction.atomic
def record_rates(
    rates: Iterable[tuple[str, date, Decimal]], *, source: str
) -> list[tuple[str, date, bool]]:
    """Store daily rates, USD per unit; the candles of what was held on these days are due.

    Returns (currency, day, was new) of those that changed; results that waited for them want
    `release_held`. ValueError at a rate that is not finite or not above zero.
    """
    changed = set_rates(rates, source=source)
    due.of_rates((currency, day) for currency, day, _ in changed)
    return changed


@transaction.atomic
def resolve_instrument(
    *,
    platform_id: int,
    environment: str,
    instrument_id: str,
    contract_id: int | None,
    is_option: bool,
    at: datetime,
) -> int:
    """Give the waiting fills of an instrument their contract; return how many became usable.

    Options are put aside for good. Fills stay waiting while the contract has no point value.
    """  # fmt: skip
    if contract_id is None and not is_option:
        return 0
    state, reason = State.USABLE, ""
    if is_option:
        state, reason = State.EXCLUDED, "option"
    elif not _point_values({contract_id})[contract_id or 0]:
        state, reason = State.WAITING, "the point value of its contract is not known"
    ours = (
        "f.state = 'waiting' AND f.kind <> 'spread' AND f.contract_id IS NULL "
        "AND f.instrument_id = %s AND a.platform_id = %s AND a.environment = %s"
    )
    given = [instrument_id, platform_id, environment]
    released = _release(ours, given, state, reason, contract_id)
    if state is not State.USABLE:
        return 0
    because = Because(at, Reason.INSTRUMENT, lambda booked: _overdue(released, booked, at))
    _fold_again([one.place for one in released], because, released)
    return len(released)


@transaction.atomic
def release_contract(*, contract_id: int, at: datetime) -> int:
    """Use the fills that waited for the contract's point value; price its trades by today's one.

    Returns how many fills became usable.
    """
    if not _point_values({contract_id})[contract_id]:
        return 0
    ours = "f.state = 'waiting' AND f.kind <> 'spread' AND f.contract_id = %s"
    released = _release(ours, [contract_id], State.USABLE, "", contract_id)
    booked = _rows(
        "SELECT account_id, contract_id FROM ledger_position WHERE contract_id = %s", [contract_id]
    )
    repriced = [Cause._make((*row, BEGINNING_NS, None, None, Reason.INSTRUMENT)) for row in booked]
    _fold_again(
        [*(one.place for one in released), *(Place(*row) for row in booked)],
        Because(at, Reason.INSTRUMENT, lambda known: [*repriced, *_overdue(released, known, at)]),
        released,
    )
    due.of_contract(contract_id)
    return len(released)


@transaction.atomic
def release_held(
    *, currency: str | None = None, days: Collection[date] | None = None, at: datetime
) -> int:
    """Price what a daily rate held back, or what an edited rate changes; return trades changed.

    Without `days`, whatever is held back in the currency (or in any) is tried.
    """
    if days is None:
        sql = """
            SELECT account_id, contract_id, min(opened_ns) FROM (
                SELECT account_id, contract_id, opened_ns FROM ledger_trade
                WHERE pnl_usd IS NULL AND NOT is_copied
                UNION ALL
                SELECT account_id, contract_id, opened_ns FROM ledger_position WHERE held <> ''
            ) h JOIN futures_contract c ON c.id = h.contract_id
            WHERE %s::text IS NULL OR c.currency = %s GROUP BY 1, 2"""
        given: list[Any] = [currency, currency]
    else:
        due.of_rates((currency or "", day) for day in days)
        sql = """
            SELECT d.account_id, d.contract_id, min(d.day) FROM ledger_dayresult d
            JOIN futures_contract c ON c.id = d.contract_id
            WHERE c.currency = %s AND d.day = ANY(%s) GROUP BY 1, 2"""
        given = [currency, list(days)]
    return _fold_again(
        [
            Place(account, contract, first if days is None else number_of(first) * NS_PER_DAY)
            for account, contract, first in _rows(sql, given)
        ],
        Because(at, Reason.RATE),
    )


@transaction.atomic
def reprice_fees(*, group_id: int, product_id: int, from_day: date, at: datetime) -> int:
    """Fold anew what a changed fee schedule touches; return trades changed."""
    touched = _rows(
        """
        SELECT d.account_id, d.contract_id FROM ledger_dayresult d
        JOIN trader_platforms a ON a.id = d.account_id JOIN traders t ON t.id = a.trader_id
        WHERE t.group_id = %s AND d.product_id = %s AND d.day >= %s GROUP BY 1, 2""",
        [group_id, product_id, from_day],
    )
    start = number_of(from_day) * NS_PER_DAY
    return _fold_again(
        [Place(account, contract, start) for account, contract in touched],
        Because(at, Reason.FEES),
    )


@transaction.atomic
def refold_accounts(account_ids: Collection[int], *, at: datetime) -> int:
    """Fold anew the books of accounts whose group's terms are others now; return trades changed."""
    booked = _rows(
        "SELECT DISTINCT account_id, contract_id FROM ledger_dayresult WHERE account_id = ANY(%s)",
        [list(account_ids)],
    )
    return _fold_again([Place(*row) for row in booked], Because(at, Reason.TERMS))


@transaction.atomic
def follow_accounts(moved: Moved, *, at: datetime) -> None:
    """Let the books follow accounts that changed hands: other terms, other accounts beside them."""
    if moved.other_terms:
        refold_accounts(moved.account_ids, at=at)
    due.of_traders(moved.trader_ids)


def lock_accounts(account_ids: Collection[int]) -> None:
    """Hold these accounts' books until the transaction ends; in order, against deadlocks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM trader_platforms WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [sorted(account_ids)],
        )


class _Released(NamedTuple):
    """A fill that counts and did not before, since it was stored."""

    place: Place
    stored_at: datetime


def _fold_again(places: list[Place], because: Because, released: Sequence[_Released] = ()) -> int:
    """Lock the accounts of these places and fold them; return trades changed."""
    lock_accounts({place.account_id for place in places})
    before = {FillKey(one.account_id, one.exec_id, one.leg_index): False for one, _ in released}
    return refold(places, because, before=lambda: before)


def _overdue(
    released: Sequence[_Released], booked: Mapping[Key, int], at: datetime
) -> Iterator[Cause]:
    """Return the released fills that are no plain growth; waiting for less than a day is none."""
    for place, stored_at in released:
        in_order = place.executed_ns >= booked.get(place[:2], BEGINNING_NS)
        in_time = place.received_ns // NS_PER_DAY <= place.executed_ns // NS_PER_DAY
        if not (in_order and in_time and stored_at.date() == at.date()):
            yield Cause._make((*place[:3], *place[4:], Reason.INSTRUMENT))


def _rows(sql: str, given: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _point_values(contract_ids: Collection[int | None]) -> dict[int, bool]:
    return {
        pk: value is not None
        for pk, value in Contract.objects.filter(
            id__in=[pk for pk in contract_ids if pk is not None]
        ).values_list("id", "point_value")
    }


def _release(
    ours: str, given: list[Any], state: State, reason: str, contract_id: int | None
) -> list[_Released]:
    """Move waiting fills on; return them; their accounts are locked now."""
    source = f"FROM ledger_fill f JOIN trader_platforms a ON a.id = f.account_id WHERE {ours}"
    with connection.cursor() as cursor:
        accounts = [row[0] for row in _rows(f"SELECT DISTINCT f.account_id {source}", given)]
        lock_accounts(accounts)
        # A fill that another writer stored meanwhile, in an account not locked here, goes on
        # waiting: it is released the next time.
        cursor.execute(
            f"""
            UPDATE ledger_fill u SET state = %s, reason = %s, contract_id = %s
            FROM (SELECT f.account_id, f.exec_id, f.leg_index {source}) w
            WHERE u.account_id = w.account_id AND u.exec_id = w.exec_id
                AND u.leg_index = w.leg_index AND u.state = 'waiting'
                AND u.account_id = ANY(%s)
            RETURNING u.account_id, u.contract_id, u.executed_ns, u.received_ns, u.exec_id,
                u.leg_index, u.stored_at""",  # noqa: S608
            [state.value, reason, contract_id, *given, accounts],
        )
        return [_Released(Place(*row[:6]), row[6]) for row in cursor.fetchall()]

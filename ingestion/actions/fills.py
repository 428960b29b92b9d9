"""From a provider's words to the books: accounts and instruments found, misfits put aside."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection as database
from django.db import transaction

from common.clock import from_ns, to_ns
from common.fields import MONEY_PLACES, PRICE_PLACES, to_scaled
from ingestion.models import Connection, Instrument
from ingestion.parse import foreign
from ingestion.providers.base import Action, Fill, Misfit
from ledger.actions import record_fills
from ledger.words import NewFill
from traders.actions import open_account
from traders.models import PlatformAccount

KEEP_RAW = timedelta(days=90)
AHEAD = timedelta(days=1)  # no clock of a provider's is wrong by more
EARLIEST_NS = to_ns(datetime(1990, 1, 1, tzinfo=UTC))  # before it nothing was traded by screen


class Source(NamedTuple):
    """Where rows come from, and the group that their new traders join.

    by  who brings them, as the log names people; "" = the system by itself
    """

    platform_id: int
    environment: str
    group_id: int
    by: str = ""

    @classmethod
    def of(cls, connection: Connection) -> Source:
        return cls(connection.platform_id, connection.environment, connection.group_id)

    @property
    def is_sim(self) -> bool:
        return self.environment.endswith("_sim")


class Known(NamedTuple):
    contract_id: int | None
    is_option: bool
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch came to. `rejected` holds the rows that the books could not take."""

    read: int = 0
    new: int = 0
    duplicate: int = 0
    waiting: int = 0
    trades: int = 0
    rejected: tuple[Misfit, ...] = ()

    def __add__(self, other: Stored) -> Stored:
        return Stored(
            self.read + other.read,
            self.new + other.new,
            self.duplicate + other.duplicate,
            self.waiting + other.waiting,
            self.trades + other.trades,
            self.rejected + other.rejected,
        )


@transaction.atomic
def store_fills(source: Source, fills: Sequence[Fill], *, at: datetime) -> Stored:
    """Bring fills into the books, each exactly once; those that do not fit come back.

    An account that is new opens with its trader; an instrument that is not known yet lets its
    fills wait. The caller quarantines what comes back, in the same transaction.
    """
    rejected: list[Misfit] = []
    fitting: list[Fill] = []
    for fill in fills:
        if reason := fault_of(fill) or mistimed(fill, at=at):
            rejected.append(Misfit(fill.raw, reason))
        else:
            fitting.append(fill)
    accounts = _accounts(source, {fill.account_id for fill in fitting}, at)
    known = _instruments(source, {fill.instrument_id for fill in fitting}, at)
    batch = [_new_fill(fill, accounts, known) for fill in fitting]
    recorded = record_fills(batch, at=at)
    if recorded.conflicts:
        places = {id(row): n for n, row in enumerate(batch)}
        rejected += [
            Misfit(fitting[places[id(row)]].raw, f"contradicts the stored execution {row.exec_id}")
            for row in recorded.conflicts
        ]
    return Stored(
        read=len(fills),
        new=recorded.new,
        duplicate=recorded.duplicate,
        waiting=recorded.waiting,
        trades=recorded.trades,
        rejected=tuple(rejected),
    )


def fault_of(fill: Fill) -> str:
    """Say why the books cannot keep this fill; "" when they can."""
    for name in (fill.exec_id, fill.account_id, fill.instrument_id, fill.ref_exec_id or "-"):
        if not name or foreign.storable(name) != name or len(name) > foreign.LONGEST_NAME:
            return "an identifier is empty, too long or not storable"
    if fill.position_effect and foreign.storable(fill.position_effect) != fill.position_effect:
        return "the position effect is not storable"
    if fill.side not in (1, -1):
        return f"side is {fill.side}"
    if not 0 < fill.quantity <= foreign.MAX_QUANTITY:
        return f"quantity is {fill.quantity}"
    if not 0 <= fill.leg_index < 2**15:
        return f"leg index is {fill.leg_index}"
    for stamp in (fill.exec_time_ns, fill.recv_time_ns):
        if not 0 < stamp <= foreign.INT64_MAX:
            return f"no stamp in nanoseconds: {stamp}"
    if (fill.action is not Action.NEW) != (fill.ref_exec_id is not None):
        return f"{fill.action} with a reference to {fill.ref_exec_id}"
    try:
        to_scaled(fill.price, PRICE_PLACES)
        if fill.fees is not None:
            to_scaled(fill.fees, MONEY_PLACES)
    except (ValueError, ArithmeticError) as error:
        return f"price or fees cannot be kept exactly: {error}"
    return ""


def mistimed(fill: Fill, *, at: datetime) -> str:
    """Say why the moment of this execution cannot be true; "" when it can.

    Booked, it would be the last of its contract for good, and its day one that never ends.
    """
    if fill.exec_time_ns < EARLIEST_NS:
        return f"executed before 1990: {from_ns(fill.exec_time_ns):%Y-%m-%d}"
    if fill.exec_time_ns > to_ns(min(at, from_ns(fill.recv_time_ns)) + AHEAD):
        told = f"executed at {from_ns(fill.exec_time_ns):%Y-%m-%d %H:%M}"
        return f"{told}, which is more than a day after it was received"
    return ""


def keep_raw(connection_id: int, fills: Iterable[Fill], *, at: datetime) -> None:
    """Keep the rows as they were sent; one that is older than 90 days is not kept at all."""
    oldest = to_ns(at - KEEP_RAW)
    rows: dict[uuid.UUID, tuple[str, datetime, str]] = {}
    for fill in fills:
        if fill.recv_time_ns < oldest:
            continue
        text = json.dumps(foreign.storable(fill.raw), sort_keys=True, separators=(",", ":"))
        digest = hashlib.blake2b(f"{connection_id} {text}".encode(), digest_size=16).digest()
        exec_id = str(foreign.storable(fill.exec_id))
        rows[uuid.UUID(bytes=digest)] = (exec_id, from_ns(fill.recv_time_ns), text)
    if not rows:
        return
    with database.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS staged_raw (id uuid, exec_id text, received_at "
            "timestamptz, raw jsonb) ON COMMIT DELETE ROWS"
        )
        cursor.execute("TRUNCATE staged_raw")
        with cursor.copy("COPY staged_raw (id, exec_id, received_at, raw) FROM STDIN") as copy:
            for key, row in rows.items():
                copy.write_row((key, *row))
        cursor.execute(
            "INSERT INTO ingestion_rawfill (id, connection_id, exec_id, received_at, raw) "
            "SELECT id, %s, exec_id, received_at, raw FROM staged_raw ORDER BY received_at, id "
            "ON CONFLICT (id) DO NOTHING",
            [connection_id],
        )


def known_accounts(source: Source, account_ids: Iterable[str]) -> dict[str, int]:
    """Return the ids of those accounts that the house knows."""
    return dict(
        PlatformAccount.objects.filter(
            platform_id=source.platform_id,
            environment=source.environment,
            account__in=list(account_ids),
        ).values_list("account", "id")
    )


def known_instruments(source: Source, instrument_ids: Iterable[str]) -> dict[str, Known]:
    """Return what is known of those instruments that have been met before."""
    rows = Instrument.objects.filter(
        platform_id=source.platform_id,
        environment=source.environment,
        external_id__in=list(instrument_ids),
    )
    return {
        name: Known(contract_id, is_option, state == Instrument.State.KNOWN)
        for name, contract_id, is_option, state in rows.values_list(
            "external_id", "contract_id", "is_option", "state"
        )
    }


def _accounts(source: Source, names: set[str], at: datetime) -> dict[str, int]:
    found = known_accounts(source, names)
    for name in sorted(names - found.keys()):
        opened = open_account(
            platform_id=source.platform_id, environment=source.environment, account=name,
            name="", is_sim=source.is_sim, group_id=source.group_id, by=source.by, at=at,
        )  # fmt: skip
        found[name] = opened.account.pk
    return found


def _instruments(source: Source, names: set[str], at: datetime) -> dict[str, Known]:
    """Return what is known; instruments met for the first time are written down, to be asked for.

    Those not settled yet are locked: whoever settles them waits until these fills are stored, and
    what was settled while we waited for the lock is seen.
    """
    found = known_instruments(source, names)
    open_names = sorted(name for name in names if name not in found or not found[name].is_settled)
    if not open_names:
        return found
    Instrument.objects.bulk_create(
        [
            Instrument(
                platform_id=source.platform_id, environment=source.environment, external_id=name,
                state=Instrument.State.UNKNOWN, reason="not asked for yet", next_try_at=at,
            )
            for name in open_names
            if name not in found
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    rows = Instrument.objects.filter(
        platform_id=source.platform_id, environment=source.environment, external_id__in=open_names
    )
    list(rows.order_by("id").select_for_update(no_key=True).values_list("id", flat=True))
    return known_instruments(source, names)


def _new_fill(fill: Fill, accounts: dict[str, int], known: dict[str, Known]) -> NewFill:
    instrument = known.get(fill.instrument_id, Known(None, is_option=False))
    return NewFill(
        account_id=accounts[fill.account_id],
        exec_id=fill.exec_id,
        leg_index=fill.leg_index,
        ref_exec_id=fill.ref_exec_id,
        action=fill.action.value,
        kind=fill.kind.value,
        synthetic=fill.synthetic,
        instrument_id=fill.instrument_id,
        contract_id=instrument.contract_id,
        is_option=instrument.is_option,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        executed_ns=fill.exec_time_ns,
        received_ns=fill.recv_time_ns,
        fees=fill.fees,
        position_effect=fill.position_effect,
    )

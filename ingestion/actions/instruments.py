"""What an instrument is: settled once, then its waiting fills are used."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import structlog
from django.db import connection as database
from django.db import transaction

from common.clock import from_ns
from futures.actions import ContractFacts, UnfitContract, contract_of_product, upsert_contract
from futures.models import Contract, Product
from ingestion.actions.fills import Source
from ingestion.models import Instrument
from ingestion.parse import contract_names
from ingestion.providers import base
from ledger.actions import release_contract, resolve_instrument
from ledger.models import Fill
from ledger.models import State as FillState

log = structlog.get_logger(__name__)

State = Instrument.State


class UnknownProduct(ValueError):
    """No product of the house has this symbol; the sentence says how to mend it."""


FIRST_WAIT = {
    State.UNKNOWN: timedelta(seconds=20),
    State.UNPRICED: timedelta(minutes=1),
    State.REFUSED: timedelta(hours=1),
}
LONGEST_WAIT = timedelta(hours=6)


@transaction.atomic
def settle_instrument(source: Source, told: base.Instrument, *, at: datetime) -> int:
    """Write down what the provider says of an instrument; return how many fills became usable.

    A future gets its contract, and its product if that is new. One that does not fit the house is
    refused with a reason, and one without a point value is an error for an operator: fills wait.
    """
    row = _locked(source, told.instrument_id, at)
    row.kind, row.is_option, row.facts = told.kind, told.is_option, _facts(told)
    if told.kind == "spread" or told.is_option:
        return _known(source, row, None, at)
    if told.kind != "future":
        return _open(row, State.REFUSED, f"{told.contract} is no future", at)
    try:
        month = _month(told)
        done = upsert_contract(
            ContractFacts(
                name=told.contract,
                symbol=told.product,
                exchange=told.exchange,
                product_name=told.product_name,
                currency=told.currency,
                tick_size=told.tick_size,
                tick_value=told.tick_value,
                point_value=told.point_value,
                expiry_month=month,
                expires_on=told.expires_on,
            )
        )
    except (UnfitContract, contract_names.UnknownName) as reason:
        return _open(row, State.REFUSED, str(reason), at)
    row.notes = "\n".join(done.notes)
    released = _known(source, row, done.contract, at)
    if done.repriced and not done.made:
        released += release_contract(contract_id=done.contract.pk, at=at)
    return released


@transaction.atomic
def unanswered(source: Source, external_id: str, state: State, reason: str, *, at: datetime) -> int:
    """Write down that the provider could not say what an instrument is; ask again later.

    An operator may have given the contract its point value meanwhile: then its fills are used.
    """
    row = _locked(source, external_id, at)
    if row.contract is not None and row.contract.point_value is not None:
        return _known(source, row, row.contract, at)
    return _open(row, state, reason, at)


@transaction.atomic
def name_instrument(source: Source, name: str, *, on: date, at: datetime) -> str:
    """Settle an instrument that a file calls by its contract's name; return "" or what is missing.

    on  a day on which it traded: it settles the decade of a one-digit year
    """
    row = _locked(source, name, at)
    if row.state == State.KNOWN:
        return ""
    row.kind = contract_names.kind_of(name)
    row.is_option = row.kind == "option"
    if row.kind in ("option", "spread"):
        _known(source, row, None, at)
        return ""
    try:
        contract = contract_named(name, on=on)
    except (contract_names.UnknownName, UnknownProduct) as reason:
        _open(row, State.UNKNOWN, str(reason), at)
        return str(reason)
    _known(source, row, contract, at)
    return ""


def contract_named(name: str, *, on: date) -> Contract:
    """Return the contract of that name, in any common form, made of its product where it is new.

    Raises UnknownName, or UnknownProduct with a sentence that says how to mend it.
    """
    read = contract_names.read(name, on=on)
    known = Contract.objects.filter(name=str(read)).first()
    if known is not None and known.point_value is not None:
        return known
    products = list(Product.objects.filter(symbol=read.product))
    if len(products) != 1:
        wanted = "not known" if not products else "known at several exchanges"
        raise UnknownProduct(
            f"product {read.product} of {read} is {wanted}: add it, or the contract {read} "
            "itself, in the admin with its tick size and point value, then import again"
        )
    month = date(read.year, read.month, 1)
    return contract_of_product(products[0], name=str(read), expiry_month=month)


@transaction.atomic
def settle_waiting(*, at: datetime) -> int:
    """Use fills that wait though nothing is missing any more; return how many became usable.

    Only a race or an operator's entry leaves such rows.
    """
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT i.id FROM ledger_fill f
            JOIN trader_platforms a ON a.id = f.account_id
            JOIN ingestion_instrument i ON i.platform_id = a.platform_id
                AND i.environment = a.environment AND i.external_id = f.instrument_id
            LEFT JOIN futures_contract c ON c.id = i.contract_id
            WHERE f.state = 'waiting' AND f.kind <> 'spread'
                AND (i.is_option OR c.point_value IS NOT NULL)"""
        )
        ids = [row[0] for row in cursor.fetchall()]
    rows = Instrument.objects.filter(id__in=ids).order_by("id").select_for_update(no_key=True)
    return sum(
        _known(Source(row.platform_id, row.environment, 0), row, row.contract, at) for row in rows
    )


@transaction.atomic
def name_waiting(*, at: datetime) -> int:
    """Use fills of files whose product is known now; return how many became usable.

    Of a connection's instruments the provider is asked; those of files are named by themselves.
    """
    waiting = Fill.objects.filter(state=FillState.WAITING)
    before = waiting.count()
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.platform_id, i.environment, i.external_id, min(f.executed_ns)
            FROM ledger_fill f JOIN trader_platforms a ON a.id = f.account_id
            JOIN ingestion_instrument i ON i.platform_id = a.platform_id
                AND i.environment = a.environment AND i.external_id = f.instrument_id
            WHERE f.state = 'waiting' AND f.contract_id IS NULL AND i.state = 'unknown'
                AND NOT EXISTS (
                    SELECT FROM ingestion_connection c
                    WHERE c.platform_id = i.platform_id AND c.environment = i.environment
                )
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
        )
        rows = cursor.fetchall()
    for platform_id, environment, name, first_ns in rows:
        source = Source(platform_id, environment, 0)
        name_instrument(source, name, on=from_ns(first_ns).date(), at=at)
    return before - waiting.count()


def _locked(source: Source, external_id: str, at: datetime) -> Instrument:
    """Return the row, made if need be, and hold it: fills that are being stored come first."""
    key: dict[str, Any] = {
        "platform_id": source.platform_id,
        "environment": source.environment,
        "external_id": external_id,
    }
    Instrument.objects.bulk_create(
        [Instrument(**key, state=State.UNKNOWN, next_try_at=at)], ignore_conflicts=True
    )
    row = Instrument.objects.select_for_update(no_key=True).get(**key)
    row.last_tried_at = at
    return row


def _known(source: Source, row: Instrument, contract: Contract | None, at: datetime) -> int:
    """Use what waited for the instrument; without a point value it stays open."""
    row.contract = contract
    row.state, row.reason, row.next_try_at = State.KNOWN, "", None
    unpriced = contract is not None and contract.point_value is None
    if unpriced:
        log.error("contract_without_point_value", contract=str(contract))
        _open(
            row, State.UNPRICED, f"no point value of {contract} is known: enter it in the admin", at
        )
    else:
        row.save()
    released = resolve_instrument(
        platform_id=source.platform_id,
        environment=source.environment,
        instrument_id=row.external_id,
        contract_id=contract.pk if contract else None,
        is_option=row.is_option,
        at=at,
    )
    if contract is not None and not unpriced:
        released += release_waiting(contract, at=at)
    return released


def release_waiting(contract: Contract, *, at: datetime) -> int:
    """Use fills that wait for nothing but this contract's point value, which is known now."""
    waits = contract.fill_set.filter(state="waiting").exclude(kind="spread").exists()
    return release_contract(contract_id=contract.pk, at=at) if waits else 0


def _open(row: Instrument, state: State, reason: str, at: datetime) -> int:
    if row.state != state or row.reason != reason:
        log.warning("instrument_open", instrument=row.external_id, state=state, reason=reason)
    wait = min(LONGEST_WAIT, FIRST_WAIT[state] * 2 ** min(row.tries, 16))
    row.state, row.reason = state, reason
    row.tries += 1
    row.next_try_at = at + wait
    row.save()
    return 0


def _month(told: base.Instrument) -> date:
    """Return the first day of the contract's month: by its name, or else by its expiry."""
    # TT's names carry two digits of the year: the day hardly ever matters.
    on = told.expires_on or date(2000, 1, 1)
    try:
        read = contract_names.read(told.contract, on=on)
    except contract_names.UnknownName:
        if told.expires_on is None:
            raise
        return told.expires_on.replace(day=1)
    return date(read.year, read.month, 1)


def _facts(told: base.Instrument) -> dict[str, Any]:
    return {
        "contract": told.contract,
        "product": told.product,
        "exchange": told.exchange,
        "product_name": told.product_name,
        "currency": told.currency,
        "tick_size": told.tick_size,
        "tick_value": told.tick_value,
        "point_value": told.point_value,
        "expires_on": told.expires_on,
        "kind": told.kind,
    }

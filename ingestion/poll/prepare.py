"""Before rows are stored: ask for what they name and the house does not know.

So most fills are used, and priced, in the very transaction that stores them. What cannot be
learned now is learned later: no failure here keeps a fill out of the books.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog

from common.clock import from_ns
from futures.models import Contract
from ingestion.actions.fills import Known, Source, fault_of, known_accounts, known_instruments
from ingestion.actions.instruments import State, settle_instrument, unanswered
from ingestion.models import Instrument
from ingestion.poll import rates
from ingestion.poll.watch import Watch
from ingestion.providers.base import (
    BudgetSpent,
    Fill,
    InstrumentRefused,
    Provider,
    ProviderDown,
    ProviderError,
    Unauthorized,
)
from traders.actions import open_account

log = structlog.get_logger(__name__)

_STOP = (ProviderDown, Unauthorized, BudgetSpent)  # no use in asking on


def prepare(source: Source, provider: Provider, fills: Sequence[Fill], watch: Watch) -> None:
    """Open accounts, learn instruments and rates that are new, as far as the provider answers."""
    fills = [fill for fill in fills if not fault_of(fill)]
    try:
        _meet_accounts(source, provider, {fill.account_id for fill in fills}, watch)
        learn(source, provider, {fill.instrument_id for fill in fills}, watch)
        rates.ask(provider, _days_abroad(source, fills), watch)
    except _STOP as reason:
        log.info("prepared_in_part", reason=str(reason))


def learn(source: Source, provider: Provider, names: Iterable[str] | None, watch: Watch) -> int:
    """Ask what instruments are, those of `names` or all that are due to be asked for again.

    Returns how many waiting fills became usable.
    """
    open_ones = Instrument.objects.filter(
        platform_id=source.platform_id, environment=source.environment
    ).exclude(state=State.KNOWN)
    if names is None:
        due = open_ones.filter(next_try_at__lte=watch.now()).order_by("next_try_at")
        wanted = list(due.values_list("external_id", flat=True))
    else:
        wanted = sorted(set(names) - known_instruments(source, names).keys())
    released = 0
    for name in wanted:
        if watch.is_up and names is None:
            break
        released += _ask_instrument(source, provider, name, watch.now())
    return released


def _ask_instrument(source: Source, provider: Provider, name: str, at: datetime) -> int:
    try:
        told = provider.get_instrument(name)
    except _STOP:
        raise
    except InstrumentRefused as reason:
        return unanswered(source, name, State.REFUSED, str(reason), at=at)
    except ProviderError as reason:
        return unanswered(source, name, State.UNKNOWN, str(reason), at=at)
    if told.instrument_id != name:
        reason_ = f"asked for {name}, the provider answered for {told.instrument_id}"
        return unanswered(source, name, State.REFUSED, reason_, at=at)
    return settle_instrument(source, told, at=at)


def _meet_accounts(source: Source, provider: Provider, names: set[str], watch: Watch) -> None:
    """A give-up account stands in no list: ask for it by its id."""
    for name in sorted(names - known_accounts(source, names).keys()):
        try:
            told = provider.get_account(name)
        except _STOP:
            raise
        except ProviderError as reason:
            log.warning("account_untold", account=name, reason=str(reason))
            continue
        if told is not None and told.account_id == name:
            open_account(
                platform_id=source.platform_id, environment=source.environment, account=name,
                name=told.name, is_sim=told.is_sim, group_id=source.group_id, at=watch.now(),
            )  # fmt: skip


def _days_abroad(source: Source, fills: Sequence[Fill]) -> set[rates.CurrencyDay]:
    """Return the currencies other than USD, and the UTC days, in which these fills are priced."""
    known = known_instruments(source, {fill.instrument_id for fill in fills})
    abroad = dict(
        Contract.objects.filter(id__in={one.contract_id for one in known.values()})
        .exclude(currency="USD")
        .values_list("id", "currency")
    )
    nothing = Known(None, is_option=False)
    return {
        rates.CurrencyDay(abroad[contract_id], from_ns(fill.exec_time_ns).date())
        for fill in fills
        if (contract_id := known.get(fill.instrument_id, nothing).contract_id) in abroad
    }

"""The positions that the provider tells, for reconciliation: nothing else stands on them."""

from __future__ import annotations

from ingestion.actions import Source
from ingestion.actions.fills import known_accounts, known_instruments
from ingestion.models import Connection, Feed, Stream
from ingestion.poll.accounts import account_pages
from ingestion.poll.prepare import learn
from ingestion.poll.watch import Watch
from ingestion.providers.base import Provider
from ledger.reconciliation import Reported, record_positions
from traders.models import PlatformAccount


def poll_positions(feed: Feed, provider: Provider, watch: Watch) -> tuple[int, int]:
    """Keep what the provider tells of all accounts; return rows told, and rows left out.

    Raises Unsupported. Options, and instruments or accounts that are not known yet, are left out.
    While the history of fills comes in nothing is asked: there is nothing to hold it against.
    """
    fills = feed.connection.feeds.filter(stream=Stream.FILLS, history_done_at__isnull=False)
    if not fills.exists():
        return 0, 0
    source = Source.of(feed.connection)
    asked = _accounts(feed.connection, provider)
    at = watch.now()
    told = provider.list_positions()
    names = {one.instrument_id for one in told}
    learn(source, provider, names, watch)
    instruments = known_instruments(source, names)
    accounts = known_accounts(source, {one.account_id for one in told})
    rows = [
        Reported(accounts[one.account_id], known.contract_id, one.quantity)
        for one in told
        if one.account_id in accounts
        and (known := instruments.get(one.instrument_id)) is not None
        and known.contract_id is not None
        and not known.is_option
    ]
    record_positions(rows, asked=asked, at=at)
    return len(told), len(told) - len(rows)


def _accounts(connection: Connection, provider: Provider) -> list[int]:
    """Return the accounts of which this key tells positions: what it does not list is flat.

    Several keys of one environment see different accounts: each then tells of those in its list.
    """
    place = {"platform": connection.platform_id, "environment": connection.environment}
    everybody = PlatformAccount.objects.filter(**place)
    if Connection.objects.filter(is_active=True, **place).count() > 1:
        everybody = everybody.filter(
            account__in=[told.account_id for page in account_pages(provider) for told in page.items]
        )
    return list(everybody.values_list("id", flat=True))

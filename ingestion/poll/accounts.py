"""The account list: each new account makes its trader."""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.actions import Source, quarantine
from ingestion.models import Feed, Stream
from ingestion.poll.watch import Watch
from ingestion.providers.base import Account, Misfit, Page, Provider
from traders.actions import open_account
from traders.models import PlatformAccount


def poll_accounts(feed: Feed, provider: Provider, watch: Watch) -> tuple[int, int, int]:
    """Return how many accounts are listed, how many are new, how many rows did not fit."""
    source = Source.of(feed.connection)
    rows = PlatformAccount.objects.filter(
        platform_id=source.platform_id, environment=source.environment
    ).values_list("account", "name", "trader__erased_at")
    known = {account: name for account, name, _ in rows}
    erased = {account for account, _, erased_at in rows if erased_at is not None}
    listed = new = 0
    misfits: list[Misfit] = []
    for page in account_pages(provider):
        misfits += page.misfits
        for told in page.items:
            listed += 1
            if known.get(told.account_id) == told.name or told.account_id in erased:
                continue
            opened = open_account(
                platform_id=source.platform_id, environment=source.environment,
                account=told.account_id, name=told.name, is_sim=told.is_sim,
                group_id=source.group_id, at=watch.now(),
            )  # fmt: skip
            new += opened.made
    quarantine(misfits, stream=Stream.ACCOUNTS, at=watch.now(), connection_id=feed.connection_id)
    return listed + len(misfits), new, len(misfits)


def account_pages(provider: Provider) -> Iterator[Page[Account]]:
    """Yield the account list page by page."""
    cursor: str | None = None
    while True:
        page = provider.list_accounts(cursor)
        yield page
        if page.next_cursor is None:
            return
        cursor = page.next_cursor

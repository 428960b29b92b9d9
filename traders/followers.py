"""Rooms above that keep something by trader: told in the transaction in which traders change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Follower:
    """A room that keeps something by trader.

    moved    an account went to another trader: account, trader
    merging  all that is one trader's becomes another's, the accounts after this: kept, gone
    """

    moved: Callable[[int, int], None]
    merging: Callable[[int, int], None]


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Have a room told of what happens to traders; once per process."""
    if follower not in _followers:
        _followers.append(follower)


def tell_moved(*, account_id: int, trader_id: int) -> None:
    for follower in _followers:
        follower.moved(account_id, trader_id)


def tell_merging(*, kept_id: int, gone_id: int) -> None:
    for follower in _followers:
        follower.merging(kept_id, gone_id)

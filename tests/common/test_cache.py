import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from threading import Barrier
from uuid import UUID

import pytest
import redis

from common import store
from common.cache import MISS, cached, once, seconds


@dataclass(frozen=True)
class Leaf:
    id: UUID
    day: date
    pnl: Decimal
    children: "tuple[Leaf, ...]" = ()


LEAF = Leaf(
    UUID(int=7), date(2026, 3, 2), Decimal("1.10"), (Leaf(UUID(int=8), date.max, Decimal(0)),)
)
calls: list[object] = []


@pytest.fixture(autouse=True)
def no_calls():
    calls.clear()


@cached(ttl="personal.leaves")
def leaves(*, ids: tuple[int, ...], version: str = "0") -> tuple[Leaf, ...]:
    calls.append(ids)
    return (LEAF,) * len(ids)


@cached(ttl="personal.slow")
def slow(*, wait: float) -> int:
    calls.append(wait)
    time.sleep(wait)
    return 7


def test_the_second_answer_comes_from_the_store_and_is_the_same():
    cold, warm = leaves(ids=(1, 2)), leaves(ids=(1, 2))

    assert cold == warm == (LEAF, LEAF)
    assert calls == [(1, 2)]


def test_every_argument_is_part_of_the_key():
    for version in ("1", "2", "1"):
        leaves(ids=(1,), version=version)
    leaves(ids=(2,), version="1")
    leaves(ids=(1,))
    leaves(ids=(1,), version="0")  # the default, spelled out

    assert len(calls) == 4


def test_an_answer_of_another_shape_is_a_miss():
    leaves(ids=(1,))
    (key,) = store.ask(lambda client: client.keys(store.key("query", "*leaves*")))
    store.ask(lambda client: client.set(key, b'[{"another": "release"}]'))

    assert leaves(ids=(1,)) == (LEAF,)
    assert len(calls) == 2


def test_answers_expire_within_a_tenth_of_their_life(settings):
    settings.CACHE_TTL = {"personal": 100}
    for number in range(20):
        leaves(ids=(number,))

    keys = store.ask(lambda client: client.keys(store.key("query", "*leaves*")))
    lives = store.ask(lambda client: [client.pttl(key) for key in keys])
    assert all(89_000 <= life <= 110_000 for life in lives)
    assert len({life // 100 for life in lives}) > 1


def test_the_life_is_that_of_the_longest_prefix(settings):
    settings.CACHE_TTL = {"personal": 1, "personal.a": 2}

    assert [seconds(name) for name in ("personal.b", "personal.a", "personal.a.x")] == [1, 2, 2]
    with pytest.raises(LookupError):
        seconds("unknown")


def test_of_many_callers_one_computes():
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda _: slow(wait=0.2), range(6))) == [7] * 6

    assert len(calls) == 1


def test_what_the_owner_before_has_kept_meanwhile_is_not_computed_again():
    looks = iter([MISS, 5])
    question = leaves.asked(ids=(1,))
    key = question.key()
    store.ask(lambda redis: redis.set(key, b"5"))

    found = once(question, key, fetch=lambda: next(looks), compute=lambda: 6, pack=repr)

    assert found == 5
    assert store.ask(lambda redis: redis.exists(f"{key}:busy")) == 0


@pytest.mark.parametrize("life", [0, 60])
def test_an_answer_is_kept_and_the_lock_given_back(settings, life):
    settings.CACHE_TTL = {"personal": life}
    key = leaves.asked(ids=(1,)).key()

    leaves(ids=(1,))

    assert store.ask(lambda redis: redis.exists(key)) == (life > 0)
    assert store.ask(lambda redis: redis.exists(f"{key}:busy")) == 0


def test_a_failure_is_not_kept_and_frees_the_lock():
    @cached(ttl="personal.failing")
    def failing(*, number: int) -> int:
        calls.append(number)
        if len(calls) == 1:
            raise ValueError("once")
        return number

    with pytest.raises(ValueError, match="once"):
        failing(number=3)
    start = time.monotonic()
    assert failing(number=3) == 3
    assert time.monotonic() - start < 0.5


def test_a_hung_store_costs_one_short_timeout_and_then_nothing(hung):
    for _ in range(20):
        assert leaves(ids=(1,)) == (LEAF,)

    assert len(calls) == 20
    assert hung.asked == 1
    assert store.TIMEOUT_SECONDS <= 0.1


def test_a_store_that_is_gone_changes_nothing(gone):
    assert leaves(ids=(1,)) == leaves(ids=(1,)) == (LEAF,)


def test_after_its_rest_one_caller_probes_and_the_breaker_closes():
    now = [100.0]
    breaker = store.Breaker(first=1, last=3, tick=lambda: now[0])
    probes: list[float] = []

    def down():
        probes.append(now[0] - 100)
        raise redis.ConnectionError

    for _ in range(100):
        with pytest.raises(store.Down):
            breaker.call(down)
        now[0] += 0.125

    assert probes == [0, 1, 3, 6, 9, 12]
    now[0] += 3
    assert breaker.call(lambda: "up") == breaker.call(lambda: "up") == "up"
    now[0] += 100
    for _ in range(2):
        with pytest.raises(store.Down):
            breaker.call(down)
    assert len(probes) == 7


def test_calls_that_fail_together_are_one_failure():
    breaker = store.Breaker(first=1, last=8, tick=lambda: 100.0)
    start = Barrier(4)

    def hang():
        start.wait()
        raise redis.TimeoutError

    def ask(_):
        with pytest.raises(store.Down):
            breaker.call(hang)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    assert breaker._rest == 1

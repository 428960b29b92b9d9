"""The simulator as a whole: a market, its traders, their ledger, and a server in front of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from threading import Event, Thread

from ingestion.simulator import faults, population
from ingestion.simulator.books import Books, Truth
from ingestion.simulator.executions import DAY, NS
from ingestion.simulator.listings import Listed, products
from ingestion.simulator.live import LiveTrading
from ingestion.simulator.market import ModelMarket
from ingestion.simulator.recorded import RecordedMarket
from ingestion.simulator.reference import Reference
from ingestion.simulator.server import Address, Server
from ingestion.simulator.setup import Setup
from ingestion.simulator.state import Spans


class Simulator:
    """A provider that can be asked, and that can tell the truth.

    clock  real nanoseconds since 1970; `now` bends them by the setup's speed
    """

    def __init__(self, setup: Setup, *, clock: Callable[[], int] = time.time_ns) -> None:
        self.setup = setup
        self._clock = clock
        self._began = clock()
        self._start_ns = (setup.start - date(1970, 1, 1)).days * DAY * NS
        self.plan = faults.read(setup.faults, seed=setup.seed)
        self.products: dict[str, Listed] = {
            product.symbol: product for product in products(setup.products)
        }
        self.market = ModelMarket(setup.seed)
        recorded: RecordedMarket | None = None
        if setup.bars:
            everything = {one.symbol: one for one in products(10_000)}
            recorded = RecordedMarket(setup.seed, setup.bars, everything)
            self.market = recorded
            self.products |= {month.product.symbol: month.product for month in recorded.months}
        last = setup.start + timedelta(days=setup.days)
        self.population = population.populate(
            seed=setup.seed,
            traders=setup.traders,
            accounts=setup.accounts,
            products=tuple(self.products.values()),
            start=setup.start,
            days=setup.days,
            goes_on=setup.goes_on,
        )
        self.spans = Spans(setup.state)
        live = LiveTrading(
            seed=setup.seed,
            every=setup.live_every,
            market=self.market,
            products=self.products,
            population=self.population,
            spans=self.spans,
        )
        self.books = Books(
            seed=setup.seed,
            start=setup.start,
            population=self.population,
            market=self.market,
            products=self.products,
            live=live,
            plan=self.plan,
        )
        self.reference = Reference(
            self.products,
            self.market,
            setup.start,
            last + timedelta(days=400 if setup.goes_on else 30),
            recorded.months if recorded else (),
        )

    @property
    def companies(self) -> tuple[population.Company, ...]:
        return self.population.companies

    def now(self) -> int:
        """Return the simulated present, nanoseconds since 1970."""
        real = self._clock()
        if self.setup.speed <= 0:
            return real
        return min(real, self._start_ns + int((real - self._began) * self.setup.speed))

    def shown_at(self) -> int:
        """Return the instant up to which the ledger tells: the present less its delay."""
        return self.now() - int(self.setup.ledger_delay * NS)

    def truth(self, company: int | None = None) -> Truth:
        """Return all that the ledger has shown so far."""
        return self.books.truth(now=self.shown_at(), company=company)

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[Address]:
        """Serve on the loopback until the block is left; port 0 takes a free one."""
        server = Server(self, port)
        stop = Event()
        threads = [Thread(target=server.serve_forever, args=(0.05,), daemon=True)]
        if self.setup.live_every:
            self.spans.begin(self.now() // NS)
            threads.append(Thread(target=self._keep_span, args=(stop,), daemon=True))
        for thread in threads:
            thread.start()
        try:
            yield server.address
        finally:
            stop.set()
            server.stop()
            for thread in threads:
                thread.join(timeout=5)

    def _keep_span(self, stop: Event) -> None:
        while not stop.wait(20):
            self.spans.keep(self.now() // NS)

"""All metrics of one scrape, from the fast store and the broker alone, in well under a second.

Without the store only that is told: sums of this process alone would look like a restart, and the
next true ones like a rush.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import inf

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from common import clock, metrics, store
from skyll import broker
from skyll.metrics import gauges
from skyll.metrics.gauges import GAUGES, ROWS, Kept, Value

STALE_SECONDS = 600  # what is older does not stand like that any more
Series = dict[tuple[str, ...], dict[str, float]]  # by labels' values: cell -> number


class Scrape(Collector):
    def collect(self) -> Iterator[Metric]:
        try:
            totals, kept = metrics.totals(), gauges.kept()
        except store.Down:
            yield from _gauges([("skyll_store_up", (), 0)])
            return
        values: list[Value] = [("skyll_store_up", (), 1)]
        values += [("skyll_queue_depth", (name,), n) for name, n in (broker.depths() or {}).items()]
        for part in kept:
            if part is not None:
                values += _still_true(part, now())
        yield from _gauges(values)
        yield from _sums(totals)


def now() -> float:
    return clock.now().timestamp()


def _still_true(part: Kept, at: float) -> Iterator[Value]:
    """Yield what can be said now: of an old look only when it was, and how a lag has grown."""
    for name, stream, read_at in part.read_at:
        yield "skyll_poll_lag_seconds", (name, stream), max(0.0, at - read_at)
    for value in part.values:
        if at - part.at < STALE_SECONDS or value[0] == "skyll_watch_timestamp_seconds":
            yield value


def _gauges(values: Iterable[Value]) -> Iterator[Metric]:
    by_name: dict[str, list[Value]] = defaultdict(list)
    for value in values:
        by_name[value[0]].append(value)
    for name, rows in by_name.items():
        if name in GAUGES:
            about, labels = GAUGES[name]
            family: GaugeMetricFamily | CounterMetricFamily = GaugeMetricFamily(
                name, about, labels=labels
            )
        elif name in ROWS:
            about, labels = ROWS[name]
            family = CounterMetricFamily(name, about, labels=labels)
        else:  # left by another release
            continue
        for _, told, number in rows:
            if len(told) == len(labels):
                family.add_metric(told, number)
        yield family


def _sums(totals: dict[str, float]) -> Iterator[Metric]:
    found: dict[str, Series] = defaultdict(lambda: defaultdict(dict))
    for field, number in totals.items():
        name, *told, cell = field.split(metrics.BETWEEN)
        found[name][tuple(told)][cell] = number
    for one in metrics.ALL:
        series = {
            labels: cells
            for labels, cells in sorted(found.get(one.name, {}).items())
            if len(labels) == len(one.labels)
        }
        if isinstance(one, metrics.Count):
            count = CounterMetricFamily(one.name, one.about, labels=one.labels)
            for labels, cells in series.items():
                count.add_metric(labels, sum(cells.values()))
            yield count
        else:
            times = HistogramMetricFamily(one.name, one.about, labels=one.labels)
            for labels, cells in series.items():
                times.add_metric(labels, _buckets(one.bounds, cells), cells.get(metrics.SUM, 0.0))
            yield times


def _buckets(bounds: tuple[float, ...], cells: dict[str, float]) -> list[tuple[str, float]]:
    """Return how many there were up to each bound; a bound of another release falls in the next."""
    counted = sorted(
        (inf if cell == "+Inf" else float(cell), number)
        for cell, number in cells.items()
        if cell != metrics.SUM
    )
    return [
        ("+Inf" if bound == inf else str(bound), sum(n for at, n in counted if at <= bound))
        for bound in (*bounds, inf)
    ]

"""Fills as hypothesis likes them: flips, partials, equal stamps, negative prices, many groups."""

from __future__ import annotations

from hypothesis import strategies as st

Row = tuple[int, int, int, int, int]

PRICES = st.one_of(
    st.integers(-5, 5),  # equal prices are common: break-even trades
    st.integers(-40, 40).map(lambda ticks: ticks * 250_000_000),
    st.integers(-(10**14), 10**14),
)
FEES = st.integers(-3_000_000, 5_000_000)
CONTRACTS = st.one_of(st.integers(1, 4), st.integers(1, 5_000))
SIGNED = st.builds(lambda contracts, side: contracts * side, CONTRACTS, st.sampled_from([-1, 1]))
BEYOND = st.builds(
    lambda contracts, side: contracts * side,
    st.integers(1, 2**62),
    st.sampled_from([-1, 1]),
)


@st.composite
def rows(draw, /, signed=SIGNED, price=PRICES, fees=FEES, most=40):
    """Return rows (group, signed, price, fees, day) in order, as many groups as come."""
    drawn = draw(
        st.lists(st.tuples(signed, price, fees, st.booleans(), st.booleans()), max_size=most)
    )
    made: list[Row] = []
    group = day = 0
    for contracts, level, cost, next_group, next_day in drawn:
        if made and next_group:
            group, day = group + 1, draw(st.integers(-3, 3))
        day += next_day
        made.append((group, contracts, level, cost, day))
    return made


@st.composite
def rows_and_used(draw, /, **kinds):
    """Return rows and how much of each group's first fill is already taken."""
    made = draw(rows(**kinds))
    heads: dict[int, int] = {}
    for row in made:
        heads.setdefault(row[0], abs(row[1]))
    return made, [draw(st.integers(0, contracts - 1)) for contracts in heads.values()]

"""The tables of a copy: what is read where it is written, and which columns it has."""

from __future__ import annotations

from dataclasses import dataclass, field

SCHEMA = 1  # of the file; grows with every change to the columns below

TRADE_COLUMNS = (
    "id, account_id, contract_id, product_id, side, quantity, max_position, entry_price, "
    "exit_price, opened_ns, opened_received_ns, opened_exec_id, opened_leg_index, closed_ns, "
    "closed_received_ns, closed_exec_id, closed_leg_index, closed_used, closed_on, fill_count, "
    "gross_native, fees_native, gross_usd, fees_usd, pnl_usd, earlier_usd, outcome, held, mae_usd, "
    "mfe_usd"
)
_OURS = "(%(groups)s::bigint[] IS NULL OR {0} = ANY(%(groups)s))"
_ACCOUNTS = f"""trader_platforms a JOIN traders t ON t.id = a.trader_id
    JOIN platforms p ON p.id = a.platform_id WHERE {_OURS.format("t.group_id")}"""
_TRADES = f"""ledger_trade x JOIN trader_platforms a ON a.id = x.account_id
    JOIN traders t ON t.id = a.trader_id
    WHERE {_OURS.format("t.group_id")}
        AND (%(since)s::date IS NULL OR x.closed_on >= %(since)s)"""
_TRADED = f"""futures_contract c JOIN futures_product f ON f.id = c.product_id
    WHERE c.id IN (SELECT x.contract_id FROM {_TRADES})"""  # noqa: S608  constant text


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a copy.

    columns  of the file, in order
    rows     where they come from; asks for groups, since and masked
    order    and in which order
    real     the table here whose columns have these names and types
    alias    by which `rows` names it
    each     DISTINCT where `rows` tells one of them several times
    told     what else than the column itself is told, by its name
    """

    name: str
    columns: str
    rows: str
    order: str
    real: str
    alias: str
    told: dict[str, str] = field(default_factory=dict)
    each: str = ""

    @property
    def staged(self) -> str:
        """Return the temporary table into which it is read."""
        return f"copied_{self.name}"

    @property
    def source(self) -> str:
        """Return the statement that reads it where it is written."""
        told = ", ".join(
            self.told.get(name, f"{self.alias}.{name}") for name in self.columns.split(", ")
        )
        return f"SELECT {self.each}{told} FROM {self.rows} ORDER BY {self.order}"  # noqa: S608

    @property
    def like(self) -> str:
        """Return a statement whose columns are those of the file."""
        told = self.columns.replace("platform,", "account AS platform,")
        return f"SELECT {told} FROM {self.real}"  # noqa: S608  constant names


def _masked(pseudonym: str, column: str) -> str:
    return f"CASE WHEN %(masked)s THEN {pseudonym} ELSE {column} END"


PLATFORMS = Table("platforms", "code, name", _ACCOUNTS, "1", "platforms", "p", each="DISTINCT ")
GROUPS = Table(
    "groups", "id, name, is_archived, min_cohort, scratch_ticks, created_at",
    f"groups g WHERE {_OURS.format('g.id')}", "1", "groups", "g",
    {"name": _masked("'Group ' || g.id", "g.name")},
)  # fmt: skip
# Where people sit and how they trade names them as well as a name does, in a group of ten.
TRADERS = Table(
    "traders", "id, group_id, name, is_archived, offices, floor, stage, style, created_at",
    f"traders t WHERE {_OURS.format('t.group_id')}", "1", "traders", "t",
    {
        "name": _masked("'Trader ' || t.id", "t.name"),
        **{who: _masked("NULL", f"t.{who}") for who in ("offices", "floor", "stage", "style")},
    },
)  # fmt: skip
ACCOUNTS = Table(
    "accounts", "id, trader_id, platform, environment, account, name, is_sim, created_at",
    _ACCOUNTS, "1", "trader_platforms", "a",
    {
        "platform": "p.code",
        "account": _masked("'account ' || a.id", "a.account"),
        "name": _masked("''", "a.name"),
    },
)  # fmt: skip
PRODUCTS = Table(
    "products",
    "id, symbol, exchange, name, color, currency, tick_size, tick_value, point_value, session_tz, "
    "session_open, session_close, note",
    _TRADED, "1", "futures_product", "f", each="DISTINCT ",
)  # fmt: skip
CONTRACTS = Table(
    "contracts",
    "id, product_id, name, expiry_month, expires_on, currency, tick_size, point_value",
    _TRADED, "1", "futures_contract", "c",
)  # fmt: skip
TRADES = Table(
    "trades", TRADE_COLUMNS, _TRADES, "x.account_id, x.closed_ns, x.id", "ledger_trade", "x"
)

TABLES = (PLATFORMS, GROUPS, TRADERS, ACCOUNTS, PRODUCTS, CONTRACTS, TRADES)

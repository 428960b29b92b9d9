"""Closed trades picked by plain SQL: what readings of single trades are made over.

Django takes longer to write the SQL of such a reading than PostgreSQL to answer it, and PostgreSQL
as long to plan it. So values are text, apart from the words, which are few and stay the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts.access import Accounts
from common.api import Period
from ledger.arrays import array

Asked = tuple[str, Sequence[str | int]]  # a question as `asked_again` takes it
_OF_ACCOUNTS = "SELECT * FROM {table} t WHERE t.account_id = ANY(%s::bigint[])"


class Picked(NamedTuple):
    """A SELECT of trades with all their columns, and its values in order.

    is_ours  its words are those of `picked`, its values text and whole numbers: see `asked_again`
    """

    sql: str
    given: tuple[Any, ...]
    is_ours: bool = False

    @classmethod
    def of(cls, trades: QuerySet[Any, Any]) -> Picked:
        """Return what a queryset of whole rows selects."""
        try:
            return cls(*trades.order_by().query.sql_with_params())
        except EmptyResultSet:
            return cls("SELECT * FROM ledger_trade WHERE false", ())

    def ask(self, question: str, *given: str | int) -> list[tuple[Any, ...]]:
        """Return what a question finds in `t`, the trades. 1 query.

        question  is ours, not anybody's who asks; a per cent sign doubled, what changes `given`
        """
        found = asked_again if self.is_ours else ask
        return found(*self.asked(question, *given))

    def asked(self, question: str, *given: str | int) -> Asked:
        """Return what `ask` asks; to be asked together with others only where it `is_ours`."""
        return f"WITH t AS ({self.sql}) {question}", (*self.given, *given)

    def where(self, condition: str, *given: Any) -> Picked:
        """Return those that meet a condition of ours as well."""
        return self._replace(sql=f"{self.sql} AND {condition}", given=(*self.given, *given))

    @property
    def priced(self) -> Picked:
        """Return those whose pnl is known."""
        return self.where("t.pnl_usd IS NOT NULL")


def picked(
    *,
    accounts: Accounts,
    period: Period | None,
    products: Collection[int] = (),
    side: int | None = None,
    table: str = "ledger_trade",
    day: str = "closed_on",
) -> Picked:
    """Return the trades of these accounts that closed in the period, in some products or all.

    table, day  of other rows than trades, which are chosen the same way
    """
    found = Picked(_OF_ACCOUNTS.format(table=table), (array(accounts.ids),), is_ours=True)
    if period is not None:
        ends = period.start.isoformat(), period.end.isoformat()
        found = found.where(f"t.{day} BETWEEN %s::date AND %s::date", *ends)
    if products:
        found = found.where("t.product_id = ANY(%s::bigint[])", array(products))
    return found if side is None else found.where("t.side = %s::int", side)


def ask(sql: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of plain SQL. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def asked_again(sql: str, given: Sequence[str | int]) -> list[tuple[Any, ...]]:
    """Return the rows of SQL that PostgreSQL plans once a connection. 1 query.

    sql    names the type of every value; for as few different words as there are questions of ours
    """
    with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]  # common.postgres
        cursor.execute(sql, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def asked_together(*questions: Asked) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each of these questions, all in one trip.

    As many queries as questions.
    """
    asked = connection.asked_together(questions)  # type: ignore[attr-defined]  # common.postgres
    with asked as fetch:
        found: list[list[tuple[Any, ...]]] = fetch()
    return found

"""The tables that grow lie by account: what a distributed PostgreSQL asks for stays true."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from skyll.embedded import places

pytestmark = pytest.mark.django_db
# Spread over the workers by account_id, each account's rows together.
DISTRIBUTED = {
    "ledger_fill", "ledger_trade", "ledger_pasttrade", "ledger_position", "ledger_dayresult",
    "ledger_daycandle", "ledger_reconciledday", "ledger_reportedposition", "ledger_restatement",
    "ledger_secondfill", "journal_tradetag", "journal_tradenote", "journal_detached",
    "journal_countedtrade",
}  # fmt: skip
# Small, or asked by all: a copy on every worker.
REFERENCE = {
    "groups", "traders", "platforms", "trader_platforms", "futures_product", "futures_contract",
    "futures_fxrate", "futures_bar", "futures_roll", "futures_calendarevent",
    "futures_calendaredition", "ledger_feeschedule", "journal_tag",
}  # fmt: skip
# These hold an account but stay on the coordinator: queues, and what belongs to a page or a person.
LOCAL_WITH_ACCOUNT = {
    "ledger_candlesdue", "ledger_reconciledue", "journal_followed", "journal_comment",
    "journal_image", "journal_entrytrade",
}  # fmt: skip
UNIQUE = """
SELECT t.relname, i.relname, (SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = t.oid AND a.attnum = x.indkey[0])
FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indisunique AND t.relname = ANY(%s)"""
FOREIGN = """
SELECT DISTINCT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND (conrelid::regclass::text = ANY(%s) OR confrelid::regclass::text = ANY(%s))
"""


def asked(sql: str, *given: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()


def test_the_account_leads_every_key_of_a_distributed_table():
    keys = asked(UNIQUE, sorted(DISTRIBUTED))
    assert {table for table, _, _ in keys} == DISTRIBUTED  # each has a key
    assert [key for key in keys if key[2] != "account_id"] == []


def test_distributed_tables_refer_to_reference_tables_alone_and_nothing_to_them():
    big = sorted(DISTRIBUTED)
    assert [pair for pair in asked(FOREIGN, big, big) if pair[1] not in REFERENCE] == []


def test_every_table_of_an_account_has_its_place():
    ours = [m for label in ("ledger", "journal") for m in apps.get_app_config(label).get_models()]
    with_account = {
        model._meta.db_table
        for model in ours
        if model._meta.managed and hasattr(model, "account_id")
    }
    assert with_account == DISTRIBUTED | LOCAL_WITH_ACCOUNT


_TABLE = re.compile(
    r"\b(?:FROM|JOIN|UPDATE|USING|INTO)\s+(" + "|".join(sorted(DISTRIBUTED)) + r")\b"
)


def statements() -> list[tuple[str, str]]:
    """Return (place, SQL) of every text of SQL under ledger/; what is filled in counts as told."""
    found = []
    for path in sorted((places.ROOT / "ledger").rglob("*.py")):
        if "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text())
        inner = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                text = "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "{account_id?}"
                    for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                if id(node) in inner:
                    continue
                text = node.value
            else:
                continue
            if _TABLE.search(text):
                place = Path(path).relative_to(places.ROOT)
                found.append((f"{place}:{node.lineno}", text))
    return found


def test_a_statement_of_several_distributed_tables_names_the_account_of_each():
    short = []
    for place, text in statements():
        tables = _TABLE.findall(text)
        if len(tables) > 1 and text.count("account_id") < len(tables):
            short.append((place, sorted(set(tables))))
    assert len(statements()) > 50
    assert short == []

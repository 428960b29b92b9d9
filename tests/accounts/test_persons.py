"""One person's data: told whole, erased whole, and what must stay stays."""

from __future__ import annotations

import json
from datetime import datetime
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session as ConsoleSession
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import limits, persons
from accounts.letters import write as owe
from accounts.models import CustomUser, Letter, Session, Tries
from accounts.sessions import open_session
from audit.models import Alarm, LogEntry
from common import clock
from ingestion.models import Connection, QuarantinedRow, RawFill, Stream
from ingestion.poll.accounts import poll_accounts
from ledger.models import DayResult, Fill, Position, Trade
from tests.accounts.operator import LIST, operator_client
from tests.factories import AT, make_trader, make_user
from tests.seeded import seed_books
from traders.actions import open_account
from traders.models import PlatformAccount, Trader

BOOKS = (Fill, Trade, Position, DayResult)


def erased(user: CustomUser, **given):
    done = {"by": "olga@desk.test", "at": AT, "source": "console"} | given
    return persons.erase(persons.person_of(user), **done)


def exported(user: CustomUser) -> ZipFile:
    file = BytesIO()
    who = persons.person_of(user)
    persons.write(who, file, by="olga@desk.test", at=AT, source="console")
    return ZipFile(file)


def told(zipped: ZipFile, name: str):
    return json.loads(zipped.read(f"{name}.json"))


def books():
    return {
        model: list(model.objects.order_by("pk").values_list(*_columns(model))) for model in BOOKS
    }


def _columns(model):
    return [one.attname for one in model._meta.concrete_fields]


def words(user: CustomUser) -> tuple[str, ...]:
    """By what anybody could know the person again."""
    return (user.email, user.username, "Anastasia", "Quill-Otter", "QUILL-1")


@pytest.fixture
def ana(desk) -> CustomUser:
    """A trader with a name of her own that nobody else's row could hold by chance."""
    CustomUser.objects.filter(pk=desk.ana.pk).update(
        email="ana.quill@desk.test", username="quillotter", first_name="Anastasia",
        last_name="Quill-Otter",
    )  # fmt: skip
    EmailAddress.objects.filter(user=desk.ana).update(email="ana.quill@desk.test")
    Trader.objects.filter(pk=desk.ana.trader_id).update(name="Anastasia Quill-Otter", floor=3)
    desk.ana.trader.accounts.update(name="QUILL-1")
    return CustomUser.objects.select_related("trader").get(pk=desk.ana.pk)


def every_text() -> str:
    """All that stands in the database, but for the log, which nothing can change."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = []
        for table in sorted(set(tables) - {"user_management_audit_log"}):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t")
            found.append(cursor.fetchone()[0])
    return "\n".join(found)


def connection_of(account: PlatformAccount) -> Connection:
    return Connection.objects.create(
        name="TT", platform=account.platform, environment=account.environment,
        base_url="http://127.0.0.1:1", group=account.trader.group, history_from="2026-03-01",
    )  # fmt: skip


def leave_traces(user: CustomUser) -> None:
    """Let a person leave something in every table of people and of rows as they came."""
    owe("reset", email=user.email, at=AT)
    open_session(user, at=clock.now())
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    Tries.objects.create(
        action="login.account", who=limits._sealed(user.email), count=9, ends_at=clock.now()
    )
    account = user.trader.accounts.get(is_sim=False, name="QUILL-1")
    source, fill = connection_of(account), Fill.objects.filter(account=account).first()
    row = {"accountId": account.account, "account": "QUILL-1", "lastQty": "x", "currUserId": "77"}
    RawFill.objects.create(
        id="00000000-0000-0000-0000-000000000001", connection=source, exec_id=fill.exec_id,
        received_at=AT, raw=row,
    )  # fmt: skip
    given = {"connection": source, "stream": Stream.FILLS, "raw": row,
             "first_seen_at": AT, "last_seen_at": AT}  # fmt: skip
    QuarantinedRow.objects.create(reason="of QUILL-1", digest="1", **given)
    QuarantinedRow.objects.create(reason="old", digest="2", resolved_at=AT, **given)
    Alarm.objects.create(
        kind="open", sentence="Anastasia Quill-Otter holds", began_at=AT, last_seen_at=AT
    )


def test_nothing_names_the_person_and_the_books_are_the_same_to_the_byte(desk, ana):
    seed_books(desk)
    leave_traces(ana)
    before = books()
    assert all(word in every_text() for word in words(ana))

    changed = erased(ana)

    left = every_text()
    assert [word for word in words(ana) if word in left] == []
    assert books() == before
    trader = Trader.objects.get(pk=ana.trader_id)
    assert (trader.name, trader.floor, trader.is_archived) == (f"Former trader {ana.trader_id}",
                                                              None, False)  # fmt: skip
    assert not CustomUser.objects.filter(pk=ana.pk)
    assert not Session.objects.filter(user=ana.pk)
    assert not Letter.objects.filter(email=ana.email)
    assert not Tries.objects.all()
    assert not RawFill.objects.all()
    (row,) = QuarantinedRow.objects.all()
    assert row.raw["accountId"]
    assert row.raw["lastQty"] == "x"  # it still waits to be mended
    (deed,) = LogEntry.objects.filter(action="erase")
    assert (deed.entity_id, deed.trader_id_snapshot) == (ana.pk, ana.trader_id)
    assert deed.changes["rows"]["old"] == changed
    assert not any(word in json.dumps(deed.changes) for word in words(ana))


def test_every_token_and_session_dies_at_once(desk, api):
    pair = open_session(desk.ana, at=clock.now())
    staff = operator_client("sam", group=desk.group)
    sam = CustomUser.objects.get(username="sam")
    header = {"HTTP_AUTHORIZATION": f"Bearer {pair.access_token}"}
    assert api.get("/api/v1/auth/user", **header).status_code == 200

    erased(desk.ana)
    erased(sam)
    assert api.get("/api/v1/auth/user", **header).status_code == 401
    refresh = {"refresh_token": pair.refresh_token}
    assert api.post("/api/v1/auth/token/refresh", refresh).status_code in (400, 401)
    assert staff.get(LIST).status_code == 302
    assert not ConsoleSession.objects.all()


def test_the_next_poll_neither_makes_the_trader_anew_nor_gives_the_name_back(desk, ana):
    account = ana.trader.accounts.get()
    erased(ana)
    traders = Trader.objects.count()
    given = {"platform_id": account.platform_id, "environment": account.environment}
    opened = open_account(
        account=account.account, name="QUILL-1", is_sim=False, group_id=desk.group.pk, at=AT,
        **given,
    )  # fmt: skip
    assert (opened.made, opened.account.name) == (False, "")
    assert Trader.objects.count() == traders

    class Listing:
        def list_accounts(self, cursor):
            from ingestion.providers.base import Account, Page

            row = Account(account_id=account.account, name="QUILL-1", is_sim=False)
            return Page((row,), None)

    class Feed:
        connection = connection_of(account)
        connection_id = connection.pk

    class Watch:
        def now(self) -> datetime:
            return AT

    assert poll_accounts(Feed(), Listing(), Watch())[1] == 0
    assert PlatformAccount.objects.get(pk=account.pk).name == ""


def test_a_second_run_changes_nothing(desk, ana):
    seed_books(desk)
    leave_traces(ana)
    erased(ana)
    before, log = every_text(), LogEntry.objects.count()
    out = StringIO()
    call_command("erase_person", "--trader", str(ana.trader_id), "--yes", stdout=out)
    assert "nothing was left" in out.getvalue()
    assert (every_text(), LogEntry.objects.count()) == (before, log)
    with pytest.raises(CommandError, match="There is no log-in"):
        call_command("erase_person", ana.email, "--yes")


def test_what_a_poll_brings_back_goes_at_night(desk, ana):
    seed_books(desk)
    leave_traces(ana)
    row = RawFill.objects.get()
    erased(ana)
    row.save(force_insert=True)
    assert persons.sweep(at=AT) == 1
    assert not RawFill.objects.all()
    assert persons.sweep(at=AT) == 0


def test_all_is_told_exactly(desk, ana, tmp_path):
    seed_books(desk)
    leave_traces(ana)
    out = StringIO()
    call_command("export_person", ana.email, "--to", str(tmp_path), stdout=out)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    zipped = ZipFile(path)

    about = told(zipped, "about")
    assert about["email"] == ana.email
    for line in about["files"]:
        assert len(json.loads(zipped.read(line["file"]))) == line["rows"], line
        assert line["says"]
    mine = ana.trader.accounts.all()
    fills = told(zipped, "fills")
    assert len(fills) == Fill.objects.filter(account__in=mine).count() > 20
    trades = {row["id"]: row for row in told(zipped, "trades")}
    for trade in Trade.objects.filter(account__in=mine, pnl_usd__isnull=False):
        row = trades[str(trade.id)]
        assert row["pnl_usd"] == f"{trade.pnl_usd:f}"
        assert row["closed_at"].endswith("000Z")
        assert len(row["closed_at"]) == len("2026-03-02T14:30:20.123456789Z")
    everything = b"".join(zipped.read(name) for name in zipped.namelist()).decode()
    assert "QUILL-1" in everything
    assert "password" not in told(zipped, "log_in")[0]
    others = [user.email for user in (desk.bo, desk.otto, desk.sven)]
    assert not any(email in everything for email in others)
    (deed,) = LogEntry.objects.filter(action="export")
    assert "QUILL" not in json.dumps(deed.changes)
    with pytest.raises(CommandError, match="there already"):
        call_command("export_person", ana.email, "--to", str(path))


def test_who_opts_out_while_the_operator_types_stays_hidden(desk, ana):
    seen = persons.person_of(ana)
    CustomUser.objects.filter(pk=ana.pk).update(opt_out=True)

    persons.erase(seen, by="olga@desk.test", at=AT, source="console")

    assert Trader.objects.get(pk=ana.trader_id).opt_out


def test_who_got_a_log_in_meanwhile_is_not_erased_with_it(desk):
    trader = make_trader(desk.group)
    seen = persons.person_of_trader(trader)
    user = make_user(group=desk.group, trader=trader)

    with pytest.raises(persons.NobodySuch):
        persons.erase(seen, by="olga@desk.test", at=AT, source="console")

    assert CustomUser.objects.filter(pk=user.pk).exists()


def test_accounts_are_held_before_rows_as_they_came_are_touched(desk, ana):
    """A poll holds accounts and then writes such rows: the other way round is a deadlock."""
    with CaptureQueriesContext(connection) as asked:
        erased(ana)

    said = [query["sql"] for query in asked]
    held = next(n for n, sql in enumerate(said) if "FROM \"trader_platforms\"" in sql
                and "FOR NO KEY UPDATE" in sql)  # fmt: skip
    assert held < next(n for n, sql in enumerate(said) if "DELETE FROM ingestion_rawfill" in sql)

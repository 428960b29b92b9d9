"""Rows of everything that the console lists."""

from __future__ import annotations

from datetime import date, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group as PermissionGroup
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from audit.actions import record
from audit.models import Alarm, Notice
from futures.models import CalendarEvent, Contract, FxRate, Product, Roll
from ingestion.models import (
    BarDay,
    Connection,
    Feed,
    ImportRun,
    Instrument,
    MissingRate,
    QuarantinedRow,
    Stream,
)
from journal.models import WelcomePrompt
from ledger.models import FeeSchedule
from tests.factories import AT, make_account, make_contract, make_group, make_trader, make_user
from traders.models import Platform


def make_row_of_everything(number: int) -> None:
    """Add a row to every list, each with rows of its own behind it."""
    day = date(2026, 1, 1) + timedelta(days=number)
    group = make_group()
    trader = make_trader(group, accounts=2, offices=f"Office {number}", floor=number)
    make_account(trader, is_sim=True)
    user = make_user(group=group, trader=trader, is_staff=number % 2 == 0, last_login=AT)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    record(
        scope="authentication", action="login", entity=("custom_user", user.pk), by=user.email,
        at=AT, trader_id=trader.pk, source=(None, "api"),
    )  # fmt: skip
    _facts(number, day, group)
    platform = Platform.objects.create(code=f"p{number}", name=f"Platform {number}")
    connection = Connection.objects.create(
        name=f"Connection {number}", platform=platform, environment="live", group=group,
        base_url="https://tt.test", history_from=day,
    )  # fmt: skip
    Feed.objects.create(connection=connection, stream=Stream.FILLS, due_at=AT)
    contract = Contract.objects.order_by("-pk")[0]
    Roll.objects.create(product=contract.product, from_day=day, contract=contract, source="volume")
    BarDay.objects.create(connection=connection, contract=contract, day=day, read_until=AT)
    Instrument.objects.create(
        platform=platform, environment="live", external_id=str(number), state="known",
        contract=contract,
    )  # fmt: skip
    WelcomePrompt.objects.create(
        date=date(2026, 1, 5), group=group, trader=trader, product=Product.objects.all()[number],
        prompt_type="weekly", prompt_message=f"Prompt {number}", made_at=AT,
    )  # fmt: skip
    MissingRate.objects.create(currency="EUR", day=day, next_try_at=AT)
    QuarantinedRow.objects.create(
        connection=connection, stream=Stream.FILLS, reason="odd", raw={}, digest=str(number),
        first_seen_at=AT, last_seen_at=AT,
    )  # fmt: skip
    ImportRun.objects.create(
        stream=Stream.FILLS, file=f"{number}.csv", sha256="x", ran_at=AT, rows_read=1, rows_new=1,
        rows_duplicate=0, rows_rejected=0,
    )  # fmt: skip
    alarm = Alarm.objects.create(
        kind="poll_late", subject=str(number), sentence="late", began_at=AT, last_seen_at=AT
    )
    Notice.objects.create(alarm=alarm, event="began", channel="mail", written_at=AT, due_at=AT)
    every = IntervalSchedule.objects.create(every=number + 10, period=IntervalSchedule.SECONDS)
    night = CrontabSchedule.objects.create(minute=str(number))
    PeriodicTask.objects.create(name=f"often {number}", task="x", interval=every)
    PeriodicTask.objects.create(name=f"nightly {number}", task="x", crontab=night)
    PermissionGroup.objects.create(name=f"Back office {number}")


def _facts(number: int, day: date, group) -> None:
    product = Product.objects.order_by("symbol")[number]
    make_contract()
    Contract.objects.create(
        name=f"{product.symbol} {number}", product=product, expiry_month=date(2026, 6, 1),
        currency="USD", tick_size=1,
    )  # fmt: skip
    FxRate.objects.create(currency="EUR", day=day, usd_per_unit=1)
    FeeSchedule.objects.create(group=group, product=product, from_day=day, per_side=1)
    CalendarEvent.objects.create(
        name=f"CPI {number}", event_type="cpi", country="US", importance="high", at=AT
    )

"""Files of calendar events: once, whole, and a later row brings the figures."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from futures.kinds import NewEvent
from futures.models import CalendarEvent
from ingestion.importers.calendar import read_events
from ingestion.importers.table import BadLine, FileRefused
from ingestion.models import ImportRun, QuarantinedRow

FILE = (
    Path(__file__).resolve().parents[2].parent
    / "shared" / "data" / "calendar" / "us_fomc_cpi_nfp.csv"
)  # fmt: skip
EVENTS = """at,name,country,importance,event_type,actual,forecast,previous
2026-03-11T12:30:00Z,CPI,US,high,cpi,,0.2%,0.4%
2026-03-12T13:15:00Z,Rate decision,EU,high,ecb,,2.00%,2.00%
"""


def run(*args: object) -> str:
    said = StringIO()
    call_command("import_calendar", *map(str, args), stdout=said)
    return said.getvalue()


@pytest.fixture
def write(tmp_path):
    def file(text: str) -> Path:
        path = tmp_path / "events.csv"
        path.write_text(text)
        return path

    return file


@pytest.mark.django_db
@pytest.mark.skipif(not FILE.is_file(), reason=f"the real dates are not at {FILE}")
def test_the_real_dates_load_as_they_are():
    first = run(FILE)
    rows = list(CalendarEvent.objects.order_by("id").values())
    second = run(FILE)

    name = FILE.name
    assert first == f"{name}: 218 events read, 218 new, 0 known already, 0 rejected\n"
    assert second == f"{name}: 218 events read, 0 new, 218 known already, 0 rejected\n"
    assert list(CalendarEvent.objects.order_by("id").values()) == rows
    kinds = {(row["event_type"], row["country"], row["importance"]) for row in rows}
    assert kinds == {
        ("fomc", "US", "high"), ("cpi", "US", "high"), ("employment", "US", "high"),
    }  # fmt: skip
    summer = CalendarEvent.objects.get(event_type="cpi", at__date="2026-08-12")
    winter = CalendarEvent.objects.get(event_type="cpi", at__date="2013-01-16")
    assert (summer.at.hour, winter.at.hour) == (12, 13)  # 08:30 in New York
    assert "cited to bls.gov" in summer.source


@pytest.mark.django_db
def test_a_later_row_brings_the_figures_and_a_blank_takes_none_away(write):
    assert "2 new" in run(write(EVENTS))
    assert "0 new, 2 known already" in run(write(EVENTS))

    said = run(write(EVENTS.replace("cpi,,0.2%,0.4%", "cpi,0.3%,,0.5%")))

    assert said == ("events.csv: 2 events read, 0 new, 1 known already, 0 rejected, 1 changed\n")
    event = CalendarEvent.objects.get(event_type="cpi")
    assert (event.actual, event.forecast, event.previous) == ("0.3%", "0.2%", "0.5%")
    assert (event.source, CalendarEvent.objects.count()) == ("events.csv", 2)
    runs = ImportRun.objects.order_by("id")
    assert [(one.stream, one.rows_new) for one in runs] == [("calendar", 2)] + [("calendar", 0)] * 2


@pytest.mark.django_db
def test_two_rows_of_one_event_in_one_file_are_one_event(write):
    text = EVENTS + "2026-03-11T12:30:00Z,CPI,US,medium,cpi,0.3%,,\n"
    said = run(write(text))

    assert said.startswith("events.csv: 3 events read, 2 new, 1 known already")
    event = CalendarEvent.objects.get(event_type="cpi")
    assert (event.importance, event.actual, event.forecast) == ("medium", "0.3%", "0.2%")


@pytest.mark.django_db
def test_a_dry_run_stores_nothing(write):
    said = run(write(EVENTS), "--dry-run")

    assert "2 new" in said
    assert "nothing is stored" in said
    assert not CalendarEvent.objects.exists()
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_bad_lines_are_named_with_reason_and_line_and_stop_nothing(write):
    text = EVENTS + (
        "yesterday,CPI,US,high,,,,\n"
        "2026-03-13T12:30:00Z,CPI,Utopia,high,,,,\n"
        "2026-03-14T12:30:00Z,CPI,US,vast,,,,\n"
        "2026-03-15T12:30:00Z,,US,high,,,,\n"
        "2026-03-16T12:30:00Z,CPI,US,high\n"
        f"2026-03-17T12:30:00Z,CPI,US,high,,{'9' * 61},,\n"
        "2026-03-18T12:30:00Z,CPI,US,high,???,,,\n"
    )
    said = run(write(text))

    assert "9 events read, 2 new, 0 known already, 7 rejected" in said
    assert all(f"(line {number})" in said for number in range(4, 11))
    rows = QuarantinedRow.objects.filter(stream="calendar").order_by("line")
    assert [row.line for row in rows] == list(range(4, 11))


@pytest.mark.parametrize(
    ("text", "options", "event"),
    [
        (
            "Date;Time;Currency;Event;Impact;Actual;Consensus;Prior\n"
            "2026-03-09;08:30;USD;Core CPI m/m;Moderate;;0.2%;\n",
            {"timezone": "America/New_York"},
            NewEvent(
                "US", "Core CPI m/m", datetime(2026, 3, 9, 12, 30, tzinfo=UTC), "cpi", "medium",
                None, "0.2%", None,
            ),
        ),
        (
            "datetime,title\n2026-12-07 23:30+00:00,Tankan  survey\n",
            {"country": "jp", "importance": "1"},
            NewEvent(
                "JP", "Tankan survey", datetime(2026, 12, 7, 23, 30, tzinfo=UTC), "other", "low"
            ),
        ),
        (
            "release_utc,event,country,importance,type,source\n"
            "2026-03-19T12:00:00Z,MPC,United Kingdom,HIGH,Rate Decision,the bank\n",
            {},
            NewEvent(
                "GB", "MPC", datetime(2026, 3, 19, 12, tzinfo=UTC), "rate_decision", "high",
                source="the bank",
            ),
        ),
    ],
)  # fmt: skip
def test_other_headers_and_words(text, options, event):
    assert list(read_events(text, **options)) == [event]


@pytest.mark.parametrize(
    ("name", "event_type"),
    [
        ("FOMC rate decision", "fomc"),
        ("FOMC Meeting Minutes", "speech"),
        ("Employment Situation (NFP)", "employment"),
        ("Initial Jobless Claims", "jobless_claims"),
        ("EIA Crude Oil Inventories", "crude_inventories"),
        ("ISM Manufacturing PMI", "ism"),
        ("Flash Manufacturing PMI", "pmi"),
        ("ECB Main Refinancing Rate", "ecb"),
        ("Cash Rate", "rate_decision"),
        ("Core PCE Price Index m/m", "pce"),
        ("Bank Holiday", "other"),
    ],
)
def test_the_name_tells_the_type(name, event_type):
    (event,) = read_events(f"at,name,country,importance\n2026-03-02T12:00Z,{name},US,low\n")
    assert not isinstance(event, BadLine)
    assert event.event_type == event_type


def test_an_hour_that_is_there_twice_is_refused_in_its_line():
    text = "date,time,name,country,importance\n2026-11-01,01:30,Vote,US,low\n"
    (line,) = read_events(text, timezone="America/New_York")
    assert isinstance(line, BadLine)
    assert "the clocks change" in line.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("name,country\n", "needs the columns at, importance"),
        ("at,name,country,importance\n2026-03-02 12:00,X,US,low\n", "--timezone"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(db, write, text, reason):
    with pytest.raises(FileRefused, match=reason):
        list(read_events(write(text)))
    with pytest.raises(CommandError, match=reason):
        run(write(text))

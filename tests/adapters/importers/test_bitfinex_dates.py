"""Dates in the user's order: told by the file as a whole, or not at all."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.importers.bitfinex.bitfinex import Bitfinex
from tests.adapters.importers.bitfinex_reports import ORDERS, Reports
from tests.adapters.importers.outcomes import Outcomes, read

HEADER = "#,DESCRIPTION,CURRENCY,AMOUNT,BALANCE,DATE,WALLET"


def ledger(*dates: str, numbers: bool = True) -> Outcomes:
    """A deposit on each of these dates, as they are written; the numbers rise."""
    rows = [
        f"{number},Deposit (WIRE) #{number} on wallet exchange,USD,1,{count},{date},exchange"
        for count, (number, date) in enumerate(enumerate(dates, start=101), start=1)
    ]
    if not numbers:
        rows = [row.partition(",")[2] for row in rows]
    header = HEADER if numbers else HEADER.removeprefix("#,")
    return read(Bitfinex(), {"ledgers.csv": "\n".join([header, *reversed(rows)])})


def days(outcomes: Outcomes) -> list[str]:
    return [event.at.strftime("%Y-%m-%d %H:%M:%S") for event in outcomes.events]


@pytest.mark.parametrize(
    ("written", "is_"),
    [
        ("2024-02-01 10:00:00", "2024-02-01 10:00:00"),
        ("2024-02-01T10:00:00.250Z", "2024-02-01 10:00:00"),
        ("2024/02/01 10:00:00", "2024-02-01 10:00:00"),
        ("24-02-01 10:00:00", "2024-02-01 10:00:00"),  # neither 2001, nor a month 24
        ("10-31-23 10:00:00", "2023-10-31 10:00:00"),
        ("31-12-2023 10:00:00", "2023-12-31 10:00:00"),
        ("12/31/2023 10:00:00", "2023-12-31 10:00:00"),
    ],
)
def test_a_date_that_can_be_read_in_one_way(written: str, is_: str) -> None:
    assert days(ledger(written)) == [is_]


@pytest.mark.parametrize("written", ["12-11-13 10:00:00", "04-05-2024 10:00:00"])
def test_a_date_that_can_be_read_in_two_ways_is_no_date(written: str) -> None:
    outcomes = ledger(written)
    (fault,) = outcomes.faults
    assert (fault.line, fault.column, outcomes.events) == (0, "DATE", [])
    assert "the order of day, month and year cannot be told" in fault.problem


def test_one_date_decides_for_all() -> None:
    assert days(ledger("04-05-2024 10:00:00", "13-05-2024 10:00:00")) == [
        "2024-05-04 10:00:00",
        "2024-05-13 10:00:00",
    ]


def test_rising_numbers_decide() -> None:
    """05-04 before 06-03: in March and April the other way round."""
    dates = ("05-04-2024 10:00:00", "06-03-2024 10:00:00")
    assert days(ledger(*dates)) == ["2024-05-04 10:00:00", "2024-06-03 10:00:00"]
    assert ledger(*dates, numbers=False).events == []


def test_files_whose_numbers_go_on_decide_together() -> None:
    """Day first, number 3 of 8 July would be older than number 2 of the other file."""
    row = "{0},Deposit #{0} on wallet exchange,USD,1,{0},{1} 10:00:00,exchange"
    several = [HEADER, row.format(1, "06-07-2024"), row.format(3, "08-07-2024")]
    one = [HEADER, row.format(2, "07-20-2024")]
    files = {"a.csv": "\n".join(one), "b.csv": "\n".join(several)}
    assert days(read(Bitfinex(), files)) == [
        "2024-06-07 10:00:00",
        "2024-07-20 10:00:00",
        "2024-08-07 10:00:00",
    ]
    assert read(Bitfinex(), {"b.csv": files["b.csv"]}).events == []


def test_a_date_of_another_order_is_a_fault_of_the_file() -> None:
    (fault,) = ledger("13-05-2024 10:00:00", "05-14-2024 10:00:00").faults
    assert fault.problem == "its dates are not all written in one order"


@pytest.mark.parametrize(
    "written", ["2024-02-31 10:00:00", "1 Feb 2024", "", "2024-02-01", "45000"]
)
def test_what_is_no_date_is_a_fault_of_its_row(written: str) -> None:
    outcomes = ledger("2024-01-31 10:00:00", written, "2024-03-01 10:00:00")
    assert [(f.line, f.column) for f in outcomes.faults if f.counts] == [(3, "DATE")]
    assert len(outcomes.events) == 2


def test_reports_of_another_zone_are_read_if_the_user_says_so() -> None:
    """New York: five hours behind in winter, four in summer; one hour of November was twice."""
    importer = Bitfinex().in_zone(ZoneInfo("America/New_York"))
    row = "{0},Deposit #{0} on wallet exchange,USD,1,{0},{1},exchange"
    times = ("2024-01-31 22:00:00", "2024-07-31 22:00:00", "2024-11-03 01:30:00")
    rows = [row.format(n, time) for n, time in enumerate(times, start=1)]
    outcomes = read(importer, {"l.csv": "\n".join([HEADER, *rows])})
    assert days(outcomes) == ["2024-02-01 03:00:00", "2024-08-01 02:00:00"]
    assert ["was twice in America/New_York" in said for said in outcomes.said] == [True]


@given(
    st.lists(st.dates(date(2012, 1, 1), date(2031, 12, 31)), min_size=1, max_size=12).map(sorted),
    st.sampled_from([*ORDERS]),
)
@settings(max_examples=150, deadline=None)
def test_an_order_is_told_right_or_not_at_all(dates: list[date], order: str) -> None:
    reports = Reports()
    for number, day in enumerate(dates):
        time = f"{day.isoformat()} 10:00:00"
        reports.line(time, f"Deposit (WIRE) #{number}", "USD", "1", "exchange")
    outcomes = read(Bitfinex(), {"ledgers.csv": reports.ledgers(order)})
    assert days(outcomes) in ([row[5] for row in reports.lines], [])
    assert bool(outcomes.faults) != bool(outcomes.events)
    assert order != "ISO" or not outcomes.faults

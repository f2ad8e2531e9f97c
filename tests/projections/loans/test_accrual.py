"""What interest a venue should have charged, beside what it did."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import events as e
from domain.interest_rules import PERIODS, rule_of
from projections.balances import Balances
from projections.loans.accrual import Accruals
from projections.loans.accrual_report import AccrualReport, LoanAccrual
from projections.prices import Marks
from projections.replay import replay
from projections.report import Report
from tests.laws.histories import ACCOUNTS, histories
from tests.story import Story, recorded, told

BEGUN = datetime(2025, 3, 4, tzinfo=UTC)


def terms(model: str, at: str = "2025-01-01T00:00:00Z", **more: Any) -> e.MarginTermsSet:
    return e.MarginTermsSet(at=at, id=f"terms {at}", model=model, **more)  # type: ignore[arg-type]


def under(book: Story, *agreed: e.MarginTermsSet, account: str = "binance/cross") -> Story:
    """The story, with these terms of an account known before it."""
    return recorded([*((account, t) for t in agreed), *((r.account, r.event) for r in book.log)])


def accrued(book: Story, at: str | None = None) -> AccrualReport:
    until = None if at is None else datetime.fromisoformat(at)
    balances, marks = Balances(), Marks("USD", timedelta(hours=24))
    fold = Accruals(balances, marks)
    happened = [r for r in book.replayed if until is None or r.event.at <= until]
    replay(happened, balances, marks, fold)
    return fold.report(until)


def loan(book: Story, at: str | None = None) -> LoanAccrual:
    (only,) = accrued(book, at).loans
    return only


def said(report: Report, *names: str) -> list[object]:
    shown = report.to_dict()
    return [shown[name] for name in names]


def ended(book: Story, at: str | None = None) -> list[object]:
    (only,) = accrued(book, at).ended
    return said(only, "loans", "expected", "charged", "difference")


BINANCE = terms("binance_cross", interest_rates={"USDT": "0.00001"})


# Clock hours --------------------------------------------------------------------------------------


def test_binances_own_example() -> None:
    """Exchanges: 2.6: 1,000 at 0.001 % an hour from 13:20 to 14:15 is two hours: 0.02."""
    book = under(
        told("""
            2025-03-04T13:20  binance/cross  borrowed  1000 USDT
            2025-03-04T14:15  binance/cross  repaid    1000 USDT  interest 0.02
        """),
        BINANCE,
    )
    before = loan(book, "2025-03-04T14:14:59+00:00")
    names = ("lent", "periods", "expected", "charged", "difference", "next_charge", "per_day")
    assert said(before, *names) == [
        "1000",
        "2",
        "0.02",
        "0",
        "-0.02",
        "2025-03-04T15:00:00Z",
        "0.24",
    ]
    assert ended(book) == [1, "0.02", "0.02", "0"]
    assert accrued(book).findings == ()


@pytest.mark.parametrize(
    ("borrowed", "repaid", "hours"),
    [
        ("13:20", "13:20", 1),
        ("13:20", "13:59:59", 1),
        ("13:20", "14:00", 2),
        ("14:00", "14:59", 1),
        ("14:00", "15:00", 2),
    ],
)
def test_the_hour_of_the_borrow_counts_and_each_full_hour_after_it(
    borrowed: str, repaid: str, hours: int
) -> None:
    """Exchanges: 2.2: hours = 1 + floor(t1 / 1 h) - floor(t0 / 1 h)."""
    book = told(f"""
        2025-03-04T{borrowed}  binance/cross  borrowed  1000 USDT
        2025-03-04T{repaid}    binance/cross  repaid    1000 USDT
    """)
    assert ended(under(book, BINANCE))[1] == str(Decimal("0.01") * hours)


@pytest.mark.parametrize("model", ["okx_isolated", "bybit_unified"])
def test_where_full_hours_are_charged_a_loan_between_two_costs_nothing(model: str) -> None:
    """OKX, VI. Interest Calculation: borrowed at 14:55 and repaid at 14:57; at 15:00 it is due."""
    book = told("""
        2025-03-04T14:55  binance/cross  borrowed  1000 USDT
        2025-03-04T14:57  binance/cross  repaid    1000 USDT
        2025-03-04T14:58  binance/cross  borrowed  1000 USDT
        2025-03-04T15:01  binance/cross  repaid    1000 USDT
    """)
    agreed = terms(model, interest_rates={"USDT": "0.00001"})
    assert accrued(under(book, agreed), "2025-03-04T14:59:00+00:00").loans[0].expected == 0
    assert ended(under(book, agreed))[1] == "0.01"


# Every four hours ---------------------------------------------------------------------------------

KRAKEN = terms("kraken", interest_rates={"USD": "0.00025", "ETH": "0.0002"})

SAMPLE = """
    2025-03-03                        deposited  20000 USD
    2025-03-03                        deposited  1 ETH     bought 2024-01-01 for 2000
    2025-03-04T10:00:05.123400+00:00  bought     1 BTC     @ 90000  on T  leverage 5  fee 234
    2025-03-04T10:00:05.123400+00:00  interest   22.5 USD balance  loan T
    2025-03-04T14:00:05               interest   22.5 USD balance  loan T
    2025-03-04T18:00:05               interest   22.5 USD balance  loan T
    2025-03-04T22:00:05               interest   22.5 USD balance  loan T
    2025-03-04T23:12:30               sold       0.4 BTC   @ 92000  on T
    2025-03-05T02:00:05               interest   13.5 USD balance  loan T
    2025-03-05T03:00:00               settled    T 0.1 BTC  for 9000
    2025-03-05T06:00:05               interest   11.25 USD balance  loan T
"""


def test_the_worked_example_of_kraken_to_the_digit() -> None:
    """Exchanges: 1.3: 22.50 at the opening of 90,000, rollovers of 22.50, 13.50 and 11.25."""
    book = under(told(SAMPLE), KRAKEN, account="kraken/main")
    figures = [
        (at, loan(book, f"{at}:06+00:00").expected)
        for at in (
            "2025-03-04T10:00",
            "2025-03-04T14:00",
            "2025-03-04T22:00",
            "2025-03-05T02:00",
            "2025-03-05T06:00",
        )
    ]
    assert [str(amount.normalize()) for _, amount in figures if amount is not None] == [
        "22.5",
        "45",
        "9E+1",
        "103.5",
        "114.75",
    ]
    now = loan(book, "2025-03-05T06:30:00+00:00")
    names = ("asset", "loan", "lent", "periods", "expected", "charged", "difference", "per_day")
    assert said(now, *names) == ["USD", "T", "45000", "6", "114.75", "114.75", "0", "67.5"]
    assert now.next_charge == datetime(2025, 3, 5, 10, 0, 5, 123400, tzinfo=UTC)
    assert accrued(book).findings == ()


def test_a_rollover_a_moment_before_its_four_hours_is_theirs() -> None:
    """The ledger's clock is to the second, the trade's finer: 14:00:05 is before 14:00:05.1234."""
    book = under(told("\n".join(SAMPLE.splitlines()[:6])), KRAKEN, account="kraken/main")
    assert accrued(book, "2025-03-04T14:00:05+00:00").findings == ()
    assert loan(book, "2025-03-04T14:00:05+00:00").difference == 0


def test_a_short_owes_units_and_its_opening_in_dollars_is_compared_by_value() -> None:
    """Exchanges: 1.3: 2 ETH at 2,200: 0.88 USD at the opening is 0.0004 ETH, as is a rollover."""
    book = told("""
        2025-03-05T06:30  sold      2 ETH       @ 2200  on S  leverage 5
        2025-03-05T06:30  interest  0.88 USD balance  loan S
        2025-03-05T10:30  interest  0.0004 ETH balance  loan S
    """)
    row = loan(under(book, KRAKEN, account="kraken/main"))
    assert said(row, "asset", "lent", "expected", "charged", "difference", "by_value") == [
        "ETH",
        "2",
        "0.0008",
        "0.0008",
        "0",
        True,
    ]


def test_a_position_keeps_the_rate_of_its_opening() -> None:
    """Kraken, 10 Feb 2026: the rollover rate is locked in at the time of order execution."""
    book = told("""
        2025-03-04T10:00  bought  1 BTC  @ 90000  on OLD  leverage 5
        2025-03-04T11:00  bought  1 BTC  @ 90000  on NEW  leverage 5
    """)
    later = terms("kraken", at="2025-03-04T10:30:00Z", interest_rates={"USD": "0.0001"})
    rows = accrued(under(book, KRAKEN, later, account="kraken/main")).loans
    assert [(row.loan, str(row.rate)) for row in rows] == [("NEW", "0.0001"), ("OLD", "0.00025")]


def test_a_position_that_turns_round_owes_the_other_asset_from_then_on() -> None:
    book = told("""
        2025-03-04T10:00  bought  1 ETH  @ 2000  on P  leverage 5
        2025-03-04T11:00  sold    3 ETH  @ 2000  on P  leverage 5
    """)
    report = accrued(under(book, KRAKEN, account="kraken/main"))
    (row,) = report.loans
    assert said(row, "asset", "lent", "opened") == ["ETH", "2", "2025-03-04T11:00:00Z"]
    (gone,) = report.ended
    assert said(gone, "asset", "expected") == ["USD", "0.5"]


# By the second ------------------------------------------------------------------------------------


def test_bitfinex_counts_seconds() -> None:
    """amount x daily rate x seconds / 86,400: 10,000 at 0.06 % for 6 hours is 1.50."""
    book = told("""
        2025-03-04T10:00  bitfinex/margin  borrowed  10000 USD
        2025-03-04T16:00  bitfinex/margin  repaid    10000 USD  interest 1.50
    """)
    agreed = terms("bitfinex", interest_rates={"USD": "0.0006"})
    book = under(book, agreed, account="bitfinex/margin")
    running = loan(book, "2025-03-04T13:00:00+00:00")
    names = ("every", "periods", "expected", "next_charge", "per_day")
    assert said(running, *names) == ["day", "0.125", "0.75", None, "6"]
    assert ended(book) == [1, "1.5", "1.5", "0"]


def test_by_the_second_each_charge_may_be_rounded() -> None:
    """10,000 at 0.06 % cost 6 a day, 0.25 an hour: three charges of 20 minutes are 0.083333..."""
    agreed = terms("bitfinex", interest_rates={"USD": "0.0006"})
    text = """
        2025-03-04T10:00  bitfinex/margin  borrowed  10000 USD
        2025-03-04T10:20  bitfinex/margin  interest  {0} USD balance
        2025-03-04T10:40  bitfinex/margin  interest  {0} USD balance
        2025-03-04T11:00  bitfinex/margin  interest  {0} USD balance
        2025-03-04T11:00  bitfinex/margin  repaid    10000 USD
    """
    for charged, found in (("0.083", 0), ("0.084", 1)):
        book = under(told(text.format(charged)), agreed, account="bitfinex/margin")
        assert len(accrued(book).findings) == found


# What parts them ----------------------------------------------------------------------------------


def test_a_rate_that_is_another_one_is_found_where_it_began() -> None:
    book = told(SAMPLE.replace("interest   13.5", "interest   14.5"))
    (found,) = accrued(
        under(book, KRAKEN, account="kraken/main"), "2025-03-05T20:00+00:00"
    ).findings
    assert (found.kind, found.severity, found.account, found.asset, found.event) == (
        "interest_differs",
        "warning",
        "kraken/main",
        "USD",
        "9",
    )
    assert found.at == datetime(2025, 3, 5, 2, 0, 5, 123400, tzinfo=UTC)
    assert "148.5 USD expected at 0.00025 every 4 hours, 115.75 charged (-32.75)" in found.problem
    assert "of T " in found.problem


def test_a_charge_that_is_missing_is_found_at_its_hour() -> None:
    text = """
        2025-03-04T13:20  binance/cross  borrowed  1000 USDT
        2025-03-04T13:20  binance/cross  interest  0.01 USDT balance
        2025-03-04T15:00  binance/cross  interest  0.01 USDT balance
        2025-03-04T15:30  binance/cross  repaid    1000 USDT
    """
    (found,) = accrued(under(told(text), BINANCE)).findings
    assert found.at == datetime(2025, 3, 4, 14, tzinfo=UTC)
    assert "0.03 USDT expected" in found.problem
    assert "0.02 charged (-0.01)" in found.problem


def test_one_that_is_doubled_is_found_with_its_event() -> None:
    text = """
        2025-03-04T13:20  binance/cross  borrowed  1000 USDT
        2025-03-04T13:20  binance/cross  interest  0.01 USDT balance
        2025-03-04T13:25  binance/cross  interest  0.01 USDT balance
        2025-03-04T13:30  binance/cross  repaid    1000 USDT
    """
    (found,) = accrued(under(told(text), BINANCE)).findings
    assert found.event == "3"
    assert "(+0.01)" in found.problem


def test_what_is_due_this_hour_may_still_come() -> None:
    text = """
        2025-03-04T13:20  binance/cross  borrowed  1000 USDT
        2025-03-04T13:20  binance/cross  interest  0.01 USDT balance
    """
    book = under(told(text), BINANCE)
    assert accrued(book, "2025-03-04T14:59:00+00:00").findings == ()
    assert len(accrued(book, "2025-03-04T15:00:00+00:00").findings) == 1


def test_a_charge_that_comes_after_the_end_still_counts() -> None:
    """Bybit takes it five minutes after the hour."""
    text = """
        2025-03-04T14:50  binance/cross  borrowed  1000 USDT
        2025-03-04T15:02  binance/cross  repaid    1000 USDT
        2025-03-04T15:05  binance/cross  interest  0.01 USDT balance
        2025-03-06T15:05  binance/cross  borrowed  1 BTC
    """
    agreed = terms("bybit_unified", interest_rates={"USDT": "0.00001"})
    report = accrued(under(told(text), agreed))
    assert report.findings == ()
    assert report.ended[0].difference == 0


def test_rounding_to_the_venues_digits_is_no_difference() -> None:
    """Each charge may be off by half a unit of the last decimal that is written, no more."""
    text = """
        2025-03-04T13:20  binance/cross  borrowed  333 USDT
        2025-03-04T13:20  binance/cross  interest  0.0033 USDT balance
        2025-03-04T14:00  binance/cross  interest  {} USDT balance
        2025-03-04T14:30  binance/cross  repaid    333 USDT
    """
    assert accrued(under(told(text.format("0.0033")), BINANCE)).findings == ()
    assert len(accrued(under(told(text.format("0.0035")), BINANCE)).findings) == 1


def test_interest_that_rounds_to_nothing_need_not_be_charged() -> None:
    """1,000 at 0.06 % a day for 1 ms are 7E-9, which 8 decimals write as 1E-8; 0.6 ms are 4E-9."""
    agreed = terms("bitfinex", interest_rates={"USD": "0.0006"})
    text = """
        2025-03-04T10:00:00.000000  bitfinex/margin  borrowed  1000 USD
        2025-03-04T10:00:00.{}      bitfinex/margin  repaid    1000 USD
    """
    for until, found in (("000600", 0), ("001000", 1)):
        book = told(text.format(until))
        findings = accrued(under(book, agreed, account="bitfinex/margin")).findings
        assert [finding.kind for finding in findings] == ["interest_differs"] * found


def test_interest_on_the_debt_is_charged_once_and_its_payment_is_no_second_charge() -> None:
    book = told("""
        2025-03-04T13:20  binance/cross  borrowed  1000 USDT
        2025-03-04T13:20  binance/cross  interest  0.01 USDT debt
        2025-03-04T14:00  binance/cross  interest  0.01 USDT debt
        2025-03-04T14:15  binance/cross  repaid    1000 USDT  interest 0.02
    """)
    assert ended(under(book, BINANCE)) == [1, "0.02", "0.02", "0"]


def test_a_change_of_terms_changes_the_rate_from_then_on() -> None:
    book = told("2025-03-04T13:20  binance/cross  borrowed  1000 USDT")
    dearer = terms("binance_cross", at="2025-03-04T15:30:00Z", interest_rates={"USDT": "0.00002"})
    row = loan(under(book, BINANCE, dearer), "2025-03-04T17:00:00+00:00")
    assert said(row, "periods", "expected", "rate") == ["5", "0.07", "0.00002"]


def test_part_repaid_and_more_borrowed_split_the_hours_exactly() -> None:
    """3 x 0.01 at 1,000, one hour at 400, the first hour of 600 more, one hour at 1,000."""
    book = told("""
        2025-03-04T13:20  binance/cross  borrowed  1000 USDT
        2025-03-04T15:10  binance/cross  repaid    600 USDT
        2025-03-04T16:10  binance/cross  borrowed  600 USDT
    """)
    row = loan(under(book, BINANCE), "2025-03-04T17:00:00+00:00")
    assert row.expected == Decimal("0.03") + Decimal("0.004") + Decimal("0.006") + Decimal("0.01")


# What cannot be compared --------------------------------------------------------------------------


@pytest.mark.parametrize("agreed", [(), (terms("binance_cross"),)])
def test_without_a_rate_nothing_is_expected_and_nothing_compared(
    agreed: tuple[e.MarginTermsSet, ...],
) -> None:
    text = """
        2025-03-04T13:20  binance/cross  borrowed  1000 USDT
        2025-03-04T15:20  binance/cross  interest  7 USDT balance
    """
    report = accrued(under(told(text), *agreed), "2025-03-05T00:00:00+00:00")
    (row,) = report.loans
    names = ("rate", "every", "expected", "charged", "difference", "per_day", "uncompared")
    assert said(row, *names) == [
        None,
        None,
        None,
        "7",
        None,
        None,
        "no interest rate of USDT is known",
    ]
    assert report.findings == ()


def test_a_rate_that_comes_late_counts_from_when_it_is_known() -> None:
    text = """
        2025-03-04T13:20  binance/cross  borrowed  1000 USDT
        2025-03-04T14:00  binance/cross  interest  7 USDT balance
        2025-03-04T15:00  binance/cross  interest  0.01 USDT balance
    """
    late = terms("binance_cross", at="2025-03-04T14:30:00Z", interest_rates={"USDT": "0.00001"})
    row = loan(under(told(text), late))
    assert said(row, "opened", "since", "expected", "charged") == [
        "2025-03-04T13:20:00Z",
        "2025-03-04T14:30:00Z",
        "0.01",
        "0.01",
    ]


def test_interest_in_another_coin_is_compared_by_value_or_not_at_all() -> None:
    """Exchanges: 0.4: interest on USDT, paid in BNB."""
    charge = e.InterestCharged(
        at="2025-03-04T13:20:00Z",  # type: ignore[arg-type]
        id="bnb",
        asset="BNB",
        quantity="0.00002",  # type: ignore[arg-type]
        settled="balance",
        loan_asset="USDT",
    )
    borrowed = told("2025-03-04T13:20  binance/cross  borrowed  1000 USDT").log[0].event
    prices = told("""
        2025-03-04T13:00  price  BNB  500
        2025-03-04T13:00  price  USDT 1
    """)
    events = [("binance/cross", BINANCE), ("binance/cross", borrowed), ("binance/cross", charge)]
    unknown = loan(recorded(events))
    assert said(unknown, "charged", "difference", "uncompared") == [
        "0",
        None,
        "0.00002 BNB charged, of unknown price",
    ]
    known = loan(recorded([*((r.account, r.event) for r in prices.log), *events]))
    assert said(known, "charged", "difference", "by_value") == ["0.01", "0", True]


def test_what_differs_at_marks_is_worth_knowing_and_no_warning() -> None:
    """The venue's own rate of exchange is not known."""
    book = told("""
        2025-03-05T06:30  sold      2 ETH     @ 2200  on S  leverage 5
        2025-03-05T06:30  interest  0.99 USD balance  loan S
        2025-03-05T06:40  bought    2 ETH     @ 2200  on S
    """)
    (found,) = accrued(under(book, KRAKEN, account="kraken/main")).findings
    assert (found.kind, found.severity) == ("interest_differs", "info")
    assert "by value at marks" in found.problem


def test_a_charge_without_a_loan_is_found() -> None:
    book = told("2025-03-04T15:00  binance/cross  interest  0.01 USDT balance  loan L")
    (found,) = accrued(under(book, BINANCE)).findings
    assert (found.kind, found.event, found.severity) == ("interest_without_loan", "1", "warning")
    assert accrued(book).findings == ()


def test_a_charge_may_stand_before_its_loan_in_one_instant() -> None:
    book = told("""
        2025-03-04T13:20  binance/cross  interest  0.01 USDT balance
        2025-03-04T13:20  binance/cross  borrowed  1000 USDT
        2025-03-04T13:30  binance/cross  repaid    1000 USDT
    """)
    report = accrued(under(book, BINANCE))
    assert report.findings == ()
    assert report.ended[0].difference == 0


def test_a_charge_that_names_no_loan_is_laid_on_all_in_turn() -> None:
    book = told("""
        2025-03-04T13:20  binance/cross  borrowed  1000 USDT  loan A
        2025-03-04T13:20  binance/cross  borrowed  500 USDT   loan B
        2025-03-04T13:20  binance/cross  interest  0.015 USDT balance
    """)
    rows = accrued(under(book, BINANCE)).loans
    shown = [said(row, "loan", "expected", "charged") for row in rows]
    assert shown == [["A", "0.01", "0.01"], ["B", "0.005", "0.005"]]


def test_what_was_forgiven_costs_no_more() -> None:
    book = told("""
        2025-03-04T13:20  binance/cross  borrowed   1000 USDT
        2025-03-04T14:10  binance/cross  forgiven   400 USDT
    """)
    row = loan(under(book, BINANCE), "2025-03-04T15:00:00+00:00")
    assert said(row, "lent", "expected") == ["600", "0.026"]


def test_what_has_ended_is_let_go() -> None:
    """Memory is bounded by what is open."""
    lines = []
    for day in range(1, 29):
        lines.append(f"2025-02-{day:02}T10:00  bought  1 BTC  @ 90000  on P{day}  leverage 5")
        lines.append(f"2025-02-{day:02}T10:30  sold    1 BTC  @ 90000  on P{day}")
    balances, marks = Balances(), Marks("USD", timedelta(hours=24))
    fold = Accruals(balances, marks)
    book = under(told("\n".join(lines)), KRAKEN, account="kraken/main")
    replay(book.replayed, balances, marks, fold)
    assert len(list(fold._all())) <= 2
    (total,) = fold.report().ended
    assert said(total, "loans", "expected", "charged") == [28, "630", "0"]
    assert len(fold.report().findings) == 28


# Laws ---------------------------------------------------------------------------------------------

MODELS = ("binance_cross", "kraken", "okx_isolated", "bitfinex")
STEPS = st.lists(
    st.tuples(
        st.integers(0, 10 * 60),  # minutes since the step before
        st.sampled_from(["borrow", "repay", "terms"]),
        st.integers(1, 500),
    ),
    min_size=1,
    max_size=12,
)


def history(model: str, steps: list[tuple[int, str, int]], parts: int = 1) -> list[e.Event]:
    """Borrowed, repaid and charged other rates; each loan in so many equal parts."""
    told: list[e.Event] = [terms(model, interest_rates={"USD": "0.0003"})]
    at, owed = BEGUN, 0
    for number, (pause, kind, size) in enumerate(steps):
        at += timedelta(minutes=pause)
        if kind == "terms":
            rates = {"USD": Decimal(size) / 100000}
            told.append(terms(model, at=at.isoformat(), interest_rates=rates))
        elif kind == "borrow":
            owed += size
            for part in range(parts):
                name, units = f"{number}/{part}", Decimal(size) / parts
                told.append(e.Borrowed(at=at, id=name, asset="USD", quantity=units))
        elif owed:
            units = Decimal(min(size, owed))
            owed -= int(units)
            told.append(e.Repaid(at=at, id=f"{number}", asset="USD", quantity=units))
    return told


def oracle(model: str, told: list[e.Event], until: datetime) -> Fraction:
    """The interest in fractions, minute by minute."""
    rule = rule_of(terms(model))
    total, lent, rate, agreed = Fraction(0), Fraction(0), Fraction(0), Fraction(0)
    minute = timedelta(minutes=1)
    length = PERIODS[rule.every] // minute
    now = opened = BEGUN
    for event in [*told, None]:
        end = until if event is None else event.at
        while now < end:
            now += minute
            gone = (now - opened) // minute if rule.from_opening else int(now.timestamp()) // 60
            if rule.by_second:
                total += lent * rate / 1440
            elif gone % length == 0:
                total += lent * rate
        if isinstance(event, e.MarginTermsSet):
            agreed = Fraction(dict(event.interest_rates)["USD"])
            if not rule.locked:
                rate = agreed
        elif isinstance(event, e.Borrowed):
            if not lent:
                opened, rate = event.at, agreed
            lent += Fraction(event.quantity)
            if rule.at_once:
                total += Fraction(event.quantity) * rate
        elif isinstance(event, e.Repaid):
            lent -= Fraction(event.quantity)
    return total


def due(told: list[e.Event], until: datetime) -> Decimal:
    report = accrued(recorded(("any/main", event) for event in told), until.isoformat())
    loans = sum((row.expected or Decimal(0) for row in report.loans), Decimal(0))
    return loans + sum((row.expected for row in report.ended), Decimal(0))


@given(st.sampled_from(MODELS), STEPS, st.integers(0, 30 * 60))
def test_it_is_what_a_naive_walk_gives(
    model: str, steps: list[tuple[int, str, int]], rest: int
) -> None:
    told = history(model, steps)
    until = max(told[-1].at, BEGUN) + timedelta(minutes=rest)
    found, naive = due(told, until), oracle(model, told, until)
    if model == "bitfinex":  # cut at 40 decimals, once a loan
        assert abs(Fraction(found) - naive) < Fraction(1, 10**20)
    else:
        assert Fraction(found) == naive


@given(st.sampled_from(MODELS), STEPS, st.sampled_from([2, 4, 5]))
def test_a_loan_in_parts_costs_the_same(
    model: str, steps: list[tuple[int, str, int]], parts: int
) -> None:
    whole, split = history(model, steps), history(model, steps, parts)
    until = max(whole[-1].at, BEGUN) + timedelta(hours=30)
    assert due(whole, until) == due(split, until)


@given(st.sampled_from(MODELS), STEPS, st.integers(1, 30 * 60))
def test_looking_earlier_changes_nothing(
    model: str, steps: list[tuple[int, str, int]], rest: int
) -> None:
    """A report is a look: the fold goes on as if nobody had asked."""
    told = recorded(("any/main", event) for event in history(model, steps))
    until = max(told.log[-1].event.at, BEGUN) + timedelta(minutes=rest)
    balances, marks = Balances(), Marks("USD", timedelta(hours=24))
    fold = Accruals(balances, marks)
    for event in told.replayed:
        replay([event], balances, marks, fold)
        fold.report(until + timedelta(days=2))
    assert fold.report(until) == accrued(told, until.isoformat())


@given(histories(), st.sampled_from(MODELS))
def test_any_history_can_be_accrued_and_owes_what_the_balances_owe(told: Story, model: str) -> None:
    """Also such as no venue would have allowed: nothing raises, positions owe what they owe."""
    rates = {"USD": "0.0003", "X": "0.0001", "Y": "0.0002"}
    begun = [(account, terms(model, interest_rates=rates)) for account in ACCOUNTS]
    book = recorded([*begun, *((r.account, r.event) for r in told.log)])
    balances, marks = Balances(), Marks("USD", timedelta(hours=24))
    fold = Accruals(balances, marks)
    replay(book.replayed, balances, marks, fold)
    report = fold.report()
    owed = {
        (name, position_name): position.cost if position.side > 0 else position.quantity
        for name, account in balances.accounts.items()
        for position_name, position in account.positions.items()
    }
    lent = {(row.account, row.loan): row.lent for row in report.loans if row.loan}
    assert lent == owed
    assert all(row.lent > 0 for row in report.loans)

"""Binance's margin: principal and interest of one row, forced trades, interest told elsewhere.

The story (tests/data/binance/story.csv), USDT of the cross account:

    02-01  20,000 come over, 30,000 borrowed; 1 BTC for 42,000, fee 42           7,958.00
    02-10  0.4 BTC for 18,000, fee 18; 15,009 repaid                            10,931.00
    03-01  5 ETH borrowed and sold for 17,000, fee 17                           27,914.00
    03-15  5 ETH for 15,500, fee 15.50, repaid                                  12,398.50
    04-10  0.6 BTC for 24,000, fee 24, liquidated; 15,000 repaid by force       21,374.50
    04-20  5,000 go back to Spot and are withdrawn                              16,374.50

30,000 were lent and 30,009 repaid: 9 are interest. The first repayment pays principal as far as
the statement knows, so 14,991 are owed until the last one pays them and the 9.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.events import DebtForgiven, InterestCharged, Liquidated, Repaid
from marginbook import Book
from tests.adapters.importers.binance_files import MARGIN, binance, statement, told
from tests.adapters.importers.fixtures import DATA, written
from tests.adapters.importers.outcomes import Outcomes, shown
from tests.adapters.importers.test_same_story import dollars_for_stablecoins, gains

STORY = DATA / "binance" / "story.csv"
JANUARY = 1706745600000  # 2024-02-01, in milliseconds
HOUR = 3600_000


def interest(*charges: tuple[int, str, str], **more: str) -> str:
    """The interest history: hours after 2024-02-01, type, quantity; `more` of every object."""
    rows = [
        {
            "txId": 4711 + number,
            "interestAccuredTime": JANUARY + hour * HOUR,
            "asset": "USDT",
            "rawAsset": "USDT",
            "principal": "30000",
            "interest": quantity,
            "interestRate": "0.00036",
            "type": type_,
            **more,
        }
        for number, (hour, type_, quantity) in enumerate(charges)
    ]
    return json.dumps({"rows": rows, "total": len(rows)})


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book.open(tmp_path / "book.db") as book:
        yield book


def balances(book: Book, at: str | None = None) -> dict[str, tuple[str, str, str]]:
    """Held, owed and interest owed, by account and asset."""
    return {
        f"{b.account.removeprefix('binance/')} {b.asset}": (
            f"{b.held.normalize():f}",
            f"{b.owed.normalize():f}",
            f"{b.interest_owed.normalize():f}",
        )
        for b in book.balances(at=datetime.fromisoformat(at) if at else None).balances
    }


# The story ----------------------------------------------------------------------------------------


def test_the_story_in_balances(book: Book) -> None:
    result = book.import_file(STORY)
    assert result.files[0].findings == ()
    assert balances(book, "2024-02-01T10:05:00Z") == {
        "cross BTC": ("1", "0", "0"),
        "cross USDT": ("7958", "30000", "0"),
    }
    assert balances(book, "2024-02-10T12:05:00Z")["cross USDT"] == ("10931", "14991", "0")
    assert balances(book, "2024-03-01T08:05:00Z") == {
        "cross BTC": ("0.6", "0", "0"),
        "cross ETH": ("0", "5", "0"),
        "cross USDT": ("27914", "14991", "0"),
    }
    assert balances(book) == {"cross USDT": ("16374.5", "0", "0")}


def test_interest_that_nobody_told_is_deducted_once(book: Book) -> None:
    book.import_file(STORY)
    assert not [r for r in book.events() if isinstance(r.event, InterestCharged)]
    repaid = [r.event for r in book.events() if isinstance(r.event, Repaid)]
    assert [(event.quantity, event.interest) for event in repaid] == [
        (Decimal(15009), Decimal(0)),
        (Decimal(5), Decimal(0)),
        (Decimal(14991), Decimal(9)),
    ]


def test_with_the_interest_history_a_repayment_pays_interest_first(
    book: Book, tmp_path: Path
) -> None:
    """9 charged on 02-02: of the 15,009, 9 are interest, and 15,000 stay owed."""
    page = interest((14, "PERIODIC", "9.00000000"))
    paths = [STORY, *written(tmp_path / "pages", {"interest.json": page.encode()})]
    result = book.import_files(paths)
    assert [file.findings for file in result.files] == [(), ()]
    assert balances(book, "2024-02-03T00:00:00Z")["cross USDT"] == ("7958", "30000", "9")
    assert balances(book, "2024-02-10T12:05:00Z")["cross USDT"] == ("10931", "15000", "0")
    assert balances(book) == {"cross USDT": ("16374.5", "0", "0")}
    charged = [r.event for r in book.events() if isinstance(r.event, InterestCharged)]
    assert sum(event.quantity for event in charged) == 9


@pytest.mark.parametrize("order", ["page, story", "story, page", "both", "story"])
@pytest.mark.parametrize("charged", ["9", "4"])
def test_in_whatever_order_the_files_come_interest_counts_once(
    book: Book, tmp_path: Path, order: str, charged: str
) -> None:
    """Also where the history lacks some of it: 9 are paid in all."""
    page = interest((14, "PERIODIC", charged)).encode()
    files = {"page": written(tmp_path / "pages", {"interest.json": page})[0], "story": STORY}
    files["both"] = files["page"]
    for name in order.split(", "):
        paths = [STORY, files[name]] if name == "both" else [files[name]]
        assert not book.import_files(paths).has_findings
    assert balances(book) == {"cross USDT": ("16374.5", "0", "0")}
    dollars_for_stablecoins(book)
    assert book.tax_year(2024).to_dict()["form_4952"]["1"] == "9.00"


def test_the_gains_by_hand(book: Book) -> None:
    """18,000 - 18 - 16,800; 17,000 - 17 - 15,500; 24,000 - 24 - 25,200: the fees of purchases
    belong to the USDT that paid them (Reg. 1.1012-1(h)(2)(ii)(B)).
    """
    book.import_file(STORY)
    dollars_for_stablecoins(book)
    assert gains(book) == {"BTC 0.4": "1182.00", "BTC 0.6": "-1224.00", "ETH 5": "1483.00"}
    forced = [r.event for r in book.events() if isinstance(r.event, Liquidated)]
    assert [event.id for event in forced] == ["trade/2024-04-10T03:00:00Z/BTC-USDT/sell"]


def test_interest_on_form_4952(book: Book) -> None:
    book.import_file(STORY)
    dollars_for_stablecoins(book)
    assert book.tax_year(2024).to_dict()["form_4952"]["1"] == "9.00"


def test_twice_and_in_parts(tmp_path: Path) -> None:
    lines = STORY.read_text().splitlines(keepends=True)
    parts = {"1.csv": "".join(lines[:15]), "2.csv": "".join([lines[0], *lines[10:]])}
    paths = written(tmp_path / "parts", {name: text.encode() for name, text in parts.items()})
    with Book.open(tmp_path / "a.db") as whole, Book.open(tmp_path / "b.db") as cut:
        head = whole.import_file(STORY).head
        assert whole.import_file(STORY).head == head
        result = cut.import_files(paths)
        assert [file.findings for file in result.files] == [(), ()]
        assert balances(cut) == balances(whole)
        cut.import_file(STORY)
        assert [str(r.event) for r in cut.events() if r.source] == [
            str(r.event) for r in whole.events() if r.source
        ]


# Repayments ---------------------------------------------------------------------------------------

LENT = "2024-05-06 09:20:00, Cross Margin, Margin Loan, USDT, 20000"


def repaid(*amounts: str, loan: str = LENT) -> Outcomes:
    rows = [
        f"2024-05-{day:02} 15:05:00, Cross Margin, Margin Repayment, USDT, -{amount}"
        for day, amount in enumerate(amounts, start=7)
    ]
    return binance("\n".join([loan, *rows]))


def test_what_goes_beyond_the_principal_is_interest() -> None:
    """8,012.40 and 12,051.20 for 20,000: 63.60 of interest in all."""
    assert told(repaid("8012.40", "12051.20")) == [
        "cross Borrowed USDT 20000",
        "cross Repaid USDT 8012.4",
        "cross Repaid USDT 11987.6 63.6",
    ]


def test_a_repayment_of_interest_alone() -> None:
    assert repaid("20000", "63.60").events[2] == Repaid(
        at=datetime(2024, 5, 8, 15, 5, tzinfo=UTC),
        id=repaid("20000", "63.60").events[2].id,
        sequence=0,
        asset="USDT",
        quantity=Decimal(0),
        interest=Decimal("63.6"),
    )


def test_files_that_begin_within_a_loan_are_a_finding() -> None:
    outcomes = repaid("8012.40", loan="2024-05-06 09:00:00, Spot, Deposit, USDT, 1")
    assert told(outcomes) == ["main Deposited USDT 1"]
    (said,) = outcomes.said
    assert "repays more than these files show as borrowed (no USDT)" in said
    assert "Export from the account's first loan on, or give the earlier files along" in said


def test_more_than_interest_can_come_to_is_an_earlier_loan() -> None:
    """20,000 for a day: 30,000 repaid cannot be interest of 10,000; afterwards nothing is sure."""
    outcomes = repaid("30000", "100")
    assert told(outcomes) == ["cross Borrowed USDT 20000"]
    assert "more than these files show as borrowed (20000 USDT)" in outcomes.said[0]
    assert "an earlier part is missing" in outcomes.said[1]


# Liquidations -------------------------------------------------------------------------------------


def test_an_isolated_liquidation_bears_its_fee() -> None:
    outcomes = binance(isolated=(DATA / "binance" / "isolated.csv").read_text())
    assert outcomes.said == []
    assert told(outcomes) == [
        "main Deposited USDT 5000",
        "main Transferred USDT 5000 binance/isolated",
        "isolated Borrowed BTC 0.2",
        "isolated Filled sell BTC 0.2 13000 USDT 13",
        "isolated Filled buy BTC 0.1 6800 USDT 0.0001 BTC",
        "isolated Repaid BTC 0.0999",
        "isolated Liquidated buy BTC 0.1003 8003.94 USDT 8.00394 160",
        "isolated Repaid BTC 0.1001 0.0001",
    ]


def test_the_isolated_account_in_balances(book: Book) -> None:
    """USDT: 5,000 + 12,987 - 6,800 - 8,003.94 - 8.00394 - 160; BTC: 0.1003 - 0.1002."""
    assert book.import_file(DATA / "binance" / "isolated.csv").files[0].findings == ()
    assert balances(book) == {
        "isolated BTC": ("0.0001", "0", "0"),
        "isolated USDT": ("3015.05606", "0", "0"),
    }
    assert not [found for found in book.check() if found.kind == "negative_balance"]


FORCED = """
    2024-05-06 09:20:00, Cross Margin, Margin Loan, USDT, 20000
    2024-05-14 17:15:07, Cross Margin, Transaction Sold, BTC, -0.3
    2024-05-14 17:15:07, Cross Margin, Transaction Revenue, USDT, 13050
    2024-05-14 17:15:07, Spot, Transaction Sold, ETH, -1
    2024-05-14 17:15:07, Spot, Transaction Revenue, USDT, 3000
"""
TAKEN = "2024-05-14 17:15:08, Cross Margin, Cross Margin Liquidation - Repayment, USDT, -12000"


def kinds(outcomes: Outcomes) -> list[str]:
    return [line.split()[0] for line in shown(outcomes.events) if "ed" in line]


def test_a_sale_a_second_before_a_forced_repayment_is_forced() -> None:
    assert set(told(binance(FORCED, TAKEN))[1:]) == {
        "cross Liquidated sell BTC 0.3 13050 USDT",
        "main Filled sell ETH 1 3000 USDT",
        "cross Repaid USDT 12000",
    }


@pytest.mark.parametrize(
    "taken",
    [
        TAKEN.replace("17:15:08", "17:15:09"),
        TAKEN.replace("USDT", "ETH"),
        TAKEN.replace("Cross Margin Liquidation - Repayment", "Margin Repayment"),
    ],
)
def test_a_sale_earlier_or_for_another_coin_is_ones_own(taken: str) -> None:
    assert "Liquidated" not in kinds(binance(FORCED, taken))


def test_small_assets_taken_over_are_sold() -> None:
    word = "Cross Margin Liquidation - Small Assets Takeover"
    outcomes = binance(f"""
        2024-05-14 17:15:08, Cross Margin, {word}, BTC, -0.0001
        2024-05-14 17:15:09, Cross Margin, {word}, USDT, 4.35
    """)
    assert told(outcomes) == ["cross Liquidated sell BTC 0.0001 4.35 USDT"]


def test_a_liquidation_fee_of_no_sale_is_a_fee() -> None:
    outcomes = binance(
        "2024-05-14 17:15:08, Isolated Margin, Isolated Margin Liquidation - Fee, USDT, -4"
    )
    assert told(outcomes) == ["isolated FeeCharged USDT 4 liquidation"]


# Interest -----------------------------------------------------------------------------------------


def test_the_interest_history_names_coin_loan_and_pair() -> None:
    outcomes = binance(interest=(DATA / "binance" / "interest.json").read_text())
    assert told(outcomes) == [
        "isolated/BTCUSDT InterestCharged BTC 0.000001 debt BTC",
        "cross InterestCharged USDT 9 debt USDT",
        "cross InterestCharged BNB 0.0005 balance USDT",
    ]
    assert [event.id for event in outcomes.events[:2]] == [
        f"interest/135228657645286472{n}" for n in (5, 6)
    ]
    assert outcomes.said == []


def test_pages_that_overlap_count_once() -> None:
    first = interest((1, "PERIODIC", "1"), (2, "PERIODIC", "2"))
    second = interest((1, "PERIODIC", "1"), (2, "PERIODIC", "2"), (3, "PERIODIC", "3"))
    assert len(binance(first=first, second=second).events) == 3


def test_interest_of_another_type_is_a_finding() -> None:
    outcomes = binance(interest=interest((1, "PORTFOLIO", "1"), (2, "PERIODIC", "-1")))
    assert outcomes.events == []
    assert [fault.column for fault in outcomes.faults] == ["type", "interest"]


FEE = "2024-02-01 05:00:00, Cross Margin, Margin Fee, BNB, -0.0036"
BORROWED = "2024-02-01 00:00:00, Cross Margin, Margin Loan, USDT, 30000"


def test_a_margin_fee_is_interest_paid_at_once() -> None:
    assert told(binance(FEE)) == ["cross InterestCharged BNB 0.0036 balance"]


@pytest.mark.parametrize("charges", [("0.0036",), ("0.0012", "0.0012", "0.0012")])
def test_a_margin_fee_that_the_history_tells_counts_once(charges: tuple[str, ...]) -> None:
    page = interest(
        *((hour + 2, "PERIODIC_CONVERTED", charge) for hour, charge in enumerate(charges)),
        asset="BNB",
    )
    outcomes = binance(BORROWED, FEE, interest=page)
    assert outcomes.said == []
    assert outcomes.reasons == {"the interest history tells this charge by charge": 1}
    assert len(told(outcomes)) == 1 + len(charges)


def test_a_margin_fee_told_a_moment_before_the_history_counts_once() -> None:
    page = interest((5, "PERIODIC_CONVERTED", "0.0036"), asset="BNB")
    late = page.replace(str(JANUARY + 5 * HOUR), str(JANUARY + 5 * HOUR + 2500))
    outcomes = binance(BORROWED, FEE, interest=late)
    assert outcomes.reasons == {"the statement tells this as a margin fee": 1}
    assert told(outcomes)[1:] == ["cross InterestCharged BNB 0.0036 balance"]


def test_a_margin_fee_and_its_charge_given_apart_are_a_conflict(book: Book, tmp_path: Path) -> None:
    page = interest(*[(5, "PERIODIC_CONVERTED", "0.0036")] * 2, asset="BNB")
    files = {"s.csv": statement(FEE).encode(), "i.json": page.encode()}
    first, second = written(tmp_path, files)
    assert not book.import_files([first]).has_findings
    (result,) = book.import_files([second]).files
    assert (result.recorded, len(result.findings)) == (1, 1), "of two charges alike, one is new"


def test_a_margin_fee_given_after_its_charge_is_known(book: Book, tmp_path: Path) -> None:
    """It does not say for which loan, nor the millisecond."""
    page = interest((5, "PERIODIC_CONVERTED", "0.0036"), asset="BNB")
    late = page.replace(str(JANUARY + 5 * HOUR), str(JANUARY + 5 * HOUR + 3))
    files = {"i.json": late.encode(), "s.csv": statement(FEE).encode()}
    results = [book.import_file(path).files[0] for path in written(tmp_path, files)]
    assert [(r.recorded, r.known, r.findings) for r in results] == [(1, 0, ()), (0, 1, ())]


def test_a_margin_fee_that_contradicts_the_history_is_a_finding() -> None:
    page = interest((4, "PERIODIC_CONVERTED", "0.0035"), asset="BNB")
    (said,) = binance(BORROWED, FEE, interest=page).said
    assert "tells other charges in BNB before this" in said


def test_interest_of_isolated_loans_counts_once() -> None:
    """The statement names no pair: there the repayments tell it."""
    page = interest((1, "PERIODIC", "0.5"), isolatedSymbol="BTCUSDT")
    rows = f"""
        2024-02-01 00:00:00, Isolated Margin, Isolated Margin Loan, USDT, 1000
        2024-02-02 00:00:00, Isolated Margin, Isolated Margin Repayment, USDT, -1000.5
        2024-02-03 00:00:00, Spot, {MARGIN}, USDT, 0
    """
    outcomes = binance(rows, interest=page)
    assert outcomes.said == []
    assert told(outcomes) == ["isolated Borrowed USDT 1000", "isolated Repaid USDT 1000 0.5"]
    assert len(outcomes.reasons) == 2


def test_interest_of_isolated_loans_given_after_the_statement_counts_once(
    book: Book, tmp_path: Path
) -> None:
    """The statement told it with the repayment: nothing stays owed in an account of the pair."""
    rows = """
        2024-02-01 00:00:00, Isolated Margin, Isolated Margin Loan, USDT, 1000
        2024-02-02 00:00:00, Isolated Margin, Isolated Margin Repayment, USDT, -1000.5
    """
    page = interest((1, "PERIODIC", "0.5"), isolatedSymbol="BTCUSDT")
    files = written(tmp_path, {"s.csv": statement(rows).encode(), "i.json": page.encode()})
    results = [book.import_file(file).files[0] for file in files]
    assert [(r.recorded, r.known, r.findings) for r in results] == [(2, 0, ()), (0, 1, ())]
    assert not [line for line in book.balances().balances if line.interest_owed]


def test_interest_in_a_coin_is_paid_from_the_balance(book: Book, tmp_path: Path) -> None:
    rows = """
        2024-01-31 09:00:00, Spot, Deposit, BNB, 1
        2024-02-01 00:00:00, Cross Margin, Margin Loan, USDT, 30000
    """
    page = interest((1, "ON_BORROW_CONVERTED", "0.01"), asset="BNB")
    files = {"s.csv": statement(rows).encode(), "i.json": page.encode()}
    book.import_files(written(tmp_path, files))
    assert balances(book)["cross BNB"] == ("-0.01", "0", "0")
    assert balances(book)["cross USDT"] == ("30000", "30000", "0")
    assert not [r for r in book.events() if isinstance(r.event, DebtForgiven)]

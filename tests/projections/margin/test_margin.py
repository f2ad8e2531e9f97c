"""How far each account is from its margin call and its liquidation."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events import MarginTermsSet
from domain.money import exact
from projections.balances import Balances
from projections.margin.margin_report import margin
from projections.margin.margin_state import MarginState
from projections.prices import Marks
from projections.replay import replay
from projections.report import Report
from tests.story import Story, recorded, told

NOW = datetime(2025, 2, 1, tzinfo=UTC)


def states(book: Story, **prices: str) -> tuple[MarginState, ...]:
    balances, marks = Balances(), Marks("USD", timedelta(hours=24))
    replay(book.replayed, balances, marks)
    with exact():
        return margin(balances, marks, {asset: Decimal(price) for asset, price in prices.items()})


def state(book: Story, **prices: str) -> MarginState:
    (only,) = states(book, **prices)
    return only


def said(report: Report, *names: str) -> list[object]:
    """Some of its fields, as the report prints them."""
    shown = report.to_dict()
    return [shown[name] for name in names]


def cents(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:.2f}"


LONG = """
    2025-03-01  deposited  10000 USD
    2025-03-01  bought     1.5 BTC  @ 30000  on p  leverage 5
"""


def test_krakens_own_example() -> None:
    """Exchanges: 2.6: called at 28,133.33 (as on Kraken's page), liquidated at 25,733.33."""
    account = state(told(LONG))
    assert said(account, "collateral", "used_margin", "equity") == ["10000", "9000", "10000"]
    assert f"{account.level:.4f}" == "1.1111"
    assert (account.mode, account.model, account.status) == ("cross", "kraken", "healthy")
    reached = account.prices["BTC"]
    assert (cents(reached.call), cents(reached.liquidation)) == ("28133.33", "25733.33")
    (position,) = account.positions
    assert said(position, "side", "entry", "unrealised") == ["long", "30000", "0"]
    assert cents(position.call_price) == "28133.33"


def test_a_short_is_called_when_the_price_rises() -> None:
    """Exchanges: 2.1: short P0 - (k m - tb) / Q."""
    book = told(LONG.replace("bought", "sold"))
    reached = state(book).prices["BTC"]
    assert (cents(reached.call), cents(reached.liquidation)) == ("31866.67", "34266.67")


def test_collateral_in_the_coin_itself_counts_after_its_haircut() -> None:
    """Exchanges: 2.1: P = (k m - usd + Q P0) / (Q + c q)."""
    book = told("""
        2025-03-01  deposited  1000 USD
        2025-03-01  deposited  0.5 BTC  bought 2024-01-01 for 5000
        2025-03-01  bought     1.5 BTC  @ 30000  on p  leverage 5
    """)
    factors = {"BTC": "0.9"}
    terms = MarginTermsSet(at=NOW, id="terms", model="kraken", collateral_factors=factors)  # type: ignore[arg-type]
    events = [(r.account, r.event) for r in book.log]
    account = state(recorded([*events, ("kraken/main", terms)]))
    assert account.collateral == 1000 + Decimal("0.9") * 15000
    reached = account.prices["BTC"]
    assert (cents(reached.call), cents(reached.liquidation)) == ("26256.41", "24410.26")


@pytest.mark.parametrize(
    ("deposit", "status"),
    [
        ("7201", "healthy"),
        ("7200", "call"),
        ("3601", "call"),
        ("3600", "liquidation"),
        ("1", "liquidation"),
    ],
)
def test_a_level_is_reached_at_its_threshold(deposit: str, status: str) -> None:
    """Contract: "reached when level is at or beyond the threshold"."""
    assert state(told(LONG.replace("10000", deposit))).status == status


@settings(max_examples=100)
@given(
    st.decimals("100", "50000", places=2),
    st.decimals("0.1", "3", places=2),
    st.decimals("0", "2", places=2),
    st.sampled_from(["bought", "sold"]),
)
def test_at_its_threshold_price_an_account_has_that_level(
    usd: Decimal, quantity: Decimal, held: Decimal, side: str
) -> None:
    coins = f"2025-03-01  deposited  {held} BTC  bought 2024-01-01 for 1\n" if held else ""
    book = told(f"""
        2025-03-01  deposited  {usd} USD
        {coins}
        2025-03-01  {side}     {quantity} BTC  @ 30000  on p  leverage 5
    """)
    reached = state(book).prices.get("BTC")
    for price, level in (
        (reached and reached.call, "0.8"),
        (reached and reached.liquidation, "0.4"),
    ):
        if price is not None:
            there = state(book, BTC=str(price)).level
            assert there is not None
            assert abs(there - Decimal(level)) < Decimal("1E-20")


def test_results_and_prices_that_are_given_move_the_equity() -> None:
    account = state(told(LONG), BTC="29000")
    assert said(account, "equity") == ["8500"]
    assert said(account.positions[0], "unrealised") == ["-1500"]


def test_debt_with_its_unpaid_interest_lowers_the_equity() -> None:
    book = told(LONG + "2025-03-02  borrowed  500 USD\n2025-03-02  interest  20 USD debt")
    account = state(book)
    assert said(account, "collateral", "debt", "equity") == ["10500", "520", "9980"]


def test_a_part_that_is_closed_frees_its_margin() -> None:
    account = state(told(LONG + "2025-03-02  sold  0.5 BTC  @ 30000  on p  leverage 5"))
    assert account.used_margin == 6000


def test_positions_quoted_in_a_coin_are_valued_at_its_mark() -> None:
    book = told("""
        2025-03-01  price      BTC 30000
        2025-03-01  deposited  10000 USD
        2025-03-01  bought     10 ETH  @ 0.1 BTC  on p  leverage 2
    """)
    account = state(book, ETH="3300")
    assert said(account, "used_margin", "equity") == ["15000", "13000"]
    assert account.positions[0].mark == Decimal("0.11")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("deposited  9 USD\n2025-03-01  bought  1 BTC  @ 100  on p", "missing_leverage"),
        ("bought  1 BTC  @ 100  on p  leverage 2", "missing_collateral"),
        ("okx/main  borrowed  5 USD", "missing_terms"),
        ("deposited  1 ETH  bought 2024-01-01 for 1", "missing_price"),
    ],
)
def test_what_is_missing_is_found_and_no_level_is_made_up(text: str, kind: str) -> None:
    account = state(told(f"2025-03-01  {text}"))
    assert [finding.kind for finding in account.findings] == [kind]
    assert account.level is None


def test_collateral_that_comes_after_the_position_counts_while_it_is_there() -> None:
    """100 bought on 50 of margin; equity 40 is 80 %."""
    text = "2025-03-01  bought  1 BTC  @ 100  on p  leverage 2"
    later = f"{text}\n2025-03-02  deposited  40 USD"
    assert said(state(told(later)), "level", "status") == ["0.8", "call"]
    gone = state(told(f"{later}\n2025-03-03  withdrawn  40 USD"))
    assert gone.level is None
    assert "missing_collateral" in {finding.kind for finding in gone.findings}


def test_an_account_that_owes_nothing_is_healthy_without_terms() -> None:
    account = state(told("2025-03-01  self/wallet  deposited  5 USD"))
    assert (account.status, account.level, account.prices) == ("healthy", None, {})


def test_contracts_whose_positions_the_book_does_not_see_are_named() -> None:
    """A log tells what was settled, not what is open: an account called healthy may not be."""
    book = told("""
        2025-03-01  deribit/main  deposited  1000 USD
        2025-03-01  deribit/main  contract   BTC-PERPETUAL 0 USD  fee 5
        2025-03-04  deribit/main  funding    -1 USD  ETH-PERPETUAL
        2025-03-04  self/wallet   deposited  5 USD
    """)
    account, other = states(book)
    (found,) = account.findings
    assert (found.kind, found.severity, other.findings) == ("unseen_contracts", "warning", ())
    assert "ETH-PERPETUAL" in found.problem
    assert "2025-03-04" in found.problem


def test_the_command_that_is_missing_names_the_account() -> None:
    (found,) = state(told("2025-03-01  okx/main  borrowed  5 USD")).findings
    assert "marginbook terms okx/main PRESET" in found.hint
    assert "marginbook terms --list" in found.hint


def test_each_account_stands_alone() -> None:
    book = told(LONG + "2025-03-01  self/wallet  deposited  5 USD")
    assert [account.account for account in states(book)] == ["kraken/main", "self/wallet"]
    assert states(book)[0].equity == 10000

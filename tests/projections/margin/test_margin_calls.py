"""Calls and liquidations: what the terms imply, beside what the venue did."""

from datetime import timedelta
from typing import Any

import pytest

from domain.money import exact
from projections.balances import Balances
from projections.margin.calls_report import AccountCalls, MarginCalls
from projections.margin.margin_calls import Calls
from projections.margin.margin_history import MarginPoint
from projections.prices import Marks
from projections.replay import replay
from tests.story import Story, told

LONG = """
    2025-03-01  deposited  10000 USD
    2025-03-01  bought     1.5 BTC  @ 30000  on p  leverage 5
"""
"""Exchanges: 2.6: called at 28,133.33, liquidated at 25,733.33."""


def watched(book: Story) -> tuple[MarginCalls, list[MarginPoint]]:
    points: list[MarginPoint] = []
    calls = Calls(Balances(), Marks("USD", timedelta(hours=24)), points.append)
    replay(book.replayed, *calls.projections)
    with exact():
        return calls.report(), points


def of_kraken(text: str) -> tuple[AccountCalls, MarginCalls]:
    report, _ = watched(told(text))
    (account,) = report.accounts
    return account, report


def called(account: AccountCalls) -> list[tuple[str, str, str, bool]]:
    """(status, day it began, day it was over, whether the venue liquidated)."""
    return [
        (c.status, f"{c.since:%m-%d}", "-" if c.until is None else f"{c.until:%m-%d}", c.liquidated)
        for c in account.calls
    ]


def test_an_account_is_called_from_the_price_that_does_it_to_the_one_that_ends_it() -> None:
    account, report = of_kraken(
        LONG
        + """
        2025-03-02  price  BTC 28133.34
        2025-03-03  price  BTC 28133.33
        2025-03-04  price  BTC 27000
        2025-03-05  price  BTC 28500
        """
    )
    assert called(account) == [("call", "03-03", "03-05", False)]
    assert str(account.calls[0].worst)[:6] == "0.6111", "5,500 over 9,000"
    assert report.findings == ()


def test_how_close_it_came_is_told_with_its_event() -> None:
    account, _ = of_kraken(LONG + "2025-03-02  price  BTC 29000\n2025-03-03  price  BTC 31000")
    assert account.nearest is not None
    assert (f"{account.nearest.level:.4f}", account.nearest.event) == ("0.9444", "3")
    assert account.nearest.status == "healthy"


def test_a_liquidation_at_its_own_level_agrees() -> None:
    account, report = of_kraken(
        LONG
        + """
        2025-03-02  price       BTC 26000
        2025-03-03  liquidated  1.5 BTC  @ 25733.33  on p
        """
    )
    (compared,) = account.liquidations
    assert compared.agrees is True
    assert f"{compared.level:.5f} {compared.expected_price:.2f}" == "0.40000 25733.33"
    assert report.findings == ()
    assert called(account) == [("call", "03-02", "03-03", True)]


def test_a_liquidation_between_call_and_its_level_is_at_the_venues_discretion() -> None:
    account, report = of_kraken(LONG + "2025-03-03  liquidated  1.5 BTC  @ 27000  on p")
    (compared,) = account.liquidations
    assert f"{compared.agrees} {compared.level:.4f} {compared.difference:.4f}" == (
        "False 0.6111 0.2111"
    )
    (found,) = report.findings
    assert (found.kind, found.severity, found.event) == ("venue_disagrees", "info", "3")
    assert "(+0.2111)" in found.problem
    assert "25733.33" in found.problem


def test_a_liquidation_of_a_healthy_account_disagrees_with_its_terms() -> None:
    _, report = of_kraken(LONG + "2025-03-03  liquidated  1.5 BTC  @ 29000  on p")
    (found,) = report.findings
    assert (found.kind, found.severity) == ("venue_disagrees", "warning")


def test_a_level_that_liquidates_and_no_liquidation_disagree() -> None:
    account, report = of_kraken(
        LONG + "2025-03-02  price  BTC 25000  as low\n2025-03-03  price  BTC 30000"
    )
    assert called(account) == [("liquidation", "03-02", "03-03", False)]
    (found,) = report.findings
    assert (found.kind, found.severity, found.event) == ("venue_disagrees", "warning", "low")


def test_all_that_a_venue_books_at_an_instant_is_one_liquidation() -> None:
    """The loss is taken from the balance and from own coins at once: judged before the first."""
    account, report = of_kraken(
        LONG
        + """
        2025-03-01  deposited   1 BTC  bought 2020-01-01 for 1
        2025-03-02  liquidated  1.5 BTC  @ 10000  on p
        2025-03-02  liquidated  1 BTC  @ 10000
        """
    )
    assert len(account.liquidations) == 1
    assert account.calls == ()
    assert report.findings == ()


def test_an_instant_is_judged_when_it_is_over() -> None:
    """A position is opened before the deposit that backs it, a moment later in the same second."""
    account, _ = of_kraken("""
        2025-03-01  deposited  1 USD
        2025-03-01  bought     1.5 BTC  @ 30000  on p  leverage 5
        2025-03-01  deposited  10000 USD
    """)
    assert account.calls == ()
    assert account.nearest is not None
    assert str(account.nearest.level)[:6] == "1.1112"


def test_a_loan_beyond_the_leverage_of_the_terms_is_found() -> None:
    """10,000 of own money at 3x lends 20,000, not a dollar more."""
    lent = """
        2025-03-01  binance/cross  terms  binance_cross  leverage 3
        2025-03-01  binance/cross  deposited  10000 USD
        2025-03-02  binance/cross  borrowed   {} USD  as loan
    """
    assert watched(told(lent.format(20000)))[0].findings == ()
    (found,) = watched(told(lent.format(20001)))[0].findings
    assert (found.kind, found.event) == ("leverage_above_limit", "loan")
    assert "3x" in found.problem


def test_a_fill_beyond_the_leverage_of_the_terms_is_found() -> None:
    balances = Balances()
    book = told("""
        2025-03-01  terms  kraken  leverage 5
        2025-03-01  deposited  10000 USD
        2025-03-01  bought  1 BTC  @ 30000  on p  leverage 10  as t
    """)
    replay(book.replayed, balances)
    (found,) = balances.findings.all()
    assert (found.kind, found.event) == ("leverage_above_limit", "t")


def test_a_price_moves_every_account_that_has_the_coin() -> None:
    _, points = watched(
        told("""
        2025-03-01  kraken/main   deposited  1 BTC  bought 2024-01-01 for 1
        2025-03-01  okx/main      deposited  2 BTC  bought 2024-01-01 for 1
        2025-03-01  okx/other     deposited  5 USD
        2025-03-02  price  BTC 100  as seen
        """)
    )
    moved = [(p.account, str(p.equity)) for p in points if p.event == "seen"]
    assert moved == [("kraken/main", "100"), ("okx/main", "200")]


def test_a_price_of_a_quote_moves_what_is_priced_in_it() -> None:
    _, points = watched(
        told("""
        2025-03-01  deposited  2 ETH  bought 2024-01-01 for 1
        2025-03-02  price  ETH 0.1  quote BTC
        2025-03-03  price  BTC 50000  as first
        2025-03-04  price  BTC 60000  as second
        """)
    )
    said = {p.event: p.equity for p in points}
    assert [str(said["first"]), str(said["second"])] == ["10000.0", "12000.0"]


def test_an_account_goes_on_in_the_books_money_once_its_token_has_a_price() -> None:
    """Until then its level is the same in tethers."""
    _, points = watched(
        told("""
        2025-03-01  binance/cross  terms  binance_cross  leverage 3
        2025-03-01  binance/cross  deposited  10000 USDT  bought 2025-03-01 for 10000
        2025-03-01  binance/cross  borrowed   20000 USDT
        2025-03-01  binance/cross  bought     0.3 BTC  @ 100000 USDT  as trade
        2025-03-02  price  USDT 0.5  as token
        """)
    )
    last = {p.event: (p.currency, str(p.equity), str(p.level)) for p in points}
    assert last["trade"] == ("USDT", "10000.0", "1.5")
    assert last["token"] == ("USD", "5000.00", "1.5")


@pytest.mark.parametrize("wrong", ["call 1.05", "call 0.9  liquidation 0.8"])
def test_terms_that_contradict_themselves_are_found_whenever_they_were_in_force(
    wrong: Any,
) -> None:
    report, points = watched(
        told(f"""
        2025-03-01  binance/cross  terms  binance_cross  {wrong}  as bad
        2025-03-01  binance/cross  deposited  10000 USD
        2025-03-01  binance/cross  borrowed   20000 USD  as loan
        2025-03-02  binance/cross  terms  binance_cross  as good
        """)
    )
    assert {(f.kind, f.event) for f in report.findings} == {("terms_contradict", "bad")}
    levels = {p.event: p.level for p in points}
    assert levels["loan"] is None
    assert levels["good"] is not None

"""What accounts hold and owe, event by event."""

import pytest

from tests.story import balances, findings, folded, kinds, table, told

HELD = "asset  held\n"
RICH = "2025-01-01  deposited  1000 USD\n2025-01-01  deposited  10 X  bought 2025-01-01 for 10\n"


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("deposited    5 X  bought 2025-01-01 for 1", "USD 1000; X 15"),
        ("withdrawn    5 X  fee 1", "USD 1000; X 4"),
        ("spent        5 X  fee 1", "USD 1000; X 4"),
        ("given        5 X", "USD 1000; X 5"),
        ("borrowed     5 X", "USD 1000; X 15"),
        ("repaid       5 X  interest 1", "USD 1000; X 4"),
        ("interest     5 X balance", "USD 1000; X 5"),
        ("interest     5 X debt", "USD 1000; X 10"),
        ("bought       5 X  @ 2  fee 1", "USD 989; X 15"),
        ("bought       5 X  @ 2  for 10.01  fee 1 X", "USD 989.99; X 14"),
        ("sold         5 X  @ 2  fee 1", "USD 1009; X 5"),
        ("sold         5 X  for 3 Y  fee 1", "USD 1000; X 5; Y 2"),
        ("liquidated   5 X  @ 2  fee 1  penalty 2", "USD 1007; X 5"),
        ("charged      5 X", "USD 1000; X 5"),
        ("received     staking 5 X  worth 1", "USD 1000; X 15"),
        ("funding      -5 USD PERP", "USD 995; X 10"),
        ("contract     PERP 5 X  fee 1", "USD 1000; X 14"),
        ("asserted     10 X", "USD 1000; X 10"),
        ("terms        kraken  leverage 5", "USD 1000; X 10"),
        ("opened       cross", "USD 1000; X 10"),
        ("elected      hifo", "USD 1000; X 10"),
        ("picked       9  picks 2:1", "USD 1000; X 10"),
        ("allocated    X  allocations kraken/main:2024-01-01:10:5", "USD 1000; X 10"),
        ("stated       2  lots 2024-01-01:10:5", "USD 1000; X 10"),
        ("linked       kraken/main#1 kraken/main#2", "USD 1000; X 10"),
        ("policy       funding net", "USD 1000; X 10"),
        ("fact         2025 trader yes", "USD 1000; X 10"),
        ("reported     1099-DA 2025  disposal 3  proceeds 1", "USD 1000; X 10"),
        ("voided       99 mistaken", "USD 1000; X 10"),
        ("closed       2025", "USD 1000; X 10"),
        ("imported     f h kraken 1 1 0 0 0", "USD 1000; X 10"),
        ("price        X 5", "USD 1000; X 10"),
    ],
)
def test_what_each_kind_of_event_does_to_what_is_held(line: str, left: str) -> None:
    held = {row["asset"]: row["held"] for row in balances(told(RICH + f"2025-01-02  {line}"))}
    assert "; ".join(f"{asset} {quantity}" for asset, quantity in held.items()) == left


def test_a_loan_is_owed_until_it_is_repaid() -> None:
    book = told("""
        2025-01-01  borrowed  5 X
        2025-01-02  interest  1 X debt
        2025-01-03  repaid    2 X  interest 0.5
    """)
    assert balances(book) == table("""
        account      asset  held  owed  interest_owed
        kraken/main  X      2.5   3     0.5
    """)


def test_a_transfer_arrives_without_its_fee() -> None:
    book = told(RICH + "2025-01-02  transferred  5 X  fee 1  to self/wallet")
    assert balances(book) == table("""
        account      asset  held
        kraken/main  USD    1000
        kraken/main  X      4
        self/wallet  X      5
    """)


def test_what_was_forgiven_fills_the_hole_first_then_the_principal_then_the_interest() -> None:
    text = """
        2025-01-01  borrowed   10 USD
        2025-01-01  interest   4 USD debt
        2025-01-01  withdrawn  12 USD
    """
    left = {"1": "-1 10 4", "2": "0 10 4", "12": "0 0 4", "15": "0 0 1", "16": "", "99": ""}
    for forgiven, expected in left.items():
        rows = balances(told(text + f"2025-01-02  forgiven  {forgiven} USD"))
        columns = ("held", "owed", "interest_owed")
        assert "".join(" ".join(row[c] for c in columns) for row in rows) == expected


def test_a_position_stands_beside_the_balances() -> None:
    book = told(RICH + "2025-01-02  bought  3 X  @ 20  fee 1  on p")
    assert balances(book) == table("""
        asset  held  in_positions
        USD    999   0
        X      10    3
    """)


@pytest.mark.parametrize(
    ("line", "usd", "x", "in_positions"),
    [
        ("sold     3 X  @ 25  on p", "1015", "10", "0"),
        ("sold     1 X  @ 25  on p", "1005", "10", "2"),
        ("sold     4 X  @ 25  on p", "1015", "10", "-1"),
        ("settled  p 3 X  for 60", "940", "13", "0"),
        ("settled  p 1 X  for 20", "980", "11", "2"),
        ("settled  p 4 X  for 80", "1000", "10", "3"),
    ],
)
def test_only_results_and_deliveries_of_a_long_reach_the_balances(
    line: str, usd: str, x: str, in_positions: str
) -> None:
    book = told(RICH + f"2025-01-02  bought  3 X  @ 20  on p\n2025-01-03  {line}")
    assert balances(book) == table(f"""
        asset  held   in_positions
        USD    {usd}  0
        X      {x}    {in_positions}
    """)


def test_a_short_that_is_delivered_pays_own_units_and_receives_the_amount() -> None:
    book = told(RICH + "2025-01-02  sold  3 X  @ 20  on p\n2025-01-03  settled  p 2 X  for 40")
    assert balances(book) == table("""
        asset  held  in_positions
        USD    1040  0
        X      8     -1
    """)


# What cannot be true -----------------------------------------------------------------------------


def test_a_balance_is_judged_when_its_instant_is_over() -> None:
    """Within one instant the lines of a file have no order that means anything."""
    book = told("""
        2025-01-01  sold       1 X  for 5
        2025-01-01  deposited  1 X  bought 2024-01-01 for 1
    """)
    assert "negative_balance" not in kinds(book)


def test_a_balance_below_zero_is_found_once_and_names_the_event() -> None:
    book = told("""
        2025-01-01  sold       1 X  for 5
        2025-01-02  sold       1 X  for 5
        2025-01-03  deposited  9 X  bought 2024-01-01 for 1
        2025-01-04  withdrawn  9 X
    """)
    below = [row for row in findings(book) if row["kind"] == "negative_balance"]
    assert below == table("""
        account      asset  event  severity
        kraken/main  X      1      error
    """)


def test_money_below_zero_is_a_warning() -> None:
    """A venue lends it in silence; a coin below zero means that history is missing."""
    (below,) = findings(told("2025-01-01  bought  1 X  for 5"))
    assert [below] == table("""
        kind              asset  event  severity
        negative_balance  USD    1      warning
    """)
    assert below["problem"] == "-5 USD held"


def test_an_asserted_balance_is_checked_after_everything_of_its_instant() -> None:
    for said, found in (("10", []), ("9", ["failed_assertion"])):
        book = told(f"""
            2025-01-02  asserted   {said} X
            2025-01-02  deposited  10 X  bought 2025-01-01 for 10
        """)
        assert kinds(book) == found


def test_a_failed_assertion_says_what_each_side_holds() -> None:
    (row,) = findings(told(RICH + "2025-01-02  asserted  12 X"))
    assert row["problem"] == "the venue holds 12 X, the book 10 (+2)"


def test_more_repaid_than_was_owed_is_found() -> None:
    assert "repaid_more_than_owed" in kinds(told(RICH + "2025-01-02  repaid  1 X"))


def test_more_forgiven_than_was_owed_is_found() -> None:
    book = told("2025-01-01  borrowed  5 USD\n2025-01-02  forgiven  8 USD")
    (row,) = findings(book)
    assert (row["kind"], row["problem"]) == (
        "forgiven_more_than_owed",
        "3 USD more forgiven than was owed",
    )


def test_an_account_that_is_opened_or_given_terms_has_a_mode() -> None:
    book = told("""
        2025-01-01  kraken/main          deposited  1 USD
        2025-01-01  kraken/margin        terms      kraken  leverage 5
        2025-01-01  bitfinex/margin      opened     isolated
        2025-01-01  binance/isolated/XY  deposited  1 USD
    """)
    accounts = folded(book).balances.accounts
    assert {name: account.mode for name, account in accounts.items()} == {
        "kraken/main": "spot",
        "kraken/margin": "cross",
        "bitfinex/margin": "isolated",
        "binance/isolated/XY": "isolated",
    }


def test_a_deficit_that_is_written_off_is_no_finding() -> None:
    """A bankrupt account is below zero until the venue writes it off."""
    book = told("""
        2025-01-01  deposited   1 BTC  bought 2025-01-01 for 1
        2025-01-01  borrowed    1000 USD
        2025-01-01  withdrawn   1000 USD
        2025-06-01  liquidated  1 BTC  for 750
        2025-06-01T13:00  repaid    1000 USD
        2025-06-01T14:00  forgiven  250 USD  recourse yes
    """)
    assert kinds(book) == []

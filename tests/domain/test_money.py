"""Numbers: exact until the form."""

from decimal import Decimal, Inexact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import (
    CASH,
    ONE,
    Cents,
    cents,
    difference,
    dollars,
    exact,
    plain,
    ratio,
    share,
    total,
)

AMOUNTS = st.decimals("-1000000000", "1000000000", places=6)


def test_the_largest_numbers_that_come_in_multiply_exactly() -> None:
    """Price of two legs x quantity x price, shared by units: five numbers of 24 + 40 digits."""
    largest = Decimal("9" * 24 + "." + "9" * 40)
    with exact():
        amount = largest * largest * largest * largest
        part = share(amount, largest, largest + 1)
        assert amount - part > 0


def test_rounding_raises() -> None:
    with exact(), pytest.raises(Inexact):
        Decimal(1) / Decimal(3)


@given(AMOUNTS, st.decimals("0.01", "1000", places=2), st.decimals("0.01", "1000", places=2))
def test_a_share_and_what_it_leaves_are_the_whole(
    total: Decimal, part: Decimal, rest: Decimal
) -> None:
    with exact():
        taken = share(total, part, part + rest)
        assert taken + (total - taken) == total
        assert abs(taken) <= abs(total)
        assert abs(taken * (part + rest) - total * part) < Decimal("1E-35")


def test_a_share_is_cut_towards_zero() -> None:
    assert str(share(Decimal(-2), Decimal(1), Decimal(3))) == "-0." + "6" * 40


def test_a_ratio_has_28_digits() -> None:
    assert str(ratio(Decimal(2), Decimal(3))) == "0." + "6" * 27 + "7"


@pytest.mark.parametrize(
    ("amount", "printed"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00"), ("-0.004", "0.00"), ("1", "1.00")],
)
def test_cents_round_halves_away_from_zero(amount: str, printed: str) -> None:
    assert str(cents(Decimal(amount))) == printed


@pytest.mark.parametrize(
    ("amount", "printed"),
    [("1.49", "1"), ("1.50", "2"), ("2.50", "3"), ("-2.50", "-3"), ("-0.4", "0")],
)
def test_dollars_round_fifty_cents_up(amount: str, printed: str) -> None:
    """Cases: G4."""
    assert str(dollars(Decimal(amount))) == printed


@given(st.lists(AMOUNTS, max_size=50))
def test_printed_rows_add_up_to_the_rounded_total(amounts: list[Decimal]) -> None:
    running = Cents()
    rows = [running.add(amount) for amount in amounts]
    with exact():
        assert sum(rows, Decimal(0)) == cents(sum(amounts, Decimal(0)))
        assert all(
            abs(row - amount) <= Decimal("0.01") for row, amount in zip(rows, amounts, strict=True)
        )


def test_a_form_in_whole_dollars_prints_no_cents() -> None:
    """10.40 + 10.40 + 10.40 is 31.20: rows of 10, 11 and 10. In cents, nothing yet is 0.00."""
    running = Cents(ONE)
    rows = [running.add(Decimal("10.40")) for _ in range(3)]
    assert [str(row) for row in rows] == ["10", "11", "10"]
    assert str(running.printed) == "31"
    assert (str(Cents().printed), str(Cents(ONE).printed)) == ("0.00", "0")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1E+3", "1000"),
        ("0.500", "0.5"),
        ("-0", "0"),
        ("0E-8", "0"),
        ("-0.10", "-0.1"),
        ("10", "10"),
    ],
)
def test_a_number_is_written_as_people_write_it(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(
    "currency", ["USD", "EUR", "GBP", "CAD", "CHF", "AUD", "JPY", "NZD", "SEK", "NOK", "DKK", "PLN"]
)
def test_money_is_no_property_and_a_stablecoin_is(currency: str) -> None:
    """Readings: cash has no lots; USDC, USDT and the like are coins as others are."""
    assert currency in CASH
    assert not {"USDC", "USDT", "EURT", "BTC", "XAU"} & CASH


def test_sums_and_differences_are_exact_outside_a_replay_too() -> None:
    great, small = Decimal(123456789012345678901234), Decimal("1E-40")
    assert difference(total(great, small), great) == small

"""Units that move between accounts: what arrives, what the network takes, what is lost."""

import pytest

from tests.story import findings, form_8949, kinds, lots, table, told

LEGS = """
    2025-01-02  kraken/main  deposited  {units} BTC  bought 2025-01-02 for {basis}
    2025-03-01  price BTC 40000
    2025-03-01  kraken/main  withdrawn  {left} BTC  as out  fee {fee}
    2025-03-01  okx/main     deposited  {arrived} BTC  as in
    2025-03-01  linked kraken/main#out okx/main#in
"""


def legs(units: str, basis: str, left: str, fee: str, arrived: str) -> str:
    return LEGS.format(units=units, basis=basis, left=left, fee=fee, arrived=arrived)


@pytest.mark.parametrize(
    ("policy", "basis", "gain"),
    [("disposal", "10000", ["300.00"]), ("add_to_basis", "10100", []), ("ignore", "10000", [])],
)
def test_the_fee_of_linked_legs_is_that_of_a_transfer(
    policy: str, basis: str, gain: list[str]
) -> None:
    """1.01 BTC cost 10,100; 0.01 pays the network, worth 400."""
    book = told(
        f"2025-01-01 policy transfer_fee {policy}\n" + legs("1.01", "10100", "1", "0.01", "1")
    )
    assert [(row["account"], row["basis"]) for row in lots(book)] == [("okx/main", basis)]
    assert [row["gain"] for row in form_8949(book, 2025)] == gain
    assert kinds(book) == []


@pytest.mark.parametrize(
    ("policy", "basis", "gain"),
    [("disposal", "9990", ["30.00"]), ("add_to_basis", "10000", []), ("ignore", "9990", [])],
)
def test_what_left_and_did_not_arrive_is_the_networks_fee(
    policy: str, basis: str, gain: list[str]
) -> None:
    """1 BTC that cost 10,000 leaves, 0.999 arrives; 0.001 is worth 40 and cost 10."""
    book = told(
        f"2025-01-01 policy transfer_fee {policy}\n" + legs("1", "10000", "1", "0", "0.999")
    )
    assert lots(book) == table(f"""
        account   quantity  basis
        okx/main  0.999     {basis}
    """)
    assert [row["gain"] for row in form_8949(book, 2025)] == gain
    assert kinds(book) == ["transfer_fee_found"]


def test_more_arriving_than_left_has_no_basis() -> None:
    book = told(legs("1", "10000", "1", "0", "1.5"))
    assert kinds(book) == ["missing_basis"]
    assert [(row["quantity"], row["basis"]) for row in lots(book)] == [("1", "10000"), ("0.5", "-")]


def test_units_that_never_arrive_are_found() -> None:
    """The deposit stands before the withdrawal that is linked to it."""
    book = told("""
        2025-01-02  kraken/main  deposited  1 BTC  bought 2025-01-02 for 10000
        2025-02-01  okx/main     deposited  1 BTC  as in
        2025-03-01  kraken/main  withdrawn  1 BTC  as out
        2025-03-01  linked kraken/main#out okx/main#in
    """)
    found = {row["kind"]: row for row in findings(book)}
    assert found["transfer_not_arrived"]["event"] == "in"
    assert found["transfer_not_arrived"]["severity"] == "warning"


EARLY = """
    2025-01-02            kraken/main  deposited  {units} BTC  bought 2025-01-02 for {basis}
    2025-03-01            price BTC 40000
    2025-03-01T12:{came}  okx/main     deposited  {arrived} BTC  as in
    2025-03-01T12:{left}  kraken/main  withdrawn  1 BTC  as out  fee {fee}
    2025-03-01            linked kraken/main#out okx/main#in
"""


@pytest.mark.parametrize(("came", "left"), [("10", "10"), ("10", "11"), ("10", "20")])
def test_units_that_are_told_to_arrive_a_little_before_they_left_keep_their_lots(
    came: str, left: str
) -> None:
    """Two venues' clocks differ, and of one instant the deposit may have been recorded first."""
    book = told(
        EARLY.format(units="1.01", basis="10100", arrived="1", fee="0.01", came=came, left=left)
        + "2025-04-01  okx/main  sold 1 BTC @ 50000"
    )
    assert form_8949(book, 2025) == table("""
        quantity  acquired    sold        proceeds  basis     gain
        0.01      2025-01-02  2025-03-01  400.00    100.00    300.00
        1         2025-01-02  2025-04-01  50000.00  10000.00  40000.00
    """)
    assert kinds(book) == []


@pytest.mark.parametrize(
    ("policy", "basis"), [("disposal", "10000"), ("add_to_basis", "10100"), ("ignore", "10000")]
)
def test_the_fee_of_an_early_arrival_is_that_of_any_transfer(policy: str, basis: str) -> None:
    book = told(
        f"2025-01-01 policy transfer_fee {policy}\n"
        + EARLY.format(units="1.01", basis="10100", arrived="1", fee="0.01", came="10", left="11")
    )
    assert [(row["account"], row["quantity"], row["basis"]) for row in lots(book)] == [
        ("okx/main", "1", basis)
    ]
    assert kinds(book) == []


def test_units_sold_between_an_early_arrival_and_its_withdrawal_have_their_basis() -> None:
    book = told("""
        2025-01-02            kraken/main  deposited  1 BTC  bought 2025-01-02 for 10000
        2025-03-01T12:10      okx/main     deposited  1 BTC  as in
        2025-03-01T12:12      okx/main     sold 1 BTC @ 50000
        2025-03-01T12:15      kraken/main  withdrawn  1 BTC  as out
        2025-03-01            linked kraken/main#out okx/main#in
    """)
    assert [(row["basis"], row["gain"]) for row in form_8949(book, 2025)] == [
        ("10000.00", "40000.00")
    ]
    assert kinds(book) == []


def test_a_deposit_long_before_its_withdrawal_is_none_of_it() -> None:
    book = told(
        EARLY.format(units="1", basis="10000", arrived="1", fee="0", came="10", left="20:00.000001")
    )
    assert sorted(kinds(book)) == ["missing_basis", "transfer_not_arrived"]

"""Which lots a sale takes, and whether that was identified in time."""

import pytest

from tests.story import Story, findings, form_8949, kinds, lots, table, told


def hints(book: Story, year: int) -> dict[str, str]:
    return {row["kind"]: row["problem"] for row in findings(book, year)}


# In self custody ----------------------------------------------------------------------------------

WALLET = """
    2025-01-01  self/wallet  opened     spot  custody self
    2026-09-01  self/wallet  deposited  10 DE  bought 2025-01-01 for 20   as A
    2026-09-01  self/wallet  deposited  20 DE  bought 2026-01-01 for 100  as B
"""


def test_a_pick_in_own_books_counts_for_a_wallet() -> None:
    """Cases: A1; Treas. Reg. 1.1012-1(j)(5)(i), Example 1."""
    book = told(f"""{WALLET}
        2026-09-02T11:59  self/wallet  picked  sale  picks B:10
        2026-09-02        self/wallet  sold    10 DE  for 100  as sale
    """)
    assert form_8949(book, 2026) == table("""
        lot  basis  gain   term
        B    50.00  50.00  short
    """)
    assert [(row["lot"], row["quantity"]) for row in lots(book)] == [("A", "10"), ("B", "10")]
    assert kinds(book, 2026) == []


def test_without_a_record_the_earliest_acquired_go_not_the_earliest_arrived() -> None:
    """Cases: A2; Treas. Reg. 1.1012-1(j)(5)(ii), Example 2."""
    book = told("""
        2025-01-01  self/wallet  opened     spot  custody self
        2026-08-01  self/wallet  deposited  20 DE  bought 2026-01-01 for 100  as B
        2026-09-01  self/wallet  deposited  10 DE  bought 2025-01-01 for 20   as A
        2026-09-02  self/wallet  sold       10 DE  for 100
    """)
    assert form_8949(book, 2026) == table("""
        lot  basis  gain   term
        A    20.00  80.00  long
    """)


# In a broker's custody ----------------------------------------------------------------------------

BROKERS = """
    2025-08-01  crx/main  deposited    10 DE  bought 2025-08-01 for 90   as CRX
    2026-01-01  bex/main  deposited    20 DE  bought 2026-01-01 for 100  as BEX
    2027-08-01  crx/main  transferred  10 DE  to bex/main
"""


def test_from_2027_the_broker_must_be_told() -> None:
    """Cases: A3; Treas. Reg. 1.1012-1(j)(5)(iii), Example 3."""
    book = told(f"""{BROKERS}
        2027-09-01  bex/main  picked  sale  picks BEX:10  told_broker yes
        2027-09-01  bex/main  sold    10 DE  for 100  as sale
    """)
    assert form_8949(book, 2027) == table("""
        lot  basis  gain   term
        BEX  50.00  50.00  long
    """)
    assert "told to the broker" in form_8949(book, 2027)[0]["identified"]


def test_without_identification_the_earliest_acquired_in_that_account_go() -> None:
    """Cases: A4; Treas. Reg. 1.1012-1(j)(5)(iv), Example 4."""
    book = told(f"""{BROKERS}
        2027-09-01  bex/main  sold  10 DE  for 100
    """)
    assert form_8949(book, 2027) == table("""
        lot  basis  gain   term
        CRX  90.00  10.00  long
    """)


LOTS = """
    2025-02-01  deposited  1 ETH  bought 2025-02-01 for 50  as A
    2025-03-01  deposited  1 ETH  bought 2025-03-01 for 90  as B
    2025-04-01  deposited  1 ETH  bought 2025-04-01 for 40  as C
"""


def test_a_standing_order_takes_the_dearest_units() -> None:
    """Cases: A5."""
    book = told(f"""{LOTS}
        2025-01-02            elected  hifo
        2025-07-01T10:00  sold     1.5 ETH  for 142.50
    """)
    assert form_8949(book, 2025) == table("""
        lot  quantity  basis  term
        A    0.5       25.00  short
        B    1         90.00  short
    """)
    assert sum(float(row["gain"]) for row in form_8949(book, 2025)) == 27.5


@pytest.mark.parametrize(
    ("at", "told", "lot"),
    [
        ("2026-12-31T23:59", "no", "B"),
        ("2027-01-01T00:00", "no", "A"),
        ("2027-01-01T00:00", "yes", "B"),
    ],
)
def test_an_order_kept_only_in_own_books_ends_with_2026(at: str, told: str, lot: str) -> None:
    """Cases: A10, A13; Notice 2026-20, 3.03 and 4.02(2)."""
    book = tell(f"""{LOTS}
        2026-01-01  elected  hifo  told_broker {told}
        {at}  sold  1 ETH  for 100
    """)
    year = int(at[:4])
    assert [row["lot"] for row in form_8949(book, year)] == [lot]
    untold = ["identification_not_told_to_broker"] * (lot == "A")
    assert [kind for kind in kinds(book, year) if kind in untold] == untold


tell = told


def test_in_self_custody_own_books_are_enough_after_2026() -> None:
    book = told(f"""{LOTS}
        2025-01-01  kraken/main  opened  spot  custody self
        2026-01-01  elected  hifo
        2027-06-01  sold  1 ETH  for 100
    """)
    assert [row["lot"] for row in form_8949(book, 2027)] == ["B"]
    assert kinds(book, 2027) == []


def test_custody_may_change() -> None:
    """The units lie with whoever the account was last opened with by then."""
    book = told(f"""{LOTS}
        2025-01-01  kraken/main  opened  spot  custody self
        2027-03-01  kraken/main  opened  spot  custody broker
        2026-01-01  elected  hifo
        2027-02-01  sold  1 ETH  for 100
        2027-04-01  sold  1 ETH  for 100
    """)
    assert [row["lot"] for row in form_8949(book, 2027)] == ["B", "A"]


@pytest.mark.parametrize(
    ("picked", "lot"), [("2026-06-01T10:00", "C"), ("2026-06-01T10:00:01", "A")]
)
def test_a_pick_counts_at_the_very_instant_of_the_sale(picked: str, lot: str) -> None:
    """Cases: A13; Notice 2026-20, 4.02(1)."""
    book = told(
        f"""{LOTS}
        {picked}          picked  sale  picks C:1
        2026-06-01T10:00  sold    1 ETH  for 100  as sale
    """.replace("picked  sale", "kraken/main picked sale")
    )
    assert [row["lot"] for row in form_8949(book, 2026)] == [lot]
    assert ("late_identification" in kinds(book, 2026)) == (lot == "A")


@pytest.mark.parametrize(
    ("elected", "lot"), [("2026-06-01T09:59:59", "B"), ("2026-06-01T10:00", "A")]
)
def test_an_order_counts_only_for_sales_after_it(elected: str, lot: str) -> None:
    """Cases: A13; Notice 2026-20, 4.02(2)."""
    book = told(f"""{LOTS}
        {elected}         elected  hifo
        2026-06-01T10:00  sold     1 ETH  for 100
    """)
    assert [row["lot"] for row in form_8949(book, 2026)] == [lot]


def test_what_the_broker_was_told_beats_own_books() -> None:
    """Cases: A13; a reading of Notice 2026-20, 4.05."""
    book = told(f"""{LOTS}
        2026-06-01  kraken/main  picked  sale  picks B:1  told_broker yes
        2026-06-01  kraken/main  picked  sale  picks C:1
        2026-06-01  sold  1 ETH  for 100  as sale
    """)
    assert [row["lot"] for row in form_8949(book, 2026)] == ["B"]
    assert "identifications_differ" in kinds(book, 2026)


def test_a_told_order_takes_the_place_of_an_untold_one() -> None:
    book = told(f"""{LOTS}
        2026-01-01  elected  hifo  told_broker yes
        2026-02-01  elected  lofo
        2027-06-01  sold  1 ETH  for 100
    """)
    assert [row["lot"] for row in form_8949(book, 2027)] == ["B"]
    assert "identification_not_told_to_broker" in kinds(book, 2027)


def test_a_pick_may_name_units_of_a_lot_in_part() -> None:
    book = told(f"""{LOTS}
        2026-06-01  kraken/main  picked  sale  picks B:0.4 C:0.5
        2026-06-01  sold  1 ETH  for 100  as sale
    """)
    assert form_8949(book, 2026) == table("""
        lot  quantity  basis
        A    0.1       5.00
        B    0.4       36.00
        C    0.5       20.00
    """)


def test_a_pick_of_a_lot_that_does_not_exist_is_found_even_if_others_suffice() -> None:
    book = told(f"""{LOTS}
        2026-06-01  kraken/main  picked  sale  picks Z:1 B:1
        2026-06-01  sold  1 ETH  for 100  as sale
    """)
    assert [row["lot"] for row in form_8949(book, 2026)] == ["B"]
    assert kinds(book, 2026) == ["invalid_identification"]


def test_a_transfer_is_identified_too() -> None:
    """Treas. Reg. 1.1012-1(j)(1), (3): sold, disposed of, or transferred."""
    book = told(f"""{LOTS}
        2025-05-01  kraken/main  picked       move  picks C:1
        2025-05-01  kraken/main  transferred  1 ETH  to okx/main  as move
        2025-05-02  kraken/main  transferred  1 ETH  to okx/main
    """)
    assert [(row["account"], row["lot"]) for row in lots(book)] == [
        ("kraken/main", "B"),
        ("okx/main", "A"),
        ("okx/main", "C"),
    ]


# Before 2025 --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "lot", "gain"), [("2024", "A", "84000.00"), ("2025", "B", "9000.00")]
)
def test_the_scope_of_lots_is_a_matter_of_the_year(year: str, lot: str, gain: str) -> None:
    """Cases: A6."""
    book = told(f"""
        2023-01-10        w/1  deposited  1 BTC  bought 2023-01-10 for 20000  as A
        {year}-02-01      w/2  deposited  1 BTC  bought {year}-02-01 for 95000  as B
        {year}-06-01      w/2  sold       1 BTC  for 104000
    """)
    assert form_8949(book, int(year)) == table(f"""
        lot    gain
        {lot}  {gain}
    """)


@pytest.mark.parametrize(("scope", "gain"), [("universal", "30000.00"), ("account", "10000.00")])
def test_before_2025_the_scope_is_a_policy(scope: str, gain: str) -> None:
    """Cases: N7."""
    book = told(f"""
        2024-01-01        policy     basis_scope {scope}
        2024-07-01  a/1   bought     1 BTC  @ 10000
        2024-08-01  b/1   bought     1 BTC  @ 20000
        2024-09-01  c/1   bought     1 BTC  @ 30000
        2024-10-01  c/1   sold       1 BTC  @ 40000
    """)
    assert [row["gain"] for row in form_8949(book, 2024)] == [gain]


PREAMBLE = """
    2024-03-01  self/wallet    deposited  50 GH  bought 2024-03-01 for 250  as wallet
    2024-07-01  exchange/main  deposited  50 GH  bought 2024-07-01 for 50   as bought
    {year}-10-01  exchange/main  picked   sale  picks self/wallet#wallet:20
    {year}-10-01  exchange/main  sold     20 GH  for 200  as sale
"""


def test_before_2025_units_of_another_wallet_could_be_picked() -> None:
    """Cases: A12; T.D. 10000, 89 FR 56529."""
    book = told(PREAMBLE.format(year="2024"))
    assert [row["basis"] for row in form_8949(book, 2024)] == ["100.00"]
    assert lots(book) == table("""
        account        lot     quantity  basis
        exchange/main  bought  30        30
        self/wallet    wallet  30        150
        self/wallet    bought  20        20
    """)
    assert kinds(book, 2025) == ["allocation_needed"]


def test_from_2025_they_cannot() -> None:
    """Cases: A12."""
    book = told(PREAMBLE.format(year="2025"))
    assert [row["basis"] for row in form_8949(book, 2025)] == ["20.00"]
    assert kinds(book, 2025) == ["invalid_identification"]


# Venues ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pool", "lot"), [("account", "B"), ("venue", "A")])
def test_the_accounts_of_a_venue_may_be_one_pool(pool: str, lot: str) -> None:
    """Policy lot_pool: 1.1012-1(j)(3)(i) speaks of units in the custody of the broker."""
    book = told(f"""
        2025-01-01                 policy     lot_pool {pool}
        2025-01-01  binance/spot   deposited  1 BTC  bought 2025-01-01 for 1  as A
        2025-01-02  binance/cross  deposited  1 BTC  bought 2025-01-02 for 2  as B
        2025-01-03  okx/main       deposited  1 BTC  bought 2024-01-01 for 3  as C
        2025-06-01  binance/cross  sold       1 BTC  for 10
    """)
    assert [row["lot"] for row in form_8949(book, 2025)] == [lot]


def test_a_told_order_beats_a_pick_in_own_books_while_the_relief_lasts() -> None:
    """Notice 2026-20, 4.05: told "including by communicating a standing order"."""
    book = told(f"""{LOTS}
        2026-01-01  elected  hifo  told_broker yes
        2026-06-01  kraken/main  picked  sale  picks C:1
        2026-06-01  sold  1 ETH  for 100  as sale
    """)
    assert [row["lot"] for row in form_8949(book, 2026)] == ["B"]
    assert kinds(book, 2026) == ["identifications_differ"]


def test_a_later_order_in_own_books_does_not_displace_a_told_one() -> None:
    book = told(f"""{LOTS}
        2026-01-01  elected  hifo  told_broker yes
        2026-02-01  elected  lofo
        2026-06-01  sold  1 ETH  for 100
    """)
    assert [row["lot"] for row in form_8949(book, 2026)] == ["B"]
    assert kinds(book, 2026) == ["identifications_differ"]


def test_the_same_said_twice_is_no_difference() -> None:
    book = told(f"""{LOTS}
        2026-01-01  elected  hifo  told_broker yes
        2026-02-01  elected  hifo
        2026-06-01  kraken/main  picked  sale  picks C:1
        2026-06-01  kraken/main  picked  sale  picks C:1  told_broker yes
        2026-06-01  sold  1 ETH  for 100  as sale
        2026-06-02  sold  1 ETH  for 100
    """)
    assert [row["lot"] for row in form_8949(book, 2026)] == ["C", "B"]
    assert kinds(book, 2026) == []


# What is said of it ------------------------------------------------------------------------------


def said(book: Story, year: int, method: str = "spec_id") -> list[str]:
    return [row["identified"] for row in form_8949(book, year, method)]


FIFO = "fifo, the default: adequate"


@pytest.mark.parametrize(
    ("year", "scope", "words"),
    [
        (2024, "", "fifo over all accounts, the default before 2025: adequate"),
        (2024, "universal", "fifo over all accounts, the default before 2025: adequate"),
        (2024, "account", FIFO),
        (2025, "", FIFO),
    ],
)
def test_a_row_says_among_which_lots_the_default_chose(year: int, scope: str, words: str) -> None:
    policy = f"2024-01-01  policy  basis_scope {scope}" if scope else ""
    book = told(f"""{policy}
        2024-01-10    bought  1 BTC  for 10
        {year}-06-01  sold    1 BTC  for 20
    """)
    assert said(book, year) == [words]


@pytest.mark.parametrize(
    ("decided", "method", "words"),
    [
        ("", "fifo", "fifo, adequate"),
        ("", "hifo", "hifo, what-if: fifo was in force"),
        ("elected lofo", "fifo", "fifo, what-if: lofo was in force"),
        ("elected lofo", "lofo", "lofo, adequate"),
        ("elected lofo", "spec_id", "lofo, standing order of 2025-04-02: adequate"),
        ("elected lofo asset BTC", "fifo", "fifo, adequate"),
        ("elected lofo asset BTC", "hifo", "hifo, what-if: fifo was in force"),
        ("kraken/main picked sale picks C:1", "fifo", "fifo, what-if: a pick was in force"),
        ("kraken/main picked sale picks C:1", "spec_id", "picked in own books in time: adequate"),
        (
            "kraken/main picked sale picks C:1 told_broker yes",
            "spec_id",
            "picked told to the broker in time: adequate",
        ),
        (
            "elected lofo told_broker yes",
            "spec_id",
            "lofo, standing order of 2025-04-02, told to the broker: adequate",
        ),
    ],
)
def test_a_row_says_how_its_lot_was_chosen(decided: str, method: str, words: str) -> None:
    book = told(f"""{LOTS}
        {f"2025-04-02  {decided}" if decided else ""}
        2025-06-01  sold  1 ETH  for 100  as sale
    """)
    assert said(book, 2025, method) == [words]


def test_an_order_for_one_coin_does_not_choose_the_coin_of_the_fee() -> None:
    """HIFO is ordered for ETH: the dearest ETH goes, and the oldest BNB pays the fee."""
    book = told(f"""{LOTS}
        2025-02-01  deposited  1 BNB  bought 2025-02-01 for 1  as old
        2025-03-01  deposited  1 BNB  bought 2025-03-01 for 9  as dear
        2025-04-02  elected    hifo   asset ETH
        2025-06-01  price      BNB 5
        2025-06-01  sold       1 ETH  for 100  fee 1 BNB
    """)
    assert form_8949(book, 2025) == table("""
        asset  lot  kind
        BNB    old  fee
        ETH    B    sale
    """)


def test_a_pick_that_lacks_units_says_which_lot_had_how_many_and_where() -> None:
    book = told(f"""{LOTS}
        2026-06-01  kraken/main  picked  sale  picks B:1.5
        2026-06-01  sold  2 ETH  for 200  as sale
    """)
    (found,) = findings(book, 2026)
    assert (found["kind"], found["asset"]) == ("invalid_identification", "ETH")
    assert found["problem"] == "lot B has 1 of the 1.5 units picked in kraken/main"


def test_of_several_orders_told_to_the_broker_the_last_one_counts() -> None:
    """2027: LIFO was told after HIFO; FIFO, ordered last, was told to nobody."""
    book = told(f"""{LOTS}
        2026-01-01  elected  hifo  told_broker yes
        2026-02-01  elected  lifo  told_broker yes
        2026-03-01  elected  fifo
        2027-06-01  sold  1 ETH  for 100
    """)
    assert [row["lot"] for row in form_8949(book, 2027)] == ["C"]
    (found,) = findings(book, 2027)
    assert (found["kind"], found["severity"]) == ("identification_not_told_to_broker", "warning")


@pytest.mark.parametrize(
    ("custody", "first", "second", "lot"),
    [
        ("broker", "B:1 told_broker yes", "C:1 told_broker yes", "C"),
        ("broker", "B:1 told_broker yes", "C:1", "B"),
        ("self", "B:1 told_broker yes", "C:1", "C"),
        ("self", "B:1", "C:1", "C"),
    ],
)
def test_of_several_picks_the_last_counts_and_in_a_brokers_custody_the_last_told(
    custody: str, first: str, second: str, lot: str
) -> None:
    """Treas. Reg. 1.1012-1(j)(2): in self custody one's own books decide alone."""
    book = told(f"""{LOTS}
        2025-01-01T00:00  kraken/main  opened  spot  custody {custody}
        2026-05-01  kraken/main  picked  sale  picks {first}
        2026-05-02  kraken/main  picked  sale  picks {second}
        2026-06-01  sold  1 ETH  for 100  as sale
    """)
    assert [row["lot"] for row in form_8949(book, 2026)] == [lot]
    assert ("identifications_differ" in kinds(book, 2026)) == (lot == "B")


def test_a_pick_kept_in_own_books_ends_with_2026_and_is_found() -> None:
    """Notice 2026-20, 3.03: the broker was not told, so the oldest lot goes."""
    book = told(f"""{LOTS}
        2027-05-01  kraken/main  picked  sale  picks B:1
        2027-06-01  sold  1 ETH  for 100  as sale
        2027-06-02  sold  1 ETH  for 100
    """)
    assert [row["lot"] for row in form_8949(book, 2027)] == ["A", "B"]
    (found,) = findings(book, 2027)
    assert (found["kind"], found["severity"]) == ("identification_not_told_to_broker", "warning")
    assert "the pick of lots for sale was not told" in found["problem"]


def test_what_was_picked_too_late_is_a_warning() -> None:
    book = told(f"""{LOTS}
        2026-06-02  kraken/main  picked  sale  picks B:1
        2026-06-01  sold  1 ETH  for 100  as sale
    """)
    (found,) = findings(book, 2026)
    assert (found["kind"], found["severity"]) == ("late_identification", "warning")


@pytest.mark.parametrize("custody", ["self", "broker"])
def test_the_last_standing_order_counts(custody: str) -> None:
    """B is the dearest, C the cheapest and newest, A the oldest."""
    story = f"""{LOTS}
        2025-01-01  kraken/main  opened  spot  custody {custody}
        2025-05-01  elected  {{}}
        2025-05-02  elected  {{}}
        2025-05-03  elected  {{}}
        2025-06-01  sold  1 ETH  for 100
    """
    orders = (
        ("hifo", "lifo", "lofo", "C"),
        ("lofo", "hifo", "fifo", "A"),
        ("lofo", "fifo", "hifo", "B"),
    )
    for first, second, third, lot in orders:
        book = told(story.format(first, second, third))
        assert [row["lot"] for row in form_8949(book, 2025)] == [lot]


@pytest.mark.parametrize(("sold", "lot"), [("2024-12-31T23:59", "C"), ("2025-01-01T00:00", "B")])
def test_what_the_broker_was_told_comes_first_from_the_first_instant_of_2025(
    sold: str, lot: str
) -> None:
    """Treas. Reg. 1.1012-1(j)(6): before, records of one's own decided (IRS FAQ, 39-41)."""
    book = told(f"""
        2024-02-01  deposited  1 ETH  bought 2024-02-01 for 50  as A
        2024-03-01  deposited  1 ETH  bought 2024-03-01 for 90  as B
        2024-04-01  deposited  1 ETH  bought 2024-04-01 for 40  as C
        2024-05-01  elected  hifo  told_broker yes
        2024-06-01  elected  lofo
        {sold}  sold  1 ETH  for 100
    """)
    assert [row["lot"] for row in form_8949(book, int(sold[:4]))] == [lot]
    differ = [row for row in findings(book, int(sold[:4])) if row["kind"].startswith("identif")]
    assert [(row["kind"], row["severity"]) for row in differ] == [
        ("identifications_differ", "warning")
    ] * (lot == "B")


def test_an_order_told_to_the_broker_is_all_there_is_to_say() -> None:
    book = told(f"""{LOTS}
        2026-01-01  elected  hifo  told_broker yes
        2027-06-01  sold  1 ETH  for 100
    """)
    assert kinds(book, 2027) == []


def test_more_units_picked_than_a_lot_has_or_than_went_are_found() -> None:
    """The picks are honoured as far as they can be; the rest goes by the order in force."""
    of_the_lot = told(f"""{LOTS}
        2026-06-01  kraken/main  picked  sale  picks B:2
        2026-06-01  sold  1 ETH  for 100  as sale
    """)
    assert [row["lot"] for row in form_8949(of_the_lot, 2026)] == ["B"]
    found = [row["problem"] for row in findings(of_the_lot, 2026)]
    assert found == [
        "lot B has 1 of the 2 units picked in kraken/main",
        "2 units were picked where 1 went",
    ]
    of_the_sale = told(f"""{LOTS}
        2026-06-01  kraken/main  picked  sale  picks A:0.5 C:0.5
        2026-06-01  sold  0.5 ETH  for 100  as sale
    """)
    assert [row["lot"] for row in form_8949(of_the_sale, 2026)] == ["A"]
    assert kinds(of_the_sale, 2026) == ["invalid_identification"]


def test_a_pick_may_name_the_units_of_a_fee_too() -> None:
    book = told(f"""
        2026-06-01  price  ETH 100
        {LOTS}
        2026-06-01  kraken/main  picked       move  picks C:0.9 B:0.1
        2026-06-01  kraken/main  transferred  0.9 ETH  to okx/main  fee 0.1  as move
    """)
    assert kinds(book, 2026) == []
    assert [(row["lot"], row["kind"]) for row in form_8949(book, 2026)] == [("B", "fee")]


@pytest.mark.parametrize(
    "decision", ["elected hifo", "kraken/main picked sale picks B:1"], ids=["order", "pick"]
)
def test_what_was_in_force_at_a_sale_and_is_voided_after_it_is_found(decision: str) -> None:
    """It identified the units (Treas. Reg. 1.1012-1(j)): a change of mind does not count."""
    account = "kraken/main" if "picked" in decision else "book"
    book = told(f"""{LOTS}
        2026-01-01  {decision}  as said
        2026-06-01  sold  1 ETH  for 100  as sale
        2026-07-01  {account}  voided  said  changed
    """)
    assert [row["lot"] for row in form_8949(book, 2026)] == ["A"]
    assert kinds(book, 2026) == ["identification_voided"]


def test_an_order_that_is_voided_before_any_sale_is_gone() -> None:
    book = told(f"""{LOTS}
        2026-01-01  elected hifo  as said
        2026-05-01  book  voided  said  changed
        2026-06-01  sold  1 ETH  for 100
    """)
    assert kinds(book, 2026) == []


def test_what_a_wallet_withholds_stands_on_a_policy() -> None:
    """Treas. Reg. 1.1012-1(j)(3)(iii) is of a broker, and of coin for coin."""
    story = """
        2025-01-01  price  AB 1
        2025-01-01  price  CD 1
        2025-01-01  kraken/main  opened  spot  custody {custody}
        2025-01-01  deposited  10 CD  bought 2025-01-01 for 10
        2025-01-01  bought  10 AB  @ 1 {quote}  fee 1 AB
    """
    for custody, quote, words in (
        ("broker", "CD", "withheld from the units just received: adequate"),
        ("self", "CD", "withheld from the units just received (policy withheld_fee)"),
        ("broker", "USD", "withheld from the units just received (policy withheld_fee)"),
    ):
        rows = form_8949(told(story.format(custody=custody, quote=quote)), 2025)
        assert rows[-1]["identified"] == words


def test_a_pick_of_a_lot_that_lies_elsewhere_serves_neither_the_move_nor_its_fee() -> None:
    """Before 2025 a move takes lots that lie in its account, though sales choose among all."""
    book = told("""
        2024-01-01  a/1  deposited    1 X  bought 2024-01-01 for 1  as A
        2024-01-02  b/1  deposited    1 X  bought 2024-01-02 for 2  as B
        2024-06-01  price  X 3
        2024-06-01  a/1  picked       move  picks B:1
        2024-06-01  a/1  transferred  0.9 X  to c/1  fee 0.1  as move
    """)
    assert [(row["lot"], row["kind"]) for row in form_8949(book, 2024)] == [("A", "fee")]
    assert kinds(book, 2024) == ["invalid_identification"]

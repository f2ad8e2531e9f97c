"""The book's own decisions: they count as they are known, whenever they were taken."""

from domain.methods import LAWFUL
from projections.decisions import Decisions, named
from tests.story import findings, folded, form_8949, kinds, table, told

SOLD = """
    2025-01-01  deposited  1 X  bought 2025-01-01 for 10  as in
    2025-02-01  sold       1 X  for 30  as sale
    2025-02-02  sold       1 X  for 40  as twice
"""


def test_a_voided_event_counts_no_more() -> None:
    book = told(SOLD + "2025-03-01  kraken/main  voided  twice mistaken")
    assert [row["disposal"] for row in form_8949(book, 2025)] == ["sale"]
    assert kinds(book) == []


def test_the_book_may_void_an_event_of_an_account() -> None:
    book = told(SOLD + "2025-03-01  book  voided  kraken/main#twice mistaken")
    assert [row["disposal"] for row in form_8949(book, 2025)] == ["sale"]


def test_a_void_names_an_event_of_its_own_account() -> None:
    book = told(SOLD + "2025-03-01  okx/main  voided  twice mistaken")
    assert [row["disposal"] for row in form_8949(book, 2025)] == ["sale", "twice"]


def test_a_void_that_was_voided_has_no_effect() -> None:
    voided = SOLD + "2025-03-01  kraken/main  voided  twice mistaken  as oops\n"
    again = voided + "2025-03-02  kraken/main  voided  oops right-after-all  as back\n"
    once_more = again + "2025-03-03  kraken/main  voided  back mistaken  as again\n"
    for text, rows in ((voided, 1), (again, 2), (once_more, 1)):
        assert len(form_8949(told(text), 2025)) == rows


def test_a_void_counts_from_when_it_was_recorded_whatever_its_date() -> None:
    """What is known decides: a void recorded before the void of it cannot undo that one."""
    book = told(
        """
        2025-03-09  kraken/main  voided  sale mistaken  as first
        2025-03-01  kraken/main  voided  first right-after-all  as second
        """
        + SOLD
    )
    assert [row["disposal"] for row in form_8949(book, 2025)] == ["sale", "twice"]


def test_decisions_may_be_voided_too() -> None:
    book = told(
        """
        2025-01-02  policy       transfer_fee ignore  as choice
        2025-01-03  book         voided  choice mistaken
        2025-01-04  kraken/main  picked  sale  picks in:1  as pick
        2025-01-05  kraken/main  voided  pick mistaken
        """
    )
    decisions = Decisions(book.log)
    assert decisions.policies["transfer_fee"] == "disposal"
    assert decisions.picks == {}


def test_the_latest_known_policy_counts_for_the_whole_book() -> None:
    """Contract: "a policy counts for every year not closed, the latest known wins"."""
    book = told("""
        2026-01-01  policy  transfer_fee ignore
        2025-01-01  policy  transfer_fee add_to_basis
    """)
    assert Decisions(book.log).policies["transfer_fee"] == "add_to_basis"


def test_a_policy_that_nobody_knows_is_found_and_changes_nothing() -> None:
    for policy in ("colour blue", "loan maybe", "price_age long", "price_age 0.5h"):
        book = told(f"2025-01-01  policy  {policy}")
        assert kinds(book) == ["unknown_policy"]
        assert Decisions(book.log).policies == Decisions().policies


def test_a_policy_of_a_value_that_nobody_knows_is_found_and_the_default_counts() -> None:
    book = told("2025-01-01  policy  loan forgiven")
    (row,) = findings(book)
    assert row["problem"] == "loan must be one of nonrecognition, exchange, not 'forgiven'"
    assert Decisions(book.log).policies["loan"] == "nonrecognition"


def test_a_fact_that_is_stated_again_is_remarked() -> None:
    book = told("""
        2025-12-31  fact  2025 taxable_income 100
        2025-12-31  fact  2025 taxable_income 100
        2026-02-01  fact  2025 taxable_income 200
    """)
    assert findings(book) == table("""
        kind           event  severity
        fact_restated  3      warning
    """)
    assert Decisions(book.log).facts(2025) == {"taxable_income": "200"}
    assert Decisions(book.log).facts(2024) == {}


def test_a_fact_that_nobody_knows_is_found() -> None:
    assert kinds(told("2025-12-31  fact  2025 shoe_size 44")) == ["unknown_fact"]


def test_a_fact_that_cannot_be_read_leaves_what_was_stated_before() -> None:
    book = told("""
        2025-12-31  fact  2025 elected_gain 100
        2026-02-01  fact  2025 elected_gain -5
    """)
    (row,) = findings(book)
    assert row["problem"] == "2025: elected_gain must not be negative, as -5 is"
    assert (row["kind"], row["event"]) == ("tax_fact_unreadable", "2")
    assert Decisions(book.log).facts(2025) == {"elected_gain": "100"}


def test_facts_are_kept_year_by_year() -> None:
    book = told("""
        2025-12-31  fact  2024 taxable_income 100
        2025-12-31  fact  2025 itemizes yes
    """)
    assert Decisions(book.log).tax_facts == {
        2024: {"taxable_income": "100"},
        2025: {"itemizes": "true"},
    }


def test_a_pick_may_be_recorded_by_the_account_or_the_book() -> None:
    for account, sale in (
        ("kraken/main", "sale"),
        ("book", "sale"),
        ("book", "kraken/main#sale"),
        ("kraken/main", "kraken/main#sale"),
    ):
        book = told(f"""
            2025-01-01  deposited  1 X  bought 2025-01-01 for 10  as A
            2025-01-02  deposited  1 X  bought 2025-01-02 for 20  as B
            2025-01-03  {account}  picked  {sale}  picks B:1
            2025-02-01  sold       1 X  for 30  as sale
        """)
        assert [row["lot"] for row in form_8949(book, 2025)] == ["B"]


def test_the_last_pick_in_time_counts() -> None:
    book = told("""
        2025-01-01  deposited  1 X  bought 2025-01-01 for 10  as A
        2025-01-02  deposited  1 X  bought 2025-01-02 for 20  as B
        2025-01-02  deposited  1 X  bought 2025-01-02 for 30  as C
        2025-01-03  picked     sale  picks B:1
        2025-01-04  picked     sale  picks C:1
        2025-02-01  sold       1 X  for 30  as sale
        2025-02-02  picked     sale  picks A:1
    """)
    assert [row["lot"] for row in form_8949(book, 2025)] == ["C"]
    assert kinds(book) == ["late_identification"]


def test_the_word_on_a_deposit_may_be_recorded_by_the_book() -> None:
    for target in ("in", "kraken/main#in"):
        book = told(f"""
            2025-01-01  deposited  1 X  as in
            2025-02-01  stated     {target}  lots 2020-01-01:1:5
        """)
        assert kinds(book) == []


def test_names_of_events_say_their_account_or_take_it_from_the_line() -> None:
    assert named("sale") == ("book", "sale")
    assert named("sale", "kraken/main") == ("kraken/main", "sale")
    assert named("okx/main#sale", "kraken/main") == ("okx/main", "sale")


def test_a_fee_of_a_trade_that_is_not_in_the_book_is_a_reference_to_nowhere() -> None:
    book = told("2025-01-01  charged  50 USD  of S")
    assert [name for _, name in Decisions(book.log).references] == [("kraken/main", "S")]


def test_evidence_of_a_sale_is_of_its_lot_and_its_asset_wherever_the_lot_came_from() -> None:
    book = told("""
        2025-01-01  elected      hifo  asset ETH
        2025-01-01  elected      hifo  asset BTC
        2025-01-02  kraken/main  deposited    1 BTC  as came
        2025-01-02  stated       kraken/main#came  lots 2024-01-01:1:5
        2025-01-03  kraken/main  transferred  1 BTC  to okx/main
        2025-06-01  okx/main     sold         1 BTC  for 10
    """)
    (sale,) = folded(book).disposals[LAWFUL]
    assert sorted(Decisions(book.log).behind(sale)) == [2, 4]

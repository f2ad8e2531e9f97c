"""Form 6781: marked to market, sixty-forty, and losses that go back to earlier gains."""

import pytest

from tests.story import Story, form_4952, form_8949, kinds, schedule_d, taxed, told


def form_6781(book: Story, year: int = 2025) -> dict[str, str]:
    return {line: str(amount) for line, amount in taxed(book, year)[1].form_6781.items()}


def carried(book: Story, year: int = 2025) -> dict[str, str]:
    """What is carried, but for what is not."""
    carryovers = taxed(book, year)[1].carryovers
    return {name: str(amount) for name, amount in carryovers.items() if amount}


def gone_back(book: Story, year: int = 2025) -> dict[str, str]:
    back = taxed(book, year)[1].section_1256_carryback
    return {before: str(amount) for before, amount in back.items()}


def noticed(book: Story, year: int = 2025) -> list[tuple[str, str]]:
    return [
        (found.kind, found.severity)
        for found in taxed(book, year)[1].findings
        if found.kind != "negative_balance"  # the stories leave the money out
    ]


def test_a_gain_is_sixty_forty_on_schedule_d_and_off_form_8949() -> None:
    """Cases: H1; IRC 1256(a)(3)."""
    book = told("2025-06-01  contract  CME 10000 USD  section_1256 yes")
    assert form_6781(book) == {
        "1": "10000.00",
        "5": "10000.00",
        "7": "10000.00",
        "8": "4000.00",
        "9": "6000.00",
    }
    assert schedule_d(book, 2025) == {
        "4": "4000.00",
        "7": "4000.00",
        "11": "6000.00",
        "15": "6000.00",
        "16": "10000.00",
    }
    assert form_8949(book, 2025) == []


def test_a_traders_contracts_are_capital_too() -> None:
    """Pub. 550 p. 58, Traders in section 1256 contracts."""
    text = "2025-06-01  contract  CME 10000 USD  section_1256 yes\n"
    trader = told(text + "2025-12-31  fact  2025 trader yes")
    assert schedule_d(trader, 2025) == schedule_d(told(text), 2025)


def test_open_contracts_are_marked_at_the_end_of_each_year() -> None:
    """Cases: H2; Form 1099-B: box 8 of 7,000 - box 9 of 1,000 + box 10 of -2,500 = 3,500."""
    book = told("""
        2024-12-31  fact      2024 section_1256_unrealized 1000
        2025-06-01  contract  CME 7000 USD  section_1256 yes
        2025-12-31  fact      2025 section_1256_unrealized -2500
        2026-12-31  fact      2026 section_1256_unrealized 0
    """)
    assert [form_6781(book, year)["5"] for year in (2024, 2025, 2026)] == [
        "1000.00",
        "3500.00",
        "2500.00",
    ]
    assert form_6781(book, 2027) == {}


def test_the_example_of_publication_550_is_a_gain_and_then_a_loss() -> None:
    """P550 57, 60/40 rule: bought at 50,000, 57,000 at the end of 2024, sold at 56,000 in 2025."""
    book = told("""
        2024-12-31  fact      2024 section_1256_unrealized 7000
        2025-02-03  contract  CME 6000 USD  section_1256 yes
        2025-12-31  fact      2025 section_1256_unrealized 0
    """)
    assert form_6781(book, 2024)["5"] == "7000.00"
    assert form_6781(book, 2025) == {
        "1": "-1000.00",
        "5": "-1000.00",
        "6": "0.00",
        "7": "-1000.00",
        "8": "-400.00",
        "9": "-600.00",
    }
    assert noticed(book) == [("tax_fact_missing", "info")], "taxable income decides"


def test_a_mark_that_is_not_stated_any_more_counts_as_zero_and_is_found() -> None:
    book = told("2024-12-31  fact  2024 section_1256_unrealized 1000")
    assert form_6781(book, 2025)["5"] == "-1000.00"
    assert ("tax_fact_missing", "warning") in noticed(book)


H3 = """
    2025-06-01  contract  CME -9000 USD  section_1256 yes
    2025-12-31  fact      2025 taxable_income 60000
"""


def test_a_loss_goes_back_as_far_as_it_would_have_been_carried_forward() -> None:
    """Cases: H3; P550 57: without the election 6,000 would be carried to 2026."""
    assert carried(told(H3)) == {"short_term": "-600.00", "long_term": "-5400.00"}
    book = told(H3 + "2025-12-31  fact  2025 section_1256_carryback 6000")
    assert form_6781(book) == {
        "1": "-9000.00",
        "5": "-9000.00",
        "6": "6000.00",
        "7": "-3000.00",
        "8": "-1200.00",
        "9": "-1800.00",
    }
    assert schedule_d(book, 2025)["21"] == "-3000.00"


def test_a_carryback_above_its_limit_is_refused() -> None:
    """Cases: H3: at most 6,000, not 9,000; IRC 1212(c)(4)."""
    book = told(H3 + "2025-12-31  fact  2025 section_1256_carryback 6000.01")
    assert form_6781(book) == form_6781(told(H3))
    assert carried(book) == carried(told(H3))
    assert noticed(book) == [("carryback_above_limit", "error")]


@pytest.mark.parametrize(
    ("beside", "limit"),
    [
        ("", "6000"),
        ("2025-12-31  fact  2025 filing_status mfs", "7500"),
        ("2025-06-01  contract  PERP 2000 USD", "4000"),
        ("2025-06-01  contract  PERP 6000 USD", "0"),
        ("2025-06-01  contract  PERP -2000 USD", "6000"),
        ("2025-01-01  fact  2025 short_term_carryover 500", "6000"),
    ],
)
def test_the_limit_is_the_lesser_of_the_contracts_loss_and_the_carryover(
    beside: str, limit: str
) -> None:
    """IRC 1212(c)(4): 9,000 - 3,000 of these contracts alone; all losses less 3,000."""
    for more, refused in (("0.01", True), ("0", False)):
        asked = float(limit) + float(more)
        book = told(H3 + beside + f"\n2025-12-31  fact  2025 section_1256_carryback {asked}")
        assert ("carryback_above_limit" in kinds(book)) == refused


def test_the_limit_knows_that_the_election_leaves_more_taxable_income() -> None:
    """Income of 2,000 before the loss. Without election: 4,000 lost, 3,000 deducted, so taxable
    income is -1,000 and only 2,000 are used up; 2,000 remain. With 2,000 carried back: 2,000 lost,
    all of it deducted and used up, taxable income 0.
    """
    text = """
        2025-06-01  contract  CME -9000 USD  section_1256 yes
        2025-06-01  contract  PERP 5000 USD
        2025-12-31  fact      2025 taxable_income 0
    """
    book = told(text + "2025-12-31  fact  2025 section_1256_carryback 2000")
    assert form_6781(book)["6"] == "2000.00"
    assert schedule_d(book, 2025)["21"] == "-2000.00"
    assert carried(book) == {"section_1256": "-2000.00"}, "no earlier gain in the book"
    richer = told(
        text.replace("income 0", "income 500")
        + "2025-12-31  fact  2025 section_1256_carryback 2000"
    )
    assert "carryback_above_limit" in kinds(richer), "2,500 used up without it, 1,500 remain"


CHAIN = """
    2022-06-01  contract  CME 5000 USD  section_1256 yes
    2021-01-01  bought    1 B  for 3000
    2022-06-01  sold      1 B  for 2000
    2022-06-01  interest  3000 USD balance
    2023-06-01  contract  CME 1000 USD  section_1256 yes
    2024-06-01  contract  CME -500 USD  section_1256 yes
    2024-12-31  fact      2024 taxable_income 60000
    2025-06-01  contract  CME -12000 USD  section_1256 yes
    2025-12-31  fact      2025 taxable_income 60000
    2025-12-31  fact      2025 section_1256_carryback 9000
    2026-06-01  contract  CME 1500 USD  section_1256 yes
    2026-12-31  fact      2026 taxable_income 60000
"""


def test_earlier_gains_absorb_a_loss_the_earliest_first_and_the_rest_stays_such_a_loss() -> None:
    """By hand (IRC 1212(c)(2), (3), (5), (6)):

    2022: 5,000 of contracts, all gains and losses 4,000: at most 4,000 absorbed. 2023: 1,000.
    2024: a loss of 500, deducted: nothing. 2025: 12,000 lost, 3,000 borne by other income, 9,000
    back: 4,000 + 1,000 absorbed, 4,000 stay. 2026: 1,500 - 4,000 = -2,500, 40 % of it short-term.
    """
    book = told(CHAIN)
    assert gone_back(book) == {"2022": "4000.00", "2023": "1000.00"}
    assert form_6781(book)["7"] == "-3000.00"
    assert carried(book) == {"investment_interest": "3000.00", "section_1256": "-4000.00"}
    assert noticed(book) == [
        ("carryback_unabsorbed", "warning"),
        ("return_to_amend", "info"),
        ("return_to_amend", "info"),
    ]
    assert form_6781(book, 2026) == {
        "1": "-2500.00",
        "5": "-2500.00",
        "6": "0.00",
        "7": "-2500.00",
        "8": "-1000.00",
        "9": "-1500.00",
    }
    assert schedule_d(book, 2026) == {
        "4": "-1000.00",
        "7": "-1000.00",
        "11": "-1500.00",
        "15": "-1500.00",
        "16": "-2500.00",
        "21": "-2500.00",
    }
    assert carried(book, 2026) == {"investment_interest": "3000.00"}


def test_an_earlier_year_is_shown_as_filed_and_later_ones_stand_on_its_amended_form() -> None:
    """2022 as filed: short 2,000, long 3,000 - 1,000: 4d 4,000, 4e 2,000, 4f 2,000 of interest
    allowed, 1,000 carried. Amended: 2,000 - 1,600 short, 2,000 - 2,400 long, so no net gain, and
    all 3,000 are carried. 2023: as filed 400 of 1,000; amended nothing.
    """
    book = told(CHAIN)
    assert form_4952(book, 2022)["8"] == "2000.00"
    assert form_6781(book, 2022)["1"] == "5000.00"
    assert (form_4952(book, 2023)["2"], form_4952(book, 2023)["8"]) == ("1000.00", "400.00")
    assert form_4952(book, 2024)["2"] == "600.00"
    assert form_4952(book, 2025)["2"] == "3000.00"


def test_an_election_of_gain_shrinks_with_the_gain_that_is_amended_away() -> None:
    """2024 as filed: 4e 600, all elected, 4f 400: 1,000 allowed. 900 come back: 40 short, 60 long:
    4e 60, 4f 40; of the election 60 are left, 100 allowed, 900 carried."""
    book = told("""
        2024-06-01  contract  CME 1000 USD  section_1256 yes
        2024-06-01  interest  1000 USD balance
        2024-12-31  fact      2024 elected_gain 600
        2025-06-01  contract  CME -3900 USD  section_1256 yes
        2025-12-31  fact      2025 taxable_income 60000
        2025-12-31  fact      2025 section_1256_carryback 900
    """)
    assert form_4952(book, 2024)["8"] == "1000.00"
    assert form_4952(book, 2025)["2"] == "900.00"
    assert "election_above_limit" not in kinds(book)


def test_a_gain_absorbs_only_what_an_earlier_loss_has_left_of_it() -> None:
    """2024 takes all of 2023's gain (8,000 - 3,000 = 5,000); for 2025 nothing is left there."""
    book = told("""
        2023-06-01  contract  CME 5000 USD  section_1256 yes
        2024-06-01  contract  CME -8000 USD  section_1256 yes
        2024-12-31  fact      2024 taxable_income 60000
        2024-12-31  fact      2024 section_1256_carryback 5000
        2025-06-01  contract  CME -6000 USD  section_1256 yes
        2025-12-31  fact      2025 taxable_income 60000
        2025-12-31  fact      2025 section_1256_carryback 3000
    """)
    assert gone_back(book, 2024) == {"2023": "5000.00"}
    assert carried(book, 2024) == {}
    assert gone_back(book, 2025) == {}
    assert carried(book, 2025) == {"section_1256": "-3000.00"}


def test_a_gain_of_the_fourth_year_before_absorbs_nothing() -> None:
    book = told("2021-06-01  contract  CME 9000 USD  section_1256 yes\n" + H3 + BACK)
    assert gone_back(book) == {}
    nearer = told("2022-06-01  contract  CME 9000 USD  section_1256 yes\n" + H3 + BACK)
    assert gone_back(nearer) == {"2022": "6000.00"}


BACK = "2025-12-31  fact  2025 section_1256_carryback 6000\n"


def test_other_losses_are_carried_beside_the_contracts_loss() -> None:
    """2025: contracts -4,000 (short 1,600, long 2,400), others -10,000 short; 1,000 go back
    (limit 4,000 - 3,000). With line 7 of -3,000: short -11,200, long -1,800; 3,000 are borne by
    other income, short-term first: 8,200 and 1,800 remain. Of these 1,200 and 1,800 are the
    contracts'; 7,000 are not.
    """
    book = told("""
        2024-06-01  contract  CME 1000 USD  section_1256 yes
        2025-06-01  contract  CME -4000 USD  section_1256 yes
        2025-06-01  contract  PERP -10000 USD
        2025-12-31  fact      2025 taxable_income 60000
        2025-12-31  fact      2025 section_1256_carryback 1000
    """)
    assert carried(book) == {"short_term": "-7000.00", "section_1256": "-3000.00"}
    assert form_6781(book, 2026)["1"] == "-3000.00"
    assert schedule_d(book, 2026)["6"] == "-7000.00"


def test_line_6_is_for_a_net_loss_alone() -> None:
    """Realised 100, of which 100 was marked last year: a net of zero asks for no carryback."""
    marked = "2024-12-31  fact  2024 section_1256_unrealized {}\n"
    told_ = "2025-06-01  contract  CME 100 USD  section_1256 yes\n"
    none = "2025-12-31  fact  2025 section_1256_unrealized 0\n"
    for before, net in (("100", "0.00"), ("99.50", "0.50"), ("101", "-1.00")):
        lines = form_6781(told(marked.format(before) + told_ + none))
        assert lines["5"] == net
        assert ("6" in lines) == (net == "-1.00")


def test_the_smallest_gain_of_an_earlier_year_absorbs_too() -> None:
    """2023 had a net gain of 1.00: it takes 1.00 of the 3,000 that go back, 2,999 go forward."""
    book = told("""
        2023-06-01  contract  CME 1 USD  section_1256 yes
        2025-06-01  contract  CME -6000 USD  section_1256 yes
        2025-12-31  fact      2025 taxable_income 60000
        2025-12-31  fact      2025 section_1256_carryback 3000
    """)
    assert gone_back(book) == {"2023": "1.00"}
    assert carried(book) == {"section_1256": "-2999.00"}


def test_a_contracts_fee_cuts_its_result() -> None:
    """1,000 less 10 of fee: 990, of which 396 short-term."""
    book = told("2025-06-01  contract  CME 1000 USD  section_1256 yes  fee 10")
    lines = form_6781(book)
    assert (lines["1"], lines["8"], lines["9"]) == ("990.00", "396.00", "594.00")

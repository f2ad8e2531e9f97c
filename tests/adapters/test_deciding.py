"""Decisions of our own: tried, judged, recorded, and what they changed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from adapters.drafting import Made, drafted, identification
from adapters.importers.reading import Draft
from adapters.log.log import Log
from adapters.log.trial import Trial
from adapters.questions import Questions
from adapters.rules import Case, judge
from domain import events as e
from domain.parts import Allocation, Pick, StatedLot
from domain.recorded import Recorded
from marginbook import Book, BookError, Decision, Refused
from projections.changes import Changed
from projections.findings import Finding
from tests.story import told

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
IN_TIME = datetime(2025, 2, 1, tzinfo=UTC)

TWO_LOTS = """
    2023-01-10  kraken/main    deposited  1 BTC  bought 2023-01-10 for 17000  as old
    2024-12-01  kraken/main    deposited  1 BTC  bought 2024-12-01 for 95000  as new
    2024-12-01  coinbase/main  deposited  1 BTC  bought 2020-10-12 for 11000  as far
    2025-03-01  kraken/main    sold       1 BTC  for 90000 USD  as sale
    2025-09-01  kraken/main    sold       0.5 BTC  for 50000 USD  as later
"""
"""Oldest first, the sale takes the lot of 2023: 73,000 long. The later one half of 2024's."""


@pytest.fixture(autouse=True)
def _the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))


@pytest.fixture
def book() -> Iterator[Book]:
    """Two lots and two sales at one venue, one lot at another."""
    with Book.open(":memory:") as opened:
        tell(opened, TWO_LOTS)
        yield opened


def tell(book: Book, story: str) -> None:
    for recorded in told(story).log:
        book.record([recorded.event], recorded.account)


def refused(book: Book, event: e.Event, account: str = "book") -> str:
    """Why a decision is refused; and that nothing was recorded."""
    head = book.head()
    with pytest.raises(Refused) as why:
        book.decide(event, account)
    assert book.head() == head, "nothing was recorded"
    return str(why.value)


def moved(changed: Changed) -> dict[tuple[int, str, str], tuple[str, str]]:
    """(year, form, line): before and after, of a line with columns its gain."""

    def shown(amount: object) -> str:
        if amount is None:
            return "-"
        return str(amount if isinstance(amount, Decimal) else amount["gain"])  # type: ignore[index]

    return {(m.year, m.form, m.line): (shown(m.before), shown(m.after)) for m in changed.figures}


def elected(method: str = "hifo", at: datetime = IN_TIME, **more: object) -> e.MethodElected:
    return e.MethodElected(at=at, id="elect-1", method=method, **more)  # type: ignore[arg-type]


def picked(*picks: tuple[str, str], at: datetime = IN_TIME, sale: str = "sale") -> e.LotsIdentified:
    chosen = tuple(Pick(lot=lot, quantity=Decimal(units)) for lot, units in picks)
    return e.LotsIdentified(at=at, id="identify-1", disposal=sale, picks=chosen)


def stated(target: str, *lots: tuple[str, str, str]) -> e.BasisStated:
    parts = tuple(
        StatedLot(acquired=day, quantity=units, basis=usd)  # type: ignore[arg-type]
        for day, units, usd in lots
    )
    return e.BasisStated(at=NOW, id="basis-1", target=target, lots=parts)


# A standing order ---------------------------------------------------------------------------------


def test_a_standing_order_moves_the_sales_after_it(book: Book) -> None:
    """Dearest first, the sale loses 5,000 of 2024's lot, the later one gains 41,500 of 2023's.

    Before: 73,000 long and 50,000 - 47,500 = 2,500 short. After: 90,000 - 95,000 short and
    50,000 - 8,500 long. (Treas. Reg. 1.1012-1(j)(3)(ii): a standing order is adequate.)
    """
    decision = book.decide(elected(), "kraken/main")
    assert isinstance(decision, Decision)
    assert decision.event == elected()
    assert (decision.known, decision.recorded.position) == (False, 6)
    assert decision.head == book.head()
    lines = moved(decision.changed)
    assert lines[2025, "schedule_d", "3"] == ("2500.00", "-5000.00")
    assert lines[2025, "schedule_d", "10"] == ("73000.00", "41500.00")
    assert lines[2025, "schedule_d", "16"] == ("75500.00", "36500.00")
    assert {year for year, _, _ in lines} == {2025}
    assert {(m.lot, str(m.before), str(m.after)) for m in decision.changed.lots} == {
        ("new", "0.5 of 2024-12-01 for 47500", "None"),
        ("old", "None", "0.5 of 2023-01-10 for 8500"),
    }


def test_an_order_after_the_fact_is_recorded_and_counts_for_what_comes(book: Book) -> None:
    decision = book.decide(elected(at=NOW))
    assert not decision.changed
    assert "counts for sales after 2026-11-22T12:00:00Z" in decision.counts
    assert "earlier ones keep their lots" in decision.counts


def test_an_order_said_to_be_older_says_when_it_was_recorded(book: Book) -> None:
    decision = book.decide(elected(), "kraken/main")
    assert decision.recorded.recorded_at == NOW
    assert "Recorded at 2026-11-22T12:00:00Z" in decision.counts


def test_what_moves_in_a_closed_year_is_for_an_amended_return(book: Book) -> None:
    book.record([e.YearClosed(at=NOW, id="close-2025", year=2025)], "book")
    assert "for an amended return: 2025" in book.decide(elected(), "kraken/main").counts
    other = e.MethodElected(at=NOW, id="elect-2", method="fifo")
    assert "amended" not in book.decide(other, "kraken/main").counts


def test_an_order_for_an_account_nobody_knows_says_so(book: Book) -> None:
    assert "no account kraken/mian yet" in book.decide(elected(), "kraken/mian").counts


def test_money_has_no_lots_to_order(book: Book) -> None:
    assert "USD is money" in refused(book, elected(asset="USD"))


# A pick -------------------------------------------------------------------------------------------


def test_a_pick_in_time_moves_the_sale_and_what_is_left_for_later(book: Book) -> None:
    decision = book.decide(picked(("new", "1")), "kraken/main")
    lines = moved(decision.changed)
    assert lines[2025, "schedule_d", "3"] == ("2500.00", "-5000.00")
    assert lines[2025, "schedule_d", "10"] == ("73000.00", "41500.00")
    assert "counts for sale" in decision.counts


def test_a_late_pick_is_refused_by_the_regulation(book: Book) -> None:
    """Treas. Reg. 1.1012-1(j)(2), (3)(ii): no later than the date and time of the sale."""
    said = refused(book, picked(("new", "1"), at=NOW), "kraken/main")
    assert "Treas. Reg. 1.1012-1(j)(2), (3)(ii)" in said
    assert "--at" in said


def test_a_pick_at_the_instant_of_the_sale_is_in_time(book: Book) -> None:
    at = datetime(2025, 3, 1, 12, tzinfo=UTC)
    assert book.decide(picked(("new", "1"), at=at), "kraken/main").changed


@pytest.mark.parametrize(
    ("picks", "why"),
    [
        ([("nowhere", "1")], "no lot called nowhere lies open in kraken/main"),
        ([("far", "1")], "lot far lies in coinbase/main, not in kraken/main"),
        ([("old", "1.5")], "lot old has 1 left in kraken/main, not 1.5"),
        ([("old", "0.6"), ("old", "0.5")], "lot old has 1 left in kraken/main, not 1.1"),
        ([("old", "0.6"), ("new", "0.5")], "sale takes 1 BTC of your lots, the picks name 1.1"),
    ],
)
def test_a_pick_of_what_is_not_there_is_refused(
    book: Book, picks: list[tuple[str, str]], why: str
) -> None:
    assert why in refused(book, picked(*picks), "kraken/main")


def test_a_sale_before_2025_may_take_lots_of_any_account() -> None:
    """IRS FAQ on virtual currency, 39-41; from 2025 on only those of its own account."""
    with Book.open(":memory:") as book:
        tell(
            book,
            """
            2023-01-10  kraken/main    deposited  1 BTC  bought 2023-01-10 for 17000  as old
            2023-02-10  coinbase/main  deposited  1 BTC  bought 2023-02-10 for 22000  as far
            2024-03-01  kraken/main    sold       1 BTC  for 60000 USD  as sale
            """,
        )
        at = datetime(2024, 3, 1, tzinfo=UTC)
        lines = moved(book.decide(picked(("far", "1"), at=at), "kraken/main").changed)
        assert lines[2024, "schedule_d", "10"] == ("43000.00", "38000.00")


def test_what_an_earlier_sale_took_cannot_be_picked_again(book: Book) -> None:
    said = refused(book, picked(("old", "0.1"), sale="later"), "kraken/main")
    assert "no lot called old lies open in kraken/main when later took its lots" in said
    assert "there: new (1 of 2024-12-01)" in said, "and what could be picked instead"


def test_a_pick_for_what_takes_no_lots_is_refused(book: Book) -> None:
    at = datetime(2022, 1, 1, tzinfo=UTC)
    assert "takes no lots" in refused(book, picked(("old", "1"), at=at, sale="old"), "kraken/main")
    assert "no event of kraken/main" in refused(
        book, picked(("old", "1"), sale="gone"), "kraken/main"
    )


def test_a_pick_that_takes_another_picks_lot_is_judged_by_the_replay(book: Book) -> None:
    """The later sale's pick would find nothing left: that finding is its own, so it is told."""
    book.decide(picked(("new", "0.5"), sale="later"), "kraken/main")
    other = e.LotsIdentified(
        at=IN_TIME, id="identify-2", disposal="sale", picks=(Pick(lot="new", quantity=Decimal(1)),)
    )
    decision = book.decide(other, "kraken/main")
    assert [found.kind for found in decision.changed.came] == ["invalid_identification"]
    assert decision.changed.came[0].event == "later"


def test_quantities_left_out_are_all_that_is_left_or_needed(book: Book) -> None:
    sale = book.find("later")
    assert identification(book.questions, sale, [("new", None)]) == (
        Pick(lot="new", quantity=Decimal("0.5")),
    )
    sale = book.find("sale")
    chosen = identification(book.questions, sale, [("old", Decimal("0.3")), ("new", None)])
    assert [pick.quantity for pick in chosen] == [Decimal("0.3"), Decimal("0.7")]
    chosen = identification(book.questions, sale, [("new", None)])
    assert [pick.quantity for pick in chosen] == [Decimal(1)]
    with pytest.raises(Refused, match="nothing is left for lot new"):
        identification(book.questions, sale, [("old", None), ("new", None)])
    with pytest.raises(Refused, match="far lies in coinbase/main"):
        identification(book.questions, sale, [("far", None)])


def test_lots_are_picked_for_a_transfer_too(book: Book) -> None:
    tell(
        book,
        """
        2025-01-15  kraken/main  transferred  0.4 BTC  to coinbase/main  as move
        """,
    )
    at = datetime(2025, 1, 15, 12, tzinfo=UTC)
    pick = picked(("new", "0.4"), at=at, sale="move")
    decision = book.decide(pick, "kraken/main")
    assert ("coinbase/main", "new", "None", "0.4 of 2024-12-01 for 38000") in {
        (m.account, m.lot, str(m.before), str(m.after)) for m in decision.changed.lots
    }


# Basis --------------------------------------------------------------------------------------------

UNKNOWN = """
    2024-03-02  kraken/main  deposited  2.5 ETH  as d14
    2025-03-02  kraken/main  sold       1 ETH    for 3000 USD  as sale
"""


@pytest.fixture
def unknown() -> Iterator[Book]:
    """Units that came in without a date and cost."""
    with Book.open(":memory:") as opened:
        tell(opened, UNKNOWN)
        yield opened


def test_the_owners_word_settles_a_missing_basis(unknown: Book) -> None:
    """6,200 / 2.5 = 2,480 of basis for the one sold; held since 2021: long-term."""
    (found,) = [f for f in unknown.check() if f.kind == "missing_basis"]
    assert found.hint.startswith("marginbook basis d14 --lot ")
    assert ":2.5:" in found.hint
    decision = unknown.decide(stated("d14", ("2021-05-01", "2.5", "6200")), "kraken/main")
    assert [f.kind for f in decision.changed.gone] == ["missing_basis"]
    lines = moved(decision.changed)
    assert lines[2025, "schedule_d", "3"] == ("3000.00", "-")
    assert lines[2025, "schedule_d", "10"] == ("-", "520.00")
    (lot,) = decision.changed.lots
    assert (str(lot.before), str(lot.after)) == ("1.5 of ? for ?", "1.5 of 2021-05-01 for 3720")


def test_a_part_of_the_basis_may_be_stated(unknown: Book) -> None:
    decision = unknown.decide(stated("d14", ("2021-05-01", "1", "2000")), "kraken/main")
    assert [f.kind for f in decision.changed.came] == ["missing_basis"]
    assert decision.changed.came[0].problem.startswith("1.5 ETH")


def test_more_lots_than_came_in_are_refused(unknown: Book) -> None:
    said = refused(unknown, stated("d14", ("2021-05-01", "3", "6200")), "kraken/main")
    assert "0.5 ETH more than came in" in said


def test_a_lot_acquired_after_it_came_in_is_refused(unknown: Book) -> None:
    said = refused(unknown, stated("d14", ("2024-05-01", "2.5", "6200")), "kraken/main")
    assert "after it came in" in said


def test_only_what_came_in_from_outside_has_a_basis_to_state(unknown: Book) -> None:
    lot = ("2021-05-01", "1", "1")
    assert "no deposit and no income" in refused(unknown, stated("sale", lot), "kraken/main")
    assert "no event of" in refused(unknown, stated("d15", lot), "kraken/main")
    assert "at least one" in refused(unknown, stated("d14"), "kraken/main")


# Links --------------------------------------------------------------------------------------------

LEGS = """
    2023-01-10  kraken/main    deposited  2 BTC  bought 2023-01-10 for 34000  as lot
    2025-02-01  kraken/main    withdrawn  1 BTC  as out
    2025-02-02  coinbase/main  deposited  1 BTC  as in
    2025-02-03  coinbase/main  deposited  0.5 ETH  as eth
    2025-01-30  coinbase/main  deposited  1 BTC  as before
    2025-02-04  coinbase/main  deposited  1.1 BTC  as more
    2025-02-05  kraken/main    spent      0.1 BTC  as spent
    2025-02-05  book           price      BTC 100000
"""


@pytest.fixture
def legs() -> Iterator[Book]:
    """A withdrawal and a deposit that are one transfer, and others that are not."""
    with Book.open(":memory:") as opened:
        tell(opened, LEGS)
        yield opened


def linked(out: str, into: str) -> e.TransferLinked:
    return e.TransferLinked(at=NOW, id="link-1", out=out, into=into)


def test_a_link_carries_lots_and_dates(legs: Book) -> None:
    decision = legs.decide(linked("kraken/main#out", "coinbase/main#in"))
    moved_lots = {(m.account, m.lot): str(m.after) for m in decision.changed.lots}
    assert moved_lots["coinbase/main", "lot"] == "1 of 2023-01-10 for 17000"
    assert moved_lots["coinbase/main", "in"] == "None"
    assert [f.event for f in decision.changed.gone if f.kind == "missing_basis"] == ["in"]


@pytest.mark.parametrize(
    ("out", "into", "why"),
    [
        ("kraken/main#gone", "coinbase/main#in", "no event of kraken/main is called 'gone'"),
        ("kraken/main#out", "coinbase/main#gone", "no event of coinbase/main is called 'gone'"),
        ("coinbase/main#in", "kraken/main#out", "is no withdrawal"),
        ("kraken/main#spent", "coinbase/main#in", "is no withdrawal of own units"),
        ("kraken/main#out", "kraken/main#spent", "is no deposit"),
        ("kraken/main#out", "coinbase/main#eth", "BTC left and ETH came"),
        ("kraken/main#out", "coinbase/main#before", "before they left"),
        ("kraken/main#out", "coinbase/main#more", "1.1 BTC came, more than the 1 that left"),
    ],
)
def test_legs_that_are_no_transfer_are_refused(legs: Book, out: str, into: str, why: str) -> None:
    assert why in refused(legs, linked(out, into))


def test_a_deposit_may_be_told_ten_minutes_before_its_withdrawal(legs: Book) -> None:
    """Venues' clocks differ, and some tell when a transfer was begun, others when it was done."""
    tell(legs, "2025-02-01T11:50  coinbase/main  deposited  1 BTC  as early")
    decision = legs.decide(linked("kraken/main#out", "coinbase/main#early"))
    assert {(m.account, m.lot): str(m.after) for m in decision.changed.lots}[
        "coinbase/main", "lot"
    ] == "1 of 2023-01-10 for 17000"
    tell(legs, "2025-02-01T11:49  coinbase/main  deposited  1 BTC  as earlier")
    other = e.TransferLinked(
        at=NOW, id="link-2", out="kraken/main#out", into="coinbase/main#earlier"
    )
    assert "before they left" in refused(legs, other)


def test_a_leg_is_linked_once(legs: Book) -> None:
    legs.decide(linked("kraken/main#out", "coinbase/main#in"))
    tell(legs, "2025-02-01  kraken/main  withdrawn  1 BTC  as out-2")
    other = e.TransferLinked(at=NOW, id="link-2", out="kraken/main#out-2", into="coinbase/main#in")
    assert "coinbase/main#in is linked with kraken/main#out already" in refused(legs, other)
    tell(legs, "2025-02-06  coinbase/main  deposited  0.5 BTC  as in-2")
    other = e.TransferLinked(at=NOW, id="link-2", out="kraken/main#out", into="coinbase/main#in-2")
    assert "kraken/main#out is linked with coinbase/main#in already" in refused(legs, other)


# Policies and facts -------------------------------------------------------------------------------


def policy(name: str, value: str) -> e.PolicySet:
    return e.PolicySet(at=NOW, id="policy-1", name=name, value=value)


def fact(name: str, value: str, year: int = 2025) -> e.TaxFactStated:
    return e.TaxFactStated(at=NOW, id="state-1", year=year, name=name, value=value)


def test_a_policy_moves_what_stands_on_it() -> None:
    """A network fee of 0.1 BTC worth 9,000, cost 1,700: a disposal, or a part of the basis."""
    with Book.open(":memory:") as book:
        tell(
            book,
            """
            2023-01-10  kraken/main  deposited    2 BTC  bought 2023-01-10 for 34000
            2025-03-01  book         price        BTC 90000
            2025-03-01  kraken/main  transferred  1 BTC  to coinbase/main  fee 0.1
            """,
        )
        lines = moved(book.decide(policy("transfer_fee", "add_to_basis")).changed)
        assert lines[2025, "schedule_d", "10"] == ("7300.00", "-")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("transfer_fees", "disposal", "known: basis_scope, short_sale"),
        ("transfer_fee", "free", "transfer_fee must be one of disposal, add_to_basis, ignore"),
        ("price_age", "soon", "price_age must be like 24h"),
    ],
)
def test_a_policy_nobody_knows_is_refused_with_those_there_are(
    book: Book, name: str, value: str, why: str
) -> None:
    assert why in refused(book, policy(name, value))


def test_a_fact_moves_what_is_carried_on() -> None:
    """A loss of 5,000: 3,000 count, 2,000 are carried; with 1,500 of room less is used up.

    Line 1 of the Capital Loss Carryover Worksheet is -1,500: 1,500 of the 3,000 are used, so
    3,500 are carried on.
    """
    with Book.open(":memory:") as book:
        tell(
            book,
            """
            2024-12-01  kraken/main  deposited  1 BTC  bought 2024-12-01 for 95000
            2025-03-01  kraken/main  sold       1 BTC  for 90000 USD
            """,
        )
        decision = book.decide(fact("taxable_income", "-1500"))
        lines = moved(decision.changed)
        assert lines == {(2025, "carryovers", "short_term"): ("-2000.00", "-3500.00")}
        assert [f.kind for f in decision.changed.gone] == ["tax_fact_missing"]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("income", "1", "known: filing_status, taxable_income"),
        ("filing_status", "married", "must be one of single, mfj, mfs, hoh"),
        ("trader", "maybe", "must be one of true, false"),
        ("taxable_income", "plenty", "must be an amount in USD"),
        ("taxable_income", "NaN", "must be an amount in USD"),
        ("elected_gain", "-1", "must not be negative"),
        ("insolvent_by", "-5", "must not be negative"),
        ("investment_income", "-5", "must not be negative"),
        ("section_1256_carryback", "-5", "must not be negative"),
    ],
)
def test_a_fact_nobody_knows_is_refused_with_those_there_are(
    book: Book, name: str, value: str, why: str
) -> None:
    assert why in refused(book, fact(name, value))


INTEREST = """
    2023-01-10  kraken/main  deposited  1 BTC  bought 2023-01-10 for 17000
    2025-02-01  kraken/main  deposited  1000 USD
    2025-02-02  kraken/main  interest   500 USD  balance
    2025-03-01  kraken/main  sold       1 BTC  for 20000 USD
"""


def test_an_election_above_its_limit_is_refused_by_what_the_replay_finds() -> None:
    """Line 4g is at most 4b + 4e = 3,000 (IRC 163(d)(4)(B); Form 4952)."""
    with Book.open(":memory:") as book:
        tell(book, INTEREST)
        said = refused(book, fact("elected_gain", "5000"))
        assert "above 3000.00" in said
        assert "IRC 163(d)(4)(B)" in said
        lines = moved(book.decide(fact("elected_gain", "400")).changed)
        assert lines[2025, "form_4952", "4g"] == ("-", "400.00")
        assert lines[2025, "form_4952", "8"] == ("-", "400.00")
        assert lines[2025, "form_4952", "7"] == ("500.00", "100.00")


def test_a_fact_is_not_refused_for_an_election_that_it_puts_above_its_limit() -> None:
    with Book.open(":memory:") as book:
        tell(book, INTEREST)
        for name, value in (("qualified_dividends", "100"), ("elected_gain", "3100")):
            event = e.TaxFactStated(at=NOW, id=name, year=2025, name=name, value=value)
            book.decide(event)
        decision = book.decide(fact("qualified_dividends", "50"))
        assert "election_above_limit" in [f.kind for f in decision.changed.came]


# Allocations --------------------------------------------------------------------------------------


def allocated(*parts: tuple[str, str, str, str], **more: str) -> e.BasisAllocated:
    at = datetime(2024, 12, 30, tzinfo=UTC)
    allocations = tuple(
        Allocation(account=a, acquired=d, quantity=q, basis=b)  # type: ignore[arg-type]
        for a, d, q, b in parts
    )
    return e.BasisAllocated(
        at=at,
        id="allocate-1",
        asset="BTC",
        allocations=allocations,
        **more,  # type: ignore[arg-type]
    )


CONSERVING = (
    ("kraken/main", "2023-01-10", "1", "17000"),
    ("kraken/main", "2024-12-01", "1", "95000"),
    ("coinbase/main", "2020-10-12", "1", "11000"),
)


def test_an_allocation_that_conserves_is_recorded(book: Book) -> None:
    decision = book.decide(allocated(*CONSERVING))
    assert decision.recorded.account == "book"
    assert "Rev. Proc. 2024-28" in decision.counts


def test_an_allocation_that_does_not_conserve_is_refused(book: Book) -> None:
    """Rev. Proc. 2024-28, 5.02(2): all units of unused basis, with what they cost."""
    fewer = refused(book, allocated(*CONSERVING[1:]))
    assert "kraken/main held 2 BTC, not 1" in fewer
    dearer = (("kraken/main", "2023-01-10", "1", "18000"), *CONSERVING[1:])
    assert "17000.00, not 18000.00" in refused(book, allocated(*dearer))


def test_an_allocation_after_the_first_sale_is_refused(book: Book) -> None:
    """Rev. Proc. 2024-28, 5.02(4): before the first disposition of that asset."""
    late = evolve(allocated(*CONSERVING), at=NOW)
    assert "BTC had been disposed of before" in refused(book, late)


def test_an_allocation_of_no_shape_is_refused(book: Book) -> None:
    assert "it has coinbase/main, kraken/main" in refused(
        book, allocated(("kraken/mian", "2023-01-10", "1", "17000"))
    )
    assert "at least one account" in refused(book, allocated())
    assert "section 5.02(5)(a)" in refused(book, allocated(*CONSERVING, kind="global"))


def test_an_error_that_names_a_decision_speaks_against_it(book: Book) -> None:
    """Whatever a projection finds in the decision itself, by its account and id."""
    event = allocated(*CONSERVING)
    case = Case(book=book.questions, event=event, account="book")
    own = Finding(kind="allocation_mismatch", account="book", event="allocate-1", problem="1 BTC")
    assert judge(case, [own]) == [own]
    elsewhere = [evolve(own, account="kraken/main"), evolve(own, event="allocate-2")]
    assert judge(case, [evolve(own, severity="warning"), *elsewhere]) == []


# Voids --------------------------------------------------------------------------------------------


def voided(target: str, name: str = "void-1") -> e.Voided:
    return e.Voided(at=NOW, id=name, target=target, reason="entered twice")


def test_what_is_void_no_longer_counts_and_may_count_again(book: Book) -> None:
    gone = book.decide(voided("later"), "kraken/main")
    assert moved(gone.changed)[2025, "schedule_d", "3"] == ("2500.00", "-")
    back = book.decide(voided("void-1", "void-2"), "kraken/main")
    assert moved(back.changed)[2025, "schedule_d", "3"] == ("-", "2500.00")


def test_a_void_may_reveal_an_error_and_is_recorded_all_the_same(book: Book) -> None:
    decision = book.decide(voided("old"), "kraken/main")
    assert "missing_basis" in {found.kind for found in decision.changed.came}


def test_what_is_not_there_or_void_already_cannot_be_voided(book: Book) -> None:
    assert "no event of kraken/main" in refused(book, voided("gone"), "kraken/main")
    book.decide(voided("later"), "kraken/main")
    assert "is void" in refused(book, voided("later", "void-2"), "kraken/main")
    assert "is void" in refused(book, picked(("old", "1"), sale="later"), "kraken/main")


# Whatever it is -----------------------------------------------------------------------------------


def test_a_decision_repeated_is_known_and_changes_nothing(book: Book) -> None:
    first = book.decide(elected(), "kraken/main")
    again = book.decide(elected(), "kraken/main")
    assert (again.known, again.recorded) == (True, first.recorded)
    assert again.head == first.head == book.head()
    assert not again.changed


def test_an_id_taken_by_another_decision_is_refused(book: Book) -> None:
    book.decide(elected(), "kraken/main")
    head = book.head()
    with pytest.raises(BookError, match="already recorded with other content, at position 6"):
        book.decide(elected("lifo"), "kraken/main")
    assert book.head() == head


def test_facts_are_not_decided(book: Book) -> None:
    deposit = e.Deposited(at=NOW, id="d", asset="BTC", quantity=Decimal(1))
    with pytest.raises(BookError, match="deposited is a fact"):
        book.decide(deposit, "kraken/main")


def test_a_draft_says_again_what_is_in_force_only_while_it_is(book: Book) -> None:
    """hifo, hifo: known. hifo, fifo, hifo: a third order."""

    def order(method: str, minute: int) -> e.Event:
        at = datetime(2026, 1, 1, 0, minute, tzinfo=UTC)
        event = drafted(book.questions, e.MethodElected, "book", {"method": method}, Made())
        if event.at == NOW:  # a new one
            event = drafted(
                book.questions, e.MethodElected, "book", {"method": method}, Made(at=at)
            )
        return book.decide(event, "book").event

    assert [order("hifo", 1).id, order("hifo", 2).id] == ["elect-1", "elect-1"]
    assert [order("fifo", 3).id, order("hifo", 4).id] == ["elect-2", "elect-3"]
    assert order("hifo", 5).id == "elect-3"


def test_a_draft_takes_an_id_that_is_free(book: Book) -> None:
    tell(book, "2025-10-01  kraken/main  deposited  1 USD  as void-1")
    event = drafted(
        book.questions, e.Voided, "kraken/main", {"target": "old", "reason": "no"}, Made()
    )
    assert event.id == "void-2"


def test_an_event_is_found_by_its_id_alone_unless_several_have_it(book: Book) -> None:
    assert book.find("far").account == "coinbase/main"
    tell(book, "2025-10-01  kraken/main  deposited  1 USD  as far")
    with pytest.raises(BookError, match="write coinbase/main#far or kraken/main#far"):
        book.find("far")
    assert book.find("kraken/main#far").account == "kraken/main"
    assert book.find("far", "coinbase/main").account == "coinbase/main"
    with pytest.raises(BookError, match="no event is called 'nothing'"):
        book.find("nothing")


def test_who_writes_meanwhile_is_seen_by_the_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program sells while the order is tried: it is tried again, with that sale."""
    path = tmp_path / "book.db"
    with Book.open(path) as book, Book.open(path) as other:
        tell(book, TWO_LOTS)
        pictures = Questions.picture
        calls = []

        def picture(asked: Questions) -> object:
            calls.append(1)
            if len(calls) == 2:
                tell(other, "2026-09-01  kraken/main  sold  0.1 BTC  for 12000 USD  as meanwhile")
            return pictures(asked)

        monkeypatch.setattr(Questions, "picture", picture)
        decision = book.decide(elected(), "kraken/main")
        assert len(calls) == 4
        assert decision.recorded.position == 7
        assert {year for year, _, _ in moved(decision.changed)} == {2025, 2026}


def test_a_trial_reads_as_the_log_would_once_it_was_written(tmp_path: Path) -> None:
    """Every way of reading, before and after the entry is really there."""
    with Book.open(tmp_path / "book.db") as book:
        tell(book, TWO_LOTS)
    with Log.open(tmp_path / "book.db") as log:
        head = log.head()
        event = elected(at=datetime(2025, 3, 1, 12, tzinfo=UTC))
        entry = Recorded(6, "kraken/main", 5, NOW, event)
        trial = Trial(log, head, entry)
        bare = Trial(log, head)
        ways: list[dict[str, object]] = [
            {},
            {"order": "log"},
            {"known": 5},
            {"known": 6},
            {"at_or_before": event.at},
            {"at_or_before": IN_TIME},
            {"accounts": ["kraken/main"]},
            {"accounts": ["coinbase/main"]},
            {"types": [e.MethodElected]},
            {"types": [e.Filled]},
        ]
        tried = [list(trial.read(**way)) for way in ways]  # type: ignore[arg-type]
        without = [list(log.read(**way)) for way in ways]  # type: ignore[arg-type]
        found = trial.find("kraken/main", "elect-1")
        log.append([Draft("kraken/main", event, None)])
        assert tried == [list(log.read(**way)) for way in ways]  # type: ignore[arg-type]
        assert without == [list(bare.read(**way)) for way in ways]  # type: ignore[arg-type]
        assert found == log.find("kraken/main", "elect-1")
        assert bare.find("kraken/main", "elect-1") is None
        assert (trial.head().position, bare.head()) == (6, head)
        assert trial.clocked() is log.clocked() is True


def test_a_fact_of_one_year_that_is_stated_again_is_remarked_in_that_year_alone() -> None:
    with Book.open(":memory:") as book:
        book.decide(fact("taxable_income", "50000"))
        book.decide(evolve(fact("taxable_income", "60000"), id="again"))
        found = {y: [f.kind for f in book.tax_year(y).forms.findings] for y in (2024, 2025)}
    assert found == {2024: [], 2025: ["fact_restated"]}


def test_a_carryback_above_its_limit_is_refused() -> None:
    """IRC 1212(c)(4): no more than the year's net section 1256 contracts loss."""
    with Book.open(":memory:") as book:
        assert "above" in refused(book, fact("section_1256_carryback", "100"))

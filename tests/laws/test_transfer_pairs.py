"""Pairs of legs, whatever the legs: beside an oracle that compares everybody with everybody."""

import re
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import event, given, settings
from hypothesis import strategies as st

from projections.decisions import Decisions, Name
from projections.transfers.transfer_legs import Leg, Legs
from projections.transfers.transfer_pairs import pairs_of
from projections.transfers.transfers import Transfers

START = datetime(2025, 3, 1, tzinfo=UTC)
MINUTES = [0, 1, 2, 3, -9, -10, -11, 30, 72 * 60, 72 * 60 + 1, 5 * 1440, 5 * 1440 + 1, 31 * 1440]
AMOUNTS = ["1", "1.0", "0.999", "0.99", "0.98999", "0.5", "0.49", "1.01"]
AMOUNTS += ["2", "2.00", "1.999", "1.98", "1.6", "3", "2.6", "4"]
FEES = ["0", "0", "0.001", "0.02", "0.4", "1"]
CHAINS = ["", "", "", "aa", "bb"]
IDS = ["aa", "bb", "1", "2", "3", "4", "5"]
NOTES = ["", "", "", "to b/x#i1", "see (a/x#o2), please"]

Parted = frozenset[tuple[Name, Name]]


@st.composite
def side(draw: st.DrawFn, kind: str) -> list[Leg]:
    """Legs of one direction, in a few accounts, that differ by little."""
    found: dict[Name, Leg] = {}
    for _ in range(draw(st.integers(0, 7))):
        leg = Leg(
            draw(st.sampled_from(["a/x", "a/y", "b/x"])),
            draw(st.sampled_from(["", kind, kind])) + draw(st.sampled_from(IDS)),
            draw(st.sampled_from(["BTC", "BTC", "BTC", "USD"])),
            Decimal(draw(st.sampled_from(AMOUNTS))),
            Decimal(draw(st.sampled_from(FEES))) if kind == "o" else Decimal(0),
            START + timedelta(minutes=draw(st.sampled_from(MINUTES))),
            draw(st.sampled_from(CHAINS)),
            draw(st.sampled_from(NOTES)),
        )
        found[leg.name] = leg
    return list(found.values())


@st.composite
def legs(draw: st.DrawFn) -> tuple[list[Leg], list[Leg], Parted]:
    """Legs out and in, and a few of them that somebody parted. A name is that of one leg alone."""
    outs = draw(side("o"))
    named = {out.name for out in outs}
    ins = [into for into in draw(side("i")) if into.name not in named]
    both = [(out.name, into.name) for out in outs for into in ins]
    parted = draw(st.sets(st.sampled_from(both), max_size=3)) if both else set()
    return outs, ins, frozenset(parted)


# The oracle ---------------------------------------------------------------------------------------


def oracle(outs: list[Leg], ins: list[Leg], parted: Parted) -> set[tuple[Leg, Leg, str]]:
    """The rules word by word."""
    found: set[tuple[Leg, Leg, str]] = set()

    def left(out: Leg, into: Leg) -> bool:
        return not any(out is one or into is other for one, other, _ in found)

    def settle(rule: str, may_be: Callable[[Leg, Leg], bool]) -> None:
        edges = [
            (out, into)
            for out in outs
            for into in ins
            if left(out, into)
            and out.account != into.account
            and out.asset == into.asset
            and (out.name, into.name) not in parted
            and into.at >= out.at - timedelta(minutes=10)
            and may_be(out, into)
        ]
        for out, into in edges:
            if sum(one is out for one, _ in edges) == sum(other is into for _, other in edges) == 1:
                found.add((out, into, rule))

    def arrived(out: Leg, into: Leg, step: int, least: str) -> bool:
        all_of_it = out.quantity == into.quantity
        but_the_fee = step > 0 and into.quantity == out.quantity - out.fee
        about = step > 1 and out.quantity * Decimal(least) <= into.quantity <= out.quantity
        return all_of_it or but_the_fee or about

    for step in range(3):
        settle(
            "txid",
            lambda out, into, step=step: (
                out.chain == into.chain != ""  # type: ignore[misc]
                and arrived(out, into, step, "0.5")
            ),
        )
    for step in range(3):
        settle(
            "id",
            lambda out, into, step=step: (
                tells(out, into)  # type: ignore[misc]
                and not (out.chain and into.chain and out.chain != into.chain)
                and into.at - out.at <= timedelta(days=30)
                and arrived(out, into, step, "0.99")
            ),
        )
    waiting = {
        leg.name
        for out in outs
        for into in ins
        if left(out, into)
        and out.account != into.account
        and out.asset == into.asset
        and out.chain == into.chain != ""
        for leg in (out, into)
    }
    for step in range(3):
        settle(
            "amount_and_time",
            lambda out, into, step=step: (
                not (out.chain and into.chain)  # type: ignore[misc]
                and out.name not in waiting
                and into.name not in waiting
                and into.at - out.at <= timedelta(days=5 if out.asset == "USD" else 3)
                and arrived(out, into, step, "0.99")
            ),
        )
    return found


def tells(out: Leg, into: Leg) -> bool:
    """Whether the ids, or a note, say that these belong together."""
    return (
        out.id == into.id
        or out.id == into.chain
        or into.id == out.chain
        or into.full_name in re.findall(r"[\w/]+#\w+", out.note)
        or out.full_name in re.findall(r"[\w/]+#\w+", into.note)
    )


# The laws -----------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(legs())
def test_pairs_are_those_of_an_oracle_that_compares_everybody(
    drawn: tuple[list[Leg], list[Leg], Parted],
) -> None:
    outs, ins, parted = drawn
    expected = oracle(outs, ins, parted)
    for _, _, rule in expected:
        event(rule)
    found = pairs_of(outs, ins, parted)
    assert {(pair.out, pair.into, pair.rule) for pair in found} == expected


@given(legs(), st.randoms(use_true_random=False))
def test_the_order_of_legs_changes_nothing(
    drawn: tuple[list[Leg], list[Leg], Parted], random: Random
) -> None:
    outs, ins, parted = drawn
    shuffled = random.sample(outs, len(outs)), random.sample(ins, len(ins))
    assert pairs_of(*shuffled, parted) == pairs_of(outs, ins, parted)


@given(legs())
def test_no_leg_is_in_two_pairs_and_nothing_arrives_that_was_not_sent(
    drawn: tuple[list[Leg], list[Leg], Parted],
) -> None:
    outs, ins, parted = drawn
    found = pairs_of(outs, ins, parted)
    assert unique(pair.out.name for pair in found)
    assert unique(pair.into.name for pair in found)
    assert all(pair.into.quantity <= pair.out.quantity for pair in found)


@given(legs())
def test_every_leg_stands_in_one_place(drawn: tuple[list[Leg], list[Leg], Parted]) -> None:
    """In a pair or alone; what is left out is money that no leg is near to."""
    gathered = Legs(Decisions())
    gathered.outs, gathered.ins, _ = drawn
    transfers = Transfers(gathered)
    report = transfers.report()
    told = [name for pair in report.pairs for name in (pair.out, pair.into)]
    told += [alone.leg for alone in report.unpaired]
    assert unique(told)
    out_of_scope = [leg for leg in (*gathered.outs, *gathered.ins) if leg.full_name not in told]
    assert {leg.asset for leg in out_of_scope} <= {"USD"}
    assert all(alone.candidates for alone in report.unpaired if alone.asset == "USD")
    asking = [one for one in transfers.findings() if "left the book" not in one.problem]
    assert all((one.severity == "info") == (one.asset == "USD") for one in asking)
    found = [f"{one.account}#{one.event}" for one in asking]
    candidates = {one.leg for alone in report.unpaired for one in alone.candidates}
    wanting = {alone.leg for alone in report.unpaired if alone.candidates}
    assert unique(found)
    assert {pair.out for pair in report.pairs} <= set(found)
    assert wanting <= set(found) | candidates


def unique(names: Iterable[Hashable]) -> bool:
    listed = list(names)
    return len(listed) == len(set(listed))

"""A what-if is what recording its events would give: rows, tax and margin, to the last digit."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.whatif import Supposing
from adapters.wire import from_native
from domain import events as e
from marginbook import Book, BookError, WhatIf
from tests.laws.made_up_books import MadeUp

DECISIONS = (e.PolicySet, e.MethodElected, e.TaxFactStated)


def ask(made: MadeUp, supposing: Supposing) -> WhatIf:
    chance = made.chance
    account, coin = chance.choice(made.accounts), chance.choice(["BTC", "ETH"])
    quantity, kind = Decimal(chance.randrange(1, 300)) / 100, chance.randrange(8)
    if kind < 3:
        return supposing.liquidate()
    if kind == 3:
        return supposing.trade("sell", quantity, coin, account=account, borrow=made.maybe(0.5))
    if kind == 4:
        return supposing.trade("buy", quantity, coin, account=account, borrow=made.maybe(0.5))
    if kind == 5:
        position = f"p{coin}0"
        return supposing.trade("buy", quantity, coin, account=account, position=position)
    if kind == 6:
        move = chance.choice(["repay", "borrow", "withdraw", "deposit"])
        asset = chance.choice([coin, made.money[account]])
        return supposing.move(move, quantity, asset, account=account)
    return supposing.leave(chance.choice(["stop", "take-profit"]), coin, account=account)


def rows(found: Any, after: int) -> list[tuple[Any, ...]]:
    return [
        (r.of.asset, r.of.quantity, r.of.lot, r.proceeds, r.basis, r.gain, r.term, r.code)
        for r in found
        if r.of.position > after
    ]


def differences(seed: int) -> list[str] | None:
    """Where the two run apart; None where the question is refused."""
    made = MadeUp(seed)
    method = made.chance.choice([None, None, "fifo", "hifo", "lifo", "lofo"])
    prices = {
        coin: (price * made.chance.randrange(30, 150) / 100).quantize(Decimal("0.01"))
        for coin, price in made.prices.items()
        if made.maybe(0.6)
    }
    at = made.events[made.chance.randrange(len(made.events))][1].at if made.maybe(0.3) else None
    with Book.open(":memory:") as book, Book.open(":memory:") as real:
        for account, event in made.events:
            book.record([event], account)
        head = book.head()
        try:
            told = ask(made, book.supposing(at, prices=prices, method=method))
        except BookError:
            assert book.head() == head, "what is refused records nothing"
            return None
        assert book.head() == head, "what is supposed records nothing"
        for account, event in made.events:
            if event.at <= told.at or isinstance(event, DECISIONS):
                real.record([event], account)
        first, year = real.head().position, told.at.year
        without = real.tax_year(year, method)
        for native in (*told.prices, *told.events):
            account, event = from_native(native)
            real.record([event], account)
        taxed = real.tax_year(year, method)
        found = []
        if rows(taxed.rows, first) != rows(told.disposals, 0):
            found.append(f"rows {rows(taxed.rows, first)} {rows(told.disposals, 0)}")
        for name, line in (("short_term", "7"), ("long_term", "15")):
            change = getattr(told.tax, name)
            lines = [y.forms.schedule_d.get(line, Decimal(0)) for y in (without, taxed)]
            if [change.before, change.after] != lines:
                found.append(f"{name} {change} {lines}")
        states = {state.account: state.to_dict() for state in real.margin(told.at)}
        found += [f"margin {s}" for s in told.after if s.to_dict() != states[s.account]]
        if told.kind == "liquidate":
            found += [f"left {s}" for s in told.after if s.positions]
            found += [
                f"borne {outcome}"
                for outcome, state in zip(told.outcomes, told.after, strict=True)
                if outcome.shortfall and (state.equity or 0) > Decimal("0.01")
            ]
        return found


def judge(first: int, last: int) -> None:
    answers = {seed: differences(seed) for seed in range(first, last)}
    answered = [found for found in answers.values() if found is not None]
    assert {seed: found for seed, found in answers.items() if found} == {}
    assert len(answered) > (last - first) / 2


def test_a_what_if_is_what_recording_it_would_give() -> None:
    judge(0, 60)


@pytest.mark.nightly
def test_thousands_of_what_ifs_are_what_recording_them_would_give() -> None:
    judge(1_000, 4_000)

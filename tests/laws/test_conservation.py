"""Nothing is lost and nothing is made up: exactly, as Decimals, after every event."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hypothesis import given, settings

from domain import events as e
from domain.methods import ORDERS
from domain.money import ZERO, exact
from domain.recorded import Recorded
from projections.lots import LotBook
from projections.pools import Key, Parcel
from tests.laws.histories import flattened, histories, lawful
from tests.story import Folded, Story, folded

TRADES = ("buy", "sell", "deposit", "borrow", "repay", "long", "short", "settle", "liquidate")


class CountingLots(LotBook):
    """A lot book that counts the basis that leaves without a disposal."""

    gone = ZERO

    def take(self, recorded: Recorded, key: Key, quantity: Decimal) -> Parcel:
        taken = super().take(recorded, key, quantity)
        if isinstance(recorded.event, e.Withdrawn | e.Repaid):
            self.gone += sum((part.basis for part in taken.slices), ZERO)
        return taken

    def dispose(
        self, recorded: Recorded, key: Key, quantity: Decimal, proceeds: Any, *rest: Any
    ) -> None:
        before = self._basis()
        super().dispose(recorded, key, quantity, proceeds, *rest)
        if proceeds is None:  # nobody knows the price: a finding, and no row
            self.gone += before - self._basis()

    def _basis(self) -> Decimal:
        return sum((lot.basis for _, lot in self.open()), ZERO)


def came_in(event: e.Event) -> Decimal:
    """The basis that an event brings, as the contract says: all that was paid, fees included."""
    if isinstance(event, e.Deposited):
        return sum((lot.basis for lot in event.lots), ZERO)
    if isinstance(event, e.IncomeReceived):
        return event.value or ZERO
    if isinstance(event, e.Filled) and event.side == "buy":
        return event.total + event.fee + getattr(event, "penalty", ZERO)
    return ZERO


def earned(event: e.Event) -> Decimal:
    """What a sale brings, less its costs."""
    if isinstance(event, e.Filled) and event.side == "sell":
        return event.total - event.fee - getattr(event, "penalty", ZERO)
    return ZERO


def basis_of(fold: Folded, method: str) -> Decimal:
    """Open, disposed of, set aside for shorts, or gone."""
    book = fold.books[method]
    assert isinstance(book, CountingLots)
    return (
        sum((lot.basis for _, lot in book.open()), ZERO)
        + sum((disposal.basis for disposal in fold.disposals[method]), ZERO)
        + sum((c.lot.basis for loan in fold.property.loans.values() for c in loan.covers), ZERO)
        + book.gone
    )


def proceeds_of(fold: Folded, method: str) -> Decimal:
    """Of disposals, and of shorts that wait for their delivery."""
    loans = fold.property.loans.values()
    waiting = [s for loan in loans for s in (*loan.shorts, *(c.short for c in loan.covers))]
    return sum((d.proceeds for d in fold.disposals[method]), ZERO) + sum(
        (short.proceeds or ZERO for short in waiting), ZERO
    )


@settings(max_examples=150)
@given(histories((*TRADES, "transfer", "interest", "withdraw")))
def test_basis_is_conserved_after_every_event(book: Story) -> None:
    fold = Folded(book.log, tuple(ORDERS), kind=CountingLots)
    acquired = ZERO
    with exact():
        for recorded in book.replayed:
            fold.run([recorded])
            acquired += came_in(recorded.event)
            for method in ORDERS:
                assert basis_of(fold, method) == acquired


@settings(max_examples=200)
@given(histories(TRADES))
def test_proceeds_are_conserved_after_every_event(book: Story) -> None:
    fold = Folded(book.log, ("fifo", "hifo"))
    received = ZERO
    with exact():
        for recorded in book.replayed:
            fold.run([recorded])
            received += earned(recorded.event)
            for method in ("fifo", "hifo"):
                assert proceeds_of(fold, method) == received


@settings(max_examples=200)
@given(lawful())
def test_lots_and_balances_hold_the_same_units_after_every_event(book: Story) -> None:
    """Held are own lots, borrowed units and covers; owed are shorts, borrowed units and covers.

    Borrowed units that have left the book are owed and held by nobody.
    """
    fold = Folded(book.log, ("fifo", "lifo"))
    with exact():
        for recorded in book.replayed:
            fold.run([recorded])
            for method in ("fifo", "lifo"):
                assert units_of_lots(fold, method) == units_of_balances(fold)


def units_of_lots(fold: Folded, method: str) -> dict[str, Decimal]:
    """Own units less units owed, by asset, over all accounts and positions."""
    units: dict[str, Decimal] = defaultdict(Decimal)
    for (_, asset, _), lot in fold.books[method].open():
        units[asset] += lot.quantity
    for (_, asset, _), loan in fold.property.loans.items():
        units[asset] -= loan.open + loan.away
    return {asset: quantity for asset, quantity in units.items() if quantity}


def units_of_balances(fold: Folded) -> dict[str, Decimal]:
    units: dict[str, Decimal] = defaultdict(Decimal)
    for balance in fold.balances.balances():
        if balance.asset != "USD":
            units[balance.asset] += balance.held + balance.in_positions - balance.owed
    return {asset: quantity for asset, quantity in units.items() if quantity}


@settings(max_examples=150)
@given(lawful())
def test_rows_and_lots_take_the_units_that_went(book: Story) -> None:
    """Every method sells the same units for the same money at the same instants."""
    fold = folded(book, *ORDERS)

    def sold(method: str) -> dict[Any, tuple[Decimal, Decimal]]:
        sums: dict[Any, tuple[Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO))
        for d in fold.disposals[method]:
            quantity, proceeds = sums[d.event, d.account, d.asset, d.kind]
            sums[d.event, d.account, d.asset, d.kind] = (
                quantity + d.quantity,
                proceeds + d.proceeds,
            )
        return dict(sums)

    with exact():
        first = sold("fifo")
        assert all(sold(method) == first for method in ORDERS)


def total(fold: Folded, method: str) -> Decimal:
    return sum((d.gain for d in fold.disposals[method]), ZERO)


@settings(max_examples=200)
@given(lawful("withdraw").map(flattened))
def test_once_everything_is_sold_all_methods_gain_what_the_money_says(book: Story) -> None:
    """Cases: A7. All that was earned and paid in coin, less all that was paid and brought in."""
    fold = folded(book, *ORDERS)
    assert [lot for _, lot in fold.books["fifo"].open()] == []
    with exact():
        expected = sum(map(result, book.replayed, prices_before(book)), ZERO)
        assert [total(fold, method) for method in ORDERS] == [expected] * len(ORDERS)


def prices_before(book: Story) -> Iterator[dict[str, Decimal]]:
    """The prices known at each event; `possible` states one at every instant."""
    known: dict[str, Decimal] = {}
    for recorded in book.replayed:
        if isinstance(recorded.event, e.PriceObserved):
            known[recorded.event.asset] = recorded.event.price
        yield known


def result(recorded: Recorded, prices: dict[str, Decimal]) -> Decimal:
    """What an event adds to the gain of a book that ends empty."""
    match recorded.event:
        case e.IncomeReceived(asset=asset, quantity=quantity, value=value):
            return -(quantity * prices[asset] if value is None else value)
        case e.Transferred(asset=asset, fee=paid) | e.Repaid(asset=asset, interest=paid):
            return paid * prices[asset] if paid else ZERO
        case e.InterestCharged(asset=asset, quantity=paid, settled="balance"):
            return paid * prices[asset]
        case event:
            return earned(event) - came_in(event)

"""Leveraged positions as property: units bought with the venue's money, or sold that it lent.

A long's units are lots of the position, beside the owned ones; a short's are a short that closes
with its covering fill. What is settled by delivery becomes an owned lot with the opening's date and
basis, or takes own lots. A position quoted in a coin owes that coin: a loan in kind, opened and
closed with it.
"""

from decimal import Decimal

from domain.events import Filled, Liquidated, PositionSettled
from domain.money import CASH, ZERO, share
from domain.recorded import Recorded
from projections.property import Property
from projections.trades import Trades


class Positions:
    """Fills with a position, and their delivery."""

    def __init__(self, property: Property, trades: Trades) -> None:  # noqa: A002
        self._property = property
        self._trades = trades

    def filled(self, recorded: Recorded, event: Filled) -> None:
        """Open, enlarge, reduce or flip: what goes beyond the position opens its other side."""
        own = self._property
        key = (recorded.account, event.asset, event.position or "")
        worth = own.worth.usd(recorded, event.quote, event.total)
        penalty = event.penalty if type(event) is Liquidated else ZERO
        costs = self._trades.costs(recorded, event, penalty)
        if event.asset in CASH:
            return
        if event.side == "buy":
            basis = None if worth is None or costs is None else worth + costs
            self._buy(recorded, event, key, basis)
        else:
            kind = "liquidation" if type(event) is Liquidated else "sale"
            proceeds = None if worth is None or costs is None else worth - costs
            self._sell(recorded, event, key, proceeds, kind)

    def settled(self, recorded: Recorded, event: PositionSettled) -> None:
        """The venue delivered: a long's units are owned now, a short takes own units."""
        own = self._property
        account = recorded.account
        place, owned = (account, event.asset, event.position), (account, event.asset, "")
        quote, quote_owned = (account, event.quote, event.position), (account, event.quote, "")
        if event.asset in CASH:
            return
        loan = own.loans.get(place)
        if max(own.books[0].held(place), ZERO if loan is None else loan.open) < event.quantity:
            own.findings.unknown_position(recorded, event.position, event.quantity, event.asset)
            return
        if loan is not None and loan.open:
            own.close_with_own(recorded, owned, loan, event.quantity)
            if event.quote not in CASH:
                self._hand_over(recorded, quote, quote_owned, event.amount)
            return
        if event.quote not in CASH:
            own.close_with_own(recorded, quote_owned, own.loan(quote), event.amount)
        self._hand_over(recorded, place, owned, event.quantity)

    # ----------------------------------------------------------------------------------------------

    def _buy(
        self, recorded: Recorded, event: Filled, key: tuple[str, str, str], basis: Decimal | None
    ) -> None:
        own = self._property
        loan = own.loans.get(key)
        covered = ZERO if loan is None else min(loan.open, event.quantity)
        amount = share(event.total, covered, event.quantity) if covered else ZERO
        if loan is not None and covered:
            part = basis
            if basis is not None and covered != event.quantity:
                part = share(basis, covered, event.quantity)
            closing = loan.open
            own.cover_and_close(recorded, event.asset, loan, covered, part)
            basis = None if basis is None or part is None else basis - part
            self._quote_spent(recorded, event, amount, covered, closing)
        if covered < event.quantity:
            own.received(recorded, key, event.quantity - covered, basis)
            self._quote_lent(recorded, event, event.total - amount)

    def _sell(
        self,
        recorded: Recorded,
        event: Filled,
        key: tuple[str, str, str],
        proceeds: Decimal | None,
        kind: str,
    ) -> None:
        own = self._property
        held = own.books[0].held(key)
        closed = min(held, event.quantity)
        amount = share(event.total, closed, event.quantity) if closed else ZERO
        if closed:
            part = proceeds
            if proceeds is not None and closed != event.quantity:
                part = share(proceeds, closed, event.quantity)
            own.disposed(recorded, key, closed, part, kind)
            proceeds = None if proceeds is None or part is None else proceeds - part
            self._quote_returned(recorded, event, amount, closed, held)
        if closed < event.quantity:
            own.sell_short(recorded, event.asset, own.loan(key), event.quantity - closed, proceeds)
            self._quote_kept(recorded, event, event.total - amount)

    # The quote, where it is a coin ----------------------------------------------------------------

    def _quote_lent(self, recorded: Recorded, event: Filled, amount: Decimal) -> None:
        """A long was opened with lent coins: they were sold short for its units."""
        if event.quote not in CASH:
            loan = self._property.loan((recorded.account, event.quote, event.position or ""))
            worth = self._property.worth.usd(recorded, event.quote, amount)
            self._property.sell_short(recorded, event.quote, loan, amount, worth)

    def _quote_returned(
        self, recorded: Recorded, event: Filled, amount: Decimal, closed: Decimal, held: Decimal
    ) -> None:
        """A long was closed for coins: they repay their part of the loan, the rest is profit."""
        own = self._property
        if event.quote in CASH:
            return
        loan = own.loan((recorded.account, event.quote, event.position or ""))
        owed = loan.open if closed == held else share(loan.open, closed, held)
        repaid = min(owed, amount)
        own.cover_and_close(
            recorded, event.quote, loan, repaid, own.worth.usd(recorded, event.quote, repaid)
        )
        owned = (recorded.account, event.quote, "")
        if amount > repaid:
            profit = amount - repaid
            own.received(recorded, owned, profit, own.worth.usd(recorded, event.quote, profit))
        elif owed > repaid:
            own.close_with_own(recorded, owned, loan, owed - repaid)

    def _quote_kept(self, recorded: Recorded, event: Filled, amount: Decimal) -> None:
        """A short was opened for coins: they are the position's."""
        if event.quote not in CASH:
            key = (recorded.account, event.quote, event.position or "")
            worth = self._property.worth.usd(recorded, event.quote, amount)
            self._property.received(recorded, key, amount, worth)

    def _quote_spent(
        self, recorded: Recorded, event: Filled, amount: Decimal, covered: Decimal, open_: Decimal
    ) -> None:
        """A short was covered with coins: its own first; what is left or lacks is the result."""
        own = self._property
        if event.quote in CASH:
            return
        place = (recorded.account, event.quote, event.position or "")
        owned = (recorded.account, event.quote, "")
        kept = own.books[0].held(place)
        kept = kept if covered == open_ else share(kept, covered, open_)
        used = min(kept, amount)
        worth = own.worth.usd(recorded, event.quote, used)
        own.disposed(recorded, place, used, worth, "sale")
        if kept > used:
            self._hand_over(recorded, place, owned, kept - used)
        elif amount > used:
            lack = amount - used
            own.paid(
                recorded, event.quote, lack, own.worth.usd(recorded, event.quote, lack), "sale"
            )

    def _hand_over(
        self,
        recorded: Recorded,
        place: tuple[str, str, str],
        owned: tuple[str, str, str],
        quantity: Decimal,
    ) -> None:
        for book in self._property.books:
            book.put(owned, book.move(recorded, place, quantity))

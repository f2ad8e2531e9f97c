"""What each event means for property: what came in, went out or moved.

Trades have rooms of their own (projections/trades.py, projections/positions.py); here are the rest:
deposits, withdrawals, transfers, loans, interest and fees in coin, income, derivatives.
"""

from collections.abc import Callable
from decimal import Decimal

from domain.events import (
    ORDERS,
    AccountOpened,
    BalanceAsserted,
    BasisAllocated,
    BasisStated,
    Borrowed,
    BrokerReported,
    ContractSettled,
    DebtForgiven,
    Deposited,
    Event,
    FeeCharged,
    Filled,
    FundingSettled,
    ImportRecorded,
    IncomeReceived,
    InterestCharged,
    Liquidated,
    LotsIdentified,
    MarginTermsSet,
    MethodElected,
    PolicySet,
    PositionSettled,
    PriceObserved,
    Repaid,
    TaxFactStated,
    TransferLinked,
    Transferred,
    Voided,
    Withdrawn,
    YearClosed,
)
from domain.lot import Slice
from domain.money import CASH, ZERO, plain
from domain.recorded import Recorded
from projections.decisions import Decisions, Name
from projections.obligations import Obligations
from projections.pools import Parcel
from projections.positions import Positions
from projections.property import Property
from projections.releases import release
from projections.replay import Steps
from projections.trades import Trades
from projections.units import UnitBook


class Dealings:
    """The fold. Its answers are in the books that it feeds."""

    def __init__(
        self,
        property: Property,  # noqa: A002
        decisions: Decisions,
        costs: dict[Name, Decimal] | None = None,
    ) -> None:
        """`costs`: where somebody wants to know what each sale cost, in USD."""
        self._property = property
        self._decisions = decisions
        self._trades = Trades(property, decisions, costs)
        self._positions = Positions(property, self._trades)
        self._transfer_fee = decisions.policies["transfer_fee"]
        self._sent: set[Name] = set()
        """Withdrawals whose units left before their turn."""
        self._funding_apart = decisions.policies["funding"] == "split"
        self._rebate_is_income = decisions.policies["rebate"] == "income"
        exchanged = decisions.policies["loan"] == "exchange"
        self._obligations = Obligations(property) if exchanged else None
        self.steps: Steps = {
            Deposited: self._deposited,
            Withdrawn: self._withdrawn,
            Transferred: self._transferred,
            Borrowed: self._borrowed,
            Repaid: self._repaid,
            DebtForgiven: self._forgiven,
            InterestCharged: self._interest,
            Filled: self._filled,
            Liquidated: self._filled,
            PositionSettled: self._settled,
            FeeCharged: self._fee,
            IncomeReceived: self._income,
            FundingSettled: self._funding,
            ContractSettled: self._contract,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(
            {
                AccountOpened,
                BasisAllocated,
                PriceObserved,
                BalanceAsserted,
                MarginTermsSet,
                MethodElected,
                LotsIdentified,
                BasisStated,
                TransferLinked,
                PolicySet,
                TaxFactStated,
                BrokerReported,
                Voided,
                YearClosed,
                ImportRecorded,
                *ORDERS,
            }
        )

    def _filled(self, recorded: Recorded, event: Filled) -> None:
        if event.position is None:
            self._trades.filled(recorded, event)
        else:
            self._positions.filled(recorded, event)

    def _settled(self, recorded: Recorded, event: PositionSettled) -> None:
        self._positions.settled(recorded, event)

    # In and out -----------------------------------------------------------------------------------

    def _deposited(self, recorded: Recorded, event: Deposited) -> None:
        if event.asset in CASH:
            return
        own, key = self._property, (recorded.account, event.asset, "")
        name = (recorded.account, event.id)
        if name in self._decisions.arrivals:
            self._send_early(name)
            left = self._arrived(recorded, event, key)
        else:
            told = self._decisions.stated(*name)
            lots = told.event.lots if told and isinstance(told.event, BasisStated) else event.lots
            left = event.quantity - sum((lot.quantity for lot in lots), ZERO)
            own.stated(recorded, key, lots, left)
        if left > 0:
            day = own.calendar.day(event.at)
            bare = not event.id.startswith("~")  # to some shells a person's home
            called = event.id if bare else f"{recorded.account}#{event.id}"
            own.findings.add(
                "missing_basis",
                recorded,
                f"{plain(left)} {event.asset} deposited on {day}: bought when, for how much?",
                asset=event.asset,
                hint=f"marginbook basis {called} --lot DAY:{plain(left)}:USD",
            )
        elif left < 0:
            problem = f"the lots of {event.id} hold {plain(-left)} {event.asset} more than came in"
            own.findings.add("lots_exceed_deposit", recorded, problem, asset=event.asset)

    def _arrived(self, recorded: Recorded, event: Deposited, key: tuple[str, str, str]) -> Decimal:
        """The other leg of a transfer; return the units that nobody sent.

        What left and did not arrive is the network's fee.
        """
        own, lacking = self._property, ZERO
        for book in own.books:
            parcel = book.receive((recorded.account, event.id))
            lacking = event.quantity - parcel.units
            fee = max(-lacking, ZERO)
            if fee and self._transfer_fee == "add_to_basis":
                _bear(parcel, parcel.shed(fee))
            elif fee and self._transfer_fee == "ignore":
                parcel.shed(fee)
            book.put(key, parcel)
        own.stated(recorded, key, (), lacking)
        if lacking < 0:
            own.findings.add(
                "transfer_fee_found",
                recorded,
                f"{plain(-lacking)} {event.asset} less arrived than was sent:"
                " it counts as the network's fee",
                asset=event.asset,
                hint="are these two legs of one transfer?",
                severity="info",
            )
            if self._transfer_fee == "disposal":
                own.spent(recorded, event.asset, -lacking, "fee")
        return max(lacking, ZERO)

    def _withdrawn(self, recorded: Recorded, event: Withdrawn) -> None:
        if event.asset in CASH:
            return
        own, key = self._property, (recorded.account, event.asset, "")
        if event.purpose == "spent":
            self._trades.spent(recorded, event)
            return
        into = self._decisions.departures.get((recorded.account, event.id))
        if into is None:
            units = own.left(recorded, key, event.quantity)
            for book in own.books:
                if event.purpose == "own":
                    book.leave(recorded, key, units)
                else:
                    book.take(recorded, key, units)
            self._pay_network(recorded, event.asset, event.fee)
        else:
            if (recorded.account, event.id) not in self._sent:
                self._send(recorded, event, into)
            self._pay_beside(recorded, event.asset, event.fee)

    def _send_early(self, into: Name) -> None:
        """The units of a deposit that is told a little before its withdrawal leave with it."""
        sent = self._decisions.early.get(into)
        if sent is not None and isinstance(sent.event, Withdrawn):
            self._sent.add((sent.account, sent.event.id))
            self._send(sent, sent.event, into)

    def _send(self, recorded: Recorded, event: Withdrawn, into: Name) -> None:
        """Own units leave for the event that will receive them."""
        key = (recorded.account, event.asset, "")
        units = self._property.left(recorded, key, event.quantity)
        self._move(recorded, key, units, event.fee, lambda book, parcel: book.send(into, parcel))

    def _transferred(self, recorded: Recorded, event: Transferred) -> None:
        if event.asset in CASH:
            return
        key, arrival = (recorded.account, event.asset, ""), (event.to, event.asset, "")
        units = self._property.left(recorded, key, event.quantity, arrival)
        self._move(recorded, key, units, event.fee, lambda book, parcel: book.put(arrival, parcel))
        self._pay_beside(recorded, event.asset, event.fee)

    def _move(
        self,
        recorded: Recorded,
        key: tuple[str, str, str],
        units: Decimal,
        fee: Decimal,
        deliver: Callable[[UnitBook, Parcel], None],
    ) -> None:
        """Own units go to another place of the book, and bear the fee if the policy says so."""
        bears = fee and self._transfer_fee == "add_to_basis"
        for book in self._property.books:
            parcel = book.move(recorded, key, units)
            if bears:
                _bear(parcel, book.take(recorded, key, fee).slices)
            deliver(book, parcel)

    def _pay_beside(self, recorded: Recorded, asset: str, fee: Decimal) -> None:
        """The fee of a move, unless the units that moved bear it."""
        if self._transfer_fee != "add_to_basis":
            self._pay_network(recorded, asset, fee)

    def _pay_network(self, recorded: Recorded, asset: str, fee: Decimal) -> None:
        """A network fee in coin: a disposal of its own, or nothing, as the policy says."""
        if not fee:
            return
        if self._transfer_fee == "disposal":
            self._property.spent(recorded, asset, fee, "fee")
        else:
            key = (recorded.account, asset, "")
            units = self._property.left(recorded, key, fee)
            for book in self._property.books:
                book.take(recorded, key, units)

    # Debt -----------------------------------------------------------------------------------------

    def _borrowed(self, recorded: Recorded, event: Borrowed) -> None:
        if event.asset in CASH:
            return
        if self._obligations is not None:
            self._obligations.borrowed(recorded, event)
        else:
            self._property.loan((recorded.account, event.asset, "")).unsold += event.quantity

    def _repaid(self, recorded: Recorded, event: Repaid) -> None:
        if event.asset in CASH:
            return
        if event.quantity and self._obligations is not None:
            self._obligations.met(recorded, event.asset, event.quantity)
        elif event.quantity:
            self._property.delivered(recorded, event.asset, event.quantity)
        if event.interest:
            self._property.spent(recorded, event.asset, event.interest, "interest")

    def _forgiven(self, recorded: Recorded, event: DebtForgiven) -> None:
        """A debt in coin ends without a delivery of one's own."""
        if event.asset in CASH:
            return
        own, key = self._property, (recorded.account, event.asset, "")
        if self._obligations is not None:
            worth = own.worth.usd(recorded, event.asset, event.quantity)
            own.received(recorded, key, event.quantity, worth)
            self._obligations.met(recorded, event.asset, event.quantity)
            return
        realised = (recorded.account, event.id) in self._decisions.forgiven.realised
        release(own, recorded, event.asset, event.quantity, realised=realised)

    def _interest(self, recorded: Recorded, event: InterestCharged) -> None:
        if event.settled == "balance" and event.asset not in CASH:
            self._property.spent(recorded, event.asset, event.quantity, "interest")

    def _fee(self, recorded: Recorded, event: FeeCharged) -> None:
        name = (recorded.account, event.id)
        if event.asset not in CASH and name not in self._trades.fees_used:
            self._trades.fees_used.add(name)
            self._property.spent(recorded, event.asset, event.quantity, "fee")

    # Income and derivatives -----------------------------------------------------------------------

    def _income(self, recorded: Recorded, event: IncomeReceived) -> None:
        """Coins received are a lot at their worth; a rebate cuts the cost of trading, too."""
        lowers_cost = event.kind == "rebate" and not self._rebate_is_income
        if event.asset in CASH and not lowers_cost:
            return
        own = self._property
        value = self._decisions.value(recorded, event)
        if value is None:
            value = own.worth.usd(recorded, event.asset, event.quantity)
        if lowers_cost and value:
            own.settled(recorded, f"{event.asset} fee rebate", value, "rebate")
        if event.asset not in CASH:
            self._trades.received(recorded, event.asset, event.quantity, value)

    def _funding(self, recorded: Recorded, event: FundingSettled) -> None:
        if self._funding_apart:
            self._settle_in_coin(recorded, event.asset, event.amount)
        else:
            self._result(recorded, event.asset, event.amount, event.contract)

    def _contract(self, recorded: Recorded, event: ContractSettled) -> None:
        result = event.amount - event.fee
        if not event.section_1256:
            self._result(recorded, event.asset, result, event.contract)
        else:
            self._settle_in_coin(recorded, event.asset, result)

    def _result(self, recorded: Recorded, asset: str, amount: Decimal, contract: str) -> None:
        """A contract's result is a gain or loss when it is settled; coins come or go too."""
        worth = self._property.worth.usd(recorded, asset, amount)
        if worth is not None and worth:
            self._property.settled(recorded, contract, worth)
        self._settle_in_coin(recorded, asset, amount)

    def _settle_in_coin(self, recorded: Recorded, asset: str, amount: Decimal) -> None:
        own = self._property
        if asset in CASH or not amount:
            return
        if amount > 0:
            worth = own.worth.usd(recorded, asset, amount)
            own.received(recorded, (recorded.account, asset, ""), amount, worth)
        else:
            own.spent(recorded, asset, -amount, "contract")


def _bear(parcel: Parcel, spent: list[Slice]) -> None:
    """The basis of what the network took is the basis of what arrives."""
    if parcel.slices:
        parcel.slices[-1].bear(sum((part.basis for part in spent), ZERO))

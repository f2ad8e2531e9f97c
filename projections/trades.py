"""A trade in the eyes of the law: what was given, what was received, and who bears the costs.

Bought for cash, costs are added to basis; sold for cash, they cut proceeds (Reg.
1.1012-1(h)(2)(ii)(A), 1.1001-7(b)(1)(i)). Coin for coin, the amount realised is the worth of what
was received less all costs, and the basis of what was received is its worth, without costs
((h)(2)(ii)(B), (h)(3)). A coin that pays a fee is disposed of itself (1.1001-7(b)(1)(ii)); units
withheld from the coin given are sold with it (Example 4); units withheld from the coin received
come from the units just received, at no gain (1.1012-1(j)(3)(iii), Example 5). Debt written off
without recourse is part of what the liquidation brought (projections/forgiven.py).
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from domain.events import FeeCharged, Filled, Liquidated, Withdrawn
from domain.money import CASH, MONEY, ZERO, share
from domain.price import NO_PRICE, OTHER_BAR
from domain.recorded import Recorded
from projections.decisions import Decisions, Name
from projections.property import Property
from projections.releases import discharge

JUST_RECEIVED = "withheld from the units just received: adequate"
BY_POLICY = "withheld from the units just received (policy withheld_fee)"

Units = tuple[str, Decimal]
"""An asset, and how many units of it."""

Charge = tuple[str, Decimal, list[Units]]
"""A cost in units of an asset, and what was charged for paying it."""


class Costs:
    """The costs of a trade: USD (None: a price is missing), and units withheld on either side."""

    __slots__ = ("usd", "with_given", "with_received")

    def __init__(self) -> None:
        self.usd: Decimal | None = ZERO
        self.with_given = ZERO
        self.with_received = ZERO

    def add(self, usd: Decimal | None) -> None:
        self.usd = None if usd is None or self.usd is None else self.usd + usd


class Trades:
    """Fills and liquidations without a position."""

    def __init__(
        self,
        property: Property,  # noqa: A002
        decisions: Decisions,
        costs: dict[Name, Decimal] | None = None,
    ) -> None:
        self._property = property
        self._fees = decisions.fees
        self._custody = decisions.custody
        self._forgiven = decisions.forgiven.raises
        self._from_received = decisions.policies["withheld_fee"] == "from_received"
        self.fees_used: set[Name] = set()
        """Fees that were reckoned with: (account, id)."""
        self._costs_by_sale = costs

    def filled(self, recorded: Recorded, event: Filled) -> None:
        """A trade for cash in the book's currency, with its fee in it, or any other."""
        own = self._property
        kind, penalty = "sale", ZERO
        if type(event) is Liquidated:
            kind, penalty = "liquidation", event.penalty
        if not self._is_plain(recorded, event):
            self._exchanged(recorded, event, kind, penalty)
        elif event.side == "buy":
            basis = event.total + event.fee + penalty
            own.bought(recorded, event.asset, event.quantity, basis)
        else:
            if self._costs_by_sale is not None:
                self._note(recorded, event.fee + penalty)
            proceeds = event.total - event.fee - penalty
            own.sold(recorded, event.asset, event.quantity, proceeds, kind)

    def spent(self, recorded: Recorded, event: Withdrawn) -> None:
        """Units spent on goods or services: worth what they buy, less costs (Examples 1 and 4)."""
        own = self._property
        worth = own.worth.usd(recorded, event.asset, event.quantity)
        fee = (event.asset, event.fee)
        costs = self._costs(recorded, self._charged(recorded, fee), event.asset, "")
        self._note(recorded, costs.usd)
        proceeds = None if worth is None or costs.usd is None else worth - costs.usd
        units = event.quantity + costs.with_given
        own.paid(recorded, event.asset, units, proceeds, "spent")

    def costs(self, recorded: Recorded, event: Filled, penalty: Decimal) -> Decimal | None:
        """All costs of a trade in USD, those in coin disposed of; None where a price is missing."""
        if self._is_plain(recorded, event):
            costs: Decimal | None = event.fee + penalty
        else:
            fee = (event.fee_asset or event.quote, event.fee)
            charged = self._charged(recorded, fee, (event.quote, penalty))
            own = self._property
            if event.quote == own.prices.currency:  # a fee in units of it has the trade's price
                own.worth.own_fill(recorded, event.asset, event.quantity, event.total)
            costs = self._costs(recorded, charged, "", "").usd
        self._note(recorded, costs)
        return costs

    def _is_plain(self, recorded: Recorded, event: Filled) -> bool:
        """Whether all of a trade is in the book's currency, and nothing else was charged for it."""
        quote = event.quote
        if quote != self._property.prices.currency:
            return False
        if event.fee_asset is not None and event.fee_asset != quote and event.fee:
            return False
        if not self._fees and not self._forgiven:
            return True
        name = (recorded.account, event.id)
        return name not in self._fees and name not in self._forgiven

    def _exchanged(self, recorded: Recorded, event: Filled, kind: str, penalty: Decimal) -> None:
        """Any trade: for cash or coin, with fees in anything."""
        own = self._property
        given, received = (event.quote, event.total), (event.asset, event.quantity)
        if event.side == "sell":
            given, received = received, given
        fee = (event.fee_asset or event.quote, event.fee)
        charged = self._charged(recorded, fee, (event.quote, penalty))
        costs = self._costs(recorded, charged, given[0], received[0])
        if received[0] in CASH:
            worth = own.worth.usd(recorded, *received)
            proceeds = None if worth is None or costs.usd is None else worth - costs.usd
            self._note(recorded, costs.usd)
            own.sold(recorded, given[0], given[1] + costs.with_given, proceeds, kind)
        elif given[0] in CASH:
            worth = own.worth.usd(recorded, *given)
            basis = None if worth is None or costs.usd is None else worth + costs.usd
            self._bought(recorded, received, costs.with_received, worth, basis, fee_in_basis=True)
        else:
            worth = self._worth(recorded, given, received)
            kept = ZERO if worth is None else share(worth, costs.with_received, received[1])
            proceeds = None if worth is None or costs.usd is None else worth - costs.usd - kept
            self._note(recorded, None if costs.usd is None else costs.usd + kept)
            own.sold(recorded, given[0], given[1] + costs.with_given, proceeds, kind)
            own.worth.only(recorded, given[0], received[0])  # no costs in basis
            self._bought(recorded, received, costs.with_received, worth, worth, fee_in_basis=False)

    def _bought(
        self,
        recorded: Recorded,
        received: tuple[str, Decimal],
        withheld: Decimal,
        worth: Decimal | None,
        basis: Decimal | None,
        *,
        fee_in_basis: bool,
    ) -> None:
        """Units came in, some withheld for a fee: these are sold at their worth, at no gain.

        Bought for cash, the fee they paid is a cost of the rest, so all of the cash stays in basis.
        """
        own = self._property
        asset, quantity = received
        if not withheld:
            own.bought(recorded, asset, quantity, basis)
            return
        fee = None if worth is None else share(worth, withheld, quantity)
        if self._from_received and withheld <= quantity:
            kept = basis if fee_in_basis else None if basis is None or fee is None else basis - fee
            own.bought(recorded, asset, quantity - withheld, kept)
            if fee is not None:
                at = recorded.event.at
                by_broker = not fee_in_basis and self._custody(recorded.account, at) == "broker"
                identified = JUST_RECEIVED if by_broker else BY_POLICY  # coin for coin, or not
                own.withheld(recorded, (asset, withheld), fee, identified)
        else:
            grown = None if basis is None or fee is None else basis + (fee if fee_in_basis else 0)
            own.bought(recorded, asset, quantity, grown)
            own.paid(recorded, asset, withheld, fee, "fee")

    def received(
        self, recorded: Recorded, asset: str, quantity: Decimal, value: Decimal | None
    ) -> None:
        """Units came in as income, worth `value`; a fee in the same coin is withheld from them."""
        own, withheld = self._property, ZERO
        for charged in self._fees.get((recorded.account, recorded.event.id), ()):
            fee = charged.event
            if isinstance(fee, FeeCharged) and fee.asset == asset and self._from_received:
                self.fees_used.add((recorded.account, fee.id))
                withheld += fee.quantity
        withheld = min(withheld, quantity)
        cost = None if value is None else share(value, withheld, quantity)
        kept = None if value is None or cost is None else value - cost
        if withheld < quantity:
            key = (recorded.account, asset, "")
            own.received(recorded, key, quantity - withheld, kept)
        if withheld and cost is not None:
            own.withheld(recorded, (asset, withheld), cost, BY_POLICY)

    def _worth(
        self, recorded: Recorded, given: tuple[str, Decimal], received: tuple[str, Decimal]
    ) -> Decimal | None:
        """What was received is worth; where nobody knows, what was given (Reg. 1.1001-7(b)(4)).

        Nobody knows it with reasonable accuracy where a bar tells another time or venue's price of
        it, and what was given has a price of the instant, or is a token of money with any.
        """
        own, sides = self._property, (received, given)
        if own.worth.rule(recorded, received[0]) == OTHER_BAR and received[0] not in MONEY:
            other = own.worth.rule(recorded, given[0])
            if other != NO_PRICE and (other != OTHER_BAR or given[0] in MONEY):
                sides = (given, received)
        for asset, quantity in sides:
            price = own.worth.price(recorded, asset)
            if price is not None:
                return price.price * quantity
        by_token = given[0] in MONEY and received[0] not in MONEY  # its price is the nearer one
        own.worth.unknown(recorded, given[0] if by_token else received[0])
        return None

    # Costs ----------------------------------------------------------------------------------------

    def _note(self, recorded: Recorded, costs: Decimal | None) -> None:
        if self._costs_by_sale is not None and costs:
            self._costs_by_sale[recorded.account, recorded.event.id] = costs

    def _costs(
        self, recorded: Recorded, charged: Iterable[Charge], given: str, received: str
    ) -> Costs:
        costs = Costs()
        for charge in charged:
            self._bear(recorded, costs, charge, given, received)
        for asset, units in self._forgiven.get((recorded.account, recorded.event.id), ()):
            worth = discharge(self._property, recorded, asset, units)
            costs.add(None if worth is None else -worth)  # amount realised
        return costs

    def _bear(
        self, recorded: Recorded, costs: Costs, charge: Charge, given: str, received: str
    ) -> None:
        asset, quantity, on_fee = charge
        if asset in CASH:
            costs.add(self._property.worth.usd(recorded, asset, quantity))
        elif asset == received:
            costs.with_received += quantity
        elif asset == given:
            costs.with_given += quantity
        else:
            costs.add(self._third(recorded, asset, quantity, on_fee))
            return
        for fee_asset, fee in on_fee:
            self._bear(recorded, costs, (fee_asset, fee, []), given, received)

    def _third(
        self, recorded: Recorded, asset: str, quantity: Decimal, on_fee: list[Units]
    ) -> Decimal | None:
        """A fee in a third coin: a disposal of it, less what disposing of it cost (Example 3)."""
        own = self._property
        worth = own.worth.usd(recorded, asset, quantity)
        proceeds, units = worth, quantity
        for fee_asset, fee in on_fee:
            fee_worth = own.worth.usd(recorded, fee_asset, fee)
            if fee_asset == asset:
                units += fee  # worth as much as it costs: proceeds stay
            else:
                proceeds = None if proceeds is None or fee_worth is None else proceeds - fee_worth
                own.paid(recorded, fee_asset, fee, fee_worth, "fee")
        own.paid(recorded, asset, units, proceeds, "fee")
        return worth

    def _charged(
        self, recorded: Recorded, fee: Units, penalty: Units = ("", ZERO)
    ) -> Iterator[Charge]:
        """Every cost of this event, its own fee first.

        A further fee in the asset in which the event's own fee was paid is the cost of paying that
        one: a fee on the fee. One in another asset is a second fee.
        """
        charged = list(self._charges_of((recorded.account, recorded.event.id)))
        if fee[1]:
            on_fee = [more for more in charged if more[0] == fee[0]]
            charged = [more for more in charged if more[0] != fee[0]]
            yield *fee, [units for more in on_fee for units in self._with_charges(more)]
        if penalty[1]:
            yield *penalty, []
        for more in charged:
            (asset, units), *on_fees = self._with_charges(more)
            yield asset, units, on_fees

    def _with_charges(self, charge: tuple[str, Decimal, Name]) -> list[Units]:
        """A charge, and whatever was charged for it in turn."""
        asset, units, name = charge
        more = [part for further in self._charges_of(name) for part in self._with_charges(further)]
        return [(asset, units), *more]

    def _charges_of(self, name: Name) -> Iterator[tuple[str, Decimal, Name]]:
        for charged in self._fees.get(name, ()):
            fee = charged.event
            if isinstance(fee, FeeCharged):
                own_name = (name[0], fee.id)
                if own_name not in self.fees_used:
                    self.fees_used.add(own_name)
                    yield fee.asset, fee.quantity, own_name

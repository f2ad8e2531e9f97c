"""What something was worth in USD when an event happened; a finding where nobody knows.

Which price that was is kept for as long as its event lasts: what is made of it takes it along.
"""

from datetime import timedelta
from decimal import Decimal

from domain.money import MONEY, ZERO, share
from domain.price import Chosen, Price
from domain.recorded import Recorded
from projections.findings import Findings
from projections.prices import Prices


class Worth:
    """Amounts at the worth of their instant (projections/prices.py says which price that is)."""

    __slots__ = ("_chosen", "_findings", "_own", "_position", "prices")

    def __init__(self, prices: Prices, findings: Findings) -> None:
        self.prices = prices
        self._findings = findings
        self._position = 0
        self._chosen: dict[str, Chosen] = {}
        self._own: tuple[int, str, Decimal, Decimal] = (0, "", ZERO, ZERO)

    def usd(self, recorded: Recorded, asset: str, quantity: Decimal) -> Decimal | None:
        """The worth of `quantity` (signed) at the event's instant; None where no price is known."""
        if asset == self.prices.currency or not quantity:
            return quantity
        position, coin, total, units = self._own
        if position == recorded.position and coin == asset:
            return share(total, quantity, units)
        price = self.price(recorded, asset)
        if price is not None:
            return quantity * price.price
        self.unknown(recorded, asset)
        return None

    def own_fill(self, recorded: Recorded, asset: str, quantity: Decimal, total: Decimal) -> None:
        """This event itself says what the asset is worth: `quantity` units, `total` USD."""
        self._own = (recorded.position, asset, total, quantity)

    def price(self, recorded: Recorded, asset: str) -> Price | None:
        """The price of one unit at the event's instant, if one is known."""
        price = self.prices.value(asset, recorded.event.at, recorded.account)
        if price is not None:
            self._choose(recorded, asset, price)
        return price

    def rule(self, recorded: Recorded, asset: str) -> str:
        """By which rule a price of it would be chosen; nothing is chosen yet."""
        at, account = recorded.event.at, recorded.account
        return Chosen(asset, at, account, self.prices.value(asset, at, account)).rule

    def unknown(self, recorded: Recorded, asset: str) -> None:
        """Find that nobody knows what the asset was worth when this happened."""
        self._choose(recorded, asset, None)
        at, currency = recorded.event.at, self.prices.currency
        hours = self.prices.max_age // timedelta(hours=1)
        legs = self.prices.lacking(asset, at)
        hint = f"add a price_observed at that time or up to {hours} hours before it"
        if asset in MONEY:
            hint = (
                f"import daily bars, marginbook prices import {asset}{currency}_1440.csv, or {hint}"
            )
        if legs:
            pairs = " or ".join(f"{leg}{currency}" for leg in legs)
            hint = f"it is known in {' and '.join(legs)}: import {pairs} of that time, or {hint}"
        self._findings.add(
            "missing_price",
            recorded,
            f"what was 1 {asset} worth in {currency} at {at.isoformat().replace('+00:00', 'Z')}?",
            asset=asset,
            hint=hint,
        )

    def chosen(self, recorded: Recorded) -> tuple[Chosen, ...]:
        """The prices that this event's amounts stood on so far."""
        if recorded.position != self._position:
            return ()
        return tuple(self._chosen.values())

    def only(self, recorded: Recorded, *assets: str) -> None:
        """What comes of this event from now on stands on the prices of these alone."""
        if recorded.position == self._position:
            self._chosen = {k: chosen for k, chosen in self._chosen.items() if k in assets}

    def _choose(self, recorded: Recorded, asset: str, price: Price | None) -> None:
        if recorded.position != self._position:
            self._position, self._chosen = recorded.position, {}
        if asset not in self._chosen:
            self._chosen[asset] = Chosen(asset, recorded.event.at, recorded.account, price)

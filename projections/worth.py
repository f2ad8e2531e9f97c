"""What something was worth in USD when an event happened; a finding where nobody knows."""

from datetime import timedelta
from decimal import Decimal

from domain.recorded import Recorded
from projections.findings import Findings
from projections.prices import Prices


class Worth:
    """Amounts at the worth of their instant (projections/prices.py says which price that is)."""

    __slots__ = ("_findings", "prices")

    def __init__(self, prices: Prices, findings: Findings) -> None:
        self.prices = prices
        self._findings = findings

    def usd(self, recorded: Recorded, asset: str, quantity: Decimal) -> Decimal | None:
        """The worth of `quantity` (signed) at the event's instant; None where no price is known."""
        if asset == self.prices.currency or not quantity:
            return quantity
        price = self.prices.value(asset, recorded.event.at)
        if price is not None:
            return quantity * price.price
        self.unknown(recorded, asset)
        return None

    def unknown(self, recorded: Recorded, asset: str) -> None:
        """Find that nobody knows what the asset was worth when this happened."""
        at = recorded.event.at.isoformat().replace("+00:00", "Z")
        hours = self.prices.max_age // timedelta(hours=1)
        self._findings.add(
            "missing_price",
            recorded,
            f"what was 1 {asset} worth in {self.prices.currency} at {at}?",
            asset=asset,
            hint=f"add a price_observed at that time or up to {hours} hours before it",
        )

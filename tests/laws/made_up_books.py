"""Made-up margin books: two accounts of any venue, money in dollars or tethers, a year of events.

Drawn from a seed, so that a failure is a number. What no venue would have allowed is among it.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from domain import events as e

ACCOUNTS = ("kraken/main", "binance/cross", "binance/isolated/BTCUSDT", "okx/isolated/ETHUSD")
POLICIES = {
    "short_sale": ("open_transaction", "stock_like"),
    "wash_sale": ("off", "on"),
    "liquidation_deficit": ("recourse", "nonrecourse"),
    "basis_scope": ("account", "universal"),
    "loan": ("nonrecognition", "exchange"),
}
LAST = datetime(2025, 12, 20, 12, tzinfo=UTC)


class MadeUp:
    """One such book: `events` in the order of the log, `prices` of its coins at the end."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311
        self.events: list[tuple[str, e.Event]] = []
        self.accounts = self.chance.sample(ACCOUNTS, 2)
        self.prices = {"BTC": Decimal(30000), "ETH": Decimal(2000)}
        self.money = {
            name: "USD" if "kraken" in name else self.chance.choice(["USD", "USDT"])
            for name in self.accounts
        }
        self._at = datetime(2023, 1, 5, 12, tzinfo=UTC)
        self._decide()
        self._agree()
        self.add("book", e.PriceObserved, asset="USDT", quote="USD", price="0.999")
        for _ in range(self.chance.randrange(6, 22)):
            self._happen()
        for coin, price in self.prices.items():
            self.add("book", e.PriceObserved, asset=coin, quote="USD", price=price)

    def add(self, account: str, kind: type[e.Event], **fields: Any) -> None:
        """One more event."""
        name = f"e{len(self.events) + 1}"
        self.events.append((account, kind(at=self._at, id=name, **fields)))

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def _decide(self) -> None:
        for name, values in POLICIES.items():
            if self.maybe(0.4):
                self.add("book", e.PolicySet, name=name, value=self.chance.choice(values))
        if self.maybe(0.5):
            method = self.chance.choice(["hifo", "lifo", "lofo"])
            self.add("book", e.MethodElected, method=method)
        if self.maybe(0.4):
            for name, value in (("filing_status", "single"), ("taxable_income", "90000")):
                self.add("book", e.TaxFactStated, year=2025, name=name, value=value)

    def _agree(self) -> None:
        for account in self.accounts:
            terms: dict[str, Any] = {"leverage": 5}
            if "kraken" in account:
                terms["model"] = "kraken"
            elif "okx" in account:
                terms = {"model": "okx_isolated", "maintenance_rate": "0.03"}
            else:
                terms["model"] = "binance_cross" if "cross" in account else "binance_isolated"
            if self.maybe(0.6):
                terms["taker_fee_rate"] = "0.001"
            if self.maybe(0.5):
                terms["liquidation_fee_rate"] = "0.015"
            if self.maybe(0.7):
                self.add(account, e.MarginTermsSet, **terms)

    def _happen(self) -> None:
        chance, account = self.chance, self.chance.choice(self.accounts)
        days, hours = chance.choice([0, 1, 9, 40, 60]), chance.choice([0, 0, 1])
        self._at = min(self._at + timedelta(days=days, hours=hours), LAST)
        coin, money = chance.choice(["BTC", "ETH"]), self.money[account]
        moved = self.prices[coin] * chance.randrange(80, 125) / 100
        price = self.prices[coin] = moved.quantize(Decimal("0.01"))
        units = Decimal(chance.randrange(1, 200)) / 100 * (5 if coin == "ETH" else 1)
        order = {"sequence": chance.randrange(100)} if self.maybe(0.3) else {}
        trade: dict[str, Any] = {"quote": money, "price": price, "fee": "1.5", **order}
        position = {"position": f"p{coin}{chance.randrange(2)}", "leverage": 5}
        kind = chance.randrange(14)
        if kind < 2:
            bought = (self._at - timedelta(days=chance.randrange(900))).date()
            lot = {"acquired": bought, "quantity": units, "basis": units * price * 4 / 5}
            self.add(account, e.Deposited, asset=coin, quantity=units, lots=[lot], **order)
        elif kind == 2:
            quantity = chance.randrange(1000, 50000)
            self.add(account, e.Deposited, asset=money, quantity=quantity, **order)
        elif kind < 6:
            self.add(account, e.Filled, side="buy", asset=coin, quantity=units, **trade)
        elif kind < 8:
            self.add(account, e.Filled, side="sell", asset=coin, quantity=units / 2, **trade)
        elif kind < 10:
            side = chance.choice(["buy", "sell"])
            self.add(account, e.Filled, side=side, asset=coin, quantity=units, **trade, **position)
        elif kind < 12:
            lent = chance.choice([(coin, units), (money, Decimal(5000))])
            self.add(account, e.Borrowed, asset=lent[0], quantity=lent[1], **order)
        elif kind == 12:
            asset, settled = chance.choice([coin, money]), chance.choice(["debt", "balance"])
            self.add(
                account, e.InterestCharged, asset=asset, quantity="0.37", settled=settled, **order
            )
        else:
            self.add("book", e.PriceObserved, asset=coin, quote="USD", price=price)

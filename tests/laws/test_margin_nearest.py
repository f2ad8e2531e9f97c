"""The price that is printed is the nearest at which anything changes: a scan of other prices says.

Made-up accounts under every model, with tiers, haircuts, loans, interest and positions in several
quotes. Each asset's price is moved over a wide grid, all else equal, and the account judged anew at
every point of it: between the mark and the price printed nothing may change, and at that price
something must.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from random import Random
from typing import Any

import pytest

from domain import events as e
from domain.account import Account
from domain.money import exact
from domain.recorded import Recorded
from domain.terms import Terms
from projections.balances import Balances
from projections.margin.remarks import Remarks, sound
from projections.margin.standing import Standing
from projections.margin.thresholds import threshold
from projections.prices import Marks
from projections.replay import Replay

AT = datetime(2025, 1, 1, tzinfo=UTC)
COINS = ("BTC", "ETH", "SOL")
MODELS = (
    "kraken",
    "binance_cross",
    "binance_isolated",
    "bitfinex",
    "okx_isolated",
    "bybit_unified",
    "perp",
    "standard",
)
RATED = ("bitfinex", "okx_isolated", "bybit_unified", "perp", "standard")
BY_LEVERAGE = {"kraken": (2, 3, 5), "binance_cross": (3, 5), "binance_isolated": (3, 5, 10)}
LEVELS = {
    "binance_cross": (("1.3", "1.1"), ("1.35", "1.15"), ("1.5", "1.3")),
    "binance_isolated": (("1.09", "1.05"), ("1.12", "1.08"), ("1.2", "1.15")),
}
ROUGH = Context(prec=28)
GRID = tuple(ROUGH.power(Decimal("1.04"), step) for step in range(-110, 111))
TICK = Decimal("1E-20")


class Scanned:
    """One such account, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311
        self.prices = {
            "BTC": Decimal(self.chance.randrange(20_000, 120_000)),
            "ETH": Decimal(self.chance.randrange(1_000, 5_000)),
            "SOL": Decimal(self.chance.randrange(20, 300)),
            "USDT": self.chance.choice([Decimal(1), Decimal("0.9987"), Decimal("1.002")]),
            "USD": Decimal(1),
        }
        self.model = self.chance.choice(MODELS)
        self._events: list[Recorded] = []
        self._happen()
        self.balances = Balances()
        Replay((self.balances, Marks("USD", timedelta(hours=24)))).run(self._events)

    @property
    def account(self) -> Account:
        return self.balances.accounts["v/a"]

    def standing(self, terms: Terms | None, **prices: Decimal) -> Standing:
        """The account at these prices, and all others as they are."""
        return Standing(self.account, terms, {**self.prices, **prices}.get, "USD")

    def _add(self, kind: type[e.Event], /, **fields: Any) -> None:
        number = len(self._events) + 1
        at = AT + timedelta(seconds=number)
        event = kind(at=at, id=f"e{number}", **fields)
        self._events.append(Recorded(number, "v/a", number, at, event))

    def _drawn(self, low: float, high: float, places: int = 4) -> Decimal:
        return Decimal(f"{self.chance.uniform(low, high):.{places}f}")

    def _units(self, asset: str, worth: int) -> Decimal:
        return ROUGH.divide(Decimal(worth), self.prices[asset]).quantize(Decimal("0.0001"))

    def _happen(self) -> None:
        chance = self.chance
        money = chance.choice(["USD", "USD", "USDT"])
        self._add(e.Deposited, asset=money, quantity=chance.randrange(1_000, 40_000))
        if chance.random() < 0.5:
            coin = chance.choice(COINS)
            units = self._units(coin, chance.randrange(1_000, 30_000))
            self._add(e.Deposited, asset=coin, quantity=units)
        self._add(e.MarginTermsSet, **self._terms())
        for number in range(chance.choice([0, 1, 1, 2, 3])):
            self._open(f"p{number}", money)
        for _ in range(chance.choice([0, 1, 2])):
            self._lend(money)
        if chance.random() < 0.2:
            self._add(e.Withdrawn, asset=chance.choice([*COINS, money]), quantity=1)

    def _terms(self) -> dict[str, Any]:
        chance, terms = self.chance, {"model": self.model}
        found: dict[str, Any] = terms
        if self.model in BY_LEVERAGE:
            found["leverage"] = chance.choice(BY_LEVERAGE[self.model])
        if self.model in RATED:
            found["maintenance_rate"] = self._drawn(0.005, 0.15)
        if chance.random() < 0.5:
            found["taker_fee_rate"] = self._drawn(0, 0.003)
        if chance.random() < 0.5:
            assets = chance.sample([*COINS, "USDT"], 2)
            found["collateral_factors"] = {asset: self._drawn(0.3, 1, 2) for asset in assets}
        if chance.random() < 0.6 and self.model != "kraken":
            found["tiers"] = list(self._tiers())
        return found

    def _tiers(self) -> Iterator[dict[str, Any]]:
        """Three of them: with deductions that join them, or without, so that the margin jumps."""
        begin, rate, deduction = Decimal(0), self._drawn(0.004, 0.02), Decimal(0)
        joined = self.chance.random() < 0.6
        for number in range(3):
            if self.model in LEVELS:
                call, liquidation = LEVELS[self.model][number]
                yield {"from": begin, "call": call, "liquidation": liquidation}
            else:
                more = {"deduction": deduction} if joined and number else {}
                yield {"from": begin, "maintenance_rate": rate, **more}
            after, higher = begin + self.chance.randrange(5_000, 60_000), self._drawn(0.005, 0.05)
            deduction += higher * after
            begin, rate = after, rate + higher

    def _open(self, position: str, money: str) -> None:
        chance, coin = self.chance, self.chance.choice(COINS)
        quote = chance.choice([money, "USDT", "BTC" if coin != "BTC" else "USDT"])
        fair = ROUGH.divide(self.prices[coin], self.prices[quote])
        price = ROUGH.multiply(fair, self._drawn(0.9, 1.1)).quantize(Decimal("1E-10"))
        self._add(
            e.Filled,
            side=chance.choice(["buy", "sell"]),
            asset=coin,
            quantity=self._units(coin, chance.randrange(2_000, 60_000)),
            quote=quote,
            price=price,
            position=position,
            leverage=chance.choice([2, 3, 5]) if self.model == "kraken" else None,
        )

    def _lend(self, money: str) -> None:
        chance, asset = self.chance, self.chance.choice([*COINS, money, "USDT"])
        worth = chance.randrange(2_000, 40_000)
        units = self._units(asset, worth)
        self._add(e.Borrowed, asset=asset, quantity=units)
        if chance.random() < 0.6:
            interest = (units * self._drawn(0.001, 0.05)).quantize(Decimal("1E-6"))
            self._add(e.InterestCharged, asset=asset, quantity=interest, settled="debt")
        if chance.random() < 0.5:
            coin = chance.choice(COINS)
            side, base = ("sell", asset) if asset in COINS else ("buy", coin)
            quote = money if side == "sell" else asset
            price = ROUGH.divide(self.prices[base], self.prices[quote])
            units = self._units(base, worth)
            trade: dict[str, Any] = {"asset": base, "quantity": units, "price": price}
            self._add(e.Filled, side=side, quote=quote, **trade)


def beyond(standing: Standing, which: int) -> bool | None:
    """Whether a level (0: call, 1: liquidation) is reached; None where there is no level."""
    status = standing.status
    return None if status is None else ("healthy", "call", "liquidation").index(status) > which


def faults(made: Scanned, terms: Terms, asset: str, which: int) -> Iterator[str]:
    """What is wrong about the price of an asset at which a level is reached."""
    mark, now = made.prices[asset], beyond(made.standing(terms), which)
    reached = threshold(made.standing(terms), asset, mark)
    price = reached.liquidation if which else reached.call

    def at(other: Decimal) -> bool | None:
        return beyond(made.standing(terms, **{asset: other}), which)

    if price is not None and price != mark:
        nearer = price + (TICK if price < mark else -TICK) * price
        if not now and not at(price):
            yield f"not reached at {price}"
        if at(nearer) not in (now, None):
            yield f"changed before {price}"
    for part in GRID:
        other = ROUGH.multiply(mark, part)
        if price is not None and abs(other - mark) >= abs(price - mark):
            continue
        if at(other) not in (now, None):
            yield f"{price} is told, and {other} is nearer"
            return


def scanned(made: Scanned) -> Iterator[tuple[str, int, list[str]]]:
    """Each asset of an account, each of its levels, and what is wrong about the price of it."""
    terms = sound(made.account, Remarks("v/a"))
    standing = made.standing(terms)
    if terms is None or not standing.measured:
        return
    for asset in sorted(standing.assets() - {"USD"}):
        for which in (0, 1):
            if terms.levels(standing.weighed)[which] is not None:
                yield asset, which, list(faults(made, terms, asset, which))


def judge(first: int, last: int) -> None:
    """Of each of these accounts: every asset, both levels."""
    found: dict[tuple[int, str, int], list[str]] = {}
    judged = 0
    for seed in range(first, last):
        made = Scanned(seed)
        with exact():
            for asset, which, wrong in scanned(made):
                judged += 1
                if wrong:
                    found[seed, asset, which] = wrong
    assert found == {}
    assert judged > last - first


def test_no_change_lies_nearer_to_the_mark_than_the_price_that_is_told() -> None:
    judge(0, 150)


@pytest.mark.nightly
def test_no_change_lies_nearer_in_thousands_of_accounts() -> None:
    judge(1_000, 4_000)

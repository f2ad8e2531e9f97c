"""What an account's assets are worth: in which money, at which marks, and how old these are.

The money is the book's currency. Where not everything of an account has a price in it, but all of
it has one in a token of money (USDT, say), it is that token: a level is a ratio, true in any money,
and what the token itself is worth is never assumed.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from domain.account import Account
from domain.money import MONEY, product
from domain.price import Price
from projections.margin.remarks import Remarks
from projections.prices import Marks


def named_by(account: Account) -> set[str]:
    """Every asset whose price decides a figure of the account."""
    held, positions = account.held, account.positions.values()
    assets = {asset for asset in account.assets if held.get(asset) or account.owed_of(asset)}
    return assets.union(*((p.asset, p.quote) for p in positions))


def money_of(account: Account, marks: Marks, given: Mapping[str, Decimal] | None = None) -> str:
    """The book's currency, or the first token of money in which all of an account has a price.

    `given` prices are in that money.
    """
    told = given or {}
    asked = named_by(account)
    if _all_priced(asked, marks, told, marks.currency):
        return marks.currency
    quotes = MONEY.intersection(asked.union(*(marks.quotes(asset) for asset in asked)))
    found = (quote for quote in sorted(quotes) if _all_priced(asked, marks, told, quote))
    return next(found, marks.currency)


def price_in(asset: str, currency: str, marks: Marks, given: Mapping[str, Decimal]) -> Price | None:
    """The last price of an asset in a currency; a given one counts, also as the second leg."""
    if asset == currency:
        return marks.mark(asset, currency)
    if asset in given:
        return Price(given[asset], _NOW, _GIVEN)
    if not marks.leg(asset, currency):
        for quote in marks.quotes(asset):
            leg = marks.leg(asset, quote)
            if leg is not None and quote in given and quote != currency:
                return Price(
                    product(leg.price, given[quote]), leg.at, f"{leg.source}; {quote}: given"
                )
    return marks.mark(asset, currency)


def _all_priced(
    assets: Iterable[str], marks: Marks, given: Mapping[str, Decimal], currency: str
) -> bool:
    return all(price_in(asset, currency, marks, given) is not None for asset in assets)


_GIVEN, _NOW = "given", datetime.max.replace(tzinfo=UTC)


class Valuation:
    """The marks of one account. `given` prices stand in for marks; `now` is when they are asked.

    `findings` takes what is missing or old.
    """

    def __init__(
        self,
        account: Account,
        marks: Marks,
        given: Mapping[str, Decimal],
        now: datetime | None,
        findings: Remarks,
    ) -> None:
        self.currency = money_of(account, marks, given)
        self._marks = marks
        self._given = given
        self._now = now
        self._findings = findings
        self._owes = account.owes
        self._found: dict[str, Price | None] = {}
        if self.currency != marks.currency:
            self._findings.add(
                "missing_price",
                f"what is 1 {self.currency} worth in {marks.currency}? These figures are in"
                f" {self.currency}",
                f"margin --price {self.currency}=PRICE, or a price_observed event",
                asset=self.currency,
                severity="warning",
            )

    def mark(self, asset: str) -> Decimal | None:
        """What one unit is worth, None where nobody has said."""
        price = self._price(asset)
        return None if price is None else price.price

    def seen(self, asset: str) -> Price | None:
        """The price that is the mark, None where it was given or is not needed."""
        price = None if asset == self.currency else self._price(asset)
        return None if price is None or price.source == _GIVEN else price

    def is_old(self, price: Price | None) -> bool:
        """Whether a price is older than the policy `price_age` allows."""
        return (
            price is not None
            and self._now is not None
            and self._now - price.at > self._marks.max_age
        )

    def _price(self, asset: str) -> Price | None:
        if asset not in self._found:
            price = self._found[asset] = price_in(asset, self.currency, self._marks, self._given)
            if price is None:
                self._findings.add(
                    "missing_price",
                    f"what is 1 {asset} worth in {self.currency}?",
                    f"margin --price {asset}=PRICE, or a price_observed event",
                    asset=asset,
                )
            elif asset != self.currency and self.is_old(price):
                self._findings.add(
                    "stale_mark",
                    f"the last price of {asset} is of {price.at:%Y-%m-%d %H:%M} UTC"
                    f" ({price.source})",
                    f"margin --price {asset}=PRICE, or import a later price",
                    asset=asset,
                    severity="warning" if self._owes else "info",
                    at=price.at,
                )
        return self._found[asset]

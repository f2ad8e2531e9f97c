"""One liquidation: its amounts as they are gathered, and what is told of it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from domain.calendar import Calendar
from domain.events import DebtForgiven, Liquidated, Repaid
from domain.lot import Disposal
from domain.money import ZERO, cents, plain, share
from projections.prices import Marks
from projections.report import instant, money
from projections.stake import Stake


@frozen(kw_only=True)
class Liquidation:
    """A liquidation in the book's currency, in cents. None: a price is missing (`reason`).

    `sold` and `bought` (shorts bought back) and `debt_repaid` are units by asset. Proceeds and cost
    are before fees and penalty; `fees` those of the liquidated events. `economic_result` is what
    the account was worth afterwards, less what it was worth when it began to owe, less net
    deposits since. `built_up_before` is gain (below zero: loss) of the units sold from before they
    stood as collateral.
    """

    account: str
    since: datetime
    until: datetime
    events: tuple[str, ...]
    sold: Mapping[str, Decimal]
    bought: Mapping[str, Decimal]
    proceeds: Decimal | None
    cost: Decimal | None
    fees: Decimal | None
    penalty: Decimal | None
    debt_repaid: Mapping[str, Decimal]
    forgiven_as_income: Decimal | None
    forgiven_as_proceeds: Decimal | None
    began: datetime
    equity_before: Decimal | None
    equity_after: Decimal | None
    net_deposits: Decimal | None
    economic_result: Decimal | None
    reason: str
    short_term: Decimal
    long_term: Decimal
    built_up_before: Decimal | None
    built_up: tuple["BuiltUp", ...]
    unstated: bool
    began_day: date

    @property
    def taxable(self) -> Decimal:
        """The gain (below zero: loss) of the lot slices sold."""
        return self.short_term + self.long_term

    def to_dict(self) -> dict[str, Any]:
        """The liquidation as JSON values."""
        amounts = {
            name: None if amount is None else money(amount)
            for name, amount in (
                ("proceeds", self.proceeds),
                ("cost", self.cost),
                ("fees", self.fees),
                ("penalty", self.penalty),
                ("forgiven_as_income", self.forgiven_as_income),
                ("forgiven_as_proceeds", self.forgiven_as_proceeds),
                ("equity_before", self.equity_before),
                ("equity_after", self.equity_after),
                ("net_deposits", self.net_deposits),
                ("economic_result", self.economic_result),
            )
        }
        return {
            "account": self.account,
            "from": instant(self.since),
            "to": instant(self.until),
            "events": list(self.events),
            "sold": _listed(self.sold),
            "bought": _listed(self.bought),
            "debt_repaid": _listed(self.debt_repaid),
            "began": instant(self.began),
            **amounts,
            "reason": self.reason,
            "taxable": {
                "short_term": money(self.short_term),
                "long_term": money(self.long_term),
                "total": money(self.taxable),
            },
            "built_up_before": (
                None if self.built_up_before is None else money(self.built_up_before)
            ),
            "why": why(self),
        }


@frozen
class BuiltUp:
    """Units sold that were there before: bought from a day on, their basis, their worth then."""

    asset: str
    quantity: Decimal
    first: date | None
    basis: Decimal
    worth: Decimal


class Course:
    """A liquidation in the making."""

    def __init__(self, account: str, since: datetime, stake: Stake, marks: Marks) -> None:
        self.account = account
        self.since = self.until = since
        self.events: dict[str, None] = {}
        self._stake = stake
        self._marks = marks
        self._sold: dict[str, Decimal] = {}
        self._bought: dict[str, Decimal] = {}
        self._repaid: dict[str, Decimal] = {}
        self._amounts = dict.fromkeys(("proceeds", "cost", "fees", "penalty"), ZERO)
        self._forgiven = {True: ZERO, False: ZERO}
        self._unpriced: dict[str, set[str]] = {}
        self._after, self._lacking = ZERO, set[str]()
        self._gains = {True: ZERO, False: ZERO}
        self._older: dict[str, tuple[Decimal, Decimal, date | None]] = {}
        self._unstated = False
        self._before: Decimal | None = None
        self._moved: Decimal | None = None
        self._grown: tuple[BuiltUp, ...] | None = None

    def sold(self, event: Liquidated) -> None:
        """One more of its trades."""
        self.events[event.id] = None
        sells = event.side == "sell"
        units = self._sold if sells else self._bought
        units[event.asset] = units.get(event.asset, ZERO) + event.quantity
        self._add("proceeds" if sells else "cost", event.quote, event.total)
        self._add("fees", event.fee_asset or event.quote, event.fee)
        self._add("penalty", event.quote, event.penalty)

    def repay(self, event: Repaid) -> None:
        """Debt was repaid out of what it brought."""
        whole = event.quantity + event.interest
        self._repaid[event.asset] = self._repaid.get(event.asset, ZERO) + whole

    def forgive(self, event: DebtForgiven, *, realised: bool) -> None:
        """Debt was written off: part of what the sale brought, or income."""
        worth = self._worth("forgiven", event.asset, event.quantity)
        self._forgiven[realised] += worth
        self._after += worth

    def left(self, after: Decimal, lacking: set[str]) -> None:
        """What the account is worth now."""
        self._after, self._lacking = after, lacking

    def disposed(self, disposal: Disposal) -> None:
        """A lot slice went."""
        self._gains[disposal.long] += disposal.gain
        self._unstated = self._unstated or bool(disposal.missing)
        if disposal.kind != "short" and disposal.acquired < self._stake.began:
            units, basis, first = self._older.get(disposal.asset, (ZERO, ZERO, None))
            days = [day for day in (first, disposal.acquired_day) if day is not None]
            self._older[disposal.asset] = (
                units + disposal.quantity,
                basis + disposal.basis,
                min(days, default=None),
            )

    def close(self) -> None:
        """It is over: what moves later is no part of it."""
        stake = self._stake
        self._before, self._moved = stake.before, stake.net_deposits
        self._unpriced["stake"] = stake.unpriced
        self._grown = self._built_up() if stake.known else None

    def told(self, calendar: Calendar) -> Liquidation:
        """The liquidation, once it is over."""
        stake = self._stake
        before, moved, after = self._before, self._moved, self._after
        known = stake.known and not (self._lacking or self._unpriced.get("forgiven"))
        economic = None
        if known and before is not None and moved is not None:
            economic = after - before - moved
        built_up = self._grown
        grown = None if built_up is None else sum((b.worth - b.basis for b in built_up), ZERO)
        forgiven = not self._unpriced.get("forgiven")
        return Liquidation(
            account=self.account,
            since=self.since,
            until=self.until,
            events=tuple(self.events),
            sold=self._sold,
            bought=self._bought,
            **{name: self._amount(name) for name in self._amounts},
            debt_repaid=self._repaid,
            forgiven_as_income=cents(self._forgiven[False]) if forgiven else None,
            forgiven_as_proceeds=cents(self._forgiven[True]) if forgiven else None,
            began=stake.began,
            began_day=calendar.day(stake.began),
            equity_before=_cents(before) if stake.known else None,
            equity_after=None if self._lacking else cents(after),
            net_deposits=_cents(moved),
            economic_result=_cents(economic),
            reason="" if economic is not None else self._reason(),
            short_term=cents(self._gains[False]),
            long_term=cents(self._gains[True]),
            built_up_before=_cents(grown),
            built_up=built_up or (),
            unstated=self._unstated,
        )

    def _built_up(self) -> tuple[BuiltUp, ...] | None:
        """Gain of the older units sold, up to when they stood as collateral; None: no price."""
        found = []
        for asset, (units, basis, first) in self._older.items():
            entered, worth = self._stake.entered(asset)
            if not entered:
                return None
            found.append(BuiltUp(asset, units, first, basis, share(worth, units, entered)))
        return tuple(found)

    def _reason(self) -> str:
        if not self._stake.known:
            return "the book knows no debt or position of this account before it"
        unpriced = sorted(self._lacking.union(*self._unpriced.values()))
        return f"no price is known of {', '.join(unpriced)}"

    def _add(self, name: str, asset: str, quantity: Decimal) -> None:
        self._amounts[name] += self._worth(name, asset, quantity)

    def _worth(self, name: str, asset: str, quantity: Decimal) -> Decimal:
        if not quantity:
            return ZERO
        mark = self._marks.mark(asset)
        if mark is None:
            self._unpriced.setdefault(name, set()).add(asset)
            return ZERO
        return quantity * mark.price

    def _amount(self, name: str) -> Decimal | None:
        return None if self._unpriced.get(name) else cents(self._amounts[name])


def why(of: Liquidation) -> str:
    """Why what is taxed is not what was lost, in words."""
    words = [_lost(of), _taxed(of)]
    if of.built_up_before:
        words.append(_grown(of))
    if of.economic_result is not None and of.built_up_before is not None:
        rest = of.taxable - of.economic_result - of.built_up_before
        if rest:
            words.append(
                f"The other {_signed(rest)} between the two is what was taxed, paid or written off"
                " apart from these sales, and what is still held."
            )
    if of.forgiven_as_income:
        words.append(
            f"{_usd(of.forgiven_as_income)} of debt was written off: income of its own"
            " (Schedule 1 line 8c unless excluded), no part of the gain."
        )
    if of.forgiven_as_proceeds:
        words.append(
            f"{_usd(of.forgiven_as_proceeds)} of debt was written off without recourse: part of"
            " what the sale brought, no income."
        )
    if of.unstated:
        words.append("Some of the basis is not stated and counts as zero.")
    return " ".join(words)


def _lost(of: Liquidation) -> str:
    if of.economic_result is None:
        return f"What it cost its owner is not known: {of.reason}."
    moved = of.net_deposits or ZERO
    between = ""
    if moved:
        between = f", with {_usd(abs(moved))} net {'put in' if moved > 0 else 'taken out'} between"
    return (
        f"The account was worth {_usd(of.equity_before)} when it began to owe on {of.began_day}"
        f" and {_usd(of.equity_after)} afterwards{between}:"
        f" an economic result of {_signed(of.economic_result)}."
    )


def _taxed(of: Liquidation) -> str:
    return (
        f"Taxed is {_signed(of.taxable)} (short-term {_signed(of.short_term)}, long-term"
        f" {_signed(of.long_term)}), because a sale is measured from the basis of the units sold."
    )


def _grown(of: Liquidation) -> str:
    parts = [
        f"{plain(one.quantity)} {one.asset} bought"
        f"{'' if one.first is None else f' from {one.first} on'} for {_usd(cents(one.basis))}"
        f" and worth {_usd(cents(one.worth))} then"
        for one in of.built_up
    ]
    grown = of.built_up_before or ZERO
    kind = "gain" if grown > 0 else "loss"
    return f"{_usd(abs(grown))} of {kind} had built up before: {'; '.join(parts)}."


def _listed(units: Mapping[str, Decimal]) -> list[dict[str, str]]:
    return [{"asset": asset, "quantity": plain(units[asset])} for asset in sorted(units)]


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else cents(amount)


def _usd(amount: Decimal | None) -> str:
    return "?" if amount is None else f"{amount:,.2f}"


def _signed(amount: Decimal) -> str:
    return f"{amount:+,.2f}" if amount else "0.00"

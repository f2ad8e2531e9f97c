"""What holds for every story at Bitfinex: the events lead to the ledger's balances, exactly."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.importers.bitfinex.bitfinex import Bitfinex
from domain.events import Event, Filled
from tests.adapters.importers.bitfinex_reports import Reports
from tests.adapters.importers.outcomes import Outcomes, read
from tests.story import balances, kinds, recorded

_EIGHT = Decimal("0.00000001")


class Trader:
    """Trades on margin as the venue books it: average cost, profit to 8 decimals."""

    def __init__(self) -> None:
        self.reports = Reports()
        self.now = datetime(2024, 1, 1)  # noqa: DTZ001 - written as it stands
        self.open: dict[str, tuple[Decimal, Decimal]] = {}
        """Units (below zero: short) and cost of each pair."""
        self.results = Decimal()
        self._line("Deposit (WIRE) #1", "USD", "1000000", "exchange")
        self._line("Deposit (BITCOIN) #2", "BTC", "100", "exchange")
        self.wait(60)
        self.reports.transfer(self.time, "500000", "USD", "exchange", "margin")
        self.wait(60)

    @property
    def time(self) -> str:
        return self.now.strftime("%Y-%m-%d %H:%M:%S")

    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def _line(self, text: str, currency: str, amount: str, wallet: str) -> None:
        self.reports.line(self.time, text, currency, amount, wallet)

    def margin(self, pair: str, amount: Decimal, price: Decimal, fee: Decimal) -> None:
        units, cost = self.open.get(pair, (Decimal(), Decimal()))
        won = Decimal()
        closed = min(abs(amount), abs(units)) if units * amount < 0 else Decimal()
        if closed:
            sign = 1 if units > 0 else -1
            part = cost if closed == abs(units) else cost * closed / abs(units)
            won = sign * (closed * price - part)
            units, cost = units - sign * closed, cost - part
        left = abs(amount) - closed
        if left:
            units += left if amount > 0 else -left
            cost += left * price
        self.open[pair] = (units, cost)
        profit = ""
        if closed:
            booked = won.quantize(_EIGHT, rounding=ROUND_HALF_EVEN)
            self.results += booked
            profit = f"{booked:f}" if booked else ""
        self.reports.margin(self.time, pair, f"{amount:f}", f"{price:f}", f"-{fee:f}", profit)

    def spot(self, amount: Decimal, price: Decimal) -> None:
        fee = f"-{abs(amount) / 1000:f}" if amount > 0 else f"-{abs(amount) * price / 1000:f}"
        of = "BTC" if amount > 0 else "USD"
        self.reports.spot(self.time, "BTC/USD", f"{amount:f}", f"{price:f}", fee, of)

    def cost(self) -> None:
        """A night's funding, of whatever is open."""
        self._line("Margin Funding Charge", "USD", "-0.12345678", "margin")


@st.composite
def stories(draw: st.DrawFn) -> Trader:
    trader = Trader()
    still = draw(st.sampled_from([0, 1, 30, 7200]))
    free = draw(st.booleans())
    for _ in range(draw(st.integers(1, 14))):
        trader.wait(draw(st.integers(0, still)))
        amount = draw(st.integers(-30, 30).filter(bool).map(lambda n: Decimal(n) / 10))
        price = Decimal(draw(st.integers(19000, 21000))) / draw(st.sampled_from([1, 10]))
        match draw(st.sampled_from(["margin", "margin", "margin", "spot", "cost"])):
            case "margin":
                pair = draw(st.sampled_from(["ETH/USD", "LTC/USD"]))
                trader.margin(pair, amount, price, Decimal() if free else abs(amount))
            case "spot":
                trader.spot(amount, price)
            case _:
                trader.cost()
    trader.wait(86400)
    trader.cost()  # the ledger goes on
    return trader


@given(stories())
@settings(max_examples=100, deadline=None)
def test_the_events_lead_to_the_balances_of_the_ledger(trader: Trader) -> None:
    outcomes = trader.reports.read("ISO")
    assert outcomes.said == []
    book = recorded(outcomes.drafts)
    assert "failed_assertion" not in kinds(book)
    held = {(row["account"], row["asset"]): Decimal(row["held"]) for row in balances(book)}
    named = {"exchange": "bitfinex/main", "margin": "bitfinex/margin"}
    for (wallet, asset), units in trader.reports.balances.items():
        assert held.get((named[wallet], asset), 0) == units


@given(stories())
@settings(max_examples=100, deadline=None)
def test_the_fills_make_what_the_ledger_booked(trader: Trader) -> None:
    """Quote in less quote out of each position that was closed is what was won on it."""
    fills = [e for e in trader.reports.read("ISO").events if isinstance(e, Filled) and e.position]
    opened = sum((abs(cost) * (1 if units > 0 else -1) for units, cost in trader.open.values()), 0)
    paid = sum((fill.total if fill.side == "buy" else -fill.total for fill in fills), Decimal())
    assert abs(-paid - (trader.results - opened)) <= _EIGHT * len(fills)


@given(stories(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_and_their_split_over_files_mean_nothing(
    trader: Trader, random: Random
) -> None:
    ledgers, trades = trader.reports.ledgers("ISO"), trader.reports.trades_("ISO")
    expected = _said(trader.reports.read("ISO"))
    assert _said(_read(_shuffled(ledgers, random), _shuffled(trades, random))) == expected
    halves = [_half(ledgers, lambda n: n % 2 == 0), _half(ledgers, lambda n: n % 2 == 1)]
    assert _said(_read(*halves, trades, ledgers)) == expected


def _said(outcomes: Outcomes) -> list[tuple[str, Event]]:
    return sorted(outcomes.drafts, key=str)


def _read(*contents: str) -> Outcomes:
    return read(Bitfinex(), {f"{n}.csv": content for n, content in enumerate(contents)})


def _shuffled(text: str, random: Random) -> str:
    header, *rows = text.splitlines()
    random.shuffle(rows)
    return "\n".join([header, *rows])


def _half(text: str, keep: Callable[[int], bool]) -> str:
    header, *rows = text.splitlines()
    return "\n".join([header, *(row for n, row in enumerate(rows) if keep(n))])

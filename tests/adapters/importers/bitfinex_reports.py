"""Bitfinex as it writes its reports: a ledger with running balances, and the trades.

Times are given as `2024-02-01 10:05:00` and written in the order of day, month and year asked for.
"""

from decimal import Decimal

from adapters.importers.bitfinex.bitfinex import Bitfinex
from tests.adapters.importers.outcomes import Outcomes, read, shown

LEDGER = "#,DESCRIPTION,CURRENCY,AMOUNT,BALANCE,DATE,WALLET"
TRADES = "#,PAIR,AMOUNT,PRICE,FEE,FEE PERC,FEE CURRENCY,DATE,ORDER ID"
ORDERS = {"YMD": "{1}-{2}-{3}", "DMY": "{3}-{2}-{1}", "MDY": "{2}-{3}-{1}", "ISO": "{0}-{2}-{3}"}
FILL = ["side", "quantity", "asset", "price", "amount", "fee", "fee_asset", "position"]


class Reports:
    """What happened, as rows: `line` for the ledger, `trade` for the trades, `spot` for both."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = []
        self.trades: list[list[str]] = []
        self.balances: dict[tuple[str, str], Decimal] = {}

    def line(self, time: str, text: str, currency: str, amount: str, wallet: str) -> None:
        named = {"trading": "margin", "deposit": "funding"}.get(wallet, wallet)
        held = self.balances.get((named, currency), Decimal()) + Decimal(amount)
        self.balances[named, currency] = held
        number = str(2400001 + len(self.lines))
        row = [number, f"{text} on wallet {wallet}", currency, amount, f"{held:f}", time, wallet]
        self.lines.append(row)

    def trade(
        self, time: str, pair: str, amount: str, price: str, fee: str = "0", of: str = ""
    ) -> str:
        number = str(1201001 + len(self.trades))
        of = of or pair.partition("/")[2]
        self.trades.append([number, pair, amount, price, fee, "0.1%", of, time, f"77{number}"])
        return number

    def spot(self, time: str, pair: str, amount: str, price: str, fee: str, of: str) -> None:
        """A trade on the exchange wallet, as both reports tell it."""
        base, _, quote = pair.partition("/")
        traded = amount.lstrip("-")
        text = f"Exchange {traded} {base} for {quote} @ {price}"
        self.line(time, text, base, amount, "exchange")
        self.line(time, text, quote, f"{-Decimal(amount) * Decimal(price):f}", "exchange")
        if Decimal(fee):
            text = f"Trading fees for {traded} {base} ({base}{quote}) @ {price} on BFX (0.2%)"
            self.line(time, text, of, fee, "exchange")
        self.trade(time, pair, amount, price, fee, of)

    def margin(
        self,
        time: str,
        pair: str,
        amount: str,
        price: str,
        fee: str = "0",
        profit: str = "",
        how: str = " (TRADE)",
    ) -> str:
        """A trade on the margin wallet, and what it won or lost if it closes."""
        base, _, quote = pair.partition("/")
        if profit:
            self.line(time, f"Position closed @ {price}{how}", quote, profit, "margin")
        if Decimal(fee):
            traded = f"{amount.lstrip('-')} {base} ({base}{quote})"
            text = f"Trading fees for {traded} @ {price} on BFX (0.1%)"
            self.line(time, text, quote, fee, "margin")
        return self.trade(time, pair, amount, price, fee)

    def transfer(self, time: str, amount: str, currency: str, source: str, target: str) -> None:
        names = {"exchange": "Exchange", "margin": "Trading", "funding": "Deposit"}
        text = f"Transfer of {amount} {currency} from wallet {names[source]} to {names[target]}"
        self.line(time, text, currency, f"-{amount}", source)
        self.line(time, text, currency, amount, target)

    def ledgers(self, order: str = "YMD", *, numbered: bool = True, old: bool = False) -> str:
        """The ledger's report, newest first: without its numbers, or as it was before 2019."""
        rows = [[*row[:5], _written(row[5], order), row[6]] for row in reversed(self.lines)]
        if old:
            rows = [[row[2], row[1], *row[3:6]] for row in rows]
            return _csv("Currency,Description,Amount,Balance,Date", rows)
        if not numbered:
            return _csv(LEDGER.removeprefix("#,"), [row[1:] for row in rows])
        return _csv(LEDGER, rows)

    def trades_(self, order: str = "YMD") -> str:
        """The trades' report, newest first."""
        rows = [[*row[:7], _written(row[7], order), row[8]] for row in reversed(self.trades)]
        return _csv(TRADES, rows)

    def read(self, order: str = "YMD") -> Outcomes:
        """What the importer makes of both."""
        files = {"ledgers.csv": self.ledgers(order), "trades.csv": self.trades_(order)}
        return read(Bitfinex(), files)


def _csv(header: str, rows: list[list[str]]) -> str:
    quoted = ([f'"{cell}"' if "," in cell else cell for cell in row] for row in rows)
    return "\n".join([header, *(",".join(row) for row in quoted)]) + "\n"


def _written(time: str, order: str) -> str:
    day, _, clock = time.partition(" ")
    year, month, date = day.split("-")
    return f"{ORDERS[order].format(year, year[2:], month, date)} {clock}"


def started() -> Reports:
    """A trader with money and coins, and some of both on the margin wallet."""
    reports = Reports()
    reports.line("2024-01-05 09:00:00", "Deposit (BITCOIN) #1", "BTC", "2", "exchange")
    reports.line("2024-01-05 09:30:00", "Deposit (WIRE) #2", "USD", "50000", "exchange")
    reports.transfer("2024-01-05 10:00:00", "20000", "USD", "exchange", "margin")
    reports.transfer("2024-01-05 10:00:00", "1", "BTC", "exchange", "margin")
    return reports


def after(outcomes: Outcomes, *fields: str) -> list[str]:
    """What follows what that trader began with."""
    return shown(outcomes.events[4:], *(fields or FILL))

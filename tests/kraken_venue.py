"""A venue that writes Kraken's files: balances follow, and every generation of headers is known.

    venue = Venue("a year")
    venue.deposit("2025-01-06 09:12:30", "USD", "20000")
    long = venue.open("2025-02-03 10:00:00", "buy", "BTC", "0.5", "95000", leverage=5)
    venue.rollover("2025-02-03 14:00:00", long)
    venue.close("2025-02-04 03:30:00", long, "0.2", "98000")
    venue.ledgers(2020), venue.trades(2020)     # the two files, as exported in that year

Amounts are rounded as Kraken prints them: money to 4 decimals, coins to 10, a trade's cost to 5.
"""

from base64 import b32encode
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256

Row = dict[str, str]
Number = Decimal | str | int

LEDGERS = {
    2013: "txid,refid,time,type,aclass,asset,amount,fee,balance",
    2020: "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance",
    2024: "txid,refid,time,type,subtype,aclass,asset,wallet,amount,fee,balance",
    2025: "txid,refid,time,type,subtype,aclass,subclass,asset,wallet,amount,fee,balance",
    2026: "txid,refid,time,type,subtype,aclass,subclass,asset,wallet,amount,fee,balance,"
    "amountusd,feeusd,balanceusd,feecurrency",
}
TRADES = {
    2013: "txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers",
    2020: "txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers,"
    "postxid,posstatus,cprice,ccost,cfee,cvol,cmargin,net,trades",
    2026: "txid,ordertxid,pair,aclass,subclass,time,type,ordertype,price,cost,fee,vol,margin,"
    "misc,ledgers,posttxid,posstatuscode,cprice,ccost,cfee,cvol,cmargin,net,costusd,trades",
}
NO_POSITION = "TKH2SE-M7IF5-CFI7LT"

_OLD_CODES = {"BTC": "XXBT", "ETH": "XETH", "USD": "ZUSD", "EUR": "ZEUR", "DOGE": "XXDG"}
_MONEY = {"USD", "EUR"}
_TAKER_RATE = Decimal("0.0026")


class Venue:
    """One account at the venue. Ids come from `seed`, so that a story always has the same."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0
        self.balances: dict[tuple[str, str], Decimal] = {}
        self.entries: list[Row] = []
        self.fills: list[Row] = []

    # Rows -----------------------------------------------------------------------------------------

    def entry(
        self,
        time: str,
        type_: str,
        asset: str,
        amount: Number,
        fee: Number = 0,
        *,
        refid: str = "",
        subtype: str = "",
        wallet: str = "spot / main",
        pending: bool = False,
    ) -> str:
        """Add a ledger entry; return its id."""
        txid = "" if pending else self.id("L")
        key = (asset, wallet)
        balance = self.balances.get(key, Decimal()) + Decimal(amount) - Decimal(fee)
        if not pending:
            self.balances[key] = balance
        self.entries.append(
            {
                "txid": txid,
                "refid": refid or self.id("FT"),
                "time": time,
                "type": type_,
                "subtype": subtype,
                "aclass": "currency",
                "subclass": "fiat" if asset in _MONEY else "crypto",
                "asset": asset,
                "wallet": wallet,
                "amount": str(amount),
                "fee": str(fee),
                "balance": "" if pending else str(balance),
                "feecurrency": asset if Decimal(fee) else "",
            }
        )
        return txid

    def fill(
        self, time: str, side: str, pair: str, volume: Number, price: Number, **more: str
    ) -> Row:
        """Add a trade; return its row. `price` times `volume` is its cost."""
        cost = _rounded(Decimal(price) * Decimal(volume), 5)
        row = {
            "txid": self.id("T"),
            "ordertxid": self.id("O"),
            "pair": pair,
            "aclass": "forex",
            "subclass": "crypto",
            "time": f"{time}.{more.pop('fraction', '1234')}",
            "type": side,
            "ordertype": "market",
            "price": str(price),
            "cost": str(cost),
            "fee": str(_rounded(cost * _TAKER_RATE, 5)),
            "vol": str(volume),
            "margin": "0",
            "misc": "",
            "posttxid": NO_POSITION,
            "posstatuscode": "",
            **more,
        }
        self.fills.append(row)
        return row

    def id(self, letter: str) -> str:
        """The next id that begins with `letter`."""
        self._count += 1
        digest = b32encode(sha256(f"{self._seed} {self._count}".encode()).digest()).decode()
        return f"{letter}{digest[: 6 - len(letter)]}-{digest[6:11]}-{digest[11:17]}"

    # What happens ---------------------------------------------------------------------------------

    def deposit(self, time: str, asset: str, amount: Number, fee: Number = 0) -> str:
        """Units come in: first an entry without id, half an hour earlier, then the real one."""
        refid = self.id("FT")
        self.entry(_earlier(time), "deposit", asset, amount, fee, refid=refid, pending=True)
        return self.entry(time, "deposit", asset, amount, fee, refid=refid)

    def withdraw(self, time: str, asset: str, amount: Number, fee: Number = 0) -> str:
        """Units go out, the fee on top."""
        refid, out = self.id("FT"), -Decimal(amount)
        self.entry(_earlier(time), "withdrawal", asset, out, fee, refid=refid, pending=True)
        return self.entry(time, "withdrawal", asset, out, fee, refid=refid)

    def trade(
        self, time: str, side: str, base: str, volume: Number, price: Number, quote: str = "USD"
    ) -> str:
        """Own units are traded; the fee is taken in the quote."""
        row = self.fill(time, side, f"{base}/{quote}", volume, price)
        sign = 1 if side == "buy" else -1
        money = _rounded(Decimal(row["cost"]), 4)
        fee = _rounded(Decimal(row["fee"]), 4)
        self.entry(time, "trade", quote, -sign * money, fee, refid=row["txid"])
        self.entry(time, "trade", base, sign * Decimal(volume), refid=row["txid"])
        return row["txid"]

    def open(
        self,
        time: str,
        side: str,
        base: str,
        volume: Number,
        price: Number,
        *,
        leverage: int,
        opening_rate: Number = "0.0002",
    ) -> Row:
        """A position is opened; the fee in the ledger is trading fee and opening fee in one."""
        row = self.fill(
            time, side, f"{base}/USD", volume, price, misc="initiated", posstatuscode="open"
        )
        cost = Decimal(row["cost"])
        row["margin"] = str(_rounded(cost / leverage, 5))
        row["left"], row["cost left"] = str(volume), row["cost"]
        opening = _rounded(cost * Decimal(opening_rate), 4)
        fee = _rounded(Decimal(row["fee"]), 4) + opening
        self.entry(time, "margin", "USD", 0, fee, refid=row["txid"])
        return row

    def rollover(
        self, time: str, position: Row, fee: Number | None = None, asset: str = "USD"
    ) -> str:
        """Four hours more: 0.02 % of what the open part of the position cost."""
        cost = Decimal(position["cost left"])
        taken = _rounded(cost * Decimal("0.0002"), 4) if fee is None else fee
        return self.entry(time, "rollover", asset, 0, taken, refid=position["txid"])

    def close(
        self,
        time: str,
        position: Row,
        volume: Number,
        price: Number,
        *,
        taken: Mapping[str, Number] | None = None,
        forced: bool = False,
        at_most: bool = False,
    ) -> str:
        """A position is closed in part or in full; `taken` are other assets that pay for the loss.

        With `at_most` the quote pays what it can, and BTC the rest at the trade's price.
        """
        side = "sell" if position["type"] == "buy" else "buy"
        row = self.fill(
            time,
            side,
            position["pair"],
            volume,
            price,
            misc="closing",
            ordertype="liquidation market" if forced else "market",
            posttxid=position["txid"],
        )
        fee = _rounded(Decimal(row["fee"]), 4)
        profit = _rounded(self._profit(position, Decimal(volume), Decimal(row["cost"])), 4)
        more = dict(taken or {})
        if at_most:
            held = self.balances["USD", "spot / main"] - fee
            short = -profit - held
            more["BTC"] = -_rounded(short / Decimal(price), 10)
            profit = -held
        self.entry(time, "margin", "USD", profit, fee, refid=row["txid"])
        for asset, amount in more.items():
            self.entry(time, "margin", asset, amount, refid=row["txid"])
        return row["txid"]

    def settle(self, time: str, position: Row, volume: Number) -> str:
        """The venue delivers a part of a position at its cost."""
        long = position["type"] == "buy"
        cost = _rounded(self._profit(position, Decimal(volume), Decimal()), 4)
        refid = self.id("T")
        self.entry(time, "settled", "USD", cost, refid=refid)
        base = position["pair"].partition("/")[0]
        return self.entry(time, "settled", base, Decimal(volume) * (1 if long else -1), refid=refid)

    def _profit(self, position: Row, volume: Decimal, received: Decimal) -> Decimal:
        """Take `volume` off a position; what a long makes if it is sold for `received`."""
        left, cost = Decimal(position["left"]), Decimal(position["cost left"])
        part = cost * volume / left
        position["left"], position["cost left"] = str(left - volume), str(cost - part)
        if left == volume:
            position["posstatuscode"] = "closed"
        return received - part if position["type"] == "buy" else part - received

    # Files ----------------------------------------------------------------------------------------

    def ledgers(self, year: int = 2020, entries: Sequence[Row] | None = None) -> str:
        """The ledgers file as it was exported in the year of that header."""
        rows = sorted(self.entries if entries is None else entries, key=lambda row: row["time"])
        return _csv(LEDGERS[year], (_entry_of(row, year) for row in rows), bare=year == 2026)

    def trades(self, year: int = 2013, fills: Sequence[Row] | None = None) -> str:
        """The trades file as it was exported in the year of that header."""
        rows = self.fills if fills is None else fills
        return _csv(TRADES[year], (self._fill_of(row, year) for row in rows), bare=year == 2026)

    def _fill_of(self, row: Row, year: int) -> Row:
        refs = [e["txid"] for e in self.entries if e["refid"] == row["txid"] and e["txid"]]
        base, _, quote = row["pair"].partition("/")
        old = "".join(_OLD_CODES.get(name, name) for name in (base, quote))
        places = {"price": 1, "cost": 5, "fee": 5, "vol": 8, "margin": 5}
        numbers = {
            name: _bare(row[name]) if year == 2026 else f"{Decimal(row[name]):.{digits}f}"
            for name, digits in places.items()
        }
        return (
            row
            | numbers
            | {
                "pair": row["pair"] if year == 2026 else old,
                "ledgers": ",".join(refs),
                "postxid": row["posttxid"],
                "posstatus": row["posstatuscode"],
            }
        )


def _entry_of(row: Row, year: int) -> Row:
    if year == 2026:
        numbers = {name: _bare(row[name]) for name in ("amount", "fee", "balance")}
        return row | numbers | dict.fromkeys(("amountusd", "feeusd", "balanceusd"), "-")
    digits = 4 if row["asset"] in _MONEY else 10
    numbers = {name: _padded(row[name], digits) for name in ("amount", "fee", "balance")}
    return row | numbers | {"asset": _OLD_CODES.get(row["asset"], row["asset"])}


def _bare(number: str) -> str:
    """As the latest exports write numbers: without zeros at the end, but with a point."""
    if not number:
        return ""
    text = f"{Decimal(number):f}".rstrip("0").rstrip(".") if "." in number else number
    return text if "." in text else f"{text}.0"


def _padded(number: str, digits: int) -> str:
    if not number:
        return ""
    value = Decimal(number)
    return f"0E-{digits}" if digits > 6 and not value else f"{value:.{digits}f}"


def _csv(header: str, rows: Iterable[Row], *, bare: bool) -> str:
    """Every field in quotes; of the latest exports, texts alone."""
    names = header.split(",")
    lines = [",".join(f'"{name}"' for name in names)]
    numbers = {"price", "cost", "fee", "vol", "margin", "amount", "balance"} if bare else set()
    lines += [
        ",".join(
            row.get(name, "") if name in numbers else f'"{row.get(name, "")}"' for name in names
        )
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _rounded(number: Decimal, digits: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _earlier(time: str) -> str:
    """The same day, some minutes before."""
    hour, minute = int(time[11:13]), int(time[14:16])
    before = max(hour * 60 + minute - 27, 0)
    return f"{time[:11]}{before // 60:02d}:{before % 60:02d}{time[16:]}"

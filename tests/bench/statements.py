"""Files of venues to measure: a trader who buys and sells all day, in the words of each format.

Every format is told the same trades, so what a row costs can be compared; native lines are told
as many events as there are rows. Balances follow, so that nothing is found.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

_FIRST = datetime(2024, 1, 1, 1, tzinfo=UTC)
_QUANTITY = Decimal("0.6")
_FEE = Decimal("7.44")


class Deal(NamedTuple):
    """One trade of ETH: `sign` is 1 for a purchase; what is held afterwards stands beside it."""

    number: int
    at: datetime
    sign: int
    price: Decimal
    amount: Decimal
    usd: Decimal
    eth: Decimal


def deals(count: int, start: Decimal) -> Iterator[Deal]:
    """A purchase and a sale in turn, seven seconds apart."""
    usd, eth = start, Decimal(0)
    for number in range(count):
        sign = -1 if number % 2 else 1
        price = Decimal(3000 + number % 100)
        amount = _QUANTITY * price
        usd -= sign * amount
        eth += sign * _QUANTITY
        at = _FIRST + timedelta(seconds=7 * number)
        yield Deal(number, at, sign, price, amount, usd, eth)
        usd -= _FEE


START = Decimal(10**9)


def native(file: Path, rows: int) -> None:
    """A line an event."""
    with file.open("w", encoding="utf-8") as out:
        beginning = {"type": "deposited", "id": "d", "at": "2024-01-01T00:00:00Z"}
        _line(out.write, **beginning, asset="USD", quantity=str(START))
        for deal in deals(rows - 1, START):
            _line(
                out.write,
                type="filled",
                id=f"t{deal.number}",
                at=deal.at.isoformat(),
                side="buy" if deal.sign > 0 else "sell",
                asset="ETH",
                quantity=str(_QUANTITY),
                quote="USD",
                price=str(deal.price),
                fee=str(_FEE),
            )


def _line(write: Callable[[str], object], **fields: str) -> None:
    write(json.dumps({"account": "coinbase/pro", **fields}) + "\n")


def coinbase_pro(file: Path, rows: int) -> None:
    """Three rows a trade: the two assets and the fee, each with its balance."""
    with file.open("w", encoding="utf-8") as out:
        out.write(
            "portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id\n"
            f"default,deposit,2024-01-01T00:00:00.000Z,{START},{START},USD,tr,,\n"
        )
        for deal in deals((rows - 1) // 3, START):
            at = deal.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            name = f",{deal.number + 1},o{deal.number}\n"
            out.write(f"default,match,{at},{-deal.sign * deal.amount},{deal.usd},USD,{name}")
            out.write(f"default,match,{at},{deal.sign * _QUANTITY},{deal.eth},ETH,{name}")
            out.write(f"default,fee,{at},{-_FEE},{deal.usd - _FEE},USD,{name}")


def binance(file: Path, rows: int) -> None:
    """Three rows a trade, without ids and balances."""
    with file.open("w", encoding="utf-8") as out:
        out.write("User_ID,UTC_Time,Account,Operation,Coin,Change,Remark\n")
        out.write(f"1,2024-01-01 00:00:00,Spot,Deposit,USDT,{START},\n")
        for deal in deals((rows - 1) // 3, START):
            at = deal.at.strftime("%Y-%m-%d %H:%M:%S")
            got, gave = ("Buy", "Spend") if deal.sign > 0 else ("Sold", "Revenue")
            out.write(f"1,{at},Spot,Transaction {got},ETH,{deal.sign * _QUANTITY},\n")
            out.write(f"1,{at},Spot,Transaction {gave},USDT,{-deal.sign * deal.amount},\n")
            out.write(f"1,{at},Spot,Transaction Fee,USDT,{-_FEE},\n")


def koinly(file: Path, rows: int) -> None:
    """A row a trade."""
    with file.open("w", encoding="utf-8") as out:
        out.write(
            "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,"
            "Fee Currency,Net Worth Amount,Net Worth Currency,Label,Description,TxHash\n"
            f"2024-01-01 00:00:00 UTC,,,{START},USD,,,,,,,\n"
        )
        for deal in deals(rows - 1, START):
            at = deal.at.strftime("%Y-%m-%d %H:%M:%S UTC")
            usd, eth = f"{deal.amount},USD", f"{_QUANTITY},ETH"
            sent, got = (usd, eth) if deal.sign > 0 else (eth, usd)
            out.write(f"{at},{sent},{got},{_FEE},USD,,,,,\n")


FORMATS: dict[str, Callable[[Path, int], None]] = {
    "native": native,
    "coinbase-pro-account": coinbase_pro,
    "binance-statement": binance,
    "koinly": koinly,
}

"""What Coinbase's notes say of trades: `Bought 0.5 BTC for 21126 USD on BTC-USD at 42000 USD/BTC`.

They alone tell the other side: in which asset a trade was paid, what a conversion brought. The
amount behind `for` is what moved, fees included.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from adapters.importers.reading import Unclear
from adapters.importers.table import Misread, number

_NUMBER = r"[^\w.,\s-]*(?P<{}>[\d.,]+(?:E-?\d+)?)"
_TRADE = re.compile(
    rf"(?P<verb>Bought|Sold) {_NUMBER.format('quantity')} (?P<asset>\S+)"
    rf" for {_NUMBER.format('amount')} (?P<quote>\S+)"
    r"(?: on (?P<market>\S+))?"
    rf"(?: at {_NUMBER.format('rate')} (?P<unit>\S+))?",
    re.IGNORECASE,
)
_CONVERT = re.compile(
    rf"Converted {_NUMBER.format('given')} (?P<out>\S+) to {_NUMBER.format('got')} (?P<into>\S+)",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SIGNED = re.compile(r"(?P<sign>-?)(?:[A-Z]{1,3})?[$€£¥](?P<minus>-?)(?P<number>.*)")


class TradeNote(NamedTuple):
    """A trade as its note tells it: `amount` of the quote moved, fees included."""

    amount: Decimal
    quote: str
    rate: Decimal | None


class ConvertNote(NamedTuple):
    """A conversion as its note tells it."""

    given: Decimal
    out: str
    got: Decimal
    into: str


def trade_note(notes: str, asset: str) -> TradeNote | None:
    """The trade of `asset` that a note tells, or None: it tells none.

    Raises `Unclear` where it is of another trade, `Misread` for what is no number.
    """
    found = _TRADE.match(notes)
    if not found:
        return None
    quote, market, unit = found["quote"], found["market"], found["unit"]
    pair = market.split("-") if market else [asset, quote]
    if found["asset"] != asset or pair != [asset, quote] or unit not in (None, f"{quote}/{asset}"):
        raise Unclear("the note tells another trade than the row", column="Notes", value=notes)
    rate = _counted(found["rate"]) if found["rate"] else None
    return TradeNote(_counted(found["amount"]), quote, rate)


def convert_note(notes: str) -> ConvertNote | None:
    """The conversion that a note tells, or None. Raises `Misread` for what is no number."""
    found = _CONVERT.match(notes)
    if not found:
        return None
    return ConvertNote(
        _counted(found["given"]), found["out"], _counted(found["got"]), found["into"]
    )


def money(text: str, column: str) -> Decimal | None:
    """An amount of money: `$1,234.50`, `-€0.01`, `12.5`; None where nothing stands.

    A comma groups thousands behind a sign of currency alone. Raises `Misread`.
    """
    if not text:
        return None
    digits, below = text[1:], False
    if text[0] not in "$€£":  # most are written so
        signed = _SIGNED.fullmatch(text)
        if not signed:
            return number(text, column)
        digits, below = signed["number"], bool(signed["sign"] or signed["minus"])
    if "," in digits and _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
    try:
        value = number(digits, column)
    except Misread as misread:
        raise Misread(column, text, misread.problem, misread.hint) from None
    return -value if below else value


def _counted(text: str) -> Decimal:
    """A number of a note, which may have commas between thousands."""
    return number(text.replace(",", "") if _GROUPED.fullmatch(text) else text, "Notes")

"""OKX's oldest table (as OKEx): `time,type,size,balance,fee,currency`, in China time.

A trade is a `buy` and a `sell` of one second; size is signed, the fee beside it. Its cells say CST,
which is China Standard Time there; a time without its zone is not guessed. Source: the header, and
what public importers make of it; other types than buy and sell are not known.
"""

import re
from datetime import UTC, datetime

from adapters.importers.instants import instant_name, whole_second
from adapters.importers.layout import Accounts, Cells, Kept, Key, Layout
from adapters.importers.table import Misread, number, plain, zoned
from adapters.importers.unified import Change
from domain.money import ZERO, exact

_CHINA = "+08:00"
_PLAIN = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ?(CST|[+-]\d\d:\d\d|)")
_SPOKEN = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d:\d\d:\d\d) CST (\d{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _when(text: str) -> datetime:
    """`2019-05-06 17:21:33 CST`, or `Mon May 06 17:21:33 CST 2019`. Raises `Misread`."""
    spoken = _SPOKEN.fullmatch(text)
    if spoken and spoken[1] in _MONTHS:
        month = _MONTHS.index(spoken[1]) + 1
        text = f"{spoken[4]}-{month:02}-{spoken[2]} {spoken[3]} CST"
    found = _PLAIN.fullmatch(text)
    if not found:
        hint = "It should look like 2019-05-06 17:21:33 CST"
        raise Misread("time", text, "is not a time with its zone", hint)
    zone = _CHINA if found[2] == "CST" else found[2]
    return whole_second(zoned(found[1], zone, "time")).astimezone(UTC)


def _key(cells: Cells) -> Key | str:
    time, type_, size, balance, fee, currency = cells
    at = _when(time)
    bundle = f"trade/{instant_name(at)}" if type_ in ("buy", "sell") else ""
    numbers = (number(size, "size"), number(balance, "balance"), number(fee or "0", "fee"))
    return Key(at, "", bundle, (at.isoformat(), type_, currency, *(f"{n:f}" for n in numbers)))


def _entry(kept: Kept, accounts: Accounts) -> Change:
    _, type_, size, balance, fee, currency = kept.cells
    if not currency:
        raise Misread("currency", currency, "is empty")
    cost = abs(number(fee, "fee")) if fee else ZERO
    with exact():
        amount = plain(number(size, "size") - cost)
    return Change(
        file=kept.file,
        line=kept.line,
        id=kept.id,
        at=kept.at,
        account=accounts.of(),
        bundle=kept.bundle,
        kind="trade" if kept.bundle else type_,
        asset=currency.upper(),
        amount=amount,
        balance=number(balance, "balance"),
        cost=cost,
        word="pair",
    )


OLDEST = Layout(
    name="okx-oldest",
    title="OKX (as OKEx): trades of the spot account, the oldest table (CSV)",
    needed=("time", "type", "size", "balance", "fee", "currency"),
    generations=(("2018", ()),),
    key=_key,
    entry=_entry,
)

"""Other engines on the same trades, each run in a process of its own: `peers.py PEER FILE`.

Each goes from its own kind of file to the gain of every disposal, first in first out, and adds the
gains up, as marginbook's stage `gain` does; none writes a report. beancount knows days alone, so
the order of lines is that of the trades; rp2 has no fee in USD on a sale, so no sale has one.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from importlib import import_module
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from tests.bench.measure import tell
from tests.bench.shapes import YEAR, Trade, trades

Writer = Callable[[Path, list[Trade]], None]
Engine = Callable[[Path], Decimal]


# beancount ----------------------------------------------------------------------------------------


def write_beancount(file: Path, some: list[Trade]) -> None:
    """A ledger: purchases at cost and fee, sales by FIFO, gains left to beancount to fill in."""
    with file.open("w", encoding="ascii") as lines:
        lines.write(
            f"{YEAR}-01-01 open Assets:Cash USD\n"
            f'{YEAR}-01-01 open Assets:BTC BTC "FIFO"\n'
            f"{YEAR}-01-01 open Income:Gains USD\n"
        )
        lines.writelines(map(_transaction, some))


def _transaction(trade: Trade) -> str:
    day, units, price, fee = f"{trade.at:%Y-%m-%d}", trade.quantity, trade.price, trade.fee
    total = units * price
    if trade.side == "buy":
        coin = f'  Assets:BTC  {units:f} BTC {{{price:f} # {fee:f} USD, "L{trade.number}"}}\n'
        return f'{day} * "buy"\n{coin}  Assets:Cash\n'
    coin = f"  Assets:BTC  -{units:f} BTC {{}} @ {price:f} USD\n"
    return f'{day} * "sell"\n{coin}  Assets:Cash  {total - fee:f} USD\n  Income:Gains\n'


def beancount(file: Path) -> Decimal:
    """The total gain by beancount: load, book, validate, add."""
    from beancount import loader
    from beancount.core.data import Transaction

    loader.initialize(use_cache=False)
    entries, errors, _ = loader.load_file(str(file))
    if errors:
        raise SystemExit(str(errors[0]))
    transactions = (entry for entry in entries if isinstance(entry, Transaction))
    income = (p.units for t in transactions for p in t.postings if p.account == "Income:Gains")
    return -sum((units.number for units in income if units and units.number), Decimal())


# rp2 ----------------------------------------------------------------------------------------------

_COLUMNS = {
    "in": "timestamp asset exchange holder transaction_type spot_price crypto_in fiat_fee",
    "out": "timestamp asset exchange holder transaction_type spot_price "
    "crypto_out_no_fee crypto_fee",
    "intra": "timestamp asset from_exchange from_holder to_exchange to_holder spot_price "
    "crypto_sent crypto_received",
}
_GENERAL = "[general]\nassets = BTC\nexchanges = kraken\nholders = me\n"


def write_rp2(file: Path, some: list[Trade]) -> None:
    """A spreadsheet of purchases and sales, and the configuration beside it."""
    with file.with_suffix(".ini").open("w", encoding="ascii") as lines:
        lines.write(_GENERAL)
        for table, columns in _COLUMNS.items():
            lines.write(f"[{table}_header]\n")
            lines.writelines(f"{name} = {i}\n" for i, name in enumerate(columns.split()))
    with ZipFile(file, "w", ZIP_DEFLATED) as ods:
        ods.writestr("mimetype", _ODS)
        ods.writestr("META-INF/manifest.xml", _MANIFEST)
        for part in ("styles", "meta", "settings"):
            ods.writestr(f"{part}.xml", f"<office:document-{part} {_SPACES}/>")
        with ods.open("content.xml", "w") as content:
            content.writelines(line.encode() for line in _content(some))


def _content(some: list[Trade]) -> Iterator[str]:
    yield f"<office:document-content {_SPACES}><office:body><office:spreadsheet>"
    yield '<table:table table:name="BTC">'
    purchases = (trade for trade in some if trade.side == "buy")
    sales = (trade for trade in some if trade.side == "sell")
    for table, rows in (("in", purchases), ("out", sales)):
        head: list[tuple[str | Decimal, ...]] = [(table.upper(),), tuple(_COLUMNS[table].split())]
        for row in chain(head, map(_cells, rows), [("TABLE END",), ("",)]):
            yield f"<table:table-row>{''.join(map(_cell, _filled(row)))}</table:table-row>"
    yield "</table:table></office:spreadsheet></office:body></office:document-content>"


def _cells(trade: Trade) -> tuple[str | Decimal, ...]:
    at = f"{trade.at:%Y-%m-%d %H:%M:%S} +0000"
    fee = trade.fee if trade.side == "buy" else Decimal()
    kind = trade.side.upper()
    return at, "BTC", "kraken", "me", kind, trade.price, trade.quantity, fee


def _filled(row: Iterable[str | Decimal]) -> list[str | Decimal]:
    cells = list(row)
    return cells + [""] * (len(_COLUMNS["in"].split()) - len(cells))


def _cell(value: str | Decimal) -> str:
    if isinstance(value, Decimal):
        return f'<table:table-cell office:value-type="float" office:value="{value:f}"/>'
    if not value:
        return "<table:table-cell/>"
    words = f"<text:p>{escape(value)}</text:p>"
    return f'<table:table-cell office:value-type="string">{words}</table:table-cell>'


_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_URN = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = " ".join(
    f'xmlns:{name}="{_URN}:{name}:1.0"' for name in ("office", "table", "text", "meta", "config")
)
_MANIFEST = (
    f'<manifest:manifest xmlns:manifest="{_URN}:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)


def rp2(file: Path) -> Decimal:
    """The total gain by rp2's parser and tax engine; its reports are written from the same."""
    from rp2.accounting_engine import AccountingEngine
    from rp2.configuration import Configuration
    from rp2.ods_parser import open_ods, parse_ods
    from rp2.plugin.accounting_method.fifo import AccountingMethod
    from rp2.plugin.country.us import US
    from rp2.tax_engine import compute_tax

    methods = import_module("prezzemolo.avl_tree").AVLTree()
    methods.insert_node(1970, AccountingMethod())
    configuration = Configuration(
        str(file.with_suffix(".ini")), country=US(), allow_negative_balances=True
    )
    told = parse_ods(configuration, "BTC", open_ods(configuration, str(file)))
    computed = compute_tax(configuration, AccountingEngine(years_2_methods=methods), told)
    gains: Iterable[Any] = computed.gain_loss_set
    return sum((Decimal(row.fiat_gain) for row in gains), Decimal())


PEERS: dict[str, tuple[str, Writer, Engine]] = {
    "beancount": ("trades.beancount", write_beancount, beancount),
    "rp2": ("trades.ods", write_rp2, rp2),
}
"""Each peer's file, what writes it, and what reads it."""


def main(peer: str, file: str) -> None:
    """Get ready on a few trades, then let the engine run and tell."""
    name, write, gain = PEERS[peer]
    with TemporaryDirectory() as made:
        small = Path(made, name)
        write(small, list(trades("few", 2)))
        gain(small)
    tell(lambda: {"gain": str(gain(Path(file)))})


if __name__ == "__main__":
    main(*sys.argv[1:])

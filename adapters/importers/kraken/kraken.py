"""Kraken: ledgers.csv and trades.csv, joined.

The one trick: the ledger is read second by second. Within a second the running balances tell the
order; what belongs together is gathered by reference, joined with its trade, and read by its kind.
An entry whose trade is missing, whose type is unknown or whose numbers do not add up is a fault
with its line: the file records its good rows and lists the rest.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing

from adapters.importers.kraken.kraken_join import Join
from adapters.importers.kraken.kraken_reading import Reading
from adapters.importers.reading import Fault, Outcome, SourceFile

_LEDGER_MARKS = {"txid", "refid", "aclass"}
_TRADES_MARKS = {"txid", "ordertxid", "pair"}

_LEDGER_YEARS = {"feecurrency": "2026", "subclass": "2025", "wallet": "2024", "subtype": "2020"}
_TRADES_YEARS = {"posttxid": "2026", "postxid": "2020"}


class Kraken:
    """The importer of Kraken's spot and margin history, all files of one account together."""

    name = "kraken"
    headers: Sequence[str] = (
        "txid,refid,time,type,[subtype],aclass,[subclass],asset,[wallet],amount,fee,balance,...",
        "txid,ordertxid,pair,[aclass],[subclass],time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers,...",
    )
    all_or_nothing = False

    def recognise(self, beginning: bytes) -> str | None:
        """`kraken-ledgers YEAR` or `kraken-trades YEAR`: when such files were first seen."""
        columns = _header(beginning)
        if columns >= _LEDGER_MARKS:
            return f"kraken-ledgers {_year(columns, _LEDGER_YEARS)}"
        if columns >= _TRADES_MARKS:
            return f"kraken-trades {_year(columns, _TRADES_YEARS)}"
        return None

    def read(self, files: Sequence[SourceFile], account: str | None) -> Iterator[Outcome]:
        """Every row of ledgers and trades, in the order of time.

        `account` is `kraken/main` unless given; the futures wallet is `kraken/futures`, or the
        given account with `-futures` behind it.
        """
        ordered = sorted(files, key=lambda file: (file.name, file.sha256))
        with closing(Join(ordered)) as join:
            for number, file in enumerate(ordered):
                yield from self._take_in(join, number, file)
            yield from join.twins()
            join.pair_off()
            yield from Reading(join, account).outcomes()

    def _take_in(self, join: Join, number: int, file: SourceFile) -> Iterator[Outcome]:
        with file.path.open("rb") as start:
            generation = self.recognise(start.read(1 << 16)) or ""
        if generation.startswith("kraken-ledgers"):
            yield from join.add_ledger(number)
        elif generation.startswith("kraken-trades"):
            yield from join.add_trades(number)
        else:
            hint = f"The header should be {' or '.join(self.headers)}"
            yield Fault(file=file, line=0, problem="is no Kraken export", hint=hint, counts=False)


def _header(beginning: bytes) -> set[str]:
    """The column names in the first line that is not blank."""
    text = beginning.decode("utf-8-sig", errors="replace").lstrip("\r\n")
    line = text.splitlines()[:1]
    try:
        return {name.strip() for cells in csv.reader(line) for name in cells}
    except csv.Error:
        return set()


def _year(columns: set[str], years: dict[str, str]) -> str:
    return next((year for column, year in years.items() if column in columns), "2013")

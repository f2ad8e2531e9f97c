"""Kraken: ledgers.csv and trades.csv, joined.

The one trick: the ledger is read second by second. Within a second the running balances tell the
order; what belongs together is gathered by reference, joined with its trade, and read by its kind.
An entry whose trade is missing, whose type is unknown or whose numbers do not add up is a fault
with its line: the file records its good rows and lists the rest.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing

from adapters.importers.json_pages import PageHeader
from adapters.importers.kraken.kraken_join import Join
from adapters.importers.kraken.kraken_reading import Reading
from adapters.importers.kraken.kraken_rows import LEDGER, LEDGER_ALSO, TRADES, TRADES_ALSO
from adapters.importers.layout import Header, first_rows
from adapters.importers.reading import Fault, Outcome, SourceFile
from adapters.importers.table import Table

_LEDGER_MARKS = {"txid", "refid", "aclass"}
_TRADES_MARKS = {"txid", "ordertxid", "pair"}

LEDGERS = Header(
    name="kraken-ledgers",
    title="Kraken: Documents, New export, Ledgers (all types, all assets), CSV",
    needed=("txid", "refid", "time", "type", "aclass", "asset", "amount", "fee", "balance"),
    optional=("subtype", "subclass", "wallet", "amountusd", "feecurrency"),
    generations=(
        ("2026", ("feecurrency",)),
        ("2025", ("subclass",)),
        ("2024", ("wallet",)),
        ("2020", ("subtype",)),
        ("2013", ()),
    ),
)
TRADES_FILE = Header(
    name="kraken-trades",
    title="Kraken: Documents, New export, Trades, CSV; for the same period as the ledgers",
    needed=(
        *("txid", "ordertxid", "pair", "time", "type", "ordertype"),
        *("price", "cost", "fee", "vol", "margin", "misc"),
    ),
    optional=("ledgers", "posttxid", "postxid", "posstatus", "posstatuscode"),
    generations=(("2026", ("posttxid",)), ("2020", ("postxid",)), ("2013", ())),
)


LEDGER_PAGE = PageHeader(
    name="kraken-ledgers-page",
    title="Kraken: a page of the interface's Ledgers, as it came",
    needed=LEDGER,
    optional=LEDGER_ALSO,
    named_by="txid",
    seconds={"time": 0},  # as the file prints it
)
TRADES_PAGE = PageHeader(
    name="kraken-trades-page",
    title="Kraken: a page of the interface's TradesHistory, as it came",
    needed=TRADES,
    optional=TRADES_ALSO,
    named_by="txid",
    seconds={"time": 4},
)


class Kraken:
    """The importer of Kraken's spot and margin history, all files of one account together."""

    name = "kraken"
    title = "Kraken"
    layouts: Sequence[Header] = (LEDGERS, TRADES_FILE, LEDGER_PAGE, TRADES_PAGE)
    all_or_nothing = False

    @property
    def headers(self) -> Sequence[str]:
        """What its files look like."""
        return [layout.looks_like for layout in self.layouts]

    def recognise(self, beginning: bytes) -> str | None:
        """`kraken-ledgers YEAR` or `kraken-trades YEAR`: when such files were first seen."""
        for cells in first_rows(beginning):
            columns = {name.strip().casefold() for name in cells}
            if columns >= _LEDGER_MARKS:
                return LEDGERS.generation(cells)
            if columns >= _TRADES_MARKS:
                return TRADES_FILE.generation(cells)
        return LEDGER_PAGE.recognise(beginning) or TRADES_PAGE.recognise(beginning)

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
        if generation == LEDGER_PAGE.name:
            yield from join.add_ledger(number, LEDGER_PAGE.rows(file))
        elif generation == TRADES_PAGE.name:
            yield from join.add_trades(number, TRADES_PAGE.rows(file))
        elif generation.startswith(LEDGERS.name):
            yield from join.add_ledger(number, Table(file, LEDGER, LEDGER_ALSO).rows())
        elif generation.startswith(TRADES_FILE.name):
            yield from join.add_trades(number, Table(file, TRADES, TRADES_ALSO).rows())
        else:
            hint = f"The header should be {' or '.join(self.headers)}"
            yield Fault(file=file, line=0, problem="is no Kraken export", hint=hint, counts=False)

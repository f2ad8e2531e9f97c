"""What an importer made of files, ready to be asked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.importers.kraken.kraken import Kraken
from adapters.importers.reading import Fault, Ignored, Importer, Outcome, SourceFile, Taken
from domain.events import AccountOpened, BalanceAsserted, Event, MarginTermsSet
from tests.kraken_venue import Row, Venue


@dataclass(frozen=True)
class Outcomes:
    """All outcomes, in the order in which they came."""

    all: Sequence[Outcome]

    @property
    def drafts(self) -> list[tuple[str, Event]]:
        return [(d.account, d.event) for o in self.all if isinstance(o, Taken) for d in o.drafts]

    @property
    def events(self) -> list[Event]:
        """What happened, without what the files say of the account as a whole."""
        whole = (AccountOpened, BalanceAsserted, MarginTermsSet)
        return [event for _, event in self.drafts if not isinstance(event, whole)]

    @property
    def asserted(self) -> dict[str, Decimal]:
        return {e.asset: e.quantity for _, e in self.drafts if isinstance(e, BalanceAsserted)}

    @property
    def faults(self) -> list[Fault]:
        return [outcome for outcome in self.all if isinstance(outcome, Fault)]

    @property
    def said(self) -> list[str]:
        """The faults in words."""
        return [str(fault) for fault in self.faults]

    @property
    def reasons(self) -> Counter[str]:
        return Counter(o.reason for o in self.all if isinstance(o, Ignored))

    @property
    def rows(self) -> Counter[tuple[str, int]]:
        """How often each row was accounted for."""
        rows: Counter[tuple[str, int]] = Counter()
        for outcome in self.all:
            if isinstance(outcome, Taken):
                rows.update((file.name, line) for file, line in outcome.rows)
            elif isinstance(outcome, Ignored) or outcome.counts:
                rows[outcome.file.name, outcome.line] += 1
        return rows


def read(
    importer: Importer, files: Mapping[str, str | bytes], account: str | None = None
) -> Outcomes:
    """What the importer makes of files with these names and contents."""
    with TemporaryDirectory() as folder:
        sources = []
        for name, content in files.items():
            path = Path(folder, name)
            data = content.encode() if isinstance(content, str) else content
            path.write_bytes(data)
            sources.append(SourceFile(path=path, sha256=sha256(data).hexdigest()))
        return Outcomes(list(importer.read(sources, account)))


def kraken(files: Mapping[str, str | bytes], account: str | None = None) -> Outcomes:
    return read(Kraken(), files, account)


def exported(venue: Venue, ledgers: int = 2020, trades: int = 2013) -> Outcomes:
    """What Kraken's importer makes of this venue's two files."""
    return kraken({"ledgers.csv": venue.ledgers(ledgers), "trades.csv": venue.trades(trades)})


def shown(events: Iterable[Event], *fields: str) -> list[str]:
    """Events as lines: type, then these fields, those that are not there or not said left out."""
    return [
        " ".join([type(e).__name__, *(_text(e, field) for field in fields if _text(e, field))])
        for e in events
    ]


def _text(event: Event, field: str) -> str:
    value = getattr(event, field, None)
    if isinstance(value, Decimal):
        return f"{value:f}" if value else ""
    return "" if value is None else str(value)


def moved(rows: Iterable[Row]) -> dict[str, Decimal]:
    """What each asset's balance did, as the ledger's rows have it."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        if row["txid"]:
            change = Decimal(row["amount"]) - Decimal(row["fee"])
            sums[row["asset"]] = sums.get(row["asset"], Decimal()) + change
    return sums

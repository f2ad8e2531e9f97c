"""The tour that `marginbook demo` gives: import a bundled year, then show margin and tax.

The book is made anew in the folder `out` each time, so the demo always ends the same way.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.book import Book
from adapters.cli.render import findings_text, tax_text
from adapters.cli.render_margin import margin_json, margin_text
from adapters.cli.text import usd
from adapters.exporters.files import write_tax_year
from projections.tax.us.form8949 import Row

YEAR = 2025
CALLED = datetime(2025, 2, 26, 16, tzinfo=UTC)
FILES = ("ledgers.csv", "trades.csv", "facts.jsonl")


def tour(out: Path) -> tuple[dict[str, Any], str]:
    """Make the demo's book in `out`; return the report as JSON values and as text."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / "demo.db"
    for old in out.glob("demo.db*"):
        old.unlink()
    sources = [_copied(name, out) for name in FILES]
    with Book.open(path) as book:
        imported = book.import_files(sources)
        called = book.margin(CALLED)
        margin = book.margin(datetime(YEAR, 12, 31, 23, 59, tzinfo=UTC))
        year = book.tax_year(YEAR)
        found = [finding for finding in book.check() if finding not in year.forms.findings]
        verified = book.verify()
    written = [str(file) for file in write_tax_year(year, out)]
    report = {
        "book": str(path),
        "import": imported.to_dict(),
        "margin_at_the_call": margin_json(called),
        "margin": margin_json(margin),
        "tax": year.to_dict(),
        "verify": verified.to_dict(),
        "files": written,
    }
    events = imported.head.position
    rows = sum(file.rows for file in imported.files)
    shown = [
        f"{rows} rows of an invented year at Kraken became {events} events in {path}.",
        f"\nMARGIN on {CALLED:%Y-%m-%d %H:%M} UTC\n",
        margin_text(called),
        f"\nMARGIN at the end of {YEAR}\n",
        margin_text(margin),
        f"\nTAX {YEAR}\n",
        tax_text(year),
        *_remarks(year.rows),
        *([f"\n{findings_text(found)}"] if found else []),
        f"\nWrote {', '.join(written)}",
        "\nNext:",
        f"  ./go --book {path} explain 8949:3 --year {YEAR}",
        f"  ./go --book {path} tax {YEAR} --method hifo",
        f"  ./go --book {path} verify --head {verified.head}",
    ]
    return report, "\n".join(shown)


def _remarks(rows: tuple[Row, ...]) -> list[str]:
    """What surprises people: coins that a liquidation took are sold, and their gain is taxed."""
    forced = [row for row in rows if row.of.kind == "liquidation"]
    lost = sum(row.gain for row in forced if row.gain < 0)
    return [
        f"\nRow {row.row}: the liquidation lost {usd(-lost)} and took {row.description} that cost"
        f" {usd(row.basis)} in {row.acquired:%Y}: a taxable gain of {usd(row.gain)}."
        for row in forced
        if row.gain > 0 and row.acquired is not None and lost
    ]


def _copied(name: str, out: Path) -> Path:
    """The bundled file, laid where the user can read it."""
    target = out / name
    target.write_bytes((Path(__file__).parent / name).read_bytes())
    return target

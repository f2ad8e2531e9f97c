"""The tour that `marginbook demo` gives: import a bundled year, then show margin and tax.

The book is made anew in the folder `out` each time, so the demo always ends the same way.
"""

from pathlib import Path
from typing import Any

from adapters.book import Book
from adapters.cli.render import findings_text, margin_json, margin_text, tax_text
from adapters.exporters.files import write_tax_year

YEAR = 2025
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
        margin = book.margin()
        year = book.tax_year(YEAR)
        found = book.check()
        verified = book.verify()
    written = [str(file) for file in write_tax_year(year, out)]
    report = {
        "book": str(path),
        "import": imported.to_dict(),
        "margin": margin_json(margin),
        "tax": year.to_dict(),
        "verify": verified.to_dict(),
        "files": written,
    }
    rows = sum(file.rows for file in imported.files)
    events = imported.head.position
    shown = [
        f"{rows} rows of an invented year at Kraken became {events} events in {path}.",
        "",
        margin_text(margin),
        "",
        tax_text(year),
        "",
        findings_text(found),
        "",
        f"Wrote {', '.join(written)}",
        "",
        "Next:",
        f"  ./go --book {path} explain 8949:1 --year {YEAR}",
        f"  ./go --book {path} tax {YEAR} --method hifo",
        f"  ./go --book {path} verify --head {verified.head}",
    ]
    return report, "\n".join(shown)


def _copied(name: str, out: Path) -> Path:
    """The bundled file, laid where the user can read it."""
    target = out / name
    target.write_bytes((Path(__file__).parent / name).read_bytes())
    return target

"""A tax year as files: the rows of Form 8949 as CSV, and the whole report as JSON.

The same report gives the same bytes.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import orjson

from projections.tax.us.tax_year import TaxYear

COLUMNS = (
    "row",
    "box",
    "description",
    "acquired",
    "sold",
    "proceeds",
    "basis",
    "code",
    "adjustment",
    "gain",
    "term",
    "account",
    "asset",
    "quantity",
    "lot",
    "disposal",
    "identified",
)


def write_tax_year(report: TaxYear, folder: Path, watermark: str = "") -> Iterator[Path]:
    """Write the files into `folder`, made where it is missing; yield each path.

    A `watermark` (of a paper book) stands in the files' names and first lines.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{report.year}-{report.method}"
    paper = "PAPER-" if watermark else ""
    table = folder / f"{paper}form8949-{stem}.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        if watermark:
            stream.write(f"# {watermark}\n")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in report.rows:
            shown = row.to_dict()
            writer.writerow([shown[name] for name in COLUMNS])
    yield table
    document = folder / f"{paper}tax-{stem}.json"
    marked = {"paper": True, "watermark": watermark} if watermark else {}
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    document.write_bytes(orjson.dumps({**marked, **report.to_dict()}, option=options))
    yield document

"""Another country's tax year as files: the disposals as CSV, and the whole report as JSON.

The same report gives the same bytes.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import orjson

from projections.tax.country_year import CountryYear

COLUMNS = ("sold", "asset", "quantity", "proceeds", "cost", "gain", "taxed")


def write_country_year(report: CountryYear, folder: Path) -> Iterator[Path]:
    """Write the files into `folder`, made where it is missing; yield each path."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{report.figures.country}-{report.figures.year}"
    table = folder / f"disposals-{stem}.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for disposal in report.figures.disposals:
            shown = disposal.to_dict()
            writer.writerow([shown[name] for name in COLUMNS])
    yield table
    document = folder / f"tax-{stem}.json"
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    document.write_bytes(orjson.dumps(report.to_dict(), option=options))
    yield document

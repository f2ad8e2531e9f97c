"""Another country's tax year as files: the disposals as CSV, and the whole report as JSON.

The same report gives the same bytes.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import orjson

from projections.tax.country_year import CountryYear

COLUMNS = ("sold", "asset", "quantity", "proceeds", "cost", "gain", "taxed")


def write_country_year(report: CountryYear, folder: Path, watermark: str = "") -> Iterator[Path]:
    """Write the files into `folder`, made where it is missing; yield each path.

    A `watermark` (of a paper book) stands in the files' names and first lines.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{report.figures.country}-{report.figures.year}"
    paper = "PAPER-" if watermark else ""
    table = folder / f"{paper}disposals-{stem}.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        if watermark:
            stream.write(f"# {watermark}\n")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for disposal in report.figures.disposals:
            shown = disposal.to_dict()
            writer.writerow([shown[name] for name in COLUMNS])
    yield table
    document = folder / f"{paper}tax-{stem}.json"
    marked = {"paper": True, "watermark": watermark} if watermark else {}
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    document.write_bytes(orjson.dumps({**marked, **report.to_dict()}, option=options))
    yield document

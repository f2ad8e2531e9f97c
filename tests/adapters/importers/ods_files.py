"""Spreadsheets in the OpenDocument format, small and the same at every writing.

    ods({"BTC": [["IN"], ["Timestamp", ...], [...], ["TABLE END"]]})

Texts that are numbers become cells of numbers, as programs write them.
"""

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

MIME = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?(E-?\d+)?")


def ods(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """A spreadsheet with these sheets."""
    return packed(document("".join(_sheet(name, rows) for name, rows in sheets.items())))


def document(tables: str, before: str = "") -> str:
    """The XML of a spreadsheet around its tables."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {_NAMES}>'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )


def packed(content: str | bytes, name: str = "content.xml") -> bytes:
    """The ZIP around a spreadsheet's XML: what it is comes first, not compressed."""
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr(_info("mimetype"), MIME, ZIP_STORED)
        archive.writestr(_info(name), content, ZIP_DEFLATED)
    return file.getvalue()


def _info(name: str) -> ZipInfo:
    return ZipInfo(name, (2024, 1, 1, 0, 0, 0))


def _sheet(name: str, rows: Sequence[Sequence[str]]) -> str:
    inside = "".join(
        f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows
    )
    return f"<table:table table:name={quoteattr(name)}>{inside}</table:table>"


def _cell(text: str) -> str:
    if not text:
        return "<table:table-cell/>"
    if _NUMBER.fullmatch(text):
        return (
            f'<table:table-cell office:value-type="float" office:value="{text}">'
            f"<text:p>shown</text:p></table:table-cell>"
        )
    shown = f"<text:p>{escape(text)}</text:p>"
    return f'<table:table-cell office:value-type="string">{shown}</table:table-cell>'

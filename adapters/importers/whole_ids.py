"""Ids of the venue, as a spreadsheet leaves them: of long numbers it keeps the first digits."""

from adapters.importers.table import SPREADSHEET, Misread


def whole_id(text: str, column: str) -> str:
    """The id as it stands. Raises `Misread` for one whose last digits a spreadsheet took away.

    Many ids become one such as 6.8E+17, and trades would be told anew beside those of the export.
    """
    if "E+" in text and not text.partition("E+")[0].replace(".", "").strip("0123456789"):
        raise Misread(column, text, "is an id cut short", f"W{SPREADSHEET[1:]}")
    return text

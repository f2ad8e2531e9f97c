"""Rows that could not be read: what their cells made go wrong, as a fault.

Cells may hold anything, so a venue's reading may fail in more ways than it says itself: a quotient
that does not end, a number or a date beyond all bounds, a text that is none. All of these are of
the data, so each is a fault of its row. Any other exception is an error of ours, and stays one.
"""

from adapters.importers.reading import Fault, SourceFile, Unclear
from adapters.importers.table import Misread
from domain.errors import InvalidEvent

UNREAD = (Misread, Unclear, InvalidEvent, ArithmeticError, ValueError)
"""What a row's cells may raise."""

_LONGEST = 200


def fault_of(error: Exception, file: SourceFile, line: int) -> Fault:
    """The fault of the row that raised one of `UNREAD`."""
    match error:
        case Misread():
            return error.fault(file, line)
        case Unclear():
            return Fault(
                file=file,
                line=line,
                column=error.column,
                value=error.value,
                problem=error.problem,
                hint=error.hint,
            )
        case InvalidEvent(field=field, value=value, problem=problem):
            shown = "" if value is None else str(value)
            return Fault(file=file, line=line, column=field, value=shown, problem=problem)
        case ArithmeticError():  # its text is a list of classes
            problem = f"has numbers that cannot be worked out ({type(error).__name__})"
            return Fault(file=file, line=line, problem=problem)
        case _:
            return Fault(file=file, line=line, problem=f"cannot be read ({error})"[:_LONGEST])

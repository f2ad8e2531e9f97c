"""The append-only log: record once, read in either order, verify.

`Log` is all that the rest of the house needs; the other names are what it answers with.
"""

from adapters.log.chain import Head, Settings
from adapters.log.log import Log
from adapters.log.verification import Pass, Verification
from adapters.log.writing import Answer, Conflict, Fate, Receipt, Writing

__all__ = [
    "Answer",
    "Conflict",
    "Fate",
    "Head",
    "Log",
    "Pass",
    "Receipt",
    "Settings",
    "Verification",
    "Writing",
]

"""Old stored forms, lifted to today's: pure functions from the old fields to the new type's fields.

Recorded bytes never change; a change of an event's shape adds a row here, and the golden bytes of
the old form stay in the tests for ever. A row names the stored type it reads, the type it becomes,
and how.
"""

from collections.abc import Callable
from typing import Any

Fields = dict[str, Any]

UPCASTS: dict[str, tuple[str, Callable[[Fields], Fields]]] = {}

"""Paper and real books are never mixed: which events belong into which.

What happens on paper has an account `paper/...`, its simulated prices too, so an exported paper
event names its own kind and no real book takes it; orders are of paper books alone. Both rules hold
where entries are appended: there is no way into a log around them. Decisions of the whole book
(account `book`) say nothing of a trade, and are made in either.
"""

from functools import lru_cache

from domain.account import is_paper
from domain.events import ORDERS, Event, TransferLinked, Transferred

_NAMING = {Transferred: ("to",), TransferLinked: ("out", "into")}
"""Events that name further accounts."""

_LOOKED_AT = frozenset((*ORDERS, *_NAMING))


Wrong = tuple[str, str, str]
"""A field, what was given for it, and what is wrong with that."""


def misplaced(account: str, event: Event, *, paper: bool) -> Wrong | None:
    """Why an event does not belong into a paper book, or into a real one; None: it does."""
    kind = type(event)
    placed = account == "book" or _fits(account, paper)
    if placed and kind not in _LOOKED_AT:
        return None
    if not paper and kind in ORDERS:
        return "type", kind.__name__, "is of paper books alone: a real book holds what a venue did"
    if not placed:
        return "account", account, _WRONG[paper]
    for name in _NAMING.get(kind, ()):
        named = getattr(event, name).partition("#")[0]
        if not _fits(named, paper):
            return name, named, _WRONG[paper]
    return None


@lru_cache(maxsize=1024)
def _fits(account: str, paper: bool) -> bool:
    if not paper:
        return not is_paper(account)
    return is_paper(account) and (account.count("/") == 1 or account.startswith("paper/isolated/"))


_WRONG = {
    True: "does not belong here: a paper book holds paper/NAME and paper/isolated/PAIR alone",
    False: "is simulated: paper trades never enter a real book (see `marginbook paper`)",
}

"""Which event is meant: people write its id, and its account where several have that id."""

from adapters.log.readable import Reading
from domain.errors import UnknownName
from domain.recorded import Recorded


def referred(log: Reading, reference: str, account: str | None = None) -> Recorded:
    """The event called ID or ACCOUNT#ID. Raises `UnknownName` where there is none, or several."""
    before, mark, after = reference.partition("#")
    if mark:
        account, reference = before, after
    if account is not None:
        found = log.find(account, reference)
        if found is None:
            msg = f"no event of {account} is called {reference!r}: `marginbook events` lists them"
            raise UnknownName(msg)
        return found
    named = [entry for entry in log.read(order="log") if entry.event.id == reference]
    if not named:
        msg = f"no event is called {reference!r}: `marginbook events` lists them"
        raise UnknownName(msg)
    if len(named) > 1:
        names = " or ".join(full_name(entry) for entry in named)
        msg = f"{len(named)} events are called {reference!r}: write {names}"
        raise UnknownName(msg)
    return named[0]


def full_name(recorded: Recorded) -> str:
    """ACCOUNT#ID."""
    return f"{recorded.account}#{recorded.event.id}"

"""The order of a replay: (`at`, place in the instant, position in the log)."""

from domain.events import BalanceAsserted, Event, FeeCharged, PriceObserved

_FIRST, _LATE, _LAST = -(2**60), 2**59, 2**60


def place(event: Event) -> int:
    """The event's place among those of its instant, before its position in the log decides.

    A price counts for everything of its instant, the fee of a trade comes after it and an asserted
    balance after everything, wherever their lines stood; all others go by `sequence`.
    """
    kind = type(event)
    if kind is PriceObserved:
        return _FIRST + event.sequence
    if kind is BalanceAsserted:
        return _LAST + event.sequence
    if isinstance(event, FeeCharged) and event.of is not None:
        return _LATE + event.sequence
    return event.sequence

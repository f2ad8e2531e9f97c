"""Made-up histories: any events in any order, also such as no venue would have allowed.

A history is drawn as small numbers, so that hypothesis finds the shortest one that breaks a law.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from domain import events as e
from tests.story import Story, folded, recorded

ACCOUNTS = ("kraken/main", "self/wallet")
PLACES = tuple((account, asset) for asset in "XXXY" for account in (ACCOUNTS[0], *ACCOUNTS))
POSITIONS = ("p", "q")
QUANTITIES = ("1", "2", "0.5", "3", "0.3", "0.07", "1.1", "2.00000001")
PRICES = ("100", "200", "50", "300", "99.99", "0.003", "12345.6789", "70")
FEES = ("0", "0", "1", "0.07")
FEE_IN_COIN = (Decimal(0), Decimal("0.05"))
PAUSES = (timedelta(days=40), timedelta(), timedelta(hours=5), timedelta(days=1))

Draw = tuple[int, int, int, int, int]
"""Kind, place, quantity, price, and the rest."""

Make = Callable[[dict[str, Any], str, str, Draw], e.Event]


def _fill(side: str, of: type[e.Filled] = e.Filled, position: bool = False) -> Make:
    def make(when: dict[str, Any], _: str, asset: str, draw: Draw) -> e.Event:
        rest: dict[str, Any] = {"fee": FEES[draw[4] % 4], "side": side}
        if of is e.Liquidated:
            rest["penalty"] = FEES[draw[4] // 4 % 4]
        if position:
            rest["position"] = asset + POSITIONS[draw[4] // 16 % 2]
        many = 5 if side == "buy" else 1  # so that most sales have something to sell
        return of(**when, **rest, quote="USD", price=price(draw), **units(asset, draw, many))

    return make


def _deposit(when: dict[str, Any], _: str, asset: str, draw: Draw) -> e.Event:
    """With no lot, one, two of a day and more, or one that lacks units."""
    quantity = Decimal(QUANTITIES[draw[2]]) * 5
    parts = {0: [quantity], 1: [], 2: [quantity / 4] * 4, 3: [quantity / 2]}[draw[4] % 4]
    day = (when["at"] - timedelta(days=draw[4] // 4)).date()
    lots = [{"acquired": day, "quantity": part, "basis": price(draw)} for part in parts]
    return e.Deposited(**when, asset=asset, quantity=quantity, lots=lots)  # type: ignore[arg-type]


def _settle(when: dict[str, Any], _: str, asset: str, draw: Draw) -> e.Event:
    position = asset + POSITIONS[draw[4] // 16 % 2]
    return e.PositionSettled(
        **when, position=position, quote="USD", amount=price(draw), **units(asset, draw)
    )


def _transfer(when: dict[str, Any], account: str, asset: str, draw: Draw) -> e.Event:
    to = ACCOUNTS[1 - ACCOUNTS.index(account)]
    return e.Transferred(**when, to=to, fee=FEE_IN_COIN[draw[4] % 2], **units(asset, draw))


def units(asset: str, draw: Draw, many: int = 1) -> dict[str, Any]:
    return {"asset": asset, "quantity": Decimal(QUANTITIES[draw[2]]) * many}


def price(draw: Draw) -> Any:
    return PRICES[draw[3]]


KINDS: dict[str, Make] = {
    "buy": _fill("buy"),
    "sell": _fill("sell"),
    "deposit": _deposit,
    "borrow": lambda when, _, asset, draw: e.Borrowed(**when, **units(asset, draw)),
    "repay": lambda when, _, asset, draw: e.Repaid(
        **when, interest=FEE_IN_COIN[draw[4] % 2], **units(asset, draw)
    ),
    "sell again": _fill("sell"),
    "buy again": _fill("buy"),
    "transfer": _transfer,
    "price": lambda when, _, asset, draw: e.PriceObserved(
        **when, asset=asset, quote="USD", price=price(draw)
    ),
    "long": _fill("buy", position=True),
    "short": _fill("sell", position=True),
    "settle": _settle,
    "interest": lambda when, _, asset, draw: e.InterestCharged(
        **when, settled=("balance", "debt")[draw[4] % 2], **units(asset, draw)
    ),
    "income": lambda when, _, asset, draw: e.IncomeReceived(
        **when, kind="staking", value=(price(draw), None)[draw[4] % 2], **units(asset, draw)
    ),
    "liquidate": _fill("sell", e.Liquidated),
    "liquidate a position": _fill("sell", e.Liquidated, position=True),
    "withdraw": lambda when, _, asset, draw: e.Withdrawn(
        **when, fee=FEE_IN_COIN[draw[4] % 2], **units(asset, draw)
    ),
}


def story(draws: Iterable[Draw], kinds: Sequence[str] = tuple(KINDS)) -> Story:
    """The history that these numbers say."""
    events: list[tuple[str, e.Event]] = []
    at = datetime(2025, 1, 1, 12, tzinfo=UTC)
    for i, draw in enumerate(draws, 1):
        at += PAUSES[draw[4] // 4 % 4]
        account, asset = PLACES[draw[1]]
        when = {"at": at, "id": f"e{i}", "sequence": draw[4] // 16 % 3}
        events.append((account, KINDS[kinds[draw[0] % len(kinds)]](when, account, asset, draw)))
    return recorded(events)


def histories(kinds: Sequence[str] = tuple(KINDS), size: int = 40) -> st.SearchStrategy[Story]:
    """Histories of these kinds of event, in which anything may happen."""
    draw = st.tuples(
        st.integers(0, len(kinds) - 1),
        st.integers(0, len(PLACES) - 1),
        st.integers(0, len(QUANTITIES) - 1),
        st.integers(0, len(PRICES) - 1),
        st.integers(0, 63),
    )
    return st.lists(draw, max_size=size).map(lambda draws: story(draws, kinds))


def lawful(*without: str) -> st.SearchStrategy[Story]:
    """Histories that a venue would have allowed."""
    return histories([kind for kind in KINDS if kind not in without]).map(possible)


# Made lawful -------------------------------------------------------------------------------------

IMPOSSIBLE = {"negative_balance", "repaid_more_than_owed", "repaid_own_units", "unknown_position"}


def possible(book: Story) -> Story:
    """The history with no more gone than there was; a second between events, a price for each."""
    events: list[tuple[str, e.Event]] = []
    for i, told in enumerate(book.replayed):
        at = told.event.at + timedelta(seconds=i)
        asset = getattr(told.event, "asset", "X")
        said = {"asset": asset, "quote": "USD", "price": PRICES[i % len(PRICES)]}
        events.append(("book", e.PriceObserved(at=at, id=f"price {i}", **said)))  # type: ignore[arg-type]
        events.append((told.account, evolve(told.event, at=at)))
    while True:
        book = recorded(events)
        fold = folded(book)
        found = (*fold.findings.all(), *fold.balances.findings.all())
        wrong = {f.event for f in found if f.kind in IMPOSSIBLE and f.asset != "USD"}
        wrong |= {f.event for f in found if "never came in" in f.problem}
        if not wrong:
            return book
        events = [(account, event) for account, event in events if event.id not in wrong]


def flattened(book: Story) -> Story:
    """The history and a last day: positions closed, loans repaid, everything sold."""
    fold = folded(book)
    after = book.replayed[-1].event.at if book.log else datetime(2023, 1, 1, tzinfo=UTC)
    end: list[tuple[str, e.Event]] = []

    def add(account: str, kind: type[e.Event], **fields: Any) -> None:
        at = after + timedelta(seconds=1 + len(end))
        end.append((account, kind(at=at, id=f"end {len(end)}", **fields)))

    for account in fold.balances.accounts.values():
        for name, position in account.positions.items():
            side = "sell" if position.side == 1 else "buy"
            trade = {"asset": position.asset, "quantity": position.quantity, "side": side}
            add(account.name, e.Filled, **trade, quote="USD", price="77.7", position=name)
        for asset in ("X", "Y"):
            owed = account.owed.get(asset, 0)
            held = account.held.get(asset, 0)
            trade = {"asset": asset, "quote": "USD", "price": "88.8"}
            if owed > held:
                add(account.name, e.Filled, **trade, side="buy", quantity=owed - held)
            if owed:
                add(account.name, e.Repaid, asset=asset, quantity=owed)
            if held > owed:
                add(account.name, e.Filled, **trade, side="sell", quantity=held - owed)
    return recorded([(r.account, r.event) for r in book.log] + end)

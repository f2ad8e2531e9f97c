"""Made-up histories: any events in any order, also such as no venue would have allowed.

A history is drawn as small numbers, so that hypothesis finds the shortest one that breaks a law.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from domain import events as e
from tests.story import Story, folded, recorded

ACCOUNTS = ("kraken/main", "self/wallet", "okx/main")
COINS = ("X", "Y", "Z")
PLACES = tuple((account, asset) for asset in "XXXYZ" for account in (ACCOUNTS[0], *ACCOUNTS))
POSITIONS = ("p", "q")
QUANTITIES = ("1", "2", "0.5", "3", "0.3", "0.07", "1.1", "2.00000001")
PRICES = ("100", "200", "50", "300", "99.99", "0.003", "12345.6789", "70")
RATES = ("1", "0.5", "2")
FEES = ("0", "0", "1", "0.07")
FEE_IN_COIN = (Decimal(0), Decimal("0.05"))
PAUSES = (timedelta(days=40), timedelta(), timedelta(hours=5), timedelta(days=1))
BEGUN = datetime(2025, 1, 1, 12, tzinfo=UTC)

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
    others = [other for other in ACCOUNTS if other != account]
    to = others[draw[4] // 2 % 2]
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


# Coin for coin, and fees in anything -------------------------------------------------------------


def _swap(side: str, position: bool = False) -> Make:
    """A trade for USD or another coin, whose fee is in any coin."""

    def make(when: dict[str, Any], _: str, asset: str, draw: Draw) -> e.Event:
        quote = ("USD", *(coin for coin in COINS if coin != asset))[0 if position else draw[3] % 3]
        rest: dict[str, Any] = {"price": RATES[draw[2] % 3], "quote": quote}
        if draw[4] % 4:
            rest |= {"fee": "0.01", "fee_asset": ("USD", *COINS)[draw[4] // 16 % 4]}
        if position:
            rest["position"] = asset + POSITIONS[draw[3] % 2]
        many = 5 if side == "buy" else 1
        return e.Filled(**when, **rest, side=side, **units(asset, draw, many))

    return make


EXCHANGES: dict[str, Make] = {
    "swap in": _swap("buy"),
    "swap out": _swap("sell"),
    "long with a fee in coin": _swap("buy", position=True),
    "short with a fee in coin": _swap("sell", position=True),
    "spend": lambda when, _, asset, draw: e.Withdrawn(
        **when, purpose="spent", fee=FEE_IN_COIN[draw[4] % 2], **units(asset, draw)
    ),
    "fee": lambda when, _, asset, draw: e.FeeCharged(**when, asset=asset, quantity=Decimal("0.02")),
}

# What is said of an earlier event ----------------------------------------------------------------

Told = list[tuple[str, e.Event]]
Say = Callable[[Told, dict[str, Any], str, Draw], tuple[str, e.Event]]


CHARGED = (e.Filled, e.Withdrawn, e.IncomeReceived)


def _fee_of_a_trade(
    told: Told, when: dict[str, Any], asset: str, draw: Draw
) -> tuple[str, e.Event]:
    """A further fee of the last event that had one."""
    found = [(account, event.id) for account, event in told if isinstance(event, CHARGED)]
    return _fee(found, when, draw)


def _fee_of_a_fee(told: Told, when: dict[str, Any], asset: str, draw: Draw) -> tuple[str, e.Event]:
    """What paying the last further fee cost, unless that was itself a cost of paying one."""
    return _fee(_fees_of_trades(told), when, draw)


def _same_fee_of_a_fee(
    told: Told, when: dict[str, Any], asset: str, draw: Draw
) -> tuple[str, e.Event]:
    """The same, in USD or in the fee's own coin."""
    account, fee = _fee(_fees_of_trades(told), when, draw)
    coins = [event.asset for _, event in told if event.id == fee.of]  # type: ignore[attr-defined]
    return account, evolve(fee, asset=[*coins, "USD"][draw[4] % 2 - 1])


def _fees_of_trades(told: Told) -> list[tuple[str, str]]:
    trades = {event.id: event for _, event in told if isinstance(event, CHARGED)}
    return [
        (account, event.id)
        for account, event in told
        if isinstance(event, e.FeeCharged)
        and event.of in trades
        and event.asset != _paid_in(trades[event.of])
    ]


def _paid_in(event: e.Event) -> str:
    """The coin in which an event's own fee was paid."""
    if isinstance(event, e.Filled):
        return (event.fee_asset or event.quote) if event.fee else ""
    return event.asset if isinstance(event, e.Withdrawn) and event.fee else ""


def _fee(of: list[tuple[str, str]], when: dict[str, Any], draw: Draw) -> tuple[str, e.FeeCharged]:
    account, event = of[-1] if of else (ACCOUNTS[0], None)
    coin = ("USD", *COINS)[draw[4] % 4]
    return account, e.FeeCharged(**when, asset=coin, quantity=Decimal("0.01"), of=event)


GOING = (e.Filled, e.Transferred, e.Withdrawn, e.Repaid, e.InterestCharged)


def _pick(told: Told, when: dict[str, Any], asset: str, draw: Draw) -> tuple[str, e.Event]:
    """Lots were picked for one of the last events: before it, at its very instant, or too late."""
    going = [(account, event) for account, event in told if isinstance(event, GOING)]
    if not going:
        return "book", e.LotsIdentified(**when, disposal="none", picks=_picks(["none"], draw))
    account, event = going[-1 - draw[1] % min(len(going), 3)]
    bought = isinstance(event, e.Filled) and event.side == "buy"
    gives = event.quote if isinstance(event, e.Filled) and bought else event.asset
    made = [(by, _lot_of(event, gives)) for by, event in told]
    lots = [(name, f"{by}#{name}")[draw[2] % 2] for by, name in made if name] or ["none"]
    early = (timedelta(), timedelta(), timedelta(hours=-1), timedelta(microseconds=1))
    pick = e.LotsIdentified(
        **when | {"at": event.at + early[draw[4] % 4]},
        disposal=event.id,
        picks=_picks([lots[-1 - draw[3] % len(lots)], lots[draw[4] // 4 % len(lots)]], draw),
        told_broker=draw[4] // 16 % 2 == 1,
    )
    return (account, "book")[draw[1] // 3 % 2], pick


def _picks(lots: list[str], draw: Draw) -> Any:
    return [{"lot": name, "quantity": QUANTITIES[draw[2]]} for name in sorted({*lots})]


def _lot_of(event: e.Event, asset: str) -> str | None:
    """A lot of the asset that an event made."""
    if isinstance(event, e.Deposited):
        several = len(event.lots) > 1 or (event.lots and event.lots[0].quantity < event.quantity)
        name = f"{event.id}/2" if several else event.id
        return name if event.asset == asset else None
    if isinstance(event, e.Filled) and event.side == "sell":
        return event.id if event.quote == asset else None
    if isinstance(event, e.Filled | e.IncomeReceived):
        return event.id if event.asset == asset else None
    return None


def _order(told: Told, when: dict[str, Any], asset: str, draw: Draw) -> tuple[str, e.Event]:
    account = ("book", *ACCOUNTS)[draw[1] % 4]
    method = ("hifo", "lifo", "lofo", "fifo")[draw[2] % 4]
    about = (None, asset)[draw[3] % 2]
    told_broker = draw[4] // 16 % 2 == 1
    return account, e.MethodElected(**when, method=method, asset=about, told_broker=told_broker)


def _open(told: Told, when: dict[str, Any], asset: str, draw: Draw) -> tuple[str, e.Event]:
    """Custody changes, each time at an instant of its own."""
    when = when | {"at": when["at"] + timedelta(microseconds=len(told))}
    custody = ("self", "broker")[draw[2] % 2]
    return ACCOUNTS[draw[1] % 3], e.AccountOpened(**when, mode="spot", custody=custody)


def _scope(told: Told, when: dict[str, Any], asset: str, draw: Draw) -> tuple[str, e.Event]:
    value = ("account", "universal")[draw[2] % 2]
    return "book", e.PolicySet(**when, name="basis_scope", value=value)


SAYINGS: dict[str, Say] = {
    "scope": _scope,
    "fee of a trade": _fee_of_a_trade,
    "fee of a fee": _fee_of_a_fee,
    "fee of a fee in its own coin": _same_fee_of_a_fee,
    "pick": _pick,
    "order": _order,
    "open": _open,
}


# Told ---------------------------------------------------------------------------------------------


def story(
    draws: Iterable[Draw],
    kinds: Sequence[str] = tuple(KINDS),
    begun: datetime = BEGUN,
    zone: str = "UTC",
    priced: int = 0,
) -> Story:
    """The history that these numbers say; `priced`: how many coins have a price at each event."""
    events: list[tuple[str, e.Event]] = []
    at = begun
    for i, draw in enumerate(draws, 1):
        at += PAUSES[draw[4] // 4 % 4]
        account, asset = PLACES[draw[1]]
        when: dict[str, Any] = {"at": at, "id": f"e{i}", "sequence": draw[4] // 16 % 3}
        kind = kinds[draw[0] % len(kinds)]
        if kind in SAYINGS:
            events.append(SAYINGS[kind](events, when, asset, draw))
        else:
            events.append((account, (KINDS | EXCHANGES)[kind](when, account, asset, draw)))
        if priced:
            events += [("book", said) for said in _prices(when["at"], i, draw, priced)]
    return recorded(events, zone)


def _prices(at: datetime, number: int, draw: Draw, many: int) -> Iterator[e.Event]:
    """A price of all coins, or of so many."""
    for i in range(many):
        coin = COINS[(draw[2] + i) % len(COINS)]
        said = {"asset": coin, "quote": "USD", "price": PRICES[(draw[3] + i) % len(PRICES)]}
        yield e.PriceObserved(at=at, id=f"price {number} {coin}", **said)  # type: ignore[arg-type]


def histories(
    kinds: Sequence[str] = tuple(KINDS),
    size: int = 40,
    begun: Sequence[datetime] = (BEGUN,),
    zones: Sequence[str] = ("UTC",),
    priced: int = 0,
    places: int = len(PLACES),
) -> st.SearchStrategy[Story]:
    """Histories of these kinds of event, in the first so many places; anything may happen."""
    draw = st.tuples(
        st.integers(0, len(kinds) - 1),
        st.integers(0, places - 1),
        st.integers(0, len(QUANTITIES) - 1),
        st.integers(0, len(PRICES) - 1),
        st.integers(0, 63),
    )
    return st.builds(
        lambda draws, at, zone: story(draws, kinds, at, zone, priced),
        st.lists(draw, max_size=size),
        st.sampled_from(begun),
        st.sampled_from(zones),
    )


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
        for asset in COINS:
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

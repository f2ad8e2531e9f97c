"""One account's trail in the making: its lights, and how each asset began and went on."""

from datetime import datetime
from decimal import Decimal

from domain.account import Account
from domain.event import Event
from domain.events import BalanceAsserted, ImportRecorded
from domain.money import CASH, ZERO
from domain.recorded import Recorded
from projections.trail_report import (
    AMBER,
    GREEN,
    GREY,
    RED,
    BalanceLight,
    Beginning,
    ImportLight,
    Light,
    Trail,
    Unvouched,
)


class AccountTrail:
    """One account's lights in the making."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.told: dict[int, Recorded] = {}
        """The imports that told events of it, by position."""
        self._assets: dict[str, AssetTrail] = {}
        self._balances: list[BalanceLight] = []
        self._since = 0

    def compare(self, account: Account, event: Event, assets: tuple[str, ...]) -> None:
        """Count an event that moved some of these assets."""
        moved = False
        for asset in assets:
            held = account.held.get(asset, ZERO)
            known = self._assets.get(asset)
            if held == (ZERO if known is None else known.held):
                continue
            if known is None:
                known = self._assets[asset] = AssetTrail(event)
            known.move(held, event.at)
            moved = True
        self._since += moved

    def vouch(self, event: BalanceAsserted, off: Decimal) -> None:
        """Add the light of an asserted balance, which goes beyond the book's by `off`."""
        known = self._assets.get(event.asset)
        if known is None:
            known = self._assets[event.asset] = AssetTrail(event)
        known.vouch(event.at, off)
        self._since = 0
        self._balances.append(
            BalanceLight(
                at=event.at,
                status=RED if off else GREEN,
                asset=event.asset,
                asserted=event.quantity,
                held=known.held,
                difference=off,
                event=event.id,
            )
        )

    def trail(self) -> Trail:
        """What vouches for the account."""
        imports = [_import_light(self.told[position]) for position in sorted(self.told)]
        lights: list[Light] = [*self._balances, *imports]
        lights.sort(key=lambda light: light.at)
        assets = sorted(self._assets.items())
        unvouched = tuple(known.unvouched(name) for name, known in assets if known.events)
        beginnings = tuple(known.beginning(name) for name, known in assets)
        doubtful = (
            any(light.status == AMBER for light in imports)
            or any(begun.from_zero is False for begun in beginnings)
            or (bool(self._balances) and any(one.held for one in unvouched))
        )
        if any(light.status == RED for light in self._balances):
            status = RED
        elif doubtful:
            status = AMBER
        else:
            status = GREY if assets and not self._balances else GREEN
        return Trail(
            account=self.name,
            status=status,
            lights=tuple(lights),
            unvouched=unvouched,
            beginnings=beginnings,
            vouched=self._balances[-1].at if self._balances else None,
            events_since=self._since,
        )


class AssetTrail:
    """What is known of one asset of an account."""

    __slots__ = (
        "begun", "differs", "event", "events", "first", "held", "lights", "since", "steady",
        "until", "untold",
    )  # fmt: skip

    def __init__(self, first: Event) -> None:
        self.event = first.id
        self.first = self.until = first.at
        self.held = ZERO
        self.begun = ZERO
        """What was held when the first instant was over."""
        self.events = 0
        """How many events moved it since its last light."""
        self.since: datetime | None = None
        self.lights = 0
        self.differs = ZERO
        """By how much the first light differs."""
        self.steady = True
        """Whether all others differ by as much."""
        self.untold = False
        """Whether something was said to be held before anything had moved."""

    def move(self, held: Decimal, at: datetime) -> None:
        """An event left so much."""
        self.held = held
        self.events += 1
        self.until = at
        if at == self.first:
            self.begun = held

    def vouch(self, at: datetime, off: Decimal) -> None:
        """A balance was asserted that goes beyond the book's by `off`."""
        if not self.lights:
            self.differs = off
            self.untold = bool(off) and not self.events
        self.steady &= off == self.differs
        self.lights += 1
        self.since = at
        self.events = 0

    def unvouched(self, name: str) -> Unvouched:
        """What no light vouches for."""
        return Unvouched(
            asset=name, since=self.since, until=self.until, events=self.events, held=self.held
        )

    def beginning(self, name: str) -> Beginning:
        """Whether the book holds all of its history."""
        from_zero = None
        if self.lights and not self.differs:
            from_zero = True
        elif self.untold or (self.begun < 0 and name not in CASH):
            from_zero = False
        lacking = self.differs if self.steady and self.lights > 1 and self.differs else None
        return Beginning(
            asset=name, at=self.first, event=self.event, from_zero=from_zero, lacking=lacking
        )


def _import_light(recorded: Recorded) -> ImportLight:
    event = recorded.event
    assert isinstance(event, ImportRecorded)  # noqa: S101 - no other kind is kept
    return ImportLight(
        at=event.at,
        status=AMBER if event.findings or event.remarks else GREEN,
        file=event.file,
        sha256=event.sha256,
        format=event.format,
        rows=event.rows,
        recorded=event.recorded,
        known=event.known,
        ignored=event.ignored,
        findings=event.findings,
        remarks=event.remarks,
        event=event.id,
    )

"""What is still open: lots, and shorts that wait for their delivery."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from attrs import frozen

from domain.lot import long_term
from projections.lots import LotBook
from projections.property import Property
from projections.report import Report
from projections.shorts import Short


@frozen(kw_only=True)
class HeldLot(Report):
    """What is left of a lot. `basis` is the exact total in USD, None where nobody has stated it.

    `lot` is the id of the event that acquired it; `acquired` its day in the book's tax zone, None
    where nobody knows; `position` the leveraged position it belongs to, "" for owned units.
    """

    account: str
    asset: str
    lot: str
    acquired: date | None
    quantity: Decimal
    basis: Decimal | None
    acquired_at: datetime
    position: str

    def term(self, sold: date) -> str:
        """Its term if it were sold on a day: `short` or `long`."""
        return "long" if long_term(self.acquired or self.acquired_at.date(), sold) else "short"


@frozen(kw_only=True)
class OpenShort(Report):
    """Units sold short and not yet delivered: their share of the net proceeds in USD, if known.

    `covered`: units to deliver have been bought and are set aside.
    """

    account: str
    asset: str
    opened: date
    quantity: Decimal
    proceeds: Decimal | None
    event: str
    position: str
    covered: bool


@frozen(kw_only=True)
class LotsReport(Report):
    """Everything open under one method, by account and asset, in the order in which it would go."""

    method: str
    lots: tuple[HeldLot, ...]
    shorts: tuple[OpenShort, ...]


def inventory(book: LotBook, property: Property) -> LotsReport:  # noqa: A002
    """What is open after a replay."""
    return LotsReport(method=book.method, lots=tuple(_lots(book)), shorts=tuple(_shorts(property)))


def _lots(book: LotBook) -> Iterator[HeldLot]:
    for (account, asset, position), open_lot in book.open():
        lot = open_lot.lot
        yield HeldLot(
            account=account,
            asset=asset,
            lot=lot.id,
            acquired=lot.day,
            quantity=open_lot.quantity,
            basis=open_lot.basis if lot.stated else None,
            acquired_at=lot.acquired,
            position=position,
        )


def _shorts(property: Property) -> Iterator[OpenShort]:  # noqa: A002
    for (account, asset, position), loan in sorted(property.loans.items()):
        pieces: list[tuple[Short, bool]] = [(cover.short, True) for cover in loan.covers]
        pieces += [(short, False) for short in loan.shorts]
        for short, covered in pieces:
            yield OpenShort(
                account=account,
                asset=asset,
                opened=short.opened_day,
                quantity=short.quantity,
                proceeds=short.proceeds,
                event=short.event,
                position=position,
                covered=covered,
            )

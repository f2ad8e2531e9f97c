"""Transfers: the legs that are linked, those that the rules pair, and those that are left alone.

Each leg stands in one place. Left out are money that comes from a bank or goes to one without any
candidate, and what is no end of a transfer at all (transfer_legs.py).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import frozen

from domain.events import TransferLinked
from domain.money import CASH, ZERO, plain, total
from projections.decisions import named
from projections.findings import Finding
from projections.report import Report
from projections.transfers.transfer_candidates import Candidates, linkable
from projections.transfers.transfer_legs import Leg, Legs, in_order
from projections.transfers.transfer_pairs import Pair, duration, pairs_of


@frozen(kw_only=True)
class TransferPair(Report):
    """Two legs that a rule pairs and nobody linked. `apart`: seconds from sent to arrived."""

    out: str
    into: str
    asset: str
    sent: Decimal
    arrived: Decimal
    fee: Decimal
    rule: str
    apart: int


@frozen(kw_only=True)
class LinkedTransfer(Report):
    """Two legs that are linked, and the `transfer_linked` that says so (an id of account `book`).

    What is None is not known: that leg is not in the book.
    """

    out: str
    into: str
    asset: str
    sent: Decimal | None
    arrived: Decimal | None
    fee: Decimal | None
    link: str
    note: str
    apart: int | None


@frozen(kw_only=True)
class TransferCandidate(Report):
    """A leg that may be the other one. `apart`: seconds from sent to arrived.

    `link` is the command that links the two; empty where it would be refused.
    """

    leg: str
    quantity: Decimal
    apart: int
    link: str


@frozen(kw_only=True)
class UnpairedLeg(Report):
    """A leg without another one. `direction` is `out` or `in`."""

    leg: str
    direction: str
    account: str
    asset: str
    quantity: Decimal
    at: datetime
    candidates: tuple[TransferCandidate, ...]


@frozen(kw_only=True)
class TransfersReport(Report):
    """Every transfer between two accounts of the book that is told as two legs."""

    pairs: tuple[TransferPair, ...]
    linked: tuple[LinkedTransfer, ...]
    unpaired: tuple[UnpairedLeg, ...]


class Transfers:
    """What becomes of each leg."""

    def __init__(self, legs: Legs) -> None:
        self._legs = legs
        self.pairs: list[Pair] = pairs_of(legs.outs, legs.ins, legs.parted)
        done = {leg.name for pair in self.pairs for leg in (pair.out, pair.into)}
        outs = [leg for leg in sorted(legs.outs, key=in_order) if leg.name not in done]
        ins = [leg for leg in sorted(legs.ins, key=in_order) if leg.name not in done]
        candidates = Candidates(outs, ins, legs.parted)
        self._outs = [
            (out, found) for out in outs if (found := candidates.into(out)) or _is_coin(out)
        ]
        self._ins = [
            (into, found) for into in ins if (found := candidates.out_of(into)) or _is_coin(into)
        ]

    def report(self) -> TransfersReport:
        """All of it, by time."""
        return TransfersReport(
            pairs=tuple(_paired(pair) for pair in self.pairs),
            linked=tuple(self._linked()),
            unpaired=tuple(
                [_unpaired(out, "out", ((out, into) for into in ins)) for out, ins in self._outs]
                + [_unpaired(into, "in", ((out, into) for out in outs)) for into, outs in self._ins]
            ),
        )

    def findings(self) -> tuple[Finding, ...]:
        """What wants a decision: pairs that are not linked, legs that have candidates.

        A deposit that a withdrawal's finding names has none of its own. Coins that came from
        nowhere have a `missing_basis`; coins that went to nowhere are told together, as `info`.
        """
        named_there = {into.name for _, ins in self._outs for into in ins}
        return (
            *(_not_linked(pair) for pair in self.pairs),
            *(_sent(out, ins) for out, ins in self._outs if ins),
            *(
                _came(into, outs)
                for into, outs in self._ins
                if outs and into.name not in named_there
            ),
            *_left_the_book([out for out, ins in self._outs if not ins]),
        )

    def _linked(self) -> Iterator[LinkedTransfer]:
        for recorded in self._legs.decisions.links:
            event = recorded.event
            if isinstance(event, TransferLinked):
                out = self._legs.linked.get(named(event.out))
                into = self._legs.linked.get(named(event.into))
                yield LinkedTransfer(
                    out=event.out,
                    into=event.into,
                    asset=out.asset if out else into.asset if into else "",
                    sent=out.quantity if out else None,
                    arrived=into.quantity if into else None,
                    fee=out.fee if out else None,
                    link=event.id,
                    note=event.note,
                    apart=_seconds(into.at - out.at) if out and into else None,
                )


def _is_coin(leg: Leg) -> bool:
    return leg.asset not in CASH


def _seconds(time: timedelta) -> int:
    """Whole seconds, towards zero."""
    whole = abs(time) // timedelta(seconds=1)
    return whole if time >= timedelta(0) else -whole


def _paired(pair: Pair) -> TransferPair:
    return TransferPair(
        out=pair.out.full_name,
        into=pair.into.full_name,
        asset=pair.out.asset,
        sent=pair.out.quantity,
        arrived=pair.into.quantity,
        fee=pair.out.fee,
        rule=pair.rule,
        apart=_seconds(pair.apart),
    )


def _unpaired(leg: Leg, direction: str, legs: Iterable[tuple[Leg, Leg]]) -> UnpairedLeg:
    return UnpairedLeg(
        leg=leg.full_name,
        direction=direction,
        account=leg.account,
        asset=leg.asset,
        quantity=leg.quantity,
        at=leg.at,
        candidates=tuple(
            TransferCandidate(
                leg=(into if leg is out else out).full_name,
                quantity=(into if leg is out else out).quantity,
                apart=_seconds(into.at - out.at),
                link=_link(out, into) if linkable(out, into) else "",
            )
            for out, into in legs
        ),
    )


# Findings -----------------------------------------------------------------------------------------


def _finding(leg: Leg, problem: str, hint: str, severity: str = "warning") -> Finding:
    """Of money it is no more than `info`: no lots go with it."""
    return Finding(
        kind="unpaired_transfer",
        account=leg.account,
        asset=leg.asset,
        at=leg.at,
        event=leg.id,
        problem=problem,
        hint=hint,
        severity="info" if leg.asset in CASH else severity,
    )


def _not_linked(pair: Pair) -> Finding:
    problem = f"{_units(pair.out)} left for {_told(pair.out, pair.into)}: {pair.words}, not linked"
    hint = f"{_link(pair.out, pair.into)}, or all that are found: marginbook link --found"
    return _finding(pair.out, problem, hint)


def _sent(out: Leg, ins: Iterable[Leg]) -> Finding:
    found = "; ".join(_told(out, into) for into in ins)
    problem = f"{_units(out)} left, and which deposit they became is not known. Near: {found}"
    return _finding(out, problem, _hint([(out, into) for into in ins]))


def _came(into: Leg, outs: Iterable[Leg]) -> Finding:
    found = "; ".join(_told(into, out) for out in outs)
    problem = f"{_units(into)} came, and which withdrawal they were is not known. Near: {found}"
    return _finding(into, problem, _hint([(out, into) for out in outs]))


def _left_the_book(outs: list[Leg]) -> Iterator[Finding]:
    """Coins that went to where the book does not see them: of each account and asset at once."""
    together: dict[tuple[str, str], list[Leg]] = {}
    for out in outs:
        together.setdefault((out.account, out.asset), []).append(out)
    for legs in together.values():
        units = ZERO
        for leg in legs:
            units = total(units, leg.quantity)
        times = "once" if len(legs) == 1 else f"{len(legs)} times, the last time here"
        yield _finding(
            legs[-1],
            f"{plain(units)} {legs[0].asset} left the book ({times}):"
            " they count as sent to a wallet of your own outside of it",
            "if they were spent or given away: void the withdrawal, and record it under a new id"
            " with `purpose` spent, gift or donation",
            "info",
        )


def _units(leg: Leg) -> str:
    return f"{plain(leg.quantity)} {leg.asset}"


def _told(leg: Leg, other: Leg) -> str:
    """The other leg as it stands to this one."""
    apart = other.at - leg.at
    when = "at the same time"
    if _seconds(apart):
        when = f"{duration(apart)} {'later' if apart > timedelta(0) else 'earlier'}"
    return f"{other.full_name} ({plain(other.quantity)}, {when})"


def _link(out: Leg, into: Leg) -> str:
    return f"marginbook link {out.full_name} {into.full_name}"


def _hint(legs: list[tuple[Leg, Leg]]) -> str:
    """The command for the nearest that can be linked, else why none can."""
    for out, into in legs:
        if linkable(out, into):
            return f"if they are one transfer: {_link(out, into)}"
    out, into = legs[0]
    if into.quantity > out.quantity:
        return "more came than left, so they cannot be linked: is the amount sent told in full?"
    return "it came before it left, so they cannot be linked: are both files in the same time zone?"

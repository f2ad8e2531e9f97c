"""What transactions mean as events: one reading for every tool's files.

What needs no memory is read in transaction_events.py. Here is what does: repayments (how much of a
row is principal), net results and doubles (remarked on). What several rows tell together (movements
of one id) is put together first.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.importers.generic import transaction_events as events
from adapters.importers.generic.transaction import Part, Transaction
from adapters.importers.group import Group
from adapters.importers.layout import Accounts
from adapters.importers.statement import Meaning
from domain.events import Borrowed, ContractSettled, Repaid
from domain.money import ZERO

Reading = Callable[[Group, Transaction, str], None]


class TransactionMeaning(Meaning):
    """The reading of transactions, for one import."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts)
        self._readings: dict[str, Reading] = {
            "deposited": events.deposited,
            "withdrawn": events.withdrawn,
            "transferred": events.transferred,
            "income_received": events.income,
            "filled": events.filled,
            "liquidated": events.liquidated,
            "fee_charged": events.fee,
            "interest_charged": events.interest,
            "funding_settled": events.funding,
            "borrowed": self._borrowed,
            "repaid": self._repaid,
            "contract_settled": self._contract,
        }
        self._owed: dict[tuple[str, str], Decimal] = {}
        """What these files have lent so far and not taken back, by account and asset."""
        self._net: set[tuple[str, str]] = set()
        """Accounts and contracts of which a net result was remarked on."""
        self._unpaid: set[str] = set()
        """Accounts of which a fee was remarked on that rows only mention."""
        self._at: datetime | None = None
        self._told: dict[tuple[Any, ...], Transaction] = {}
        """What was told of the present instant."""

    def read(self, group: Group) -> str | None:
        told = self.transaction(group)
        if told.received is None and told.sent is None and not told.fees:
            return "nothing moved"
        word, _, detail = told.kind.partition(" ")
        if word == "ignored":
            return detail or "ignored"
        self._readings[word](group, told, detail)
        self._look_for_double(group, told)
        if told.unpaid and told.account not in self._unpaid:
            self._unpaid.add(told.account)
            group.remark(
                "tells a fee in a third asset, which is not taken here",
                "CoinTracking takes such fees by rows of type Other Fee: are they in this account?",
                value=told.unpaid,
            )
        return None

    def transaction(self, group: Group) -> Transaction:
        """What a group's rows tell together. Raises `Unclear`."""
        told: Transaction = group.first
        return told

    def _look_for_double(self, group: Group, told: Transaction) -> None:
        """Remark on a transaction that is told twice, once with an id and once without."""
        if told.at != self._at:
            self._at = told.at
            self._told.clear()
        what = (told.account, told.to, told.kind, told.received, told.sent, told.fees)
        before = self._told.setdefault(what, told)
        if bool(before.told_id) != bool(told.told_id):
            with_or_without = "with" if before.told_id else "without"
            group.remark(
                f"says the same as {before.file.name}:{before.line},"
                f" which is {with_or_without} an id",
                "Is one transaction told twice, by an interface and by a file? Both are recorded:"
                " void one of them",
                value=told.told_id or before.told_id,
            )

    def _borrowed(self, group: Group, told: Transaction, _: str) -> None:
        part = events.only_received(told)
        name = (told.account, part.asset)
        self._owed[name] = self._owed.get(name, ZERO) + part.quantity
        events.add(group, told, Borrowed, part)
        events.charge(group, told, told.fees)

    def _repaid(self, group: Group, told: Transaction, _: str) -> None:
        """Principal, as far as these files know of any; what goes beyond it is interest.

        Where they know of no loan they begin in the middle: all of it is principal.
        """
        quantity, asset = events.only_sent(told)
        owed = self._owed.get((told.account, asset), ZERO)
        principal = min(quantity, owed) or quantity
        self._owed[told.account, asset] = max(owed - quantity, ZERO)
        if principal < quantity:
            group.remark(
                f"repays {quantity:f} {asset} where these files know of {owed:f} owed:"
                f" the rest, {quantity - principal:f}, is read as interest",
                "Is a loan missing? Give the earlier files along",
            )
        part = Part(principal, asset)
        events.add(group, told, Repaid, part, interest=quantity - principal)
        events.charge(group, told, told.fees)

    def _contract(self, group: Group, told: Transaction, contract: str) -> None:
        """A result without the trades behind it: what was gained or lost, and nothing else."""
        contract = contract or "margin"
        asset, amount = events.result(told)
        fee, others = events.own_fee(told, asset)
        values = {"contract": contract, "asset": asset, "amount": amount, "fee": fee}
        events.add_event(group, told, ContractSettled, **values)
        events.charge(group, told, others)
        if (told.account, contract) not in self._net:
            self._net.add((told.account, contract))
            group.remark(
                "tells a net result: the trades behind it, their lots and dates, are not known"
                " (so does every such row of this account)",
                "If trades behind it are rows, too, they count twice: import the venue's own files",
                column=told.column,
                value=told.label,
            )

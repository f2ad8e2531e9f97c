"""KuCoin: funding, trading, margin and futures accounts, by their histories and orders.

A repayment is principal up to what was borrowed in that account, and interest beyond it: the rows
do not part them. Funding and trading account are one here, because a row does not say in which of
them it stands.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from adapters.importers.debts import EARLIER, Debt
from adapters.importers.group import Group
from adapters.importers.kucoin.kucoin_rows import FILLS, HISTORY, ORDERS
from adapters.importers.kucoin.kucoin_trades import read_trades
from adapters.importers.layout import Accounts, Entry
from adapters.importers.reading import BY_HAND, Unclear
from adapters.importers.statement import Meaning, Mode, Statement
from adapters.importers.table import plain
from adapters.importers.unified import (
    Change,
    read_away,
    read_contract,
    read_fee,
    read_fill,
    read_funding,
    read_income,
    read_interest,
    read_plain,
)
from domain.events import (
    Borrowed,
    Deposited,
    FeeCharged,
    InterestCharged,
    Repaid,
    Transferred,
    Withdrawn,
)

_WITHIN = timedelta(seconds=1)
"""How far apart the two rows of a purchase for money may be."""


class Kucoin(Statement):
    """The importer of KuCoin's statements."""

    name = "kucoin"
    title = "KuCoin"
    layouts = (HISTORY, FILLS, ORDERS)

    def meaning(self, accounts: Accounts) -> Meaning:
        return KucoinMeaning(accounts)


class KucoinMeaning(Meaning):
    """What rows of KuCoin mean; it keeps what is owed."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts)
        self._main = accounts.of()
        self._isolated = accounts.of("isolated/X")[:-1]
        self._on_margin = (accounts.of("cross"), accounts.of("futures"))
        self._in_history = False
        """Whether a history was given, and has begun."""
        self._debts: dict[tuple[str, str], Debt] = {}

    def regroup(self, groups: Iterator[list[Entry]]) -> Iterator[list[Entry]]:
        """Join the halves of a purchase for money that stand in two seconds."""
        waiting: list[list[Entry]] = []
        for group in groups:
            while waiting and group[0].at - waiting[0][0].at > _WITHIN:
                yield waiting.pop(0)
            other = next((one for one in waiting if _other_half(one, group)), None)
            if other is not None:
                other += group
            elif waiting or _way(group):
                waiting.append(group)
            else:
                yield group
        yield from waiting

    def read(self, group: Group) -> str | None:
        row = group.first
        for account in {entry.account for entry in group.entries} - self.modes.keys():
            self._opened(account)
        self._in_history = self._in_history or isinstance(row, Change)
        if row.bundle.startswith("trade/"):
            read_trades(group, self.accounts, within_history=self._in_history)
        elif row.bundle.startswith("transfer/"):
            self._read_transfers(group)
        elif row.bundle:
            read_fill(group, group.entries, row.bundle)
        else:
            self._read_one(group, row)
        return None

    def _opened(self, account: str) -> None:
        """Accounts of margin and futures are no spot accounts."""
        if account.startswith(self._isolated):
            self.modes[account] = Mode("isolated", account.removeprefix(self._isolated))
        elif account in self._on_margin:
            self.modes[account] = Mode("cross")

    def _read_one(self, group: Group, row: Change) -> None:
        match row.kind:
            case "deposit" | "sub-account" if row.amount >= 0:
                _read_deposit(group, row)
            case "withdrawal" | "sub-account" if row.amount <= 0:
                if row.amount:
                    quantity = plain(-row.amount - row.cost)
                    group.add(Withdrawn, asset=row.asset, quantity=quantity, fee=row.cost)
            case "loan":
                read_plain(group, Borrowed, row)
                self._debt(row).borrow(row.amount, row.at)
            case "repayment":
                self._read_repayment(group, row)
            case "interest":
                read_interest(group, row)
            case "liquidation fee":
                read_fee(group, row, "liquidation")
            case "rebate" | "bonus" | "reward" | "airdrop" | "staking":
                read_income(group, row, row.kind)
            case "earn":
                read_away(group, row)
            case "contract":
                read_contract(group, row)
            case "funding":
                read_funding(group, row)
            case "deposit" | "withdrawal":
                problem = f"moves the balance the other way than a {row.kind} does"
                raise Unclear(problem, BY_HAND, "Side")
            case _:
                raise Unclear("is a type of row not known here", BY_HAND, "Type", row.kind)

    def _read_repayment(self, group: Group, row: Change) -> None:
        """Principal as far as any is owed, and interest beyond it."""
        if row.amount > 0:
            raise Unclear("gives back a repayment", BY_HAND, "Side")
        debt, paid = self._debt(row), -row.amount
        principal = min(debt.principal, paid)
        interest = plain(paid - principal)
        if paid and not debt.principal:
            raise Unclear("repays a loan that these files do not hold", EARLIER)
        if not debt.known or interest > debt.most(row.at):
            debt.known = False
            problem = (
                f"repays more than these files show as borrowed ({debt.principal:f} {row.asset})"
            )
            raise Unclear(problem, EARLIER, "Amount", f"{paid:f}")
        if interest:
            charged = {"quantity": interest, "settled": "debt", "loan_asset": row.asset}
            group.add(InterestCharged, id=f"{row.id}/interest", asset=row.asset, **charged)
        if paid:
            group.add(Repaid, asset=row.asset, quantity=principal, interest=interest)
        debt.principal -= principal

    def _debt(self, row: Change) -> Debt:
        return self._debts.setdefault((row.account, row.asset), Debt())

    def _read_transfers(self, group: Group) -> None:
        """Moves of one amount in one second, told by the wallet they leave, or reach, or both."""
        into = [row for row in group.entries if row.amount > 0]
        out = [row for row in group.entries if row.amount < 0]
        for number in range(max(len(into), len(out))):
            rows = [*out[number : number + 1], *into[number : number + 1]]
            if not out[number:]:
                source, target = rows[0].other, rows[0].account
            elif not into[number:]:
                source, target = rows[0].account, rows[0].other
            else:
                source = self._surer(rows[0].account, rows[1].other)
                target = self._surer(rows[1].account, rows[0].other)
            if not source or not target:
                problem = "does not say to or from which account it moves"
                raise Unclear(problem, "Give the other account's history along", "Remark")
            if source == target:
                group.ignore("moved between own wallets", *rows)
                continue
            row, name = rows[0], group.first.bundle
            for account in (source, target):
                self._opened(account)
            group.add(
                Transferred,
                *rows,
                account=source,
                id=f"{name}/{number + 1}" if number else name,
                to=target,
                asset=row.asset,
                quantity=abs(row.amount),
            )

    def _surer(self, own: str, named: str) -> str:
        """A wallet by its own row, unless the other row names one and this says only `main`."""
        return named if own == self._main and named else own


def _read_deposit(group: Group, row: Change) -> None:
    """Units that came in; a fee was taken from them."""
    if row.amount:
        group.add(Deposited, asset=row.asset, quantity=plain(row.result))
    if row.cost:
        group.add(
            FeeCharged,
            id=f"{row.id}/fee",
            asset=row.asset,
            quantity=row.cost,
            kind="deposit",
        )


def _way(group: Sequence[Entry]) -> int:
    """1 or -1 for one side alone of a purchase for money, else 0."""
    ways = {
        1 if row.amount > 0 else -1
        for row in group
        if isinstance(row, Change) and row.kind == "fiat" and row.amount
    }
    return ways.pop() if len(ways) == 1 else 0


def _other_half(one: Sequence[Entry], other: Sequence[Entry]) -> bool:
    return bool(_way(one)) and _way(one) == -_way(other)

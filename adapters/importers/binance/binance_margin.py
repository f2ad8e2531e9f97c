"""Binance's margin: loans, repayments that mix principal and interest, interest in any coin.

A repayment is one row, and interest in the debt is a row nowhere in the statement. The one trick:
the debt is followed. A repayment pays the interest that the interest history charged before it,
then principal; what goes beyond the principal that these files know is interest that nobody told:
paid by the repayment, and charged by nothing else. So owed and interest owed end at zero with the
loan, and each unit of interest counts once, with the interest history, without it or before it.

Beyond what interest could have come to (2 % a day) it is no interest: then the files begin in the
middle of a loan, and that is a fault, as is a repayment of what they do not show as borrowed.
"""

from collections import Counter, deque
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.importers.binance.binance_statement import Change
from adapters.importers.debts import EARLIER, Debt
from adapters.importers.group import Group
from adapters.importers.instants import whole_second
from adapters.importers.reading import Unclear
from adapters.importers.table import plain
from domain.events import Borrowed, FeeCharged, InterestCharged, Repaid
from domain.money import ZERO

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SOON = timedelta(minutes=10)
_KEPT = 100_000
TOLD_AS_FEE = "the statement tells this as a margin fee"
TOLD_IN_DETAIL = "the interest history tells this charge by charge"


class Debts:
    """The debts of all accounts, as far as the files of this import tell them."""

    def __init__(self) -> None:
        self._debts: dict[tuple[str, str], Debt] = {}
        self._in_coin: dict[tuple[str, str], deque[tuple[datetime, Decimal]]] = {}
        """Charges in another coin that the interest history told, until the statement does."""
        self._fees: dict[tuple[str, str], tuple[datetime, Decimal]] = {}
        """The last margin fee of the statement that the interest history had not told."""
        self._named: tuple[datetime | None, Counter[str]] = (None, Counter())
        """How often each name of a charge was given in the second of the last one."""

    def of(self, account: str, asset: str) -> Debt:
        return self._debts.setdefault((account, asset), Debt())

    def borrowed(self, account: str, asset: str) -> bool:
        """Whether these files show a loan of it."""
        debt = self._debts.get((account, asset))
        return debt is not None and debt.since is not None

    def read_loan(self, group: Group, row: Change) -> None:
        if row.amount <= 0:
            raise Unclear("is a loan that takes units away", "", "Change", f"{row.amount:f}")
        debt = self.of(row.account, row.asset)
        debt.borrow(row.amount, row.at)
        group.add(Borrowed, asset=row.asset, quantity=row.amount)

    def read_repaid(self, group: Group, row: Change) -> None:
        """Interest told before, then principal, then interest that nobody told."""
        if row.amount >= 0:
            raise Unclear("is a repayment that gives units", "", "Change", f"{row.amount:f}")
        debt = self.of(row.account, row.asset)
        interest = min(debt.interest, -row.amount)
        principal = min(debt.principal, -row.amount - interest)
        untold = -row.amount - interest - principal
        if not debt.known or untold > debt.most(row.at):
            known = f"{debt.principal:f} {row.asset}" if debt.since else f"no {row.asset}"
            debt.known = False
            problem = f"repays more than these files show as borrowed ({known})"
            if debt.since and untold <= debt.most(row.at):
                problem = "repays a loan of which an earlier part is missing in these files"
            raise Unclear(problem, EARLIER, "Change", f"{row.amount:f}")
        debt.interest -= interest
        debt.principal -= principal
        group.add(
            Repaid, asset=row.asset, quantity=plain(principal), interest=plain(interest + untold)
        )

    # Interest -------------------------------------------------------------------------------------

    def charge(self, account: str, asset: str, quantity: Decimal) -> None:
        """The interest history added this to a debt."""
        self.of(account, asset).interest += quantity

    def charge_in_coin(self, account: str, asset: str, at: datetime, quantity: Decimal) -> bool:
        """The interest history took this from a balance; False: the statement told it just now."""
        fee = self._fees.get((account, asset))
        if fee is not None and fee[1] == quantity and at - fee[0] <= _SOON:
            del self._fees[account, asset]
            return False
        told = self._in_coin.setdefault((account, asset), deque(maxlen=_KEPT))
        told.append((at, quantity))
        return True

    def name_of_fee(self, name: str, at: datetime) -> str:
        """The name of a charge; of several that are alike in one second, `NAME/2` and so on."""
        if self._named[0] != whole_second(at):
            self._named = (whole_second(at), Counter())
        seen = self._named[1]
        seen[name] += 1
        return name if seen[name] == 1 else f"{name}/{seen[name]}"

    def read_margin_fee(self, group: Group, row: Change) -> str | None:
        """Interest taken from a balance, unless the interest history told it. Raises `Unclear`."""
        if not row.amount:
            return "nothing moved"
        if row.amount > 0:
            raise Unclear("gives back interest, and does not say which", "", "Operation", row.said)
        told = self._in_coin.get((row.account, row.asset))
        if told and row.at - told[-1][0] <= _DAY:
            if _taken(told, row.at, -row.amount):
                return TOLD_IN_DETAIL
            problem = f"the interest history tells other charges in {row.asset} before this"
            raise Unclear(problem, "Export both for the same time", "Change", f"{row.amount:f}")
        self._fees[row.account, row.asset] = (row.at, -row.amount)
        group.add(
            InterestCharged,
            untold=("at", "loan_asset"),  # the interest history does, to the millisecond
            asset=row.asset,
            quantity=-row.amount,
            settled="balance",
        )
        return None


def _taken(told: deque[tuple[datetime, Decimal]], at: datetime, quantity: Decimal) -> bool:
    """Take out the charges that make up this quantity: one of the last hour, or all of them."""
    for charge in reversed(told):
        if at - charge[0] > _HOUR:
            break
        if charge[1] == quantity:
            told.remove(charge)
            return True
    if sum((charge[1] for charge in told), ZERO) == quantity:
        told.clear()
        return True
    return False


def read_penalty(group: Group, row: Change) -> None:
    """What a liquidation took for itself, where it is not known of which sale."""
    if row.amount >= 0:
        raise Unclear("gives back a fee, and does not say which", "", "Operation", row.said)
    group.add(FeeCharged, asset=row.asset, quantity=-row.amount, kind="liquidation")

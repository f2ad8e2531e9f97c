"""Balances: what every account holds and owes, and what stands in positions.

The one trick: a fill with a position leaves the balances alone. Only its fees, and the result of
what it closes, reach them; the venue lends the rest.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from domain.account import Account, Position
from domain.events import (
    ORDERS,
    AccountOpened,
    BalanceAsserted,
    BasisAllocated,
    BasisStated,
    Borrowed,
    BrokerReported,
    ContractSettled,
    DebtForgiven,
    Deposited,
    Event,
    FeeCharged,
    Filled,
    FundingSettled,
    ImportRecorded,
    IncomeReceived,
    InterestCharged,
    Liquidated,
    LotsIdentified,
    MarginTermsSet,
    MethodElected,
    PolicySet,
    PositionSettled,
    PriceObserved,
    Repaid,
    TaxFactStated,
    TransferLinked,
    Transferred,
    Voided,
    Withdrawn,
    YearClosed,
)
from domain.money import CASH, ZERO, plain, share
from domain.recorded import Recorded
from projections.findings import Finding, Findings
from projections.replay import Steps
from projections.report import Report


@frozen(kw_only=True)
class Balance(Report):
    """One asset in one account, in units. `in_positions` is signed: long above zero."""

    account: str
    asset: str
    held: Decimal
    owed: Decimal
    interest_owed: Decimal
    in_positions: Decimal


@frozen(kw_only=True)
class BalancesReport(Report):
    """Everything that is not zero, by account and asset, and what cannot be true of it."""

    balances: tuple[Balance, ...]
    findings: tuple[Finding, ...]


class Balances:
    """The fold. `accounts` is its state; `findings` what cannot be true."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.findings = Findings()
        self.now: datetime | None = None
        """When the last of what moved a balance happened."""
        self._suspects: dict[tuple[str, str], Recorded] = {}
        self._below: set[tuple[str, str]] = set()
        self.steps: Steps = {
            AccountOpened: self._opened,
            MarginTermsSet: self._terms,
            Deposited: self._deposited,
            Withdrawn: self._withdrawn,
            Transferred: self._transferred,
            Borrowed: self._borrowed,
            Repaid: self._repaid,
            InterestCharged: self._interest,
            DebtForgiven: self._forgiven,
            Filled: self._filled,
            Liquidated: self._filled,
            PositionSettled: self._settled,
            FeeCharged: self._fee,
            IncomeReceived: self._income,
            FundingSettled: self._funding,
            ContractSettled: self._contract,
            BalanceAsserted: self._asserted,
        }
        self.passes_over: frozenset[type[Event]] = frozenset(
            {
                PriceObserved,
                MethodElected,
                LotsIdentified,
                BasisAllocated,
                BasisStated,
                TransferLinked,
                PolicySet,
                TaxFactStated,
                BrokerReported,
                Voided,
                YearClosed,
                ImportRecorded,
                *ORDERS,
            }
        )

    def report(self) -> BalancesReport:
        """What every account holds and owes."""
        return BalancesReport(balances=self.balances(), findings=self.findings.all())

    def balances(self) -> tuple[Balance, ...]:
        """Everything that is not zero, by account and asset."""
        return tuple(
            balance for name in sorted(self.accounts) for balance in _balances(self.accounts[name])
        )

    def close(self) -> None:
        """Judge what the last instant left below zero, at the end."""
        self._judge(None)

    # Movements ---------------------------------------------------------------------------------

    def _account(self, recorded: Recorded) -> Account:
        self.now = recorded.event.at
        if self._suspects:
            self._judge(self.now)
        return self._named(recorded.account)

    def _named(self, name: str) -> Account:
        account = self.accounts.get(name)
        if account is None:
            account = self.accounts[name] = Account(name)
        return account

    def _opened(self, recorded: Recorded, event: AccountOpened) -> None:
        self._account(recorded).mode = event.mode

    def _terms(self, recorded: Recorded, event: MarginTermsSet) -> None:
        account = self._account(recorded)
        account.agree_on(event)
        if account.mode == "spot":
            account.mode = "cross"

    def _deposited(self, recorded: Recorded, event: Deposited) -> None:
        self._account(recorded).credit(event.asset, event.quantity)

    def _withdrawn(self, recorded: Recorded, event: Withdrawn) -> None:
        self._debit(recorded, self._account(recorded), event.asset, event.quantity + event.fee)

    def _transferred(self, recorded: Recorded, event: Transferred) -> None:
        self._debit(recorded, self._account(recorded), event.asset, event.quantity + event.fee)
        self._named(event.to).credit(event.asset, event.quantity)

    def _borrowed(self, recorded: Recorded, event: Borrowed) -> None:
        account = self._account(recorded)
        account.credit(event.asset, event.quantity)
        account.owe(event.asset, event.quantity)

    def _repaid(self, recorded: Recorded, event: Repaid) -> None:
        account = self._account(recorded)
        self._debit(recorded, account, event.asset, event.quantity + event.interest)
        account.owe(event.asset, -event.quantity)
        if account.owed[event.asset] < 0:
            problem = f"{-account.owed[event.asset]} {event.asset} more repaid than was owed"
            self.findings.add(
                "repaid_more_than_owed", recorded, problem, asset=event.asset, hint=_LOAN
            )
        owed = account.interest_owed.get(event.asset, ZERO)
        account.owe_interest(event.asset, -min(owed, event.interest))

    def _interest(self, recorded: Recorded, event: InterestCharged) -> None:
        account = self._account(recorded)
        if event.settled == "balance":
            self._debit(recorded, account, event.asset, event.quantity)
        else:
            account.owe_interest(event.asset, event.quantity)

    def _forgiven(self, recorded: Recorded, event: DebtForgiven) -> None:
        account = self._account(recorded)
        left = event.quantity
        below = min(left, max(-account.held.get(event.asset, ZERO), ZERO))
        account.credit(event.asset, below)
        if below and not account.held[event.asset]:  # a liquidation's deficit, written off
            self.findings.withdraw("negative_balance", account.name, event.asset)
        principal = min(left - below, max(account.owed.get(event.asset, ZERO), ZERO))
        account.owe(event.asset, -principal)
        interest = account.interest_owed.get(event.asset, ZERO)
        accrued = min(left - below - principal, interest)
        account.owe_interest(event.asset, -accrued)
        beyond = left - below - principal - accrued
        if beyond:
            problem = f"{plain(beyond)} {event.asset} more forgiven than was owed"
            self.findings.add(
                "forgiven_more_than_owed", recorded, problem, asset=event.asset, hint=_DEBT
            )

    def _fee(self, recorded: Recorded, event: FeeCharged) -> None:
        self._debit(recorded, self._account(recorded), event.asset, event.quantity)

    def _income(self, recorded: Recorded, event: IncomeReceived) -> None:
        self._account(recorded).credit(event.asset, event.quantity)

    def _funding(self, recorded: Recorded, event: FundingSettled) -> None:
        account = self._account(recorded)
        account.contract = event.contract, event.at
        self._debit(recorded, account, event.asset, -event.amount)

    def _contract(self, recorded: Recorded, event: ContractSettled) -> None:
        account = self._account(recorded)
        account.contract = event.contract, event.at
        self._debit(recorded, account, event.asset, event.fee - event.amount)

    # Trades ------------------------------------------------------------------------------------

    def _filled(self, recorded: Recorded, event: Filled) -> None:
        account = self._account(recorded)
        if event.position is not None:
            self._position_filled(recorded, account, event)
        elif event.side == "buy":
            account.credit(event.asset, event.quantity)
            self._debit(recorded, account, event.quote, event.total)
        else:
            account.credit(event.quote, event.total)
            self._debit(recorded, account, event.asset, event.quantity)
        if event.fee:
            self._debit(recorded, account, event.fee_asset or event.quote, event.fee)
        if type(event) is Liquidated and event.penalty:
            self._debit(recorded, account, event.quote, event.penalty)

    def _position_filled(self, recorded: Recorded, account: Account, event: Filled) -> None:
        """Open, enlarge, reduce or flip: what goes beyond the position opens its other side."""
        side = 1 if event.side == "buy" else -1
        quantity, amount = event.quantity, event.total
        name = event.position or ""
        position = account.positions.get(name)
        if position is not None and position.side != side:
            closed = min(quantity, position.quantity)
            received = amount if closed == quantity else share(amount, closed, quantity)
            result = (received - position.reduce(closed)) * position.side
            self._debit(recorded, account, event.quote, -result)
            quantity, amount = quantity - closed, amount - received
            if not position.quantity:
                del account.positions[name]
                position = None
        if quantity:
            if position is None:
                backed = any(held > 0 for held in account.held.values())
                position = account.positions[name] = Position(event, side, backed=backed)
            position.add(quantity, amount, account.margin_of(amount, event.leverage))
            self._judge_leverage(recorded, account, event.leverage)

    def _judge_leverage(
        self, recorded: Recorded, account: Account, leverage: Decimal | None
    ) -> None:
        """More leverage than the terms allow: the venue's terms, or the fill, are not as told."""
        allowed = None if account.terms is None else account.terms.leverage
        if leverage is not None and allowed is not None and leverage > allowed:
            problem = f"opened at {plain(leverage)}x, the terms allow {plain(allowed)}x"
            hint = "are these the terms of that day? record margin_terms_set with theirs"
            self.findings.add("leverage_above_limit", recorded, problem, hint=hint)

    def _settled(self, recorded: Recorded, event: PositionSettled) -> None:
        account = self._account(recorded)
        position = account.positions.get(event.position)
        if position is None or position.quantity < event.quantity or position.asset != event.asset:
            quantity, asset = event.quantity, event.asset
            self.findings.unknown_position(recorded, event.position, quantity, asset)
            return
        position.reduce(event.quantity)
        self._debit(recorded, account, event.quote, event.amount * position.side)
        self._debit(recorded, account, event.asset, -event.quantity * position.side)
        if not position.quantity:
            del account.positions[event.position]

    # Checks ------------------------------------------------------------------------------------

    def beyond_the_book(self, account: str, event: BalanceAsserted) -> Decimal:
        """What the venue says is held beyond what the book holds now: below zero, it is less."""
        return event.quantity - self._named(account).held.get(event.asset, ZERO)

    def _asserted(self, recorded: Recorded, event: BalanceAsserted) -> None:
        held = self._account(recorded).held.get(event.asset, ZERO)
        off = self.beyond_the_book(recorded.account, event)
        if off:
            sign = "+" if off > 0 else ""
            problem = (
                f"the venue holds {plain(event.quantity)} {event.asset},"
                f" the book {plain(held)} ({sign}{plain(off)})"
            )
            hint = "something is missing or doubled before this time: import the whole history"
            self.findings.add("failed_assertion", recorded, problem, asset=event.asset, hint=hint)

    def _debit(self, recorded: Recorded, account: Account, asset: str, quantity: Decimal) -> None:
        left = account.held[asset] = account.held.get(asset, ZERO) - quantity
        if left < 0:
            self._suspects.setdefault((account.name, asset), recorded)

    def _judge(self, now: datetime | None) -> None:
        """A balance is judged when its instant is over, and found below zero once."""
        suspects = self._suspects
        if now is not None and next(iter(suspects.values())).event.at == now:
            return
        self._suspects = {}
        for (name, asset), recorded in suspects.items():
            held = self.accounts[name].held[asset]
            if held < 0 and (name, asset) not in self._below:
                self._below.add((name, asset))
                self.findings.add(
                    "negative_balance",
                    recorded,
                    f"{plain(held)} {asset} held",
                    asset=asset,
                    hint="a deposit, loan or trade before this time is missing from the book",
                    severity="warning" if asset in CASH else "error",
                )


_DEBT = "the debt itself is missing from the book: it is income all the same (Schedule 1 line 8c)"
_LOAN = "the loan itself is missing from the book, or part of this was interest"


def _balances(account: Account) -> Iterable[Balance]:
    beside: dict[str, Decimal] = {}
    for position in account.positions.values():
        signed = position.quantity * position.side
        beside[position.asset] = beside.get(position.asset, ZERO) + signed
    tables = (account.held, account.owed, account.interest_owed, beside)
    for asset in sorted(set().union(*tables)):
        held, owed, interest, positions = (table.get(asset, ZERO) for table in tables)
        if held or owed or interest or positions:
            yield Balance(
                account=account.name,
                asset=asset,
                held=held,
                owed=owed,
                interest_owed=interest,
                in_positions=positions,
            )

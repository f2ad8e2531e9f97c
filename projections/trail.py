"""The trail of lights: what vouches for each account, in the order of time.

The one trick: no amount is read off an event. It moved an asset if what is held of it is
another than before, and the balances beside this fold are those that judge `balance_asserted`, so
a red light and a finding `failed_assertion` are one judgement. An import belongs to the accounts
whose events name its file as their source; its own record follows them in the log.
"""

from collections.abc import Iterable
from typing import get_args

from domain.event import Event
from domain.events import (
    EVENTS,
    BalanceAsserted,
    Borrowed,
    ContractSettled,
    DebtForgiven,
    Deposited,
    FeeCharged,
    Filled,
    FundingSettled,
    ImportRecorded,
    IncomeReceived,
    InterestCharged,
    Liquidated,
    PositionSettled,
    Repaid,
    Transferred,
    Withdrawn,
)
from domain.recorded import Recorded
from projections.balances import Balances
from projections.replay import Projection, Step, Steps
from projections.trail_report import Trail
from projections.trail_state import AccountTrail

_MovesOne = (
    Deposited
    | Withdrawn
    | Borrowed
    | Repaid
    | InterestCharged
    | DebtForgiven
    | FeeCharged
    | IncomeReceived
    | FundingSettled
    | ContractSettled
)
"""Events that move one asset of their own account."""


class Trails:
    """The fold. `imports` are all `import_recorded` that count, in log order; feed `projections`.

    Events must come with their sources.
    """

    def __init__(self, imports: Iterable[Recorded]) -> None:
        self.balances = Balances()
        self._imports: dict[tuple[str, str], list[Recorded]] = {}
        for recorded in imports:
            if isinstance(recorded.event, ImportRecorded):
                name = (recorded.event.file, recorded.event.sha256)
                self._imports.setdefault(name, []).append(recorded)
        self._accounts: dict[str, AccountTrail] = {}
        moved: dict[type[Event], Step] = dict.fromkeys(get_args(_MovesOne), self._moved)
        self.steps: Steps = {
            **dict.fromkeys(EVENTS, self._told),
            **moved,
            Transferred: self._transferred,
            Filled: self._filled,
            Liquidated: self._filled,
            PositionSettled: self._settled,
            BalanceAsserted: self._asserted,
        }
        self.passes_over: frozenset[type[Event]] = frozenset()

    @property
    def projections(self) -> tuple[Projection, ...]:
        """What to feed, in this order: the balances are those after each event."""
        return self.balances, self

    def trails(self) -> tuple[Trail, ...]:
        """The trail of every account that has a light or a balance."""
        return tuple(self._accounts[name].trail() for name in sorted(self._accounts))

    # Who told it ----------------------------------------------------------------------------------

    def _told(self, recorded: Recorded, _: Event) -> None:
        """Note the imports whose files say this event: each row of it, if several do."""
        source = recorded.source
        if source is None:
            return
        told = self._of(recorded.account).told
        for row in (source, *source.also) if source.also else (source,):
            for told_by in self._imports.get((row.file, row.sha256), ()):
                if told_by.position > recorded.position:  # the record ends its import
                    told[told_by.position] = told_by
                    break

    def _of(self, account: str) -> AccountTrail:
        found = self._accounts.get(account)
        if found is None:
            found = self._accounts[account] = AccountTrail(account)
        return found

    # What moved -----------------------------------------------------------------------------------

    def _moved(self, recorded: Recorded, event: _MovesOne) -> None:
        self._told(recorded, event)
        self._held(recorded.account, event, event.asset)

    def _transferred(self, recorded: Recorded, event: Transferred) -> None:
        self._told(recorded, event)
        for account in dict.fromkeys((recorded.account, event.to)):
            self._held(account, event, event.asset)

    def _filled(self, recorded: Recorded, event: Filled) -> None:
        self._told(recorded, event)
        fee_asset = event.fee_asset or event.quote
        if fee_asset in (event.asset, event.quote):
            self._held(recorded.account, event, event.asset, event.quote)
        else:
            self._held(recorded.account, event, event.asset, event.quote, fee_asset)

    def _settled(self, recorded: Recorded, event: PositionSettled) -> None:
        self._told(recorded, event)
        self._held(recorded.account, event, event.asset, event.quote)

    def _held(self, account: str, event: Event, *assets: str) -> None:
        """Compare what is held after an event with what was held before it."""
        there = self.balances.accounts[account]
        self._of(account).compare(there, event, assets)

    # What vouches ---------------------------------------------------------------------------------

    def _asserted(self, recorded: Recorded, event: BalanceAsserted) -> None:
        self._told(recorded, event)
        off = self.balances.beyond_the_book(recorded.account, event)
        self._of(recorded.account).vouch(event, off)

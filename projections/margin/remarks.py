"""What is noticed about one account's margin, and whether its terms can be figured with."""

from datetime import datetime

from attrs import evolve

from domain.account import Account
from domain.terms import Terms, terms_of
from domain.terms_faults import faults
from projections.findings import Finding


class Remarks:
    """What is noticed about one account, each thing once."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._found: dict[Finding, None] = {}

    def add(
        self,
        kind: str,
        problem: str,
        hint: str,
        *,
        asset: str = "",
        severity: str = "error",
        event: str = "",
        at: datetime | None = None,
    ) -> None:
        """Remark on something; `event` is the id of what it is about."""
        self._found[
            Finding(
                kind=kind,
                account=self._account,
                asset=asset,
                at=at,
                event=event,
                problem=problem,
                hint=hint,
                severity=severity,
            )
        ] = None

    def all(self) -> tuple[Finding, ...]:
        """Everything, in the order in which it was noticed."""
        return tuple(self._found)


def sound(account: Account, remarks: Remarks) -> Terms | None:
    """The terms of an account, unless they contradict each other or lack something: then none."""
    terms = terms_of(account.name, account.terms)
    if terms is None or terms.told is None:
        return terms
    wrong = False
    for fault in faults(evolve(terms.told, call=terms.call, liquidation=terms.liquidation)):
        wrong = wrong or fault.severity == "error"
        remarks.add(
            "terms_contradict",
            fault.problem,
            fault.hint,
            severity=fault.severity,
            event=terms.told.id,
        )
    if terms.lacking and account.owes:
        problem = f"the terms ({terms.model.name}) do not say {terms.lacking}"
        preset = f"marginbook terms {account.name} PRESET"
        hint = f"record margin_terms_set with it, or a preset: {preset}"
        remarks.add("terms_incomplete", problem, hint, event=terms.told.id)
    return None if wrong or terms.lacking else terms

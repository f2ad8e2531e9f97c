"""Stub until merged."""

from attrs import frozen

from domain.events import MarginTermsSet


@frozen
class TermsFault:
    problem: str
    hint: str
    severity: str


def faults(told: MarginTermsSet) -> tuple[TermsFault, ...]:
    return ()

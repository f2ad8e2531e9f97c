"""A figure of a law: from which tax year it holds, where it stands, and how well it was checked.

Confidence: `read` = read in the named text; `known` = from knowledge, to be re-checked; `policy` =
the law is open, and a reading is named. Every country keeps its figures in a file `law.py`.
"""

from typing import Generic, TypeVar

from attrs import frozen

T = TypeVar("T")


@frozen
class Rule(Generic[T]):
    """A figure of the law from tax year `since` on."""

    since: int
    value: T
    source: str
    confidence: str


def in_force(rules: tuple[Rule[T], ...], year: int) -> Rule[T]:
    """The rule that a tax year falls under: the latest that began, the first where none had."""
    begun = [rule for rule in rules if rule.since <= year]
    return begun[-1] if begun else rules[0]

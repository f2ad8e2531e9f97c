"""Findings: what to look at, as values."""

from projections.findings import Findings
from tests.story import told

(SALE,) = told("2025-01-01  sold  1 X  for 5  as sale").log


def test_a_finding_names_what_it_was_found_in() -> None:
    found = Findings()
    found.add("odd", SALE, "something is odd", asset="X", hint="look again", severity="info")
    (finding,) = found.all()
    assert finding.to_dict() == {
        "kind": "odd",
        "account": "kraken/main",
        "asset": "X",
        "at": "2025-01-01T12:00:00Z",
        "event": "sale",
        "problem": "something is odd",
        "hint": "look again",
        "severity": "info",
    }


def test_the_same_finding_is_kept_once_and_others_in_the_order_of_the_replay() -> None:
    found = Findings()
    for problem in ("b", "a", "b"):
        found.add("odd", SALE, problem)
    assert [finding.problem for finding in found.all()] == ["b", "a"]


def test_a_finding_is_an_error_unless_it_says_otherwise() -> None:
    found = Findings()
    found.add("odd", SALE, "a")
    assert [finding.severity for finding in found.all()] == ["error"]

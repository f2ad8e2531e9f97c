"""Legs of transfers: what is linked, what belongs together, what is found of the rest."""

from datetime import timedelta
from typing import Any

import pytest

from projections.decisions import Decisions
from projections.transfers.transfer_legs import Legs
from projections.transfers.transfer_pairs import duration
from projections.transfers.transfers import Transfers
from tests.story import told


def transfers(story: str) -> Transfers:
    book = told(story)
    return Transfers(Legs.among(book.log, Decisions(book.log)))


def report(story: str) -> dict[str, Any]:
    return transfers(story).report().to_dict()


def pairs(story: str) -> list[str]:
    return [f"{one['out']} {one['into']} {one['rule']}" for one in report(story)["pairs"]]


def found(story: str) -> list[str]:
    return [f"{one.severity} {one.account}#{one.event}" for one in transfers(story).findings()]


OUT = "2025-03-01T09:00  a/x  withdrawn  1 BTC  as W  fee 0.0005\n"


@pytest.mark.parametrize(
    ("into", "rule"),
    [
        ("2025-03-01T09:00  b/x  deposited  1 BTC", "amount_and_time"),
        ("2025-03-01T09:00  a/y  deposited  1 BTC", "amount_and_time"),
        ("2025-03-01T08:50  b/x  deposited  1 BTC", "amount_and_time"),
        ("2025-03-04T09:00  b/x  deposited  0.9995 BTC", "amount_and_time"),
        ("2025-03-01T09:30  b/x  deposited  0.99 BTC", "amount_and_time"),
        ("2025-03-20T09:00  b/x  deposited  1 BTC  as W", "id"),
        ("2025-03-20T09:00  b/x  deposited  1 BTC  note a/x#W", "id"),
        ("2025-03-01T08:49  b/x  deposited  1 BTC", ""),
        ("2025-03-04T09:00:01  b/x  deposited  1 BTC", ""),
        ("2025-03-01T09:00  a/x  deposited  1 BTC", ""),
        ("2025-03-01T09:00  b/x  deposited  1 ETH", ""),
        ("2025-03-01T09:00  b/x  deposited  1.0001 BTC", ""),
        ("2025-03-01T09:00  b/x  deposited  0.98 BTC", ""),
        ("2025-04-01T09:00  b/x  deposited  1 BTC  as W", ""),
        ("2025-03-01T09:00  b/x  deposited  1 BTC  bought 2024-01-01 for 5", ""),
        ("2025-03-01T09:00  b/x  received  airdrop 1 BTC", ""),
    ],
)
def test_what_pairs_with_one_withdrawal(into: str, rule: str) -> None:
    assert [pair.split()[2] for pair in pairs(OUT + into)] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("asset", "into", "paired"),
    [
        ("USD", "2025-03-06T09:00", True),
        ("USD", "2025-03-06T09:01", False),
        ("USDT", "2025-03-06T09:00", False),
    ],
)
def test_a_wire_may_take_five_days(asset: str, into: str, paired: bool) -> None:
    story = f"""
        2025-03-01T09:00  a/x  withdrawn  100 {asset}
        {into}            b/x  deposited  100 {asset}
    """
    assert bool(pairs(story)) is paired


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("0xAB", "ab", "txid"),
        ("ab", "cd", ""),
        ("ab", "", "amount_and_time"),
    ],
)
def test_two_transactions_are_two_transfers(one: str, other: str, rule: str) -> None:
    story = f"""
        2025-03-01T09:00  a/x  withdrawn  1 BTC  txid {one}
        2025-03-01T09:30  b/x  deposited  1 BTC  {"txid " + other if other else ""}
    """
    assert [pair.split()[2] for pair in pairs(story)] == ([rule] if rule else [])


def test_one_transaction_of_several_payments_is_told_apart_by_their_amounts() -> None:
    assert pairs("""
        2025-03-01T09:00  a/x  withdrawn  1 BTC    as W1  txid ab
        2025-03-01T09:00  a/x  withdrawn  2 BTC    as W2  txid ab
        2025-03-09T09:30  b/x  deposited  2 BTC    as D2  txid ab
        2025-03-01T09:30  b/x  deposited  0.7 BTC  as D1  txid ab
    """) == ["a/x#W1 b/x#D1 txid", "a/x#W2 b/x#D2 txid"]


def test_of_two_equal_candidates_none_is_chosen() -> None:
    story = """
        2025-03-01T09:00  a/x  withdrawn  1 BTC  as W
        2025-03-01T09:30  b/x  deposited  1 BTC  as D1
        2025-03-01T09:10  c/x  deposited  1 BTC  as D2
    """
    assert pairs(story) == []
    (finding,) = transfers(story).findings()
    assert (finding.kind, finding.severity, finding.event) == ("unpaired_transfer", "warning", "W")
    assert "c/x#D2 (1, 10 min later); b/x#D1 (1, 30 min later)" in finding.problem
    assert finding.hint == "if they are one transfer: marginbook link a/x#W c/x#D2"


def test_an_exact_candidate_beats_a_near_one() -> None:
    assert pairs("""
        2025-03-01T09:00  a/x  withdrawn  1 BTC      as W
        2025-03-01T09:30  b/x  deposited  0.9999 BTC as D1
        2025-03-01T09:40  c/x  deposited  1 BTC      as D2
    """) == ["a/x#W c/x#D2 amount_and_time"]


def test_a_pair_that_is_not_linked_is_found() -> None:
    (finding,) = transfers(OUT + "2025-03-01T09:12  b/x  deposited  1 BTC  as D").findings()
    assert "paired by amount and time (12 min apart), not linked" in finding.problem
    assert finding.hint.startswith("marginbook link a/x#W b/x#D, or all")


@pytest.mark.parametrize(
    ("into", "problem"),
    [
        ("2025-03-01T04:00  b/x  deposited  1 BTC", "are both files in the same time zone?"),
        ("2025-03-01T09:30  b/x  deposited  1.01 BTC", "more came than left"),
        ("2025-03-07T09:30  b/x  deposited  0.95 BTC  as D", "marginbook link a/x#W b/x#D"),
    ],
)
def test_a_candidate_that_no_rule_takes_says_why(into: str, problem: str) -> None:
    (finding,) = transfers(OUT + into).findings()
    assert problem in finding.hint


def test_money_from_a_bank_and_to_one_is_no_finding() -> None:
    story = """
        2025-03-01T09:00  a/x  deposited  1000 USD
        2025-03-02T09:00  b/x  withdrawn  900 EUR
    """
    assert found(story) == []
    assert report(story)["unpaired"] == []


def test_coins_that_left_the_book_are_told_once_for_each_account_and_asset() -> None:
    story = """
        2025-03-01T09:00  a/x  withdrawn  1 BTC  as W1
        2025-04-01T09:00  a/x  withdrawn  2 BTC  as W2
        2025-03-01T09:00  b/x  withdrawn  2 BTC  as W3
        2025-03-01T09:00  b/x  spent      2 BTC  as W4
    """
    assert found(story) == ["info a/x#W2", "info b/x#W3"]
    assert (
        "3 BTC left the book (2 times, the last time here)"
        in transfers(story).findings()[0].problem
    )


def test_coins_from_nowhere_have_their_own_finding() -> None:
    """`missing_basis` tells them (projections/dealings.py)."""
    story = "2025-03-01T09:00  a/x  deposited  1 BTC  as D"
    assert found(story) == []
    assert [one["leg"] for one in report(story)["unpaired"]] == ["a/x#D"]


def test_every_leg_of_a_story_stands_in_one_place() -> None:
    said = report("""
        2025-03-01T09:00  a/x  withdrawn  1 BTC  as W1
        2025-03-01T09:30  b/x  deposited  1 BTC  as D1
        2025-03-02T09:00  a/x  withdrawn  5 BTC  as W2
        2025-03-03T09:30  b/x  deposited  4 BTC  as D2
        2025-03-04T09:00  a/x  withdrawn  7 BTC  as W3
        2025-03-05T09:30  b/x  deposited  7 BTC  as D3
        2025-03-05T09:30  b/x  deposited  7 BTC  as D4
        2025-03-05T09:30  b/x  withdrawn  6 BTC  as W5
        2025-03-05T09:31  a/x  deposited  6 BTC  as D5
        2025-03-06  linked a/x#W2 b/x#D2
        2025-03-06  stated b/x#D4 lots 2024-01-01:7:100
        2025-03-06  voided a/x#D5 mistaken
    """)
    assert [(one["out"], one["into"]) for one in said["pairs"]] == [
        ("a/x#W1", "b/x#D1"),
        ("a/x#W3", "b/x#D3"),
    ]
    assert [(one["out"], one["sent"], one["arrived"], one["link"]) for one in said["linked"]] == [
        ("a/x#W2", "5", "4", "10")
    ]
    assert [one["leg"] for one in said["unpaired"]] == ["b/x#W5"]


def test_what_its_owner_parted_is_paired_no_more() -> None:
    assert (
        pairs(
            OUT
            + """
        2025-03-01T09:12  b/x  deposited  1 BTC  as D
        2025-03-02  linked a/x#W b/x#D  as L
        2025-03-02  voided L mistaken
    """
        )
        == []
    )


def test_a_link_to_what_is_not_in_the_book_is_told_as_far_as_it_is_known() -> None:
    (link,) = report(OUT + "2025-03-02  linked a/x#W b/x#gone")["linked"]
    assert (link["sent"], link["arrived"], link["apart"]) == ("1", None, None)


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=-59, microseconds=-1), "59 s"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=25, minutes=59), "1 d 1 h"),
    ],
)
def test_durations_are_told_in_two_units(time: timedelta, words: str) -> None:
    assert duration(time) == words

"""One transaction has one id, however a venue writes it."""

import pytest

from domain.chain_ids import chain_id, same_chain_id

HASH = "A1" * 32


@pytest.mark.parametrize(
    "other",
    [HASH.lower(), f"0x{HASH}", f"0X{HASH.lower()}", f"{HASH}:0", f"0x{HASH}_12", f" {HASH} "],
)
def test_one_transaction_is_written_in_several_ways(other: str) -> None:
    assert same_chain_id(HASH, other)
    assert chain_id(chain_id(other)) == chain_id(HASH)


@pytest.mark.parametrize(
    ("one", "other"), [("ab", "abc"), ("ab", "ab:0"), (HASH, HASH[:-1] + "2"), ("0xab", "1xab")]
)
def test_other_ids_are_other_transactions(one: str, other: str) -> None:
    """Behind what is no hash a colon may be a part of the id."""
    assert not same_chain_id(one, other)

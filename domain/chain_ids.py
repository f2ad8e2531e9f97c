"""A transaction's id on its chain: one transaction, though two venues write its id in two ways.

Hexadecimal ids come in either case, with 0x or without; some exports name one output of a
transaction behind its id (`...:0`), which is no part of the id. Base58 ids (Solana) tell upper
from lower case, but no two transactions differ in case alone.
"""

import re

_HASH = r"(?:0x)?[0-9a-f]{64}"
_OUTPUT = re.compile(rf"({_HASH})[:_-]\d+")


def chain_id(told: str) -> str:
    """The id in the form in which ids are compared: lower case, without 0x and output.

    >>> chain_id("0xAB12"), chain_id("ab" * 32 + ":1") == "ab" * 32
    ('ab12', True)
    """
    lower = told.strip().lower()
    output = _OUTPUT.fullmatch(lower)
    return (output[1] if output else lower).removeprefix("0x")


def same_chain_id(one: str, other: str) -> bool:
    """Whether both name one transaction."""
    return one == other or chain_id(one) == chain_id(other)

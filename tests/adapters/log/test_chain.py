"""The chain: what is hashed is written down here for ever, or old books would no longer verify."""

from hashlib import sha256
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from adapters.log.chain import Settings, genesis, link

PREVIOUS = bytes(range(32))


def number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big", signed=value < 0)


def test_the_first_entry_follows_the_zone_and_the_currency() -> None:
    bound = b"\0\0\0\x0emarginbook log\0\0\0\x10America/New_York\0\0\0\x03USD"
    assert Settings(zone="America/New_York").genesis == sha256(bound).digest()
    assert genesis("UTC", "USD").hex() == (
        "8f2687f8b85b2a341cc414ab703a597e5b7f479c29fc614482b86773b3bdd0ab"
    )


def test_a_hash_covers_all_that_is_stored_of_an_entry() -> None:
    """Version of the hash, position, version, time, clock, three lengths; texts; state."""
    header = number(1, 1) + number(7, 8) + number(2, 8) + number(-5, 8) + number(1, 1)
    lengths = number(19, 4) + number(9, 4) + number(3, 4)
    texts = b"account:kraken/main" + b"filled.v1" + b"T-1"
    expected = sha256(PREVIOUS + header + lengths + texts + b'{"event":{}}').digest()
    assert expected == link(
        PREVIOUS, 7, 2, -5, 1, b"account:kraken/main", b"filled.v1", b"T-1", b'{"event":{}}'
    )


def test_an_entry_without_a_key_is_not_one_with_an_empty_key() -> None:
    without, empty = (link(PREVIOUS, 1, 1, 0, 0, b"s", b"t", key, b"") for key in (None, b""))
    assert without != empty


@given(st.text("ab", min_size=3, max_size=6), st.booleans())
def test_no_two_entries_share_their_hash(text: str, keyless: bool) -> None:
    """However the same bytes are cut into stream, topic, key and state."""
    whole = text.encode()
    cuts = list(combinations(range(len(whole) + 1), 3))
    hashes = {
        link(
            PREVIOUS,
            1,
            1,
            0,
            0,
            whole[:one],
            whole[one:two],
            None if keyless and two == three else whole[two:three],
            whole[three:],
        )
        for one, two, three in cuts
    }
    assert len(hashes) == len(cuts)

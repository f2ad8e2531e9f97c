"""What vouches for each account, told as stories. With files: adapters/test_completeness.py."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.replay import replay
from projections.trail import Trails
from projections.trail_report import Trail
from tests.story import Row, Story, findings, table, told


def trails(book: Story) -> dict[str, Trail]:
    """The trail of each account."""
    voided = frozenset(
        (r.account, r.event.target)  # type: ignore[attr-defined]
        for r in book.log
        if type(r.event).__name__ == "Voided"
    )
    fold = Trails(())
    replay(book.replayed, *fold.projections, voided=voided)
    return {trail.account: trail for trail in fold.trails()}


def trail(text: str) -> Trail:
    """The trail of the only account."""
    (only,) = trails(told(text)).values()
    return only


def rows(parts: object) -> list[Row]:
    """Lights and the like as lines of a table."""
    return [
        Row((key, "-" if value is None else str(value)) for key, value in part.to_dict().items())
        for part in parts  # type: ignore[attr-defined]
    ]


def test_balances_that_agree_are_green_in_the_order_of_time() -> None:
    seen = trail("""
        2025-01-05  asserted   60 USD
        2025-01-01  deposited  100 USD
        2025-01-02  asserted   100 USD
        2025-01-03  withdrawn  40 USD
    """)
    assert rows(seen.lights) == table("""
        at                    kind     status  asset  asserted  held  difference  event
        2025-01-02T12:00:00Z  balance  green   USD    100       100   0           3
        2025-01-05T12:00:00Z  balance  green   USD    60        60    0           1
    """)
    assert (seen.status, seen.unvouched, seen.events_since) == ("green", (), 0)
    assert rows(seen.beginnings) == table("""
        asset  at                    event  from_zero  lacking
        USD    2025-01-01T12:00:00Z  2      True       -
    """)


def test_a_balance_that_differs_is_red_and_a_finding_alike() -> None:
    text = """
        2025-01-01  deposited  9000.03 USD
        2025-03-05  asserted   9001.03 USD
        2025-03-06  deposited  1 USD
        2025-03-06  asserted   9001.03 USD
    """
    seen = trail(text)
    assert rows(seen.lights) == table("""
        status  asserted  held     difference  event
        red     9001.03   9000.03  1           2
        green   9001.03   9001.03  0           4
    """)
    assert seen.status == "red", "what was wrong once stays a finding"
    (found,) = findings(told(text))
    assert (found["kind"], found["event"]) == ("failed_assertion", "2")


def test_what_no_balance_vouches_for_is_told_by_asset() -> None:
    seen = trail("""
        2025-01-01  deposited  100 USD
        2025-01-01  deposited  5 ETH     bought 2024-01-01 for 1
        2025-01-02  asserted   100 USD
        2025-01-03  bought     1 BTC     for 50
        2025-01-04  sold       0.5 BTC   for 30  fee 1
    """)
    assert rows(seen.unvouched) == table("""
        asset  since                 until                 events  held
        BTC    -                     2025-01-04T12:00:00Z  2       0.5
        ETH    -                     2025-01-01T12:00:00Z  1       5
        USD    2025-01-02T12:00:00Z  2025-01-04T12:00:00Z  2       79
    """)
    assert (seen.status, seen.events_since) == ("amber", 2)
    assert seen.vouched is not None
    assert seen.vouched.day == 2


def test_an_account_of_which_no_balance_was_asserted_is_grey() -> None:
    seen = trail("2025-01-01  deposited  100 USD")
    assert (seen.status, seen.lights, seen.vouched, seen.events_since) == ("grey", (), None, 1)


def test_an_asset_that_is_gone_leaves_an_account_green() -> None:
    """A statement does not list what is not held; the trail still says that it was never told."""
    seen = trail("""
        2025-01-01  deposited  100 USD
        2025-01-02  bought     1 BTC   for 50
        2025-01-03  sold       1 BTC   for 60
        2025-01-04  asserted   110 USD
    """)
    assert seen.status == "green"
    assert rows(seen.unvouched) == table("asset  since  events  held\nBTC  -  2  0")


def test_a_transfer_moves_both_accounts() -> None:
    seen = trails(
        told("""
        2025-01-01  kraken/main    deposited    10 BTC  bought 2024-01-01 for 1
        2025-01-02  kraken/main    asserted     10 BTC
        2025-01-03  kraken/main    transferred  4 BTC   to coinbase/main  fee 1
        2025-01-04  coinbase/main  asserted     4 BTC
    """)
    )
    assert seen["coinbase/main"].status == "green"
    assert rows(seen["coinbase/main"].beginnings) == table("asset event from_zero\nBTC 3 True")
    assert rows(seen["kraken/main"].unvouched) == table("asset events held\nBTC 1 5")


def test_a_fill_beside_the_balances_moves_only_its_fee() -> None:
    """A position is lent by the venue: its opening is no event of the coin's balance."""
    seen = trail("""
        2025-01-01  deposited  100 USD
        2025-01-01  asserted   100 USD
        2025-01-02  bought     1 BTC  @ 50  on P
        2025-01-03  bought     1 BTC  @ 50  fee 1  on P
        2025-01-04  bought     1 BTC  @ 50  fee 1 BNB  on P
    """)
    assert rows(seen.unvouched) == table("""
        asset  events  held
        BNB    1       -1
        USD    1       99
    """)
    assert seen.events_since == 2


def test_a_book_that_takes_out_what_never_came_in_begins_in_the_middle() -> None:
    seen = trail("""
        2025-01-01  sold       1 BTC  for 60
        2025-01-02  deposited  2 ETH  bought 2024-01-01 for 1
        2025-01-03  withdrawn  3 ETH
    """)
    assert rows(seen.beginnings) == table("""
        asset  event  from_zero  lacking
        BTC    1      False      -
        ETH    2      -          -
        USD    1      -          -
    """)
    assert seen.status == "amber"


def test_what_one_instant_takes_and_gives_is_judged_when_it_is_over() -> None:
    seen = trail("""
        2025-01-01  withdrawn  1 BTC
        2025-01-01  deposited  1 BTC  bought 2024-01-01 for 1
    """)
    assert rows(seen.beginnings) == table("asset from_zero\nBTC -")


def test_money_below_zero_at_first_proves_nothing() -> None:
    """A venue lends it in silence."""
    seen = trail("2025-01-01  bought  1 BTC  for 60")
    assert rows(seen.beginnings) == table("asset from_zero\nBTC -\nUSD -")


def test_a_balance_before_anything_moved_begins_in_the_middle() -> None:
    seen = trail("""
        2025-01-01  asserted   2 BTC
        2025-01-01T13:00  deposited  1 BTC  bought 2024-01-01 for 1
        2025-01-02  asserted   3 BTC
    """)
    assert rows(seen.beginnings) == table("""
        asset  event  from_zero  lacking
        BTC    1      False      2
    """)


def test_balances_that_all_differ_alike_lack_something_from_the_beginning() -> None:
    common = "2025-01-01  deposited  1 BTC  bought 2024-01-01 for 1\n2025-01-02  asserted  3 BTC\n"
    for later, lacking in (("3", "2"), ("4", "-"), ("1", "-")):
        (begun,) = rows(trail(f"{common}2025-01-03  asserted  {later} BTC").beginnings)
        assert (begun["from_zero"], begun["lacking"]) == ("-", lacking)
    (begun,) = rows(trail(common).beginnings)
    assert begun["lacking"] == "-", "one balance is no pattern"


def test_a_void_takes_a_light_away() -> None:
    seen = trail("""
        2025-01-01  kraken/main  deposited  1 USD
        2025-01-02  kraken/main  asserted   5 USD  as typo
        2025-01-03  kraken/main  asserted   1 USD
        2025-01-04  kraken/main  voided     typo slip
    """)
    assert (seen.status, len(seen.lights)) == ("green", 1)


def test_the_book_itself_and_accounts_without_a_balance_have_no_trail() -> None:
    assert trails(told("2025-01-01  price  BTC 5\n2025-01-01  a/b  opened  spot")) == {}


_LINES = st.tuples(
    st.sampled_from(["deposited", "withdrawn", "asserted", "borrowed", "charged"]),
    st.integers(1, 4),
    st.sampled_from(["BTC", "ETH", "USD"]),
)


@given(st.lists(_LINES, min_size=1, max_size=25), st.integers(1, 3))
@settings(max_examples=100)
def test_lights_and_findings_never_disagree(lines: list[tuple[str, int, str]], pace: int) -> None:
    """Red is what is found, and unvouched is what moved after the last light: counted naively."""
    story = [
        f"2025-01-{1 + i // pace:02d}  {word}  {n} {asset}"
        for i, (word, n, asset) in enumerate(lines)
    ]
    book = told("\n".join(story))
    found = {row["event"] for row in findings(book) if row["kind"] == "failed_assertion"}
    seen = trails(book)["kraken/main"]
    red = {light.event for light in seen.balances if light.status == "red"}
    assert red == found
    held: dict[str, Decimal] = {}
    since: dict[str, int] = {}
    for recorded in book.replayed:
        asset = recorded.event.asset  # type: ignore[attr-defined]
        word, quantity, _ = lines[int(recorded.event.id) - 1]
        if word == "asserted":
            since[asset] = 0
            continue
        sign = 1 if word in ("deposited", "borrowed") else -1
        held[asset] = held.get(asset, Decimal()) + sign * quantity
        since[asset] = since.get(asset, 0) + 1
    expected = {asset: (count, held.get(asset, 0)) for asset, count in since.items() if count}
    assert {one.asset: (one.events, one.held) for one in seen.unvouched} == expected

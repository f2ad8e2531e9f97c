"""Where an account's events are kept."""

from decimal import Decimal

from attrs import evolve

from domain.events import Deposited, InterestCharged, PriceObserved, Withdrawn
from domain.recorded import account_of, same_fact, stream_of


def test_an_accounts_events_have_a_stream_that_names_it() -> None:
    """Stored logs hold this name: another one would lose them."""
    assert stream_of("kraken/main") == "account:kraken/main"


def test_a_stream_leads_back_to_its_account_whatever_that_is_called() -> None:
    for name in ("kraken/main", "binance/isolated/BTCUSDT", "account:odd/one", "book"):
        assert account_of(stream_of(name)) == name


def test_where_a_price_was_read_is_no_part_of_what_it_says() -> None:
    said = {"at": "2025-03-04T00:00:00Z", "id": "p", "asset": "BTC", "quote": "USD"}
    one = PriceObserved(**said, price="5", source="one file")  # type: ignore[arg-type]
    assert same_fact(one, evolve(one, source="another"))
    assert same_fact(one, evolve(one, source=None))
    assert not same_fact(one, evolve(one, price=Decimal(6)))
    assert not same_fact(one, evolve(one, quote="EUR", source="another"))


def test_other_events_say_the_same_if_they_are_equal() -> None:
    one = Deposited(at="2025-03-04T00:00:00Z", id="d", asset="USD", quantity="1")  # type: ignore[arg-type]
    assert same_fact(one, evolve(one))
    assert not same_fact(one, evolve(one, note="other"))


def test_a_transaction_that_one_file_tells_and_another_does_not_is_no_contradiction() -> None:
    said = {"at": "2025-03-04T00:00:00Z", "id": "d", "asset": "BTC", "quantity": "1"}
    for kind in (Deposited, Withdrawn):
        one = kind(**said, txid="0xAB")  # type: ignore[arg-type]
        assert same_fact(one, evolve(one, txid=None))
        assert same_fact(evolve(one, txid=None), one)
        assert same_fact(one, evolve(one, txid="ab"))
        assert not same_fact(one, evolve(one, txid="cd"))
        assert not same_fact(one, evolve(one, txid=None, quantity=Decimal(2)))
    assert not same_fact(Deposited(**said), Withdrawn(**said))  # type: ignore[arg-type]


def test_a_loan_that_one_file_tells_and_another_does_not_is_no_contradiction() -> None:
    one = InterestCharged(
        at="2025-03-04T00:00:00Z",  # type: ignore[arg-type]
        id="i",
        asset="USD",
        quantity="9",  # type: ignore[arg-type]
        settled="balance",
        loan="p",
    )
    assert same_fact(one, evolve(one, loan=None))
    assert same_fact(evolve(one, loan=None), one)
    assert not same_fact(one, evolve(one, loan="q"))
    assert not same_fact(one, evolve(one, loan=None, quantity=Decimal(8)))

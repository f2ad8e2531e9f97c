"""Where an account's events are kept."""

from domain.recorded import account_of, stream_of


def test_an_accounts_events_have_a_stream_that_names_it() -> None:
    """Stored logs hold this name: another one would lose them."""
    assert stream_of("kraken/main") == "account:kraken/main"


def test_a_stream_leads_back_to_its_account_whatever_that_is_called() -> None:
    for name in ("kraken/main", "binance/isolated/BTCUSDT", "account:odd/one", "book"):
        assert account_of(stream_of(name)) == name

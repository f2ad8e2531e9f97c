"""Write the demo's files: `python -m tests.make_demo`. adapters/demo tells the story."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import adapters.demo
from tests.kraken_venue import Venue

FOLDER = Path(adapters.demo.__file__).parent
ROLLOVER = timedelta(hours=4)


def year() -> tuple[Venue, list[dict[str, object]]]:
    """The venue's year, and the facts that its files do not say."""
    venue = Venue("the demo of marginbook")
    coins = venue.deposit("2025-01-06 09:12:30", "BTC", "0.5")
    venue.deposit("2025-01-08 14:30:11", "USD", "6000")

    short = venue.open("2025-01-31 10:00:12", "sell", "BTC", "2", "104500", leverage=5)
    _roll(venue, short, "2025-01-31 10:00:12", "2025-02-03 02:10:40")
    venue.close("2025-02-03 02:10:40", short, "2", "93900")
    venue.withdraw("2025-02-05 16:20:00", "USD", "19450", "4")

    long = venue.open("2025-02-24 12:00:05", "buy", "BTC", "1.8", "95300", leverage=5)
    _roll(venue, long, "2025-02-24 12:00:05", "2025-02-28 06:10:51")
    venue.close("2025-02-28 06:10:51", long, "1.8", "78450", forced=True, at_most=True)

    venue.deposit("2025-03-05 10:00:00", "USD", "1500")
    venue.trade("2025-06-10 15:45:30", "buy", "ETH", "0.4", "2600")
    venue.withdraw("2025-07-15 08:05:00", "BTC", "0.05", "0.0001")
    last = venue.open("2025-12-30 09:00:20", "buy", "ETH", "12", "2960", leverage=5)
    _roll(venue, last, "2025-12-30 09:00:20", "2025-12-31 23:59:00")
    return venue, _facts(coins)


def _roll(venue: Venue, position: dict[str, str], opened: str, closed: str) -> None:
    """A rollover every four hours after it was opened, while it is open."""
    at = datetime.fromisoformat(opened) + ROLLOVER
    while at <= datetime.fromisoformat(closed):
        venue.rollover(f"{at:%Y-%m-%d %H:%M:%S}", position)
        at += ROLLOVER


def _facts(coins: str) -> list[dict[str, object]]:
    lot = {"acquired": "2020-10-12", "quantity": "0.5", "basis": "5720.00"}
    facts: list[dict[str, object]] = [
        {
            "type": "basis_stated",
            "account": "kraken/main",
            "at": "2025-01-06T09:12:30Z",
            "id": "basis-of-the-coins",
            "target": coins,
            "lots": [lot],
            "note": "bought at another venue in 2020, its statement of 2020-10",
        },
        {
            "type": "margin_terms_set",
            "account": "kraken/main",
            "at": "2025-01-01T00:00:00Z",
            "id": "terms-2025",
            "model": "kraken",
            "call": "0.8",
            "liquidation": "0.4",
            "interest_rates": {"BTC": "0.0002", "USD": "0.0002"},
            "interest_every": "4h",
            "source": "invented for the demo",
        },
    ]
    for name, value in (
        ("filing_status", "single"),
        ("taxable_income", "85000"),
        ("investment_income", "600"),
        ("itemizes", "true"),
    ):
        facts.append(
            {
                "type": "tax_fact_stated",
                "account": "book",
                "at": "2026-02-01T12:00:00Z",
                "id": f"2025-{name}",
                "year": 2025,
                "name": name,
                "value": value,
            }
        )
    for at, asset, price in (
        ("2025-01-06T09:12:00Z", "BTC", "99400"),
        ("2025-02-26T16:00:00Z", "BTC", "84100"),
        ("2025-02-28T06:10:00Z", "BTC", "78450"),
        ("2025-07-15T08:00:00Z", "BTC", "117200"),
        ("2025-12-31T23:59:00Z", "BTC", "87600"),
        ("2025-12-31T23:59:00Z", "ETH", "2970"),
    ):
        facts.append(
            {
                "type": "price_observed",
                "account": "book",
                "at": at,
                "id": f"price-{asset}-{at}",
                "asset": asset,
                "quote": "USD",
                "price": price,
                "source": "invented for the demo",
            }
        )
    return facts


if __name__ == "__main__":
    venue, facts = year()
    (FOLDER / "ledgers.csv").write_text(venue.ledgers(2024))
    (FOLDER / "trades.csv").write_text(venue.trades(2020))
    lines = "".join(f"{json.dumps(fact, separators=(',', ':'))}\n" for fact in facts)
    (FOLDER / "facts.jsonl").write_text(lines)

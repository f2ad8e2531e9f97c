"""From Kraken's files to a margin state and a tax year: tests/data/kraken, worked out by hand.

What happened, and the USD it left (the trading fee is 0.26 % of the cost; a loan costs 0.02 % of
it at once and every four hours):

    01-06  20,000 deposited                                             20,000.00
    01-10  0.02 BTC bought at 90,000: 1,800, fee 4.68                   18,195.32
    02-03  LONG 0.5 BTC at 95,000, 5x: fee 123.50 + 9.50                18,062.32
           three rollovers of 9.50                                      18,033.82
    02-04  closed 0.2 at 98,000: +600, fee 50.96; rollover 5.70         18,577.16
    02-05  settled 0.1: pays 9,500, has 0.12 BTC now; rollover 3.80      9,073.36
    02-06  SHORT 3 ETH at 2,800, 3x: fee 21.84 + 1.68; rollover 1.68     9,048.16
    02-07  covered 3 at 2,650: +450, fee 20.67                           9,477.49
    02-08  0.1 BTC sold at 97,000: 9,700, fee 25.22                     19,152.27
    02-20  15,891 withdrawn, fee 4                                       3,257.27
    03-10  two rollovers of 3.80                                         3,249.67
           LIQUIDATED 0.2 BTC at 78,500: -3,300, fee 40.82. The USD bear 3,208.85 of
           it, 91.15 are taken as 0.0011611465 BTC                           0.00

Basis of the long: 47,500 + 123.50 = 47,623.50 for 0.5 BTC, so 19,049.40 for 0.2 and 9,524.70 for
the 0.1 that was delivered (95,247 a BTC, with the date of the opening). Of the 0.1 sold on 02-08,
FIFO takes the 0.02 of 01-10 (1,804.68) and 0.08 of the delivered (7,619.76), for 9,674.78 x 0.2 and
x 0.8. The BTC taken in the liquidation are delivered ones: 0.0011611465 x 95,247 = 110.5957.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import marginbook
from tests.kraken_venue import Venue

FOLDER = Path(__file__).parent / "data" / "kraken"
SHORT = "3 ETH short sale closed"


def told() -> Venue:
    """The story, as the venue would have written it down."""
    venue = Venue("from Kraken to a tax year")
    venue.deposit("2025-01-06 09:12:30", "USD", "20000")
    venue.trade("2025-01-10 11:05:41", "buy", "BTC", "0.02", "90000")
    long = venue.open("2025-02-03 10:00:05", "buy", "BTC", "0.5", "95000", leverage=5)
    for hour in ("14", "18", "22"):
        venue.rollover(f"2025-02-03 {hour}:00:05", long)
    venue.close("2025-02-04 01:17:30", long, "0.2", "98000")
    venue.rollover("2025-02-04 02:00:05", long)
    venue.settle("2025-02-05 03:00:00", long, "0.1")
    venue.rollover("2025-02-05 06:00:05", long)
    short = venue.open("2025-02-06 06:30:00", "sell", "ETH", "3", "2800", leverage=3)
    venue.rollover("2025-02-06 10:30:00", short)
    venue.close("2025-02-07 21:10:00", short, "3", "2650")
    venue.trade("2025-02-08 15:00:00", "sell", "BTC", "0.1", "97000")
    venue.withdraw("2025-02-20 12:05:00", "USD", "15891", "4")
    for hour in ("02", "06"):
        venue.rollover(f"2025-03-10 {hour}:00:05", long)
    venue.close("2025-03-10 06:44:51", long, "0.2", "78500", forced=True, at_most=True)
    return venue


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """Ask the book of these files, with --json; every question must end with exit status 0."""
    monkeypatch.setenv("MARGINBOOK", str(tmp_path / "book.db"))

    def asked(*arguments: str) -> Any:
        assert marginbook.main([*arguments, "--json"]) == 0
        return json.loads(capfd.readouterr().out)

    files = asked("import", *map(str, sorted(FOLDER.glob("*.csv"))))["files"]
    assert [file["findings"] for file in files] == [[], []]
    return asked


def test_the_files_are_those_of_the_story() -> None:
    assert (FOLDER / "ledgers.csv").read_text() == told().ledgers()
    assert (FOLDER / "trades.csv").read_text() == told().trades()


def test_the_tax_year(ask: Any) -> None:
    year = ask("tax", "2025")
    columns = ("description", "acquired", "sold", "proceeds", "basis", "gain", "box")
    assert [tuple(row[name] for name in columns) for row in year["form_8949"]] == [
        ("0.2 BTC", "2025-02-03", "2025-02-04", "19549.04", "19049.40", "499.64", "I"),
        (
            "3 ETH short sale closed",
            "2025-02-07",
            "2025-02-07",
            "8378.16",
            "7970.67",
            "407.49",
            "I",
        ),
        ("0.02 BTC", "2025-01-10", "2025-02-08", "1934.96", "1804.68", "130.28", "I"),
        ("0.08 BTC", "2025-02-03", "2025-02-08", "7739.82", "7619.76", "120.06", "I"),
        ("0.2 BTC", "2025-02-03", "2025-03-10", "15659.18", "19049.40", "-3390.22", "I"),
        ("0.0011611465 BTC", "2025-02-03", "2025-03-10", "91.15", "110.60", "-19.45", "I"),
    ]
    assert year["schedule_d"] == {
        "3": {
            "proceeds": "53352.31",
            "basis": "55604.51",
            "adjustment": "0.00",
            "gain": "-2252.20",
        },
        "7": "-2252.20",
        "15": "0.00",
        "16": "-2252.20",
        "21": "-2252.20",
    }
    assert year["form_4952"]["1"] == "58.46", "9.50 x 4 + 5.70 + 3.80 x 3 + 1.68 x 2"
    assert year["carryovers"]["investment_interest"] == "58.46"
    assert year["carryovers"]["short_term"] == "0.00"


def test_the_balances_are_the_ledgers(ask: Any) -> None:
    (balance,) = ask("balances")["balances"]
    assert (balance["asset"], balance["held"]) == ("BTC", "0.0188388535")
    assert ask("check")["findings"] == ask("tax", "2025")["findings"]
    assert ask("verify")["ok"] is True


def test_the_delivered_lot_keeps_the_openings_date_and_basis(ask: Any) -> None:
    (lot,) = ask("lots")["lots"]
    assert (lot["acquired"], lot["quantity"]) == ("2025-02-03", "0.0188388535")
    assert Decimal(lot["basis"]) == Decimal(95247) * Decimal("0.0188388535")
    assert lot["position"] == ""


def test_the_margin_a_moment_before_the_liquidation(ask: Any) -> None:
    """3,249.67 USD and 0.02 BTC; 0.2 BTC left of the long, which cost 19,000 and uses 3,800."""
    (account,) = ask("margin", "--at", "2025-03-10T06:30:00Z", "--price", "BTC=78500")["accounts"]
    assert account["collateral"] == "4819.67"
    assert account["equity"] == "1519.67"
    assert account["used_margin"] == "3800"
    assert Decimal(account["level"]).quantize(Decimal("0.00001")) == Decimal("0.39991")
    assert account["status"] == "liquidation"
    prices = {name: Decimal(at) for name, at in account["prices"]["BTC"].items()}
    assert prices["liquidation"].quantize(Decimal("0.01")) == Decimal("78501.50")
    assert prices["call"].quantize(Decimal("0.01")) == Decimal("85410.59")
    (account,) = ask("margin", "--at", "2025-03-10T06:30:00Z", "--price", "BTC=80000")["accounts"]
    assert (account["equity"], account["status"]) == ("1849.67", "call")


def test_the_liquidation_explains_itself_down_to_three_rows(ask: Any) -> None:
    why = ask("explain", "8949:6", "--year", "2025")
    assert [choice["lot"] for choice in why["chosen"]] == [
        choice["lot"] for choice in why["candidates"]
    ]
    opening, taken = why["events"]
    assert opening["type"] == "filled"
    assert taken["type"] == "liquidated"
    assert {row["file"] for row in (taken["source"], *taken["source"]["also"])} == {
        "ledgers.csv",
        "trades.csv",
    }


if __name__ == "__main__":  # python -m tests.test_kraken_to_tax
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "ledgers.csv").write_text(told().ledgers())
    (FOLDER / "trades.csv").write_text(told().trades())

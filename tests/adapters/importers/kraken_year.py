"""An invented year at Kraken, told by hand; tests/data/kraken_coins holds its files as of 2020.

What happened, and what it did to the balances (USD unless said; the trading fee is 0.26 % of the
cost, a loan costs 0.02 % of it at once and every four hours):

    01-06  20,000 deposited                                              20,000.0000
    01-07  0.5 BTC deposited; 50 fee credits, which are no money
    01-10  2 ETH bought at 3,300: 6,600, fee 17.16                       13,382.8400
    02-03  LONG 0.5 BTC at 95,000, 5x: cost 47,500, fee 123.50 + 9.50    13,249.8400
           three rollovers of 9.50                                       13,221.3400
    02-04  closed 0.2 at 98,000: 19,600 - 19,000 = +600, fee 50.96       13,770.3800
           rollover of what is left (28,500): 5.70                       13,764.6800
    02-05  settled 0.1: pays 9,500, receives 0.1 BTC (now 0.6)            4,264.6800
           two rollovers of what is left (19,000): 3.80 each              4,257.0800
    02-06  SHORT 3 ETH at 2,800, 3x: cost 8,400, fee 21.84 + 1.68         4,233.5600
           rollover in the borrowed coin: 0.0006 ETH (now 1.9994)
    02-07  covered 3 at 2,650: 8,400 - 7,950 = +450, fee 20.67            4,662.8900
    02-20  2,600 withdrawn, fee 4                                         2,058.8900
           two rollovers of 3.80                                          2,051.2900
    03-10  LIQUIDATED 0.2 BTC at 78,500: 15,700 - 19,000 = -3,300,
           fee 40.82. The USD bear 2,010.47 of it, and 1,289.53 are
           taken as 0.0164271338 BTC (now 0.5835728662)                       0.0000
    03-12  0.25 BTC withdrawn, fee 0.00015 (now 0.3334228662)
    03-31  0.0012 ETH received for staking (now 2.0006)
    04-01  500 deposited                                                    500.0000
    04-02  0.006 BTC bought in the app for 495, fee 4.95 (0.3394228662)       0.0500

So each position made, in the ledger and by its fills alike: the long +600 - 3,300 = -2,700 (0.1 BTC
of it kept), the short +450.
"""

from pathlib import Path

from tests.kraken_venue import Venue

FOLDER = Path(__file__).parents[2] / "data" / "kraken_coins"


def kraken_year() -> Venue:
    """The year, told once more."""
    venue = Venue("a year at Kraken")
    venue.deposit("2025-01-06 09:12:30", "USD", "20000")
    venue.deposit("2025-01-07 18:40:02", "BTC", "0.5")
    venue.deposit("2025-01-07 18:45:00", "KFEE", "50")
    venue.trade("2025-01-10 11:05:41", "buy", "ETH", "2", "3300")
    long = venue.open("2025-02-03 10:00:05", "buy", "BTC", "0.5", "95000", leverage=5)
    for hour in ("14", "18", "22"):
        venue.rollover(f"2025-02-03 {hour}:00:05", long)
    venue.close("2025-02-04 01:17:30", long, "0.2", "98000")
    venue.rollover("2025-02-04 02:00:05", long)
    venue.settle("2025-02-05 03:00:00", long, "0.1")
    for hour in ("06", "10"):
        venue.rollover(f"2025-02-05 {hour}:00:05", long)
    short = venue.open("2025-02-06 06:30:00", "sell", "ETH", "3", "2800", leverage=3)
    venue.rollover("2025-02-06 10:30:00", short, "0.0006", "ETH")
    venue.close("2025-02-07 21:10:00", short, "3", "2650")
    venue.withdraw("2025-02-20 12:05:00", "USD", "2600", "4")
    for hour in ("02", "06"):
        venue.rollover(f"2025-03-10 {hour}:00:05", long)
    venue.close("2025-03-10 06:44:51", long, "0.2", "78500", forced=True, at_most=True)
    venue.withdraw("2025-03-12 12:00:00", "BTC", "0.25", "0.00015")
    venue.entry("2025-03-31 08:00:00", "staking", "ETH", "0.0012")
    venue.deposit("2025-04-01 10:00:00", "USD", "500")
    bought = venue.id("T")
    venue.entry("2025-04-02 16:20:00", "spend", "USD", "-495", "4.95", refid=bought)
    venue.entry("2025-04-02 16:20:00", "receive", "BTC", "0.006", refid=bought)
    return venue


if __name__ == "__main__":  # python -m tests.adapters.importers.kraken_year
    year = kraken_year()
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "ledgers.csv").write_text(year.ledgers())
    (FOLDER / "trades.csv").write_text(year.trades())

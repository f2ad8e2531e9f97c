"""What a file of bars holds, ready to be asked."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.importers.reading import Fault, Ignored
from adapters.prices.bar_file import Placed, Series, opened
from adapters.prices.pairs import Wanted
from domain.bar import Bar

DATA = Path(__file__).parents[2] / "data" / "prices"

DAY = 86_400
FIRST = 1_740_787_200  # 2025-03-01T00:00:00Z


@dataclass(frozen=True)
class Held:
    """All outcomes of a file, and what iterating over it gives afterwards."""

    outcomes: list[Placed | Ignored | Fault]
    again: list[Bar]
    series: Series | None

    @property
    def bars(self) -> list[Bar]:
        return [one.bar for one in self.outcomes if isinstance(one, Placed)]

    @property
    def closes(self) -> list[str]:
        return [str(bar.close) for bar in self.bars]

    @property
    def lines(self) -> list[int]:
        return [one.line for one in self.outcomes if isinstance(one, Placed)]

    @property
    def said(self) -> list[str]:
        return [str(one) for one in self.outcomes if isinstance(one, Fault)]

    @property
    def reasons(self) -> Counter[str]:
        return Counter(one.reason for one in self.outcomes if isinstance(one, Ignored))

    @property
    def rows(self) -> list[int]:
        """The line of every row that was accounted for."""
        counted = (one for one in self.outcomes if not isinstance(one, Fault) or one.counts)
        return sorted(one.line for one in counted)


def held(
    content: str | bytes,
    name: str = "prices.csv",
    *,
    asset: str | None = "BTC",
    quote: str | None = "USD",
    interval: timedelta | None = None,
) -> Held:
    """What a file of this content and name holds."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with opened(path, Wanted(asset=asset, quote=quote, interval=interval)) as bars:
            outcomes = list(bars.outcomes())
            return Held(outcomes, list(bars), bars.series)


def kraken(*days: int | str) -> str:
    """A file as Kraken writes it: rows as they are given, or a bar of 10 + the day for a number."""
    return "".join(row if isinstance(row, str) else a_day(row) for row in days)


def a_day(day: int, close: str = "") -> str:
    price = close or str(10 + day)
    return f"{FIRST + day * DAY},{price},{price},{price},{price},1.5,3\n"

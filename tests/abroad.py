"""Stories of other countries: the year's figures, its disposals and its pools as tables."""

from datetime import date
from zoneinfo import ZoneInfo

from domain.calendar import Calendar
from projections.decisions import Decisions
from projections.replay import Replay
from projections.tax.canada.federal import Canada
from projections.tax.country import Country
from projections.tax.country_year import Figures
from projections.tax.germany.private_sales import Germany
from projections.tax.uk.united_kingdom import UnitedKingdom
from tests.story import Row, Story

UK, CA, DE = UnitedKingdom(), Canada(), Germany()


def year_of(book: Story, year: int, country: Country, currency: str | None = None) -> Figures:
    """A tax year of a book kept in the country's currency, replayed as far as its law looks."""
    decisions, calendar = Decisions(book.log), Calendar(ZoneInfo(book.zone))
    fold = country.fold(year, decisions, calendar, currency or country.currency)
    last = country.seen(year) or date.max.replace(year=9000)
    happened = (r for r in book.replayed if r.event.at <= calendar.end(last))
    Replay(fold.projections, decisions.voided).run(happened)
    return fold.result()


def disposals(figures: Figures) -> list[Row]:
    """The disposals; `matched` reads 500:30days:2018-09-11 for each part, with + between them."""
    return [
        Row(
            {
                **{name: str(value) for name, value in disposal.to_dict().items()},
                "matched": "+".join(_part(part) for part in disposal.to_dict()["matched"]),
                "printed": str(disposal.printed.get("gain", "-")),
                "denied": str(disposal.denied),
            }
        )
        for disposal in figures.disposals
    ]


def pools(figures: Figures) -> list[Row]:
    """What is left."""
    return [
        Row({name: str(value) for name, value in pool.to_dict().items()}) for pool in figures.pools
    ]


def kinds(figures: Figures, *severities: str) -> list[str]:
    """The kinds of finding there are, of these severities or of all but `info`."""
    wanted = severities or ("warning", "error")
    return sorted({found.kind for found in figures.findings if found.severity in wanted})


def _part(part: dict[str, str]) -> str:
    words = (part["quantity"], part["rule"].replace(" ", ""), part.get("acquired", ""))
    return ":".join(word for word in words if word)

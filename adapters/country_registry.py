"""Which countries are known by their codes.

Further countries are found by the entry point `marginbook.countries`: an object that keeps to
`Country` (projections/tax/country.py). Our own come first.
"""

from collections.abc import Iterator
from importlib.metadata import entry_points

from domain.errors import BookError, UnknownName
from projections.tax.canada.federal import Canada
from projections.tax.country import Country
from projections.tax.germany.private_sales import Germany
from projections.tax.uk.united_kingdom import UnitedKingdom

ENTRY_POINT = "marginbook.countries"

HOME = "us"
"""The country of `Book.tax_year`: its year has forms of its own."""

_OWN: tuple[Country, ...] = (UnitedKingdom(), Canada(), Germany())


def countries() -> tuple[Country, ...]:
    """Every other country there is. Raises `BookError` if an installed one cannot be loaded."""
    return (*_OWN, *_installed())


def country_named(code: str) -> Country:
    """The country of this code. Raises `UnknownName`."""
    for country in countries():
        if country.code == code:
            return country
    if code == HOME:
        raise UnknownName(f"the year of {HOME} has forms of its own: Book.tax_year")
    known = ", ".join((HOME, *(country.code for country in countries())))
    msg = f"no country is called {code!r}; known: {known}"
    raise UnknownName(msg)


def _installed() -> Iterator[Country]:
    """Countries that other distributions bring, in the order of their names."""
    for point in sorted(entry_points(group=ENTRY_POINT), key=lambda point: point.name):
        try:
            loaded = point.load()
            yield loaded() if isinstance(loaded, type) else loaded
        except Exception as error:
            msg = f"the country {point.name!r} ({point.value}) cannot be loaded: {error}"
            raise BookError(msg) from error

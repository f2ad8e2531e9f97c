"""Which importer reads a file: the first that knows its beginning.

Further importers are found by the entry point `marginbook.importers`: an object that keeps to
`reading.Importer`. Our own come first.
"""

from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

from adapters.importers.coinbase.coinbase import Coinbase
from adapters.importers.kraken.kraken import Kraken
from adapters.importers.native import Native
from adapters.importers.reading import Importer
from adapters.importers.table import no_text
from adapters.prices.bar_formats import FORMATS
from domain.errors import BookError, UnknownName

ENTRY_POINT = "marginbook.importers"

_OWN: tuple[Importer, ...] = (
    Kraken(),
    Coinbase(),
    Native(),  # last: it takes whatever begins like an object, and pages do, too
)


def importers() -> tuple[Importer, ...]:
    """Every importer there is. Raises `BookError` if one that is installed cannot be loaded."""
    return (*_OWN, *_installed())


def named(name: str) -> Importer:
    """The importer of this name. Raises `UnknownName`."""
    for importer in importers():
        if importer.name == name:
            return importer
    known = ", ".join(importer.name for importer in importers())
    msg = f"no importer is called {name!r}; known: {known}"
    raise UnknownName(msg)


def recognise(path: Path) -> tuple[Importer, str]:
    """The importer that knows this file, and the format's generation. Raises `UnknownName`."""
    with path.open("rb") as file:
        beginning = file.read(1 << 16)
    for importer in importers():
        generation = importer.recognise(beginning)
        if generation:
            return importer, generation
    if any(known.recognise(beginning) for known in FORMATS):
        msg = f"{path.name} holds bars of prices: record them with `marginbook prices import`"
        raise UnknownName(msg)
    problem = no_text(beginning) or "is of a format not known here"
    looked_for = "\n".join(f"  {name}: {header}" for name, header in formats())
    msg = f"{path.name} {problem}. Known are files whose first line looks like\n{looked_for}"
    raise UnknownName(msg)


def formats() -> list[tuple[str, str]]:
    """Each format's name with a header that it is known by, for people."""
    return [(importer.name, header) for importer in importers() for header in importer.headers]


def _installed() -> Iterator[Importer]:
    """Importers that other distributions bring, in the order of their names."""
    for point in sorted(entry_points(group=ENTRY_POINT), key=lambda point: point.name):
        try:
            loaded = point.load()
            yield loaded() if isinstance(loaded, type) else loaded
        except Exception as error:
            msg = f"the importer {point.name!r} ({point.value}) cannot be loaded: {error}"
            raise BookError(msg) from error

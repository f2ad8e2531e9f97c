"""Which importer reads a file: the first that knows its beginning.

Further importers are found by the entry point `marginbook.importers`: an object that keeps to
`reading.Importer`. Our own come first.
"""

from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from adapters.importers.binance.binance import Binance
from adapters.importers.binance_us.binanceus import BinanceUS
from adapters.importers.bitfinex.bitfinex import Bitfinex
from adapters.importers.bitmex.bitmex import Bitmex
from adapters.importers.bybit.bybit import Bybit
from adapters.importers.coinbase.coinbase import Coinbase
from adapters.importers.deribit.deribit import Deribit
from adapters.importers.gemini.gemini import Gemini
from adapters.importers.generic.generic import Generic
from adapters.importers.generic.mapped import Mapped
from adapters.importers.generic.mapping_file import SUFFIX
from adapters.importers.kraken.kraken import Kraken
from adapters.importers.kraken.kraken_futures import KrakenFutures
from adapters.importers.kucoin.kucoin import Kucoin
from adapters.importers.layout import Header
from adapters.importers.local_times import zone_of
from adapters.importers.native import Native
from adapters.importers.okx.okx import Okx
from adapters.importers.reading import Importer
from adapters.importers.table import no_text
from adapters.prices.bar_formats import FORMATS
from domain.errors import BookError, UnknownName

ENTRY_POINT = "marginbook.importers"


class Documented(Importer, Protocol):
    """An importer of our own: it tells its headers, and has its place in docs/formats.md."""

    @property
    def title(self) -> str: ...

    @property
    def layouts(self) -> Sequence[Header]: ...


@runtime_checkable
class Zoned(Protocol):
    """An importer of files some of whose times tell no zone."""

    def in_zone(self, zone: ZoneInfo) -> Importer:
        """The same importer, for files of this zone."""
        ...


OWN: tuple[Documented, ...] = (
    Kraken(),
    KrakenFutures(),
    Binance(),
    BinanceUS(),
    Coinbase(),
    Bitfinex(),
    Okx(),
    Bybit(),
    Kucoin(),
    Gemini(),
    Deribit(),
    Bitmex(),
    Generic(),  # other tools' files, after those of venues
    Native(),  # last: it takes whatever begins like an object, and pages do, too
)
"""Our own importers, in the order in which they are asked."""


def importers() -> tuple[Importer, ...]:
    """Every importer there is. Raises `BookError` if one that is installed cannot be loaded."""
    return (*OWN, *_installed())


def named(name: str) -> Importer:
    """The importer of this name, or the one that a mapping file makes.

    Raises `UnknownName`, or `BookError` for a mapping file that is none.
    """
    if name.endswith(SUFFIX):
        return Mapped(Path(name))
    for importer in importers():
        if importer.name == name:
            return importer
    known = ", ".join(importer.name for importer in importers())
    msg = f"no importer is called {name!r}; known: {known}"
    raise UnknownName(msg)


def in_zone(importer: Importer, zone: str) -> Importer:
    """The same importer, reading times that tell no zone as this zone's.

    Most need none, and stay as they are. Raises `UnknownName` for what is no zone.
    """
    known = zone_of(zone)
    return importer.in_zone(known) if isinstance(importer, Zoned) else importer


def recognise(path: Path) -> tuple[Importer, str]:
    """The importer that knows this file, and the format's generation. Raises `UnknownName`."""
    beginning = _beginning(path)
    for importer in chain(OWN, _installed()):  # these are looked for only where none of ours knows
        generation = importer.recognise(beginning)
        if generation:
            return importer, generation
    if any(known.recognise(beginning) for known in FORMATS):
        msg = f"{path.name} holds bars of prices: record them with `marginbook prices import`"
        raise UnknownName(msg)
    problem = no_text(beginning)
    likely = "" if problem else _likely(beginning)
    if likely:
        msg = f"{path.name} is of a format not known here. {likely}"
        raise UnknownName(msg)
    problem = problem or f"is of a format not known here. {_LANGUAGE}"
    known = "\n".join(f"  {one.name or one.importer}: {one.looks_like}" for one in formats())
    msg = f"{path.name} {problem}. Known are files whose header looks like\n{known}"
    raise UnknownName(msg)


_LANGUAGE = (
    "If its header is in another language, set the venue's site to English, and export it again"
)


def generation_of(importer: Importer, path: Path) -> str:
    """The generation of a file whose importer was told; its name where it knows none."""
    return importer.recognise(_beginning(path)) or importer.name


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1 << 16)


class Format(NamedTuple):
    """A kind of file: what `--format` calls its importer, its own name, and what it is known by."""

    importer: str
    name: str
    looks_like: str


MAPPED = Format("FILE.toml", "", "any other table: a mapping file says how it is read")


def formats() -> list[Format]:
    """Every kind of file that is known, for people."""
    return [*(known for importer in importers() for known in _formats_of(importer)), MAPPED]


def _formats_of(importer: Importer) -> list[Format]:
    layouts = _layouts(importer)
    if layouts:
        return [Format(importer.name, layout.name, layout.looks_like) for layout in layouts]
    return [Format(importer.name, importer.name, header) for header in importer.headers]


def _layouts(importer: Importer) -> Sequence[Header]:
    """The headers that an importer knows; one of another distribution may not tell them."""
    return getattr(importer, "layouts", ())


def _likely(beginning: bytes) -> str:
    """What a file is likely to be that no importer knows, and what keeps it from being that."""
    layouts = [layout for importer in importers() for layout in _layouts(importer)]
    for mark, called in ((b";", "semicolons"), (b"\t", "tabs"), (b"|", "bars")):
        parted = beginning.replace(b",", b".").replace(mark, b",")
        known = next(filter(None, (layout.recognise(parted) for layout in layouts)), None)
        if mark in beginning and known:
            return f"It is like {known}, with {called} between its columns: export it with commas."
    near = []
    for layout in layouts:
        missing = layout.missing(beginning)
        if missing and len(missing) * 3 <= len(layout.needed):
            near.append((len(missing) / len(layout.needed), layout.name, missing, layout))
    if not near:
        return ""
    near.sort(key=itemgetter(0, 1))
    said = [
        f"It is like {name}, but has no column {', '.join(missing)}; that header is\n"
        f"  {layout.looks_like}"
        for _, name, missing, layout in near[:3]
    ]
    return "\n".join(said)


def _installed() -> Iterator[Importer]:
    """Importers that other distributions bring, in the order of their names."""
    for point in sorted(entry_points(group=ENTRY_POINT), key=lambda point: point.name):
        try:
            loaded = point.load()
            yield loaded() if isinstance(loaded, type) else loaded
        except Exception as error:
            msg = f"the importer {point.name!r} ({point.value}) cannot be loaded: {error}"
            raise BookError(msg) from error

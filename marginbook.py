"""marginbook: an event-sourced accounting engine for crypto margin trading in the US.

The front door, and the only public API: the book, the events, the errors, `main()`. Names are
loaded when they are first asked for, so that the command line starts at once.

>>> from marginbook import Book
>>> with Book.open(":memory:") as book:
...     book.head().position
0
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.book import Book as Book
    from domain.errors import BookError as BookError
    from domain.events import *  # noqa: F403
    from domain.parts import Allocation as Allocation
    from domain.parts import Pick as Pick
    from domain.parts import StatedLot as StatedLot
    from domain.parts import Tier as Tier

__version__ = "0.1.0"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status (0 done, 1 with findings, 2 wrong use)."""
    from adapters.cli.main import run

    return run(arguments)


def __getattr__(name: str) -> Any:
    if name == "Book":
        from adapters.book import Book

        return Book
    from domain import errors, events, parts

    for home in (events, errors, parts):
        found = vars(home).get(name)
        if isinstance(found, type) and found.__module__ == home.__name__:
            return found
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


if __name__ == "__main__":
    raise SystemExit(main())

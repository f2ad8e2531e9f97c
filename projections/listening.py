"""Other ears for disposals: what a book of lots tells its sink, several may hear."""

from collections.abc import Callable
from typing import Any

from domain.lot import Disposal
from projections.lots import LotBook

Ear = Callable[[Disposal], None]


def heard_by(book: Callable[..., LotBook], *ears: Ear) -> Callable[..., LotBook]:
    """A maker of books whose disposals these ears hear too, after the book's own sink."""

    def made(method: str, sink: Ear, *rest: Any) -> LotBook:
        def tell(disposal: Disposal) -> None:
            sink(disposal)
            for ear in ears:
                ear(disposal)

        return book(method, tell, *rest)

    return made if ears else book

"""From a figure back to the rows of the source files: its reasons, with evidence."""

from typing import Any

from attrs import frozen

from adapters.log.log import Log
from adapters.questions import Questions
from adapters.wire import name_of, source_to_json
from domain.price import Chosen
from domain.recorded import Recorded, Source
from projections.report import Report, to_json
from projections.tax.us.explain import Because, because


@frozen(kw_only=True)
class Evidence(Report):
    """An entry of the log that a figure stands on, and the source row it was read from."""

    position: int
    account: str
    id: str
    type: str
    source: Source | None

    def to_dict(self) -> dict[str, Any]:
        """The evidence as JSON values."""
        return {**super().to_dict(), "source": source_to_json(self.source)}


@frozen(kw_only=True)
class Explanation:
    """Why a figure is what it is, down to file and line."""

    because: Because
    events: tuple[Evidence, ...]

    def to_dict(self) -> dict[str, Any]:
        """The explanation as JSON values."""
        reasons = self.because
        return {
            "figure": reasons.figure,
            "value": reasons.value,
            "rule": reasons.rule,
            "law": list(reasons.law),
            "candidates": to_json(reasons.candidates),
            "chosen": to_json(reasons.chosen),
            "prices": [_price(of, chosen) for of, chosen in reasons.priced],
            "events": to_json(self.events),
        }


def explain(
    log: Log, figure: str, *, year: int, method: str | None, known: int | None
) -> Explanation:
    """Explain a figure of a tax year, as known at a log position."""
    asked = Questions(log)
    reasons = because(
        figure,
        asked.tax_year(year, method, known),
        lambda sale: asked.at_stake(sale.position, sale.sold, method, known),
    )
    positions = set(reasons.positions)
    for _, chosen in reasons.priced:
        positions.update(() if chosen.price is None else chosen.price.positions)
    if reasons.sale is not None:
        positions.update(asked.decisions(known).behind(reasons.sale))
    found = (log.entry(position) for position in sorted(positions))
    evidence = tuple(_evidence(recorded) for recorded in found if recorded is not None)
    return Explanation(because=reasons, events=evidence)


def _price(of: str, chosen: Chosen) -> dict[str, Any]:
    """A price behind a figure, and what it was read from."""
    found = {"of": of, **chosen.to_dict()}
    return found if chosen.price is None else {**found, "source": chosen.price.source}


def _evidence(recorded: Recorded) -> Evidence:
    return Evidence(
        position=recorded.position,
        account=recorded.account,
        id=recorded.event.id,
        type=name_of(type(recorded.event)),
        source=recorded.source,
    )

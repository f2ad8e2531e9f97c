"""Commands that decide: elect, identify, allocate, basis, link, policy, state, void.

Each records one event, or refuses and records nothing, and tells what it changed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

import click

from adapters.cli.asking import status
from adapters.cli.options import TIME, Asked, Command

if TYPE_CHECKING:
    from adapters.book import Book
    from domain.events import Event

F = TypeVar("F", bound=Callable[..., Any])

_DAY = r"\d{4}-\d\d-\d\d(?:T[0-9:.]+(?:Z|[+-]\d\d:\d\d))?"
_STATED = re.compile(
    rf"(?P<acquired>{_DAY}):(?P<quantity>[^:]+):(?P<basis>[^:]+)(?::(?P<loss_basis>[^:]+))?"
)
_ALLOCATED = re.compile(
    rf"(?P<account>[^:]+):(?P<acquired>{_DAY}):(?P<quantity>[^:]+):(?P<basis>[^:]+)"
)


class Deciding(Command):
    """A command that decides something, with examples at the end of its help."""

    def __init__(self, *arguments: Any, examples: Sequence[str], **settings: Any) -> None:
        lines = "\n".join(f"  {example}" for example in examples)
        super().__init__(*arguments, epilog=f"\b\nExample:\n{lines}", **settings)


class PartsType(click.ParamType):  # type: ignore[type-arg]
    """Parts with colons between them, such as DAY:QUANTITY:USD."""

    def __init__(self, name: str, pattern: re.Pattern[str], example: str) -> None:
        self.name = name
        self._pattern = pattern
        self._example = example

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, str]:
        """Take the parts that were given; what they may hold, the event knows."""
        found = self._pattern.fullmatch(value)
        if found is None:
            self.fail(f"{value!r} is not {self.name}: write {self._example}", param, ctx)
        return {name: part for name, part in found.groupdict().items() if part is not None}


class PickType(click.ParamType):  # type: ignore[type-arg]
    """LOT or LOT:QUANTITY. A lot's id may itself hold colons."""

    name = "LOT[:QUANTITY]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Decimal | None]:
        """The lot's id, and the quantity if one is given."""
        lot, mark, number = str(value).rpartition(":")
        if not mark:
            return number, None
        try:
            quantity = Decimal(number)
        except InvalidOperation:
            self.fail(f"{number!r} is no quantity: write {lot}:0.5", param, ctx)
        if not quantity.is_finite() or quantity <= 0:
            self.fail(f"{number!r} is no quantity above zero", param, ctx)
        return lot, quantity


_LOT = PartsType("DAY:QUANTITY:USD", _STATED, "2021-05-01:2.5:6200")
_SHARE = PartsType("ACCOUNT:DAY:QUANTITY:USD", _ALLOCATED, "kraken/main:2021-05-01:2.5:6200")

_Content = tuple[str, dict[str, Any]]
"""The account that a decision belongs to, and the fields of its event."""


def _made(command: F) -> F:
    """What every decision takes beside its own words."""
    for option in (
        click.option("--note", metavar="TEXT", help="Words to keep with it."),
        click.option("--id", metavar="ID", help="Its id (default: such as elect-1)."),
        click.option("--at", type=TIME, help="When it was really made (default: now)."),
    ):
        command = option(command)
    return command


@click.command(cls=Deciding, examples=["marginbook elect hifo --account kraken/main --told-broker"])
@click.argument("method", metavar="METHOD")
@click.option("--account", default="book", metavar="A", help="Of this account (default: all).")
@click.option("--asset", metavar="ASSET", help="Of this asset alone.")
@click.option("--told-broker", is_flag=True, help="The broker that holds the units was told.")
@_made
@click.pass_obj
def elect(
    asked: Asked, /, method: str, account: str, asset: str | None, told_broker: bool, **made: Any
) -> int:
    """Give a standing order: fifo, lifo, hifo or lofo for every later sale."""
    from domain.events import MethodElected

    content = {"method": method, "asset": asset, "told_broker": told_broker}
    return _decide(asked, MethodElected, made, lambda _: (account, content))


@click.command(
    cls=Deciding,
    examples=["marginbook identify T7-SALE T1-BUY:0.5 T3-BUY --at 2026-03-01T09:00:00Z"],
)
@click.argument("disposal", metavar="DISPOSAL")
@click.argument("picks", type=PickType(), nargs=-1, required=True, metavar="LOT[:QUANTITY]...")
@click.option("--account", metavar="A", help="The disposal's account, if several have its id.")
@click.option("--told-broker", is_flag=True, help="The broker that holds the units was told.")
@_made
@click.pass_obj
def identify(
    asked: Asked,
    /,
    disposal: str,
    picks: tuple[tuple[str, Decimal | None], ...],
    account: str | None,
    told_broker: bool,
    **made: Any,
) -> int:
    """Pick the lots that one sale or transfer takes; without QUANTITY, all that is left or needed.

    A pick counts only if it was made by then: --at says when it was written down.
    """
    from adapters.drafting import identification
    from domain.events import LotsIdentified

    def content(book: "Book") -> _Content:
        sale = book.find(disposal, account)
        chosen = identification(book.questions, sale, picks)
        return sale.account, {
            "disposal": sale.event.id,
            "picks": chosen,
            "told_broker": told_broker,
        }

    return _decide(asked, LotsIdentified, made, content)


@click.command(
    cls=Deciding,
    examples=[
        "marginbook allocate BTC kraken/main:2021-05-01:2.5:6200 coinbase/main:2020-01-01:1:7000"
    ],
)
@click.argument("asset", metavar="ASSET")
@click.argument("allocations", type=_SHARE, nargs=-1, required=True, metavar=f"{_SHARE.name}...")
@click.option("--global", "by_rule", is_flag=True, help="By a rule for all units.")
@click.option("--rule-recorded", type=TIME, metavar="TIME", help="When that rule was written down.")
@_made
@click.pass_obj
def allocate(
    asked: Asked,
    /,
    asset: str,
    allocations: tuple[dict[str, str], ...],
    by_rule: bool,
    rule_recorded: datetime | date | None,
    **made: Any,
) -> int:
    """Lay unused basis on accounts, as Revenue Procedure 2024-28 allows.

    USD is what all the units of that part cost.
    """
    from domain.events import BasisAllocated

    if rule_recorded is not None and not by_rule:
        raise click.UsageError("--rule-recorded belongs to --global")

    def content(book: "Book") -> _Content:
        return "book", {
            "asset": asset,
            "allocations": allocations,
            "kind": "global" if by_rule else "specific",
            "rule_recorded": book.calendar.until(rule_recorded),
        }

    return _decide(asked, BasisAllocated, made, content)


@click.command(
    cls=Deciding,
    examples=["marginbook basis deposit-14 --lot 2021-05-01:2.5:6200 --lot 2021-06-01:1:2000"],
)
@click.argument("target", metavar="TARGET")
@click.option("--lot", "lots", type=_LOT, multiple=True, required=True, help="One purchase.")
@click.option("--account", metavar="A", help="The target's account, if several have its id.")
@_made
@click.pass_obj
def basis(
    asked: Asked, /, target: str, lots: tuple[dict[str, str], ...], account: str | None, **made: Any
) -> int:
    """State when the units of a deposit were bought, and for how many USD in all.

    A gift's own basis for a loss stands behind a fourth colon.
    """
    from domain.events import BasisStated

    def content(book: "Book") -> _Content:
        about = book.find(target, account)
        return about.account, {"target": about.event.id, "lots": lots}

    return _decide(asked, BasisStated, made, content)


@click.command(
    cls=Deciding,
    examples=[
        "marginbook link kraken/main#W7 coinbase/main#D12",
        "marginbook link --found --dry-run",
    ],
)
@click.argument("legs", nargs=-1, metavar="[OUT INTO]")
@click.option("--found", is_flag=True, help="Link every pair that `transfers` finds.")
@click.option("--dry-run", is_flag=True, help="With --found: say what it would do; do nothing.")
@_made
@click.pass_obj
def link(asked: Asked, /, legs: tuple[str, ...], found: bool, dry_run: bool, **made: Any) -> int:
    """Say that a withdrawal and a deposit (ACCOUNT#ID each) are one transfer of own units."""
    from adapters.references import full_name
    from domain.events import TransferLinked

    if found:
        if legs or any(value is not None for value in made.values()):
            raise click.UsageError("--found names its legs, ids and notes by itself")
        return _link_found(asked, dry_run=dry_run)
    if dry_run:
        raise click.UsageError("--dry-run belongs to --found")
    if len(legs) != 2:
        raise click.UsageError("name two legs, OUT and INTO, or say --found")

    def content(book: "Book") -> _Content:
        out, into = (full_name(book.find(leg)) for leg in legs)
        return "book", {"out": out, "into": into}

    return _decide(asked, TransferLinked, made, content)


def _link_found(asked: Asked, *, dry_run: bool) -> int:
    from adapters.cli.render_transfers import found_links_text

    with asked.open() as book:
        links = book.link_found(dry_run=dry_run)
    asked.answer(links, lambda: found_links_text(links))
    return status(links.changed.came)


@click.command(cls=Deciding, examples=["marginbook policy transfer_fee add_to_basis"])
@click.argument("name", metavar="NAME")
@click.argument("value", metavar="VALUE")
@_made
@click.pass_obj
def policy(asked: Asked, /, name: str, value: str, **made: Any) -> int:
    """Choose a reading where the law is open; every report prints it."""
    from domain.events import PolicySet

    return _decide(asked, PolicySet, made, lambda _: ("book", {"name": name, "value": value}))


@click.command(
    cls=Deciding,
    examples=[
        "marginbook state 2025 taxable_income 85000",
        "marginbook state 2025 elected_gain 5000",
    ],
    context_settings={"ignore_unknown_options": True},
)
@click.argument("year", type=click.IntRange(1900, 2999))
@click.argument("name", metavar="NAME")
@click.argument("value", metavar="VALUE")
@_made
@click.pass_obj
def state(asked: Asked, /, year: int, name: str, value: str, **made: Any) -> int:
    """State a fact of a tax year from outside the book."""
    from domain.events import TaxFactStated

    content = {"year": year, "name": name, "value": value}
    return _decide(asked, TaxFactStated, made, lambda _: ("book", content))


@click.command(cls=Deciding, examples=['marginbook void deposit-14 --reason "entered twice"'])
@click.argument("target", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="Why: it is kept with the event.")
@click.option("--account", metavar="A", help="The event's account, if several have its id.")
@_made
@click.pass_obj
def void(asked: Asked, /, target: str, reason: str, account: str | None, **made: Any) -> int:
    """Let an event count no longer. It stays in the log; a void may itself be voided."""
    from domain.events import Voided

    def content(book: "Book") -> _Content:
        about = book.find(target, account)
        return about.account, {"target": about.event.id, "reason": reason}

    return _decide(asked, Voided, made, content)


# What they share ----------------------------------------------------------------------------------


def _decide(
    asked: Asked,
    kind: "type[Event]",
    made: Mapping[str, Any],
    content: "Callable[[Book], _Content]",
) -> int:
    """Draft the decision, record it or refuse it, and tell what it changed."""
    from adapters.cli.decided import decision_text
    from adapters.drafting import Made, drafted

    with asked.open() as book:
        account, fields = content(book)
        event = drafted(book.questions, kind, account, fields, Made(**made))
        decision = book.decide(event, account)
    asked.answer(decision, lambda: decision_text(decision))
    return status(decision.changed.came)

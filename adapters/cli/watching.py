"""Commands that watch margin: where accounts stand and stood, and what their loans cost."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import status
from adapters.cli.options import PRICE, TIME, Asked, Command

if TYPE_CHECKING:
    from adapters.book import Time
    from projections.margin.margin_history import MarginPoint


@click.command(cls=Command)
@click.option("--at", type=TIME, help="As of this time.")
@click.option("--price", "prices", type=PRICE, multiple=True, help="A price to use as mark.")
@click.option("--account", metavar="A", help="Of this account alone.")
@click.option("--history", is_flag=True, help="After every event: levels, calls, liquidations.")
@click.option("--calls", is_flag=True, help="Of the history only what it tells, not every event.")
@click.option("--from", "since", type=TIME, help="The history from this time on.")
@click.pass_obj
def margin(
    asked: Asked,
    at: "Time | None",
    prices: Iterable[tuple[str, Decimal]],
    account: str | None,
    history: bool,
    calls: bool,
    since: "Time | None",
) -> int:
    """What each account is worth, and at which price it is called or liquidated."""
    if history or calls:
        if prices:
            raise click.UsageError("--price is for one state; the history has its own prices")
        return _history(asked, at, account, since, points=history)
    if since is not None:
        raise click.UsageError("--from is for --history")
    from adapters.cli.render_margin import margin_json, margin_text

    given = dict(prices)
    if len(given) < len(tuple(prices)):
        raise click.UsageError("a price is given twice")
    with asked.open() as book:
        if book.currency in given:
            raise click.UsageError(f"{book.currency} is the book's currency: its price is 1")
        states = book.margin(at, prices=given)
    known = [state.account for state in states]
    if account is not None:
        states = tuple(state for state in states if state.account == account)
        _must_be_known(account, known)
    asked.answer(margin_json(states), lambda: margin_text(states))
    return status(finding for state in states for finding in state.findings)


@click.command(cls=Command)
@click.option("--at", type=TIME, help="As of this time (default: the last fact of each account).")
@click.option("--account", metavar="A", help="Of this account alone.")
@click.pass_obj
def interest(asked: Asked, at: "Time | None", account: str | None) -> int:
    """What each loan should have cost by the venue's rule, beside what was charged."""
    from adapters.cli.render_interest import interest_text

    with asked.open() as book:
        _must_be_known(account, book.accounts(at) if account else ())
        report = book.interest(at)
    if account is not None:
        report = report.of(account)
    asked.answer(report, lambda: interest_text(report))
    return status(report.findings)


def _history(
    asked: Asked, at: "Time | None", account: str | None, since: "Time | None", *, points: bool
) -> int:
    """Print points as they come, then what they tell."""
    from adapters.cli.render_margin import calls_text
    from adapters.cli.stream import points_after, points_before

    with asked.open() as book:
        _must_be_known(account, book.accounts(at) if account else ())
        if since is not None and type(at) is type(since) and at < since:
            raise click.UsageError(f"the history ends at {at} before it begins at {since}")
        if points and asked.json:
            click.echo(asked.beginning(points_before()), nl=False)
        sink = _printer(asked) if points else None
        report = book.margin_history(sink, account=account, since=since, at=at)
    if points:
        click.echo(
            points_after(report.to_dict()) if asked.json else calls_text(report), nl=not asked.json
        )
    else:
        asked.answer(report, lambda: calls_text(report))
    return status(report.findings)


def _must_be_known(account: str | None, known: Iterable[str]) -> None:
    """A misspelt account is no empty one."""
    if account is not None and account not in known:
        names = ", ".join(sorted(known)) or "none"
        raise click.UsageError(f"there is no account {account!r}; known: {names}")


def _printer(asked: Asked) -> Callable[["MarginPoint"], None]:
    from adapters.cli.render_margin import point_text
    from adapters.cli.stream import as_items

    if not asked.json:
        if asked.paper:
            click.echo(asked.watermark)
        return lambda point: click.echo(point_text(point))
    item = as_items()
    return lambda point: click.echo(item(point), nl=False)

"""The command `performance`: what was earned, on which own capital."""

from datetime import date, datetime

import click

from adapters.cli.asking import status
from adapters.cli.options import TIME, Asked, Command

Time = datetime | date


@click.command(cls=Command)
@click.option("--account", metavar="A", help="Of this account alone.")
@click.option("--from", "since", type=TIME, help="From this time on; a date: its beginning.")
@click.option("--to", "at", type=TIME, help="Up to and with this time.")
@click.option("--curve", is_flag=True, help="Add the equity curve: a point a day, and a flow.")
@click.pass_obj
def performance(
    asked: Asked, account: str | None, since: Time | None, at: Time | None, curve: bool
) -> int:
    """What was earned, by asset, position and account, and the return on own capital."""
    from adapters.cli.render_performance import performance_text

    with asked.open() as book:
        report = book.performance(account, since=since, at=at, curve=curve)
    asked.answer(report, lambda: performance_text(report))
    return status(report.findings)

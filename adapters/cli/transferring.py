"""The command about transfers: which legs are linked, which belong together, which stand alone."""

from typing import TYPE_CHECKING

import click

from adapters.cli.options import DONE, FOUND, TIME, Asked, Command

if TYPE_CHECKING:
    from adapters.book import Time


@click.command(cls=Command)
@click.option("--at", type=TIME, help="As of this time.")
@click.pass_obj
def transfers(asked: Asked, at: "Time | None") -> int:
    """Withdrawals and deposits that are one transfer: linked, found, or still alone."""
    from adapters.cli.render_transfers import transfers_text

    with asked.open() as book:
        report = book.transfers(at)
    asked.answer(report, lambda: transfers_text(report))
    wanting = report.pairs or any(leg.candidates for leg in report.unpaired)
    return FOUND if wanting else DONE

"""The command `assert`: what a statement says is held, written down by hand.

It is a fact about the venue and no decision, so it is recorded whether the book agrees or not; the
answer is the light that it adds to the account's trail.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from adapters.cli.options import DONE, FOUND, TIME, Asked, Command

if TYPE_CHECKING:
    from projections.trail_report import BalanceLight, Trail


@click.command(
    "assert",
    cls=Command,
    context_settings={"ignore_unknown_options": True},
    epilog="\b\nExample:\n  marginbook assert kraken/main USD 9001.03 --at 2025-03-05",
)
@click.argument("account", metavar="ACCOUNT")
@click.argument("asset", metavar="ASSET")
@click.argument("quantity", metavar="QUANTITY")
@click.option("--at", type=TIME, help="As of when, everything of that instant included.")
@click.option("--id", metavar="ID", help="Its id (default: such as assert-1).")
@click.option("--note", metavar="TEXT", help="Words to keep with it, such as the statement's name.")
@click.pass_obj
def assert_(
    asked: Asked,
    /,
    account: str,
    asset: str,
    quantity: str,
    at: datetime | date | None,
    **made: str | None,
) -> int:
    """Write down what a statement says an account holds of an asset; the book is checked by it.

    A date is the end of that day; without --at it is what is held now.
    """
    from adapters.cli.render_trail import light_text
    from adapters.drafting import Made, drafted
    from adapters.wire import account_name, to_native
    from domain.events import BalanceAsserted

    account = account_name(account)
    if account == "book":
        raise click.UsageError("a balance is an account's: name one, such as kraken/main")
    content = {"asset": asset, "quantity": quantity}
    with asked.open() as book:
        before = book.head().position
        event = drafted(book.questions, BalanceAsserted, account, content, Made(at=at, **made))
        (held,) = book.record([event], account)
        trail = next((one for one in book.trail() if one.account == account), None)
        head, calendar = book.head(), book.calendar
    light = None if trail is None else _light(trail, event.id)
    known = held.position <= before

    def text() -> str:
        name = f"{account}#{event.id}"
        if light is None:
            return f"{name} is void: it vouches for nothing"
        said = "Known already:" if known else "Recorded"
        lines = [f"{said} {name}, at position {held.position}.", light_text(light, calendar)]
        if trail is not None and any(one.event == event.id for one in trail.beginnings):
            lines.append(f"The book knows of no {asset} in {account} before: are both names right?")
        return "\n".join(lines)

    asked.answer(
        {
            "event": to_native(account, event),
            "position": held.position,
            "known": known,
            "light": None if light is None else light.to_dict(),
            "head": head.to_dict(),
        },
        text,
    )
    return DONE if light is not None and not light.difference else FOUND


def _light(trail: "Trail", name: str) -> "BalanceLight | None":
    """The light of one assertion; None if it is void."""
    return next((light for light in trail.balances if light.event == name), None)

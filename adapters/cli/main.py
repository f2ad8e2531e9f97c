"""The command `marginbook`: the group of all commands, and how it ends.

Heavy rooms are imported by the commands that need them, so that `--help` answers at once.
"""

import sys
from typing import Any

import click

from adapters.cli.asking import (
    balances,
    check,
    compare,
    events,
    explain,
    lots,
    tax,
    verify,
)
from adapters.cli.deciding import allocate, basis, elect, identify, link, policy, state, void
from adapters.cli.fetching import fetch
from adapters.cli.options import DONE, WRONG, Asked, InOrder, book_option, fail, json_option
from adapters.cli.papering import paper
from adapters.cli.performing import performance
from adapters.cli.pricing import prices
from adapters.cli.recording import demo, import_, init
from adapters.cli.supposing import whatif
from adapters.cli.terming import terms
from adapters.cli.transferring import transfers
from adapters.cli.vouching import assert_
from adapters.cli.watching import interest, margin
from domain.errors import BookError

_ASK = (events, verify, check, balances, lots, tax, compare, explain)
_WATCH = (margin, whatif, interest, performance, transfers)
_DECIDE = (elect, identify, allocate, basis, link, policy, state, void, terms, assert_)
_COMMANDS = (init, import_, fetch, *_ASK, *_WATCH, *_DECIDE, prices, paper, demo)


@click.group(
    cls=InOrder,
    params=[book_option(), json_option()],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="marginbook", message="marginbook %(version)s")
@click.pass_context
def cli(ctx: click.Context, book: str | None, json: bool) -> None:
    """Keep the books of a crypto margin account: margin, lots and the US tax year from one log.

    Begin with `marginbook import FILE...`, then ask: margin, lots, tax 2025, explain 8949:1.
    """
    asked = ctx.ensure_object(Asked)
    asked.book = book or asked.book
    asked.json = json


for _command in _COMMANDS:
    cli.add_command(_command)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    asked = Asked()
    given = sys.argv[1:] if arguments is None else arguments
    json = "--json" in given
    try:
        status: Any = cli.main(arguments, "marginbook", standalone_mode=False, obj=asked)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as wrong:
        if not json:
            wrong.show()
            return WRONG
        return fail(wrong.format_message(), json=json, paper=asked.paper)
    except click.Abort:
        return fail("stopped: nothing was recorded", json=json, paper=asked.paper)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read has gone; say nothing more
        return DONE
    except (BookError, OSError) as error:
        return fail(str(error), json=json, paper=asked.paper)
    return status if isinstance(status, int) else DONE

"""What Kraken's files say of the account as a whole: its kind, its margin terms, what it holds."""

from datetime import UTC, datetime
from decimal import Decimal

from adapters.importers.kraken.kraken_rows import Entry
from adapters.importers.reading import Draft
from adapters.importers.table import plain
from domain.events import AccountOpened, BalanceAsserted, MarginTermsSet

_SINCE = datetime(
    2011, 7, 28, tzinfo=UTC
)  # Kraken's founding: before anything that a file can tell
_TERMS_SINCE = datetime(2021, 6, 23, tzinfo=UTC)  # US clients: the day of Kraken's present terms


def margin_account(account: str) -> list[Draft]:
    """The account and the venue's margin levels. No row says them, so they are always the same.

    Source: Kraken's support, "Margin call level and margin liquidation level": about 80 % and about
    40 %.
    """
    opened = AccountOpened(
        at=_SINCE, id="account/kraken", mode="cross", venue="kraken", custody="broker"
    )
    terms = MarginTermsSet(
        at=_TERMS_SINCE,
        id="terms/kraken",
        model="kraken",
        call=Decimal("0.8"),
        liquidation=Decimal("0.4"),
        note="built in: the levels that Kraken publishes (call about 80 %, liquidation about 40 %)",
    )
    return [Draft(account, opened, None), Draft(account, terms, None)]


def balance_asserted(
    account: str, asset: str, quantity: Decimal, at: datetime, last: Entry
) -> Draft:
    """What the running balances say is held of an asset after its last entry.

    The ledger tells whole seconds, so it speaks of the end of its second: of the trades in it, too.
    """
    event = BalanceAsserted(
        at=at.replace(microsecond=999_999),
        id=f"balance/{asset}/{last.txid}",
        asset=asset,
        quantity=plain(quantity),
    )
    return Draft(account, event, last.file.row(last.line))

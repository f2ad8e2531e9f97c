"""A venue that exists in tests alone: the smallest statement that asks all of the engine.

Its table: `when,what,coin,change,fee,left,ref` where `ref` may be empty, `left` may be missing.
"""

from collections.abc import Sequence

from adapters.importers.fills import price_of
from adapters.importers.group import Group
from adapters.importers.json_pages import PageLayout
from adapters.importers.layout import Accounts, Cells, Kept, Key, Layout, Moved
from adapters.importers.reading import Unclear
from adapters.importers.statement import Meaning, Mode, Statement
from adapters.importers.table import number, rfc3339
from domain.events import Borrowed, Deposited, Filled, Repaid, Withdrawn

HEADER = "when,what,coin,change,fee,left,ref"
RANKS = {"in": 1, "loan": 2, "back": 7, "out": 9}


def key(cells: Cells) -> Key | str:
    when, what, coin, change, _, _, ref = cells
    if what == "cancelled":
        return "cancelled"
    at = rfc3339(when, "when")
    bundle = f"trade {ref}" if what == "trade" else ""
    id_ = f"{ref}/{coin}" if bundle else ref
    return Key(at, id_, bundle, (at.isoformat(), what, coin, f"{number(change, 'change')}"))


def entry(kept: Kept, accounts: Accounts) -> Moved:
    _, what, coin, change, fee, left, ref = kept.cells
    return Moved(
        file=kept.file,
        line=kept.line,
        id=ref if kept.bundle else kept.id,
        at=kept.at,
        account=accounts.of("cross" if what in ("loan", "back") else "main"),
        bundle=kept.bundle,
        rank=RANKS.get(what, 5),
        kind=what,
        asset=coin,
        amount=number(change, "change"),
        fee=number(fee, "fee") if fee else number("0", ""),
        balance=number(left, "left") if left else None,
    )


class CornerShop(Statement):
    name = "shop"
    title = "The corner shop"
    spanning = True
    layouts: Sequence[Layout] = (
        Layout(
            name="shop-rows",
            title="its rows",
            needed=("when", "what", "coin", "change"),
            optional=("fee", "left", "ref"),
            aliases={"what happened": "what"},
            generations=(("2025", ("ref",)), ("2020", ())),
            family="shop",
            key=key,
            entry=entry,
        ),
        PageLayout(
            name="shop-pages",
            title="its pages",
            needed=("when", "what", "coin", "change", "ref"),
            optional=("fee", "left"),
            family="shop",
            named_by="ref",
            key=lambda cells: key((*cells[:4], cells[5], cells[6], cells[4])),
            entry=lambda kept, accounts: entry(
                kept._replace(cells=(*kept.cells[:4], *kept.cells[5:], kept.cells[4])), accounts
            ),
        ),
    )

    def meaning(self, accounts: Accounts) -> Meaning:
        return ShopMeaning(accounts)


class ShopMeaning(Meaning):
    def read(self, group: Group) -> str | None:
        first: Moved = group.first
        match first.kind:
            case "in":
                group.add(Deposited, asset=first.asset, quantity=first.amount)
            case "out":
                group.add(Withdrawn, asset=first.asset, quantity=-first.amount, fee=first.fee)
            case "loan":
                self.modes[first.account] = Mode("cross")
                group.add(Borrowed, asset=first.asset, quantity=first.amount)
            case "back":
                group.add(Repaid, asset=first.asset, quantity=-first.amount)
            case "trade":
                net = group.net()
                if len(net) != 2 or "USD" not in net:
                    raise Unclear("is half of a trade")
                usd = net.pop("USD")
                ((coin, change),) = net.items()
                group.add(
                    Filled,
                    side="buy" if change > 0 else "sell",
                    asset=coin,
                    quantity=abs(change),
                    quote="USD",
                    price=price_of(abs(usd), abs(change)),
                    amount=abs(usd),
                )
            case "gift card":
                return "gift cards are no money"
            case _:
                raise Unclear("is not known here", "Ask for it", "what", first.kind)
        return None

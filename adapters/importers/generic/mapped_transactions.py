"""Rows that hold a whole transaction, as a mapping file explains them.

Either what was received and what was sent stand in columns of their own, or a quantity of an asset
does, with a side and a price where it was traded.
"""

from decimal import Decimal

from attrs import frozen

from adapters.importers.generic.kinds import COMES_IN, GOES_OUT
from adapters.importers.generic.mapped_cells import MappedCells
from adapters.importers.generic.mapping_file import MappingFile
from adapters.importers.generic.transaction import Told, Tool
from adapters.importers.layout import Cells, Key
from adapters.importers.table import Misread
from domain.money import product

Side = tuple[str, str]
"""An amount and its asset, as texts."""

_NOTHING: Side = ("", "")


@frozen(kw_only=True)
class MappedTool(Tool):
    """A tool that a mapping file describes: words may mean nothing, and ids are the user's."""

    cells: MappedCells

    def key(self, cells: Cells) -> Key | str:
        reason = self.cells.ignored(cells)
        if reason:
            return reason
        key = super().key(cells)
        return key if isinstance(key, str) else key._replace(id=self.cells.text(cells, "id"))


def mapped_tool(mapping: MappingFile) -> MappedTool:
    """The tool that writes such rows."""
    cells = TransactionCells(mapping)
    return MappedTool(
        name=mapping.name,
        account=mapping.account,
        told=cells.told,
        columns=cells.names,
        labels=cells,
        at=cells.at,
        cells=cells,
    )


class TransactionCells(MappedCells):
    """The cells of a row that holds a transaction, and how they are arranged."""

    @property
    def names(self) -> Told:
        """What the columns of a transaction's texts are called."""
        return Told(
            " ".join(self.mapping.time),
            *(
                self.header(field)
                for field in (
                    *("kind", "received", "received_asset", "sent", "sent_asset", "fee"),
                    *("fee_asset", "wallet", "to_wallet", "value", "", "txid", "id"),
                )
            ),
        )

    def told(self, cells: Cells) -> Told:
        """A row's texts, its numbers in canonical form. Raises `Misread`."""
        label = self.text(cells, "kind")
        received, sent = self._sides(cells, label)
        fee, value = self.number(cells, "fee"), self.number(cells, "value")
        return Told(
            self.when(cells),
            label,
            *received,
            *sent,
            *("" if fee is None else f"{fee:f}", self.asset(cells, "fee_asset")),
            *(self.account(cells), self.account(cells, "to_wallet")),
            *("" if value is None else f"{value:f}", "USD"),
            *(self.text(cells, "txid"), self.text(cells, "id")),
        )

    def _sides(self, cells: Cells, label: str) -> tuple[Side, Side]:
        if "quantity" not in self.mapping.columns:
            received, sent = (
                self.number(cells, "received"),
                self.number(cells, "sent"),
            )
            return (
                _amount(received, self.asset(cells, "received_asset")),
                _amount(None if sent is None else abs(sent), self.asset(cells, "sent_asset")),
            )
        quantity = self.number(cells, "quantity")
        if quantity is None:
            return _NOTHING, _NOTHING
        kind = self.mapping.kinds.get(label, "")
        side = self._side(cells, kind, quantity)
        base, quote = self._pair(cells, traded=bool(side))
        if side:
            traded = _amount(abs(quantity), base), _amount(self._cost(cells, quantity), quote)
            return traded if side == "buy" else traded[::-1]
        word = kind.split(" ")[0]
        if quantity < 0 and word in COMES_IN:
            raise Misread(self.header("quantity"), f"{quantity:f}", f"is below zero, and {word}")
        one = _amount(abs(quantity), base)
        if kind == "transferred":
            return one, one
        out = word in GOES_OUT or (word not in COMES_IN and quantity < 0)
        return (_NOTHING, one) if out else (one, _NOTHING)

    def _side(self, cells: Cells, kind: str, quantity: Decimal) -> str:
        """`buy` or `sell`; "" for what is no trade. Raises `Misread`."""
        word, _, said = kind.partition(" ")
        if word not in ("filled", "liquidated", ""):
            return ""
        if said:
            return said
        side = self.text(cells, "side")
        if side.casefold() in ("buy", "sell"):
            return side.casefold()
        if side:
            raise Misread(self.header("side"), side, "is neither buy nor sell")
        if not word:
            return ""
        if "side" in self.mapping.columns:
            raise Misread(self.header("side"), "", "says nothing of a trade")
        return "buy" if quantity > 0 else "sell"

    def _pair(self, cells: Cells, *, traded: bool) -> tuple[str, str]:
        base, quote, pair = (
            self.asset(cells, "asset"),
            self.asset(cells, "quote"),
            self.text(cells, "pair"),
        )
        if not pair:
            return base, quote
        parts = next((pair.split(sign) for sign in "/-_:" if sign in pair), [])
        if not parts and not traded:  # BTC/USD where it was traded, BTC where it was borrowed
            return base or self.mapping.assets.get(pair, pair), quote
        if len(parts) != 2 or not all(parts):
            hint = "It should look like BTC/USD; else name asset and quote"
            raise Misread(self.header("pair"), pair, "is no pair of two assets", hint)
        names = [self.mapping.assets.get(part, part) for part in parts]
        return base or names[0], quote or names[1]

    def _cost(self, cells: Cells, quantity: Decimal) -> Decimal:
        amount, price = self.number(cells, "amount"), self.number(cells, "price")
        if amount is not None:
            return abs(amount)
        if price is None:
            raise Misread(self.header("price"), "", "says nothing, and no amount is told")
        return abs(product(price, quantity))


def _amount(quantity: Decimal | None, asset: str) -> Side:
    return ("", asset) if quantity is None else (f"{quantity:f}", asset)

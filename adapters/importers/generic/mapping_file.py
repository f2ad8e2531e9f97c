"""Mapping files: a small TOML file that says how any table of transactions is to be read.

    name = "mybroker"
    [columns]
    time = "Date"
    kind = "Type"
    ...

Nothing in it is optional by accident: a key, a column or a kind that is not known here is refused,
with the file, the line and what is known. How each key is read stands in docs/formats.md.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen

from adapters.importers.generic.kinds import KINDS
from adapters.importers.generic.written_numbers import Written
from domain.account import is_paper
from domain.errors import BookError

SUFFIX = ".toml"

_OF_BOTH = ("time", "kind", "asset", "fee", "fee_asset", "wallet", "id", "txid", "value")
_OF_MOVEMENTS = (*_OF_BOTH, "amount", "balance", "group")
_OF_TRANSACTIONS = (
    *_OF_BOTH,
    *("received", "received_asset", "sent", "sent_asset", "to_wallet"),
    *("side", "pair", "quantity", "quote", "price", "amount"),
)
_KEYS: Mapping[str, Sequence[str]] = {
    "": (
        *("name", "account", "rows", "separator", "columns", "defaults", "time", "numbers"),
        *("kinds", "wallets", "assets"),
    ),
    "time": ("format", "zone"),
    "numbers": ("decimal", "thousands", "signs", "empty"),
}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_LEAP_DAY = datetime(2024, 2, 29, 23, 59, 58, tzinfo=UTC)
_SET_BY_ITSELF = ("iso", "unix", "unix_ms")


@frozen(kw_only=True)
class MappingFile:
    """What a mapping file says. `columns` are headers by field; `time` may be of several."""

    file: str
    name: str
    account: str
    movements: bool
    separator: str
    time: tuple[str, ...]
    columns: Mapping[str, str]
    defaults: Mapping[str, str]
    time_format: str
    zone: ZoneInfo | None
    numbers: Written
    kinds: Mapping[str, str]
    wallets: Mapping[str, str]
    assets: Mapping[str, str]

    @property
    def headers(self) -> tuple[str, ...]:
        """Every column that the table must have, each once."""
        return tuple(dict.fromkeys((*self.time, *self.columns.values())))


def read_mapping(path: Path) -> MappingFile:
    """The mapping that a file holds. Raises `BookError` where it cannot be one."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        msg = f"{path.name}: this mapping file cannot be read: {why}"
        raise BookError(msg) from error
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{path.name}: is no TOML: {error}"
        raise BookError(msg) from error
    return _Reader(path.name, text, told).mapping()


def _can_be_read(time_format: str) -> bool:
    """Whether a time that is written so can be read."""
    try:
        datetime.strptime(_LEAP_DAY.strftime(time_format), time_format)  # noqa: DTZ007 - no time
    except ValueError:
        return False
    return True


def _is_account(name: str) -> bool:
    """Whether an account of a venue may be called so; `book` is that of the book's decisions."""
    return name != "book" and all(map(_NAME.fullmatch, name.split("/")))


class _Reader:
    """One file under way. Every refusal names the file, the line and the key."""

    def __init__(self, file: str, text: str, told: dict[str, Any]) -> None:
        self._file = file
        self._lines = text.splitlines()
        self._told = told

    def mapping(self) -> MappingFile:
        self._known("", self._told, _KEYS[""])
        name = self._text("", self._told, "name")
        if not _NAME.fullmatch(name) or is_paper(name):
            self._refuse("name", f"{name!r} is no name for a venue: it looks like mybroker")
        rows = self._told.get("rows", "transactions")
        if rows not in ("transactions", "movements"):
            self._refuse("rows", f"{rows!r} is neither transactions nor movements")
        movements = rows == "movements"
        fields = _OF_MOVEMENTS if movements else _OF_TRANSACTIONS
        columns = self._table("columns")
        self._known("columns", columns, fields)
        time = columns.pop("time", None)
        times = time if isinstance(time, list) else [time]
        if not time or not all(isinstance(part, str) and part for part in times):
            self._refuse("columns.time", "must name the column of the time, or a list of columns")
        texts = self._texts("columns", columns)
        defaults = self._texts("defaults", self._table("defaults"))
        self._known("defaults", defaults, [field for field in fields if field != "time"])
        self._complete(movements, {*texts, *defaults})
        time_format, zone = self._time()
        return MappingFile(
            file=self._file,
            name=name,
            account=self._account(name),
            movements=movements,
            separator=self._separator(),
            time=tuple(times),
            columns=texts,
            defaults=defaults,
            time_format=time_format,
            zone=zone,
            numbers=self._numbers(),
            kinds=self._kinds({*texts, *defaults}),
            wallets=self._wallets(),
            assets=self._texts("assets", self._table("assets")),
        )

    def _complete(self, movements: bool, told: set[str]) -> None:
        """Refuse a mapping that leaves open how much of what was moved."""
        if movements:
            wanted = ["asset", "amount"]
        elif told & {"received", "sent"}:
            wanted = [f"{part}_asset" for part in ("received", "sent") if part in told]
        else:
            wanted = ["quantity"]
            if not told & {"asset", "pair"}:
                self._refuse("columns", "needs asset or pair: what quantity counts units of")
        for field in (field for field in wanted if field not in told):
            self._refuse("columns", f"needs {field}")
        if "side" in told and not told & {"price", "amount"}:
            self._refuse("columns", "needs price or amount: what trades cost")
        if "side" in told and not told & {"pair", "quote"}:
            self._refuse("columns", "needs pair or quote: what trades are paid in")
        if "fee" in told and not movements and "fee_asset" not in told:
            self._refuse("columns", "needs fee_asset: what fees are taken in")

    def _account(self, name: str) -> str:
        account = self._told.get("account", f"{name}/main")
        if not isinstance(account, str) or not _is_account(account):
            self._refuse("account", f"{account!r} is no account: it looks like {name}/main")
        return account

    def _wallets(self) -> dict[str, str]:
        wallets = self._texts("wallets", self._table("wallets"))
        for wallet, account in wallets.items():
            if not _is_account(account):
                self._refuse(f"wallets.{wallet}", f"{account!r} is no account")
        return wallets

    def _separator(self) -> str:
        separator = self._told.get("separator", ",")
        if separator not in (",", ";", "\t", "|"):
            self._refuse("separator", f"{separator!r} parts no columns: it is , ; | or a tab")
        return str(separator)

    def _time(self) -> tuple[str, ZoneInfo | None]:
        told = self._table("time")
        self._known("time", told, _KEYS["time"])
        time_format = self._text("time", told, "format")
        zone = told.get("zone")
        if time_format in ("unix", "unix_ms") or "%z" in time_format:
            if zone is not None:
                self._refuse("time.zone", f"goes not with {time_format}, which tells it")
            return time_format, None
        if time_format not in _SET_BY_ITSELF and "%" not in time_format:
            known = ", ".join(_SET_BY_ITSELF)
            self._refuse(
                "time.format", f"{time_format!r} is neither like %Y-%m-%d %H:%M nor {known}"
            )
        if time_format not in _SET_BY_ITSELF and not _can_be_read(time_format):
            self._refuse("time.format", f"{time_format!r} has a mark that times do not have")
        if zone is None and time_format != "iso":
            self._refuse(
                "time.zone", "must say what zone these times are of: UTC, or Europe/Berlin"
            )
        try:
            return time_format, None if zone is None else ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
            self._refuse("time.zone", f"{zone!r} is no time zone such as Europe/Berlin")

    def _numbers(self) -> Written:
        told = self._table("numbers")
        self._known("numbers", told, _KEYS["numbers"])
        empty = told.pop("empty", [])
        words = [empty] if isinstance(empty, str) else empty
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            self._refuse("numbers.empty", "must be a word for nothing, or a list of them")
        texts = self._texts("numbers", told)
        for key in ("decimal", "thousands"):
            if len(texts.get(key, ".")) != 1 or texts.get(key, ".").isalnum():
                self._refuse(f"numbers.{key}", f"{texts[key]!r} is no sign between digits")
        if texts.get("decimal", ".") == texts.get("thousands", ""):
            self._refuse("numbers.thousands", "must differ from the decimal sign")
        return Written(
            texts.get("decimal", "."),
            texts.get("thousands", ""),
            tuple(words),
            texts.get("signs", ""),
        )

    def _kinds(self, fields: set[str]) -> dict[str, str]:
        kinds = self._texts("kinds", self._table("kinds"))
        if kinds and "kind" not in fields:
            self._refuse("kinds", "needs the column of the kind: columns.kind")
        if "kind" in fields and not kinds:
            self._refuse("columns.kind", "needs [kinds]: what its words mean")
        for word, kind in kinds.items():
            name, _, detail = kind.partition(" ")
            if detail not in KINDS.get(name, ()):
                known = ", ".join(
                    f"{name} {detail}".strip() for name, more in KINDS.items() for detail in more
                )
                self._refuse(f"kinds.{word}", f"{kind!r} is no kind; known are {known}")
        return kinds

    # Tables and texts -----------------------------------------------------------------------------

    def _table(self, name: str) -> dict[str, Any]:
        table = self._told.get(name, {})
        if not isinstance(table, dict):
            self._refuse(name, f"must be a table: [{name}]")
        return dict(table)

    def _text(self, table: str, told: Mapping[str, Any], key: str) -> str:
        if key not in told:
            self._refuse(f"{table}.{key}".lstrip("."), "is missing")
        return self._texts(table, {key: told[key]})[key]

    def _texts(self, table: str, told: Mapping[str, Any]) -> dict[str, str]:
        for key, value in told.items():
            if not isinstance(value, str) or not value:
                self._refuse(f"{table}.{key}".lstrip("."), f"{value!r} is no text")
        return dict(told)

    def _known(self, table: str, told: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in told:
            if key not in known:
                name = f"{table}.{key}".lstrip(".")
                self._refuse(name, f"is not known here; known are {', '.join(known)}")

    def _refuse(self, key: str, problem: str) -> NoReturn:
        """Raise what is wrong with a key, where it stands."""
        table, _, last = key.rpartition(".")
        at = self._line(table, last)
        place = f"{self._file}:{at}" if at else self._file
        msg = f"{place}: {key}: {problem}"
        raise BookError(msg)

    def _line(self, table: str, key: str) -> int:
        """The line on which a key stands, as far as that can be told without a parser; else 0."""
        within, header = "", re.compile(r"\s*\[([^\[\]]+)\]")
        for number, line in enumerate(self._lines, start=1):
            if found := header.match(line):
                within = found[1].strip()
                if within == f"{table}.{key}".lstrip("."):
                    return number
            elif within == table and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return number
        return 0

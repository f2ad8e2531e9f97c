"""An account's trail of lights, as values: what vouches for its balances and its rows.

A light is a word from outside the book: a balance that the venue asserted, or a file whose rows
were counted. Its colour says whether the book agrees. In the spirit of the lights that Fava shows
for Beancount's balance directives (https://beancount.github.io/fava/).
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from attrs import field, frozen

from projections.report import Report

GREEN, AMBER, RED, GREY = "green", "amber", "red", "grey"


@frozen(kw_only=True)
class BalanceLight(Report):
    """A `balance_asserted`, in units. `difference` above zero: the book lacks units.

    Green where it agrees to the last digit; red is a finding `failed_assertion`, too.
    """

    at: datetime
    kind: str = field(default="balance", init=False)
    status: str
    asset: str
    asserted: Decimal
    held: Decimal
    difference: Decimal
    event: str


@frozen(kw_only=True)
class ImportLight(Report):
    """An import that told events of the account: what became of the rows of its file, of all.

    `at` is when it was recorded. Amber where a row, or the file as a whole (`remarks`), had a
    finding. `rows` are `recorded`, `known`, `ignored` and `findings` together.
    """

    at: datetime
    kind: str = field(default="import", init=False)
    status: str
    file: str
    sha256: str
    format: str
    rows: int
    recorded: int
    known: int
    ignored: int
    findings: int
    remarks: int
    event: str


Light = BalanceLight | ImportLight


@frozen(kw_only=True)
class Unvouched(Report):
    """An asset that moved after its last balance light: `events` times, `until` the last of them.

    `since` is when it was vouched for last, None where it never was; `held` what the book holds.
    """

    asset: str
    since: datetime | None
    until: datetime
    events: int
    held: Decimal


@frozen(kw_only=True)
class Beginning(Report):
    """How the history of an asset begins in the book: at its first `event`.

    `from_zero` is True where the first balance that was asserted of it agrees, so nothing was held
    before; False where the book takes out what never came in, or is told a balance before anything
    moved: it begins in the middle; None where nothing tells. `lacking` are the units by which every
    balance, of two or more, differs alike, above zero as if they had been held before the book
    began; None where they agree, or differ this way and that.
    """

    asset: str
    at: datetime
    event: str
    from_zero: bool | None
    lacking: Decimal | None


@frozen(kw_only=True)
class Trail(Report):
    """What vouches for one account, in the order of time.

    `status`: red where a balance differs; amber where an import left findings, what is held of an
    asset has no balance light after its last event, or the book begins in the middle; grey where
    no balance was ever asserted; else green. `vouched` is the time of the last balance light,
    `events_since` how many events moved a balance after it.
    """

    account: str
    status: str
    lights: tuple[Light, ...]
    unvouched: tuple[Unvouched, ...]
    beginnings: tuple[Beginning, ...]
    vouched: datetime | None
    events_since: int

    @property
    def balances(self) -> Iterator[BalanceLight]:
        """The lights of asserted balances."""
        return (light for light in self.lights if isinstance(light, BalanceLight))

    @property
    def imports(self) -> Iterator[ImportLight]:
        """The lights of imports."""
        return (light for light in self.lights if isinstance(light, ImportLight))

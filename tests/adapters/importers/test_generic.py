"""Other tools' files: one reading for all of them, and what each of them says in its own words."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from adapters.importers.generic import bittytax as bittytax_words
from adapters.importers.generic import cointracker as cointracker_words
from adapters.importers.generic import cointracking as cointracking_words
from adapters.importers.generic import koinly as koinly_words
from adapters.importers.generic import summ as summ_words
from adapters.importers.generic.generic import Generic
from adapters.importers.generic.mapped import Mapped
from adapters.importers.generic.written_numbers import DOLLARS, Written
from adapters.importers.reading import Importer
from adapters.importers.registry import in_zone, recognise
from adapters.importers.table import Misread
from domain.errors import UnknownName
from domain.events import Event, Filled, Repaid
from marginbook import Book
from tests.adapters.importers import tool_files as tools
from tests.adapters.importers.outcomes import Outcomes, read, shown
from tests.adapters.importers.tool_files import BERLIN, STORY, TOOLS, Tx

GENERIC = Generic(BERLIN)


def said(events: list[Event]) -> list[str]:
    """Events without their names, in the order of time."""
    return [str(evolve(event, id="x", sequence=0)) for event in events]


def of_tool(name: str, told: list[Tx]) -> Outcomes:
    return read(GENERIC, {"export.csv": TOOLS[name](told)})


def in_order(outcomes: Outcomes) -> list[str]:
    """What is recorded, as it will be replayed."""
    events = sorted(outcomes.events, key=lambda event: (event.at, event.sequence))
    return said(events)


# One story ----------------------------------------------------------------------------------------


def importers(folder: Path) -> dict[str, tuple[Importer, str]]:
    """How each tool's file of the story is read."""
    (folder / "m.toml").write_text(tools.MAPPING)
    (folder / "v.toml").write_text(tools.MOVEMENTS)
    return {
        **{name: (GENERIC, write(STORY)) for name, write in TOOLS.items()},
        "mapped": (Mapped(folder / "m.toml"), tools.mapped(STORY)),
        "movements": (Mapped(folder / "v.toml"), tools.movements(STORY)),
    }


def test_every_tool_tells_the_same_story(tmp_path: Path) -> None:
    read_ = {name: read(*_files(told)) for name, told in importers(tmp_path).items()}
    (events, *others) = map(in_order, read_.values())
    assert len(events) == len(STORY)
    for name, other in zip([*read_][1:], others, strict=True):
        assert other == events, name
    assert {name: outcomes.said for name, outcomes in read_.items() if outcomes.said} == {}


def _files(told: tuple[Importer, str]) -> tuple[Importer, dict[str, str]]:
    return told[0], {"export.csv": told[1]}


def test_the_story_leaves_what_is_left_by_hand(tmp_path: Path) -> None:
    """Held: 20,000 + 30,000 - 42,042 - 9 + 17,982 - 15,000 + 16,983 - 15,515.50 + 23,976 - 20,000.

    Gains: 1,165.20 of 0.4 BTC, 1,467.50 of the short, -1,249.20 of the liquidation: 1,383.50.
    """
    path = tmp_path / "berlin.csv"
    path.write_text(tools.cointracking(STORY))
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files([path], zone="Europe/Berlin")
        assert result.files[0].to_dict() | {"path": "", "sha256": ""} == {
            "path": "",
            "format": "cointracking-trades",
            "sha256": "",
            "rows": 13,
            "recorded": 13,
            "known": 0,
            "ignored": 0,
            "reasons": {},
            "findings": [],
            "unshown": 0,
        }
        held = {b.asset: b.held for b in book.balances().balances}
        assert held == {"USD": Decimal("16374.50")}
        assert sum(row.gain for row in book.tax_year(2024).rows) == Decimal("1383.50")


def test_two_tools_that_tell_one_account_record_it_once(tmp_path: Path) -> None:
    """Under one account the ids are the same, whichever tool wrote the rows."""
    trades = [t for t in STORY if t.kind != "filled"]  # CoinTracker's tag says `margin`
    with Book.open(tmp_path / "book.db") as book:
        for name, write in (("a", tools.koinly), ("b", tools.cointracker), ("c", tools.summ)):
            (tmp_path / name).write_text(write(trades))
        results = [book.import_files([tmp_path / n], account="mine/all") for n in "abc"]
        assert [r.files[0].recorded for r in results] == [len(trades), 0, 0]
        assert [r.files[0].known for r in results] == [0, len(trades), len(trades)]


# Any story ----------------------------------------------------------------------------------------

ASSETS = ("USD", "EUR", "BTC", "ETH", "SOL", "ADA", "USDT")
amounts = st.decimals("0.00000001", 9_999_999, places=8, allow_nan=False).map(
    lambda d: f"{d.normalize():f}"
)
assets = st.sampled_from(ASSETS)
SIDES = {
    "received": ("deposited", "borrowed", "gain", *(k for k in tools.WORDS if "income" in k)),
    "sent": (*(k for k in tools.WORDS if "withdrawn" in k), "repaid", "interest_charged", "loss"),
}
seconds = st.integers(1_500_000_000, 1_780_000_000)


@st.composite
def transactions(draw: st.DrawFn) -> Tx:
    at = datetime.fromtimestamp(draw(seconds), UTC)
    local = at.astimezone(BERLIN)
    assume(local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset())  # no hour twice
    side = draw(st.sampled_from(["received", "sent", "trade"]))
    if side != "trade":
        kind = draw(st.sampled_from(SIDES[side]))
        return Tx(at, kind, **{side: f"{draw(amounts)} {draw(assets)}"})
    got, given = draw(st.permutations(ASSETS))[:2]
    fee = draw(st.sampled_from(["", f"0.00000001 {given}"]))
    return Tx(at, "filled", f"{draw(amounts)} {got}", f"{draw(amounts)} {given}", fee)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(transactions(), min_size=1, max_size=6, unique_by=lambda t: t.at))
def test_what_is_written_in_any_format_is_read_back_the_same(told: list[Tx]) -> None:
    expected = in_order(of_tool("koinly", told))
    assert len(expected) == len(told)
    for name in TOOLS:
        assert in_order(of_tool(name, told)) == expected, name
    assert in_order(_mapped(tools.MAPPING, tools.mapped(told))) == expected
    assert in_order(_mapped(tools.MOVEMENTS, tools.movements(told))) == expected


def _mapped(mapping: str, table: str) -> Outcomes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "m.toml")
        path.write_text(mapping)
        return read(Mapped(path), {"table.csv": table})


# Words --------------------------------------------------------------------------------------------

KOINLY = "Date,Sent Amount,Sent Currency,Received Amount,Received Currency,Fee Amount,Fee Currency,"
KOINLY += "Net Worth Amount,Net Worth Currency,Label,Description,TxHash\n"


def koinly(*rows: str) -> Outcomes:
    return read(
        GENERIC, {"k.csv": KOINLY + "".join(f"2024-05-06 07:08:09 UTC,{r}\n" for r in rows)}
    )


def test_what_was_borrowed_comes_before_what_it_buys_and_goes_back_after() -> None:
    told = koinly(
        ",".join(["900", "USD", "", "", "", "", "", "", "margin repayment", "", ""]),
        ",".join(["900", "USD", "1", "BTC", "", "", "", "", "", "", ""]),
        ",".join(["", "", "900", "USD", "", "", "", "", "margin loan", "", ""]),
    )
    assert [type(e).__name__ for e in told.events] == ["Borrowed", "Filled", "Repaid"]
    assert [e.sequence for e in told.events] == [0, 1, 2]


def test_income_is_worth_what_the_file_says_in_dollars() -> None:
    told = koinly(
        ",,1,ETH,,,3100.5,USD,staking,,0xab",
        ",,2,ETH,,,5000,EUR,reward,,0xcd",
        ",,3,ETH,,,0,USD,airdrop,,0xef",
    )
    assert sorted(shown(told.events, "kind", "quantity", "value")) == [
        "IncomeReceived airdrop 3",
        "IncomeReceived reward 2",
        "IncomeReceived staking 1 3100.5",
    ]


def test_a_fee_in_a_third_coin_stays_one() -> None:
    told = koinly("900,USDT,1,ETH,0.01,BNB,,,,,")
    assert shown(told.events, "side", "asset", "quote", "amount", "fee", "fee_asset") == [
        "Filled buy ETH USDT 900 0.01 BNB"
    ]


def test_the_hash_of_a_transaction_is_told() -> None:
    told = koinly("1,BTC,,,,,,,,,0xab", ",,1,ETH,,,,,,, ab12 ", ",,2,ETH,,,,,,,")
    assert sorted(shown(told.events, "asset", "quantity", "txid")) == [
        "Deposited ETH 1 ab12",
        "Deposited ETH 2",
        "Withdrawn BTC 1 0xab",
    ]


def test_a_fee_of_zero_is_none() -> None:
    told = koinly("900,USDT,1,ETH,0.00,BNB,,,,,")
    assert shown(told.events, "fee", "fee_asset") == ["Filled"]
    assert told.faults == []


def test_a_deposit_cannot_carry_its_fee() -> None:
    told = koinly(",,1,ETH,0.01,ETH,,,,,", "1,BTC,,,0.2,ETH,,,,,", "1,BTC,,,0.2,BTC,,,gift,,")
    assert sorted(shown(told.events, "asset", "quantity", "fee", "purpose")) == [
        "Deposited ETH 1",
        "FeeCharged ETH 0.01",
        "FeeCharged ETH 0.2",
        "Withdrawn BTC 1 0.2 gift",
        "Withdrawn BTC 1 own",
    ]


def test_a_result_is_a_net_figure_and_says_so_once() -> None:
    told = koinly(",,120,USD,,,,,realized gain,,a", "80,USD,,,1,USD,,,Realized P&L,,b")
    assert sorted(shown(told.events, "contract", "asset", "amount", "fee")) == [
        "ContractSettled margin USD -80 1",
        "ContractSettled margin USD 120",
    ]
    (fault,) = told.faults
    assert fault.problem.startswith("tells a net result: the trades behind it")
    assert not fault.counts


def test_what_was_lost_leaves_the_book_with_a_remark() -> None:
    told = koinly("1,SOL,,,,,,,Lost,,")
    assert shown(told.events, "asset", "purpose") == ["Withdrawn SOL own"]
    assert [fault.problem for fault in told.faults] == [
        "leaves the book as lost: no loss is figured"
    ]


def test_a_repayment_beyond_the_loan_is_interest() -> None:
    rows = KOINLY + (
        "2024-05-06 07:08:09,,,100,USD,,,,,loan,,\n"
        "2024-05-07 07:08:09,60,USD,,,,,,,loan repayment,,\n"
        "2024-05-08 07:08:09,43,USD,,,,,,,loan repayment,,\n"
        "2024-05-09 07:08:09,5,USD,,,,,,,loan repayment,,\n"
    )
    told = read(GENERIC, {"k.csv": rows})
    repaid = [e for e in told.events if isinstance(e, Repaid)]
    assert [f"{e.quantity} {e.interest}" for e in repaid] == ["60 0", "40 3", "5 0"]
    assert told.said == [
        "k.csv:4: repays 43 USD where these files know of 40 owed: the rest, 3, is read as"
        " interest. Is a loan missing? Give the earlier files along"
    ]


def test_one_transaction_told_with_an_id_and_without_is_remarked_on() -> None:
    told = koinly(
        ",,1,ETH,,,,,,,", ",,1,ETH,,,,,,,0xab", ",,2,ETH,,,,,,,0xcd", ",,2,ETH,,,,,,,0xef"
    )
    assert len(told.events) == 4
    assert len(told.faults) == 1
    assert told.faults[0].value == "0xab"
    assert "Is one transaction told twice" in told.faults[0].hint


def test_rows_that_are_alike_are_so_many() -> None:
    told = koinly(",,1,ETH,,,,,,,", ",,1,ETH,,,,,,,", ",,1,ETH,,,,,,,")
    assert len(told.events) == 3
    assert told.faults == []


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        (",,1,ETH,,,,,bribe,,", "Label", "is a label not known here"),
        ("1,ETH,,,,,,,margin loan,,", "Label", "does not go with units sent"),
        (",,1,ETH,,,,,cost,,", "Label", "does not go with units received"),
        ("1,ETH,1,WETH,,,,,swap,,", "Label", "says that this is no sale"),
        ("1,ETH,,,,,,,liquidation,,", "Label", "does not say what the units were sold for"),
        ("1,ETH,1,ETH,,,,,,,", "Label", "exchanges ETH for itself"),
        (",,-1,ETH,,,,,,,", "Received Amount", "is below zero"),
        (',,"1,5",ETH,,,,,,,', "Received Amount", "is not a decimal"),
        (",,1,,,,,,,,", "Received Currency", "says nothing, but Received Amount says 1"),
    ],
)
def test_what_cannot_be_told_for_sure_is_found(row: str, column: str, problem: str) -> None:
    told = koinly(row)
    assert told.events == []
    (fault,) = told.faults
    assert (fault.line, fault.column, fault.counts) == (2, column, True)
    assert problem in fault.problem
    assert fault.hint


LABELS = {
    "koinly": koinly_words.LABELS,
    "koinly_export": koinly_words.LABELS,
    "cointracker": cointracker_words.LABELS,
    "summ": summ_words.LABELS,
    "bittytax": bittytax_words.LABELS,
    "cointracking": cointracking_words.LABELS,
}
PARTS = {"received": ("2 SOL", ""), "sent": ("", "2 SOL"), "both": ("2 SOL", "90 USD")}
EVERY_LABEL = [
    (tool, side, label)
    for tool, labels in LABELS.items()
    for side in PARTS
    for label in getattr(labels, side)
    if (tool, label) != ("koinly_export", "transfer")
]


@pytest.mark.parametrize(("tool", "side", "label"), EVERY_LABEL)
def test_every_label_is_an_event_or_says_why_not(
    tool: str, side: str, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tools.WORDS, "this", (label,) * 6)
    received, sent = PARTS[side]
    if label == "transfer" and side == "both":
        sent = "2 SOL"
    told = of_tool(tool, [Tx(STORY[0].at, "this", received, sent)])
    unclear = [fault for fault in told.faults if fault.counts]
    assert len(told.events) + sum(told.reasons.values()) + len(unclear) == 1
    meant = getattr(LABELS[tool], side)[label]
    if meant.startswith("unclear "):
        assert unclear[0].problem == meant.removeprefix("unclear ")
    else:
        assert unclear == [] or label == "transfer"


def test_a_row_of_nothing_is_ignored() -> None:
    assert koinly(",,,,,,,,,,", "0,,0.00,,0,,,,,,").reasons == {"nothing moved": 2}


# Wallets ------------------------------------------------------------------------------------------

EXPORT = (
    "Date,Type,Label,Sending Wallet,Sent Amount,Sent Currency,Receiving Wallet,Received Amount,"
)
EXPORT += "Received Currency,Fee Amount,Fee Currency,Net Value (USD),TxHash\n"


def exported(*rows: str, account: str | None = None) -> Outcomes:
    text = EXPORT + "".join(f"2024-05-06 07:08:09 UTC,{row}\n" for row in rows)
    return read(GENERIC, {"k.csv": text}, account)


def test_a_wallet_is_an_account() -> None:
    told = exported(
        "fiat_deposit,,,,,Kraken,100,USD,,,100,",
        "exchange,,Kraken,100,USD,Kraken,1,SOL,,,100,",
        "transfer,,Kraken,0.75,SOL,Ledger Nano (SOL),0.7,SOL,,,100,",
        "crypto_withdrawal,gift,Ledger Nano (SOL),0.1,SOL,,,,,,10,",
    )
    assert [f"{account} {type(e).__name__}" for account, e in told.drafts] == [
        "kraken/main Deposited",
        "kraken/main Transferred",
        "kraken/main Filled",
        "ledger-nano-sol/main Withdrawn",
    ]
    moved = told.events[1]
    assert shown([moved], "to", "quantity", "fee") == ["Transferred ledger-nano-sol/main 0.7 0.05"]


def test_a_fee_that_is_what_was_lost_on_the_way_is_charged_once() -> None:
    row = "transfer,,A,0.75,SOL,B,0.7,SOL,0.05,SOL,,"
    assert shown(exported(row).events, "quantity", "fee") == ["Transferred 0.7 0.05"]
    row = "transfer,,A,0.7,SOL,B,0.7,SOL,0.05,SOL,,"
    assert shown(exported(row).events, "quantity", "fee") == ["Transferred 0.7 0.05"]


def test_an_account_that_is_given_holds_everything() -> None:
    rows = ("transfer,,A,1,SOL,B,1,SOL,,,,", "transfer,,A,1,SOL,B,0.9,SOL,,,,")
    told = exported(*rows, account="mine/all")
    assert told.reasons == {"moved within one account": 1}
    assert [(a, *shown([e], "asset", "quantity")) for a, e in told.drafts] == [
        ("mine/all", "FeeCharged SOL 0.1")
    ]


def test_one_side_of_a_move_is_found() -> None:
    (fault,) = exported("transfer,,A,1,SOL,B,,,,,,").faults
    assert fault.problem.startswith("is one side of a move")


def test_a_trade_between_two_wallets_is_found() -> None:
    (fault,) = exported("exchange,,A,1,SOL,B,1,ADA,,,,").faults
    assert fault.problem == "is a trade between two accounts, a/main and b/main"


def test_units_that_are_staked_stay_the_owners() -> None:
    table = tools.bittytax([])
    table += "Stake,,,,2,ETH,,,,,Kraken,2024-05-06 07:08:09,\n"
    table += "Unstake,2,ETH,,,,,,,,Kraken,2024-06-06 07:08:09 BST,\n"
    told = read(GENERIC, {"b.csv": table})
    assert [(account, e.at.hour, *shown([e], "to")) for account, e in told.drafts] == [
        ("kraken/main", 7, "Transferred kraken/staked"),
        ("kraken/staked", 6, "Transferred kraken/main"),
    ]


def test_summ_tells_each_leg_of_a_move_at_its_own_wallet() -> None:
    table = tools.summ([])
    table += "2024-05-06 07:08:09,send,SOL,1,,,,,Kraken,Ledger,tx1,\n"
    table += "2024-05-06 07:09:09,receive,SOL,1,,,,,Kraken,Ledger,tx1,\n"
    table += "2024-05-06 07:09:10,sell,SOL,1,USD,90,USD,1,,Kraken,tx2,\n"
    told = read(GENERIC, {"s.csv": table})
    assert [(account, type(e).__name__) for account, e in told.drafts] == [
        ("kraken/main", "Withdrawn"),
        ("ledger/main", "Deposited"),
        ("kraken/main", "Filled"),
    ]


# Times and numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "time"),
    [
        ("koinly", "2024-02-01"),
        ("koinly", "01.02.2024 09:00:00 UTC"),
        ("koinly", "2024-02-01 09:00:00+01:00 UTC"),
        ("koinly", "0001-01-01T00:00:00+14:00"),
        ("cointracker", "2024-02-01 09:00:00"),
        ("cointracker", "13/13/2024 09:00:00"),
        ("cointracker", "02/01/2024"),
        ("cointracker", "02/01/24 09:00:00"),
        ("cointracker", "02/01/2024 09:00:00+01:00"),
        ("summ", "02/01/2024 09:00:00"),
        ("bittytax", "2024-02-01 09:00:00 CET"),
        ("cointracking", "02/01/2024 09:00"),
        ("cointracking", "01.13.2024 09:00"),
        ("cointracking", "01.01.0001 00:00"),
    ],
)
def test_a_time_that_is_none_of_this_tool_is_found(tool: str, time: str) -> None:
    written = r"2024-02-01[ T]09:00:00( UTC)?|02/01/2024 09:00:00|01.02.2024 10:00:00"
    text = re.sub(written, time, TOOLS[tool](STORY[:1]))
    told = read(GENERIC, {"x.csv": text})
    assert told.events == []
    (fault,) = told.faults
    assert (fault.value, fault.line) == (time, 2)
    assert fault.problem in ("is not a time", "is no time of ours")
    assert fault.hint


def test_an_hour_may_have_one_digit() -> None:
    text = tools.cointracker(STORY[:1]).replace("02/01/2024 09", "2/1/2024 9")
    assert in_order(read(GENERIC, {"x.csv": text})) == in_order(of_tool("cointracker", [STORY[0]]))


@pytest.mark.parametrize(
    ("written", "text", "number"),
    [
        (DOLLARS, "$1,234.50", "1234.5"),
        (DOLLARS, "£12", "12"),
        (DOLLARS, "1234.5", "1234.5"),
        (DOLLARS, "1,5", None),
        (DOLLARS, "1,2345", None),
        (DOLLARS, "", None),
        (Written(",", "."), "1.234,5", "1234.5"),
        (Written(",", "."), "-1.234", "-1234"),
        (Written(",", "."), "1.5", None),
        (Written(",", "."), "1,5E-3", "0.0015"),
        (Written(), "1.5", "1.5"),
        (Written(), "1 5", None),
        (Written(), ".", None),
        (Written(".", "'"), "1'234.5", "1234.5"),
    ],
)
def test_a_number_is_read_as_it_is_written_or_not_at_all(
    written: Written, text: str, number: str | None
) -> None:
    if number is not None:
        assert written(text, "x") == Decimal(number)
        return
    with pytest.raises(Misread):
        written(text, "x")


# CoinTracking -------------------------------------------------------------------------------------


def test_times_whose_zone_no_one_told_are_not_guessed() -> None:
    told = read(Generic(), {"c.csv": tools.cointracking(STORY[:1])})
    assert told.said == [
        'c.csv:2: column "Date": "01.02.2024 10:00:00" is a time of the account\'s zone, which this'
        " file does not tell. Say it: --zone Europe/Berlin (or --zone UTC, if that is the"
        " account's)"
    ]


def test_an_hour_that_came_twice_or_never_is_found() -> None:
    rows = (
        "Deposit,1,BTC,-,-,-,-,,,,27.10.2024 02:30:00\nDeposit,1,BTC,-,-,-,-,,,,31.03.2024 02:30\n"
    )
    told = read(GENERIC, {"c.csv": tools.cointracking([]) + rows})
    assert [fault.problem for fault in told.faults] == [
        "was twice in Europe/Berlin",
        "never was in Europe/Berlin",
    ]


def test_cointracking_counts_fees_in() -> None:
    """Its own examples: 1 BTC for 500 USD with a fee of 5 USD, of 0.01 BTC, of 1 BNB."""
    rows = (
        "Trade,1,BTC,505,USD,5,USD,Kraken,,,01.02.2024 10:00:00\n"
        "Trade,0.99,BTC,500,USD,0.01,BTC,Kraken,,,02.02.2024 10:00:00\n"
        "Trade,1,BTC,500,USD,1,BNB,Kraken,,,03.02.2024 10:00:00\n"
        "Other Fee,-,-,1,BNB,-,-,Kraken,,,03.02.2024 10:00:00\n"
        "Spend,-,-,0.201,BTC,0.001,BTC,Kraken,,,04.02.2024 10:00:00\n"
    )
    told = read(GENERIC, {"c.csv": tools.cointracking([]) + rows})
    assert shown(told.events, "asset", "quantity", "amount", "fee", "fee_asset") == [
        "Filled BTC 1 500 5",
        "Filled BTC 1 500 0.01 BTC",
        "Filled BTC 1 500",
        "FeeCharged BNB 1",
        "Withdrawn BTC 0.2 0.001",
    ]
    (fault,) = told.faults
    assert (fault.line, fault.value, fault.counts) == (4, "1 BNB", False)
    assert fault.problem == "tells a fee in a third asset, which is not taken here"


# Formats ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_is_known_by_its_header(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(TOOLS[name](STORY))
    importer, generation = recognise(path)
    assert importer.name == "generic"
    assert generation.split("-")[0] == name.split("_")[0]


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownName, match="there is no time zone 'Berlin'"):
        in_zone(GENERIC, "Berlin")


def test_the_templates_of_others_stay_known_with_other_words_for_the_same_columns() -> None:
    header = "Type,Buy Amount,Buy Currency,Sell Amount,Sell Currency,Fee,Fee Currency,Exchange,"
    header += "Trade-Group,Comment,Date,Tx-ID (optional)\n"
    row = "Trade,1,BTC,505,USD,5,USD,Kraken,,,2024-02-01 10:00:00,abc\n"
    (event,) = read(Generic(ZoneInfo("UTC")), {"c.csv": header + row}).events
    assert isinstance(event, Filled)
    assert f"{event.amount} {event.fee}" == "500 5"


def test_the_full_view_of_cointracking_tells_no_fees() -> None:
    header = "Type,Buy,Cur.,Value in BTC,Value in USD,Sell,Cur.,Value in BTC,Value in USD,Spread,"
    header += "Exchange,Group,Date\n"
    row = "Trade,1,BTC,1,500,505,USD,1,505,0,Kraken,,01.02.2024 10:00\n"
    (event,) = read(GENERIC, {"c.csv": header + row}).events
    assert shown([event], "side", "amount", "fee") == ["Filled buy 505"]


def test_halves_of_a_file_and_files_that_overlap_say_the_same() -> None:
    lines = tools.koinly(STORY).splitlines(keepends=True)
    whole = in_order(read(GENERIC, {"k.csv": "".join(lines)}))
    halves = {"a.csv": "".join(lines[:8]), "b.csv": "".join([lines[0], *reversed(lines[5:])])}
    told = read(GENERIC, halves)
    assert in_order(told) == whole
    assert told.reasons == {"the same row stands elsewhere in these files": 3}


def test_a_forced_sale_is_called_one_where_the_label_says_so() -> None:
    told = koinly("0.6,BTC,24000,USD,24,USD,,,liquidation,,")
    assert shown(told.events, "side", "quantity", "amount", "fee") == [
        "Liquidated sell 0.6 24000 24"
    ]

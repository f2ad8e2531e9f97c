"""Any table by a mapping file: what it may say, and what of it is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.importers.generic import kinds
from adapters.importers.registry import formats, named
from domain.errors import BookError
from marginbook import Book
from tests.adapters.importers import tool_files as tools
from tests.adapters.importers.outcomes import Outcomes, read, shown
from tests.adapters.importers.tool_files import STORY

TRADES = """
name = "mybroker"
[columns]
time = "Date"
kind = "Type"
pair = "Market"
asset = "Coin"
quantity = "Qty"
price = "Price"
fee = "Fee"
wallet = "Book"
id = "Ref"
[defaults]
fee_asset = "USD"
[time]
format = "%d/%m/%Y %H:%M"
zone = "America/New_York"
[numbers]
signs = "$"
thousands = ","
empty = ["n/a"]
[kinds]
"MARGIN BUY" = "filled buy"
"MARGIN SELL" = "filled sell"
"FORCED SELL" = "liquidated sell"
"LOAN" = "borrowed"
"PAY BACK" = "repaid"
"PNL" = "contract_settled"
"NOTE" = "ignored"
[assets]
"XBT" = "BTC"
"""
HEADER = "Date,Type,Market,Coin,Qty,Price,Fee,Book,Ref\n"


def mapped(folder: Path, mapping: str, table: str, account: str | None = None) -> Outcomes:
    path = folder / "my.toml"
    path.write_text(mapping)
    return read(named(str(path)), {"table.csv": table}, account)


def test_a_table_of_trades(tmp_path: Path) -> None:
    """The time is New York's, in summer 4 hours behind UTC; the pair names the assets."""
    told = mapped(
        tmp_path,
        TRADES,
        HEADER
        + '05/07/2024 10:00,LOAN,n/a,USD,"$30,000",,,,1\n'
        + '05/07/2024 10:05,MARGIN BUY,XBT/USD,,1,"$42,000",$42,,2\n'
        + "06/07/2024 11:00,FORCED SELL,XBT-USD,,-1,40000,n/a,,3\n"
        + "06/07/2024 11:01,PAY BACK,,USD,-30000,,,,4\n"
        + "06/07/2024 11:02,PNL,,USD,-12.5,,,Futures,5\n"
        + "06/07/2024 11:02,NOTE,,,what,,,,6\n",
    )
    assert told.said == [
        'table.csv:6: column "Type": "PNL" tells a net result: the trades behind it, their lots and'
        " dates, are not known (so does every such row of this account). If trades behind it are"
        " rows, too, they count twice: import the venue's own files"
    ]
    assert [account for account, _ in told.drafts] == [
        *["mybroker/main"] * 4,
        "mybroker/futures",
    ]
    assert shown(told.events, "id", "side", "asset", "quantity", "amount", "fee") == [
        "Borrowed 1 USD 30000",
        "Filled 2 buy BTC 1 42000 42",
        "Liquidated 3 sell BTC 1 40000",
        "Repaid 4 USD 30000",
        "ContractSettled 5 USD -12.5",
    ]
    assert f"{told.events[0].at:%H:%M}" == "14:00"
    assert told.reasons == {"ignored, as my.toml says": 1}


def test_a_side_of_its_own(tmp_path: Path) -> None:
    mapping = """
        name = "b"
        columns = {time = "t", side = "s", asset = "a", quote = "q", quantity = "n", amount = "v"}
        time = {format = "iso"}
    """
    table = (
        "t,s,a,q,n,v\n2024-05-06T07:08:09+02:00,Sell,ETH,BTC,2,0.1\n2024-05-06T07:08Z,x,A,B,1,1\n"
    )
    told = mapped(tmp_path, mapping, table + "2024-05-06 07:08,buy,A,B,1,1\n")
    assert shown(told.events, "side", "asset", "quantity", "quote", "amount") == [
        "Filled sell ETH 2 BTC 0.1"
    ]
    assert told.said == [
        'table.csv:3: column "s": "x" is neither buy nor sell.',
        'table.csv:4: column "t": "2024-05-06 07:08" tells no zone. Say it in my.toml: [time] zone'
        ' = "Europe/Berlin"',
    ]


def test_a_move_in_one_row(tmp_path: Path) -> None:
    mapping = """
        name = "b"
        kinds = {"MOVE" = "transferred", "STAKE" = "transferred to staked"}
        time = {format = "unix"}
        [columns]
        time = "t"
        kind = "k"
        asset = "a"
        quantity = "n"
        wallet = "from"
        to_wallet = "to"
    """
    table = "t,k,a,n,from,to\n1714979289,MOVE,SOL,2,Spot,Margin\n1714979290,STAKE,SOL,1,,\n"
    told = mapped(tmp_path, mapping, table)
    assert [(account, *shown([e], "to", "quantity")) for account, e in told.drafts] == [
        ("b/spot", "Transferred b/margin 2"),
        ("b/main", "Transferred b/staked 1"),
    ]


MOVED = """
name = "m"
rows = "movements"
columns = {time = "t", id = "i", group = "g", asset = "a", amount = "n", fee = "f", balance = "b"}
time = {format = "unix_ms"}
"""


def test_movements_of_one_group_are_one_transaction_and_balances_are_checked(
    tmp_path: Path,
) -> None:
    """A trade told in four parts, with running balances: 100 - 60 - 40 - 1 = -1 of dollars."""
    told = mapped(
        tmp_path,
        MOVED,
        "t,i,g,a,n,f,b\n"
        "1714979289000,1,,USD,101,0,101\n"
        "1714979290000,2,x,USD,-60,0.5,40.5\n"
        "1714979290000,3,x,SOL,0.6,,0.6\n"
        "1714979291500,4,x,USD,-40,0.5,0\n"
        "1714979290000,5,x,SOL,0.4,,1\n"
        "1714979292000,6,,SOL,-1,,0.1\n",
    )
    assert shown(told.events, "asset", "quantity", "amount", "fee") == [
        "Deposited USD 101",
        "Filled SOL 1 100 1",
        "Withdrawn SOL 1",
    ]
    assert told.asserted == {"USD": Decimal(0), "SOL": Decimal("0.1")}
    assert [fault.problem for fault in told.faults] == [
        "the running balance does not follow: after 1 it should be 0"
    ]


def test_the_time_of_a_millisecond_is_exact(tmp_path: Path) -> None:
    told = mapped(tmp_path, MOVED, "t,i,g,a,n,f,b\n1714979291523,1,,USD,1,,\n")
    assert told.events[0].at.microsecond == 523000


def test_movements_that_are_no_transaction_are_found(tmp_path: Path) -> None:
    told = mapped(
        tmp_path,
        MOVED,
        "t,i,g,a,n,f,b\n"
        "1714979290000,1,x,USD,-60,,\n1714979290000,2,x,SOL,1,,\n1714979290000,3,x,ADA,1,,\n"
        "1714979291000,4,,SOL,1,-2,\n",
    )
    assert told.events == []
    assert sorted((f.line, f.problem) for f in told.faults) == [
        (2, "belongs together with table.csv:3, which was not read"),
        (3, "moves SOL, ADA, USD at once: what was given for what cannot be told"),
        (4, "belongs together with table.csv:3, which was not read"),
        (5, "is below zero"),
    ]


KINDS = """
name = "m"
rows = "movements"
time = {format = "unix"}
[columns]
time = "t"
group = "g"
kind = "k"
asset = "a"
amount = "n"
fee = "f"
fee_asset = "fa"
[kinds]
"TRADE" = "filled"
"FEE" = "fee_charged"
"FUNDING" = "funding_settled"
"BONUS" = "income_received bonus"
"NOTE" = "ignored"
"""


def test_movements_of_named_kinds(tmp_path: Path) -> None:
    told = mapped(
        tmp_path,
        KINDS,
        "t,g,k,a,n,f,fa\n"
        "1714979290,x,TRADE,USD,-60,,\n1714979290,x,TRADE,SOL,1,0.1,BNB\n"
        "1714979290,x,FEE,USD,-2,,\n"
        "1714979291,,FUNDING,USD,-0.5,,\n"
        "1714979292,,FUNDING,USD,0.25,0.05,\n"
        "1714979293,,BONUS,SOL,2,,\n"
        "1714979294,,FEE,USD,-3,,\n"
        "1714979295,,NOTE,,,,\n"
        "1714979296,,BONUS,SOL,0,,\n",
    )
    assert told.said == []
    assert shown(told.events, "asset", "quantity", "amount", "fee", "fee_asset", "of") == [
        "Filled SOL 1 60 0.1 BNB",
        "FeeCharged USD 2 x",
        "FundingSettled USD -0.5",
        "FundingSettled USD 0.25",
        "FeeCharged USD 0.05",
        "IncomeReceived SOL 2",
        "FeeCharged USD 3",
    ]
    assert told.reasons == {"ignored, as my.toml says": 1, "nothing moved": 1}


def test_movements_that_contradict_each_other_are_found(tmp_path: Path) -> None:
    told = mapped(
        tmp_path,
        KINDS,
        "t,g,k,a,n,f,fa\n"
        "1714979290,x,TRADE,USD,-60,,\n1714979290,x,BONUS,SOL,1,,\n"
        "1714979291,y,TRADE,USD,-60,,\n1714979291,y,TRADE,SOL,1,,\n1714979291,y,FEE,USD,2,,\n"
        "1714979292,,TRADE,,1,,\n"
        "1714979293,,TRADE,SOL,1,,\n",
    )
    assert told.events == []
    assert sorted(fault.line for fault in told.faults) == [2, 3, 4, 5, 6, 7, 8]
    problems = [fault.problem for fault in told.faults]
    assert sorted(said for said in problems if not said.startswith("belongs together with")) == [
        "is a fee that is given back",
        "is a trade, and one of its sides is missing",
        'its rows are of different kinds: "BONUS" and "TRADE"',
        "says nothing of what was moved",
    ]


def test_a_move_between_two_wallets_of_one_group(tmp_path: Path) -> None:
    mapping = MOVED.replace('balance = "b"', 'wallet = "w"')
    table = "t,i,g,a,n,f,w\n1714979290000,1,x,SOL,-1,,Spot\n1714979290000,2,x,SOL,0.9,,Margin\n"
    ((account, event),) = mapped(tmp_path, mapping, table).drafts
    assert (account, *shown([event], "to", "quantity", "fee")) == (
        "m/spot",
        "Transferred m/margin 0.9 0.1",
    )


def test_a_move_of_one_group_within_the_account_that_is_given(tmp_path: Path) -> None:
    kinds = KINDS.replace('"NOTE"', '"MOVE" = "transferred"\n"NOTE"')
    table = "t,g,k,a,n,f,fa\n1714979290,x,MOVE,SOL,-1,,\n1714979290,x,MOVE,SOL,1,,\n"
    told = mapped(tmp_path, kinds, table, "mine/all")
    assert told.reasons == {"moved within one account": 2}


def test_what_a_row_says_that_the_file_does_not_map_is_found(tmp_path: Path) -> None:
    told = mapped(
        tmp_path,
        TRADES + '[wallets]\n"Main" = "mybroker/main"\n',
        HEADER
        + "05/07/2024 10:00,BONUS,,USD,1,,,Main,1\n"
        + "05/07/2024 10:00,LOAN,,USD,1,,,Isolated,2\n"
        + "05/07/2024 10:00,LOAN,,USD,1.2.3,,,Main,3\n"
        + '05/07/2024 10:00,LOAN,,USD,"1,5",,,Main,4\n'
        + "10/03/2024 02:30,LOAN,,USD,1,,,Main,5\n"
        + "2024-05-07,LOAN,,USD,1,,,Main,6\n"
        + "05/07/2024 10:00,MARGIN BUY,BTCUSD,,1,1,,Main,7\n"
        + "05/07/2024 10:00,MARGIN BUY,BTC/USD,,1,,,Main,8\n"
        + "05/07/2024 10:00,LOAN,,USD,-1,,,Main,9\n",
    )
    assert told.events == []
    assert sorted(told.said) == sorted(
        [
            'table.csv:2: column "Type": "BONUS" is a kind not known here. Add it to my.toml, under'
            f' [kinds]: "BONUS" = one of {", ".join(kinds.KINDS)}',
            'table.csv:3: column "Book": "Isolated" is a wallet not known here. Add it to my.toml,'
            ' under [wallets]: "Isolated" = "mybroker/main"',
            'table.csv:4: column "Qty": "1.2.3" is not a number. It should look like 1,234.5',
            'table.csv:5: column "Qty": "1,5" is not a number. It should look like 1,234.5',
            'table.csv:6: column "Date": "10/03/2024 02:30" never was in America/New_York. Clocks'
            " were changed in that hour: export with times in UTC",
            'table.csv:7: column "Date": "2024-05-07" is not a time. my.toml says that it looks'
            " like %d/%m/%Y %H:%M",
            'table.csv:8: column "Market": "BTCUSD" is no pair of two assets. It should look like'
            " BTC/USD; else name asset and quote",
            'table.csv:9: column "Price": says nothing, and no amount is told.',
            'table.csv:10: column "Qty": "-1" is below zero, and borrowed.',
        ]
    )


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    told = mapped(tmp_path, TRADES, HEADER.replace("Qty", "Quantity"))
    (fault,) = told.faults
    assert (fault.line, fault.column, fault.problem) == (1, "Qty", "this column is missing")


def test_an_id_that_stands_twice_with_other_content_is_found(tmp_path: Path) -> None:
    row = "05/07/2024 10:00,LOAN,,USD,{},,,,1\n"
    told = mapped(tmp_path, TRADES, HEADER + row.format(1) + row.format(1) + row.format(2))
    assert len(told.events) == 1
    assert told.reasons == {"the same row stands elsewhere in these files": 1}
    assert "this id stands in table.csv" in told.said[0]


@pytest.mark.parametrize(
    ("changed", "to", "said"),
    [
        ('name = "mybroker"', "", "my.toml: name: is missing"),
        ('name = "mybroker"', 'name = "My Broker"', "my.toml:2: name: 'My Broker' is no name"),
        ('name = "mybroker"', 'name = "paper"', "my.toml:2: name: 'paper' is no name"),
        (
            'price = "Price"',
            'prize = "Price"',
            "my.toml:9: columns.prize: is not known here; known",
        ),
        ('price = "Price"', "", None),
        ('quantity = "Qty"', "", "my.toml:3: columns: needs quantity"),
        ('time = "Date"', "", "my.toml: columns.time: must name the column of the time"),
        ('time = "Date"', "time = 3", "my.toml:4: columns.time: must name the column of the time"),
        ('price = "Price"', "price = 3", "my.toml:9: columns.price: 3 is no text"),
        ('fee_asset = "USD"', "", "my.toml:3: columns: needs fee_asset"),
        ('fee_asset = "USD"', 'fees = "USD"', "my.toml:14: defaults.fees: is not known here"),
        ("[defaults]", "[default]", "my.toml:13: default: is not known here; known are name,"),
        (
            '"filled buy"',
            '"bought"',
            "my.toml:23: kinds.MARGIN BUY: 'bought' is no kind; known are",
        ),
        ('"PNL" = ', '"PNL" = 3 #', "my.toml:28: kinds.PNL: 3 is no text"),
        ('kind = "Type"', "", "my.toml:22: kinds: needs the column of the kind"),
        ('zone = "America/New_York"', "", "my.toml: time.zone: must say what zone"),
        ("America/New_York", "America", "my.toml:17: time.zone: 'America' is no time zone"),
        ("%d/%m/%Y %H:%M", "day", "my.toml:16: time.format: 'day' is neither like"),
        ("%d/%m/%Y %H:%M", "unix", "my.toml:17: time.zone: goes not with unix"),
        ('thousands = ","', 'thousands = "."', "my.toml:20: numbers.thousands: must differ"),
        ('thousands = ","', 'thousands = "00"', "my.toml:20: numbers.thousands: '00' is no sign"),
        ('empty = ["n/a"]', "empty = 3", "my.toml:21: numbers.empty: must be a word"),
        ("[time]", "[time", "my.toml: is no TOML: "),
        ('name = "mybroker"', 'name = "b"\nrows = "lines"', "my.toml:3: rows: 'lines' is neither"),
        ('name = "mybroker"', 'name = "b"\naccount = "A B"', "my.toml:3: account: 'A B' is no"),
        ('name = "mybroker"', 'name = "b"\nseparator = "#"', "my.toml:3: separator: '#' parts no"),
        ('name = "mybroker"', 'name = "b"\naccount = "book"', "my.toml:3: account: 'book' is no"),
        ("[assets]", '[wallets]\n"A" = "My Book"\n[assets]', "my.toml:31: wallets.A: 'My Book' is"),
        ("[defaults]", "[columns.more]", "my.toml:13: columns.more: is not known here"),
        ('name = "mybroker"', 'name = "b"\nnumbers = 3', "my.toml"),
    ],
)
def test_what_a_mapping_file_cannot_mean_is_refused(
    changed: str, to: str, said: str | None, tmp_path: Path
) -> None:
    assert changed in TRADES
    path = tmp_path / "my.toml"
    path.write_text(TRADES.replace(changed, to))
    if said is None:
        named(str(path))
        return
    with pytest.raises(BookError) as refused:
        named(str(path))
    assert str(refused.value).startswith(said)


def test_a_mapping_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"no\.toml: this mapping file cannot be read"):
        named(str(tmp_path / "no.toml"))


def test_the_story_is_imported_by_a_mapping_file(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text(tools.MAPPING)
    (tmp_path / "export.csv").write_text(tools.mapped(STORY))
    with Book.open(tmp_path / "book.db") as book:
        result = book.import_files([tmp_path / "export.csv"], format=str(tmp_path / "de.toml"))
        again = book.import_files([tmp_path / "export.csv"], format=str(tmp_path / "de.toml"))
        assert (result.files[0].format, result.files[0].recorded) == ("mapped", 13)
        assert again.head == result.head
        assert {b.asset: b.held for b in book.balances().balances} == {"USD": Decimal("16374.50")}
        assert sum(row.gain for row in book.tax_year(2024).rows) == Decimal("1383.50")


def test_an_account_that_is_given_holds_everything_of_a_mapping_too(tmp_path: Path) -> None:
    row = "05/07/2024 10:00,LOAN,,USD,1,,,Margin,1\n"
    ((account, _),) = mapped(tmp_path, TRADES, HEADER + row, "mine/all").drafts
    assert account == "mine/all"


def test_the_formats_tell_of_mapping_files() -> None:
    assert formats()[-1].importer == "FILE.toml"

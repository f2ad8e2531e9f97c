"""The native file: one event a line, all or nothing, and a fault says where and what."""

from decimal import Decimal
from pathlib import Path
from tracemalloc import get_traced_memory, start, stop

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.importers.native import Native
from adapters.importers.reading import SourceFile, Taken
from adapters.wire import TYPES, to_native
from tests.adapters.importers.outcomes import Outcomes, read

DATA = Path(__file__).parents[2] / "data" / "native"
DEPOSIT = (
    '{"type":"deposited","account":"kraken/main","at":"2025-03-04T10:00:05Z","id":"d-1",'
    '"asset":"USD","quantity":"100"}'
)


def native(text: str | bytes, account: str | None = None) -> Outcomes:
    return read(Native(), {"events.jsonl": text}, account)


def changed(**fields: object) -> str:
    """The deposit with other fields; None takes one away."""
    line = orjson.loads(DEPOSIT) | fields
    return orjson.dumps({k: v for k, v in line.items() if v is not None}).decode()


def test_every_type_of_event_has_its_line() -> None:
    outcomes = native((DATA / "every-type.jsonl").read_bytes())
    assert outcomes.said == []
    assert {type(event) for _, event in outcomes.drafts} == set(TYPES.values())


def test_a_line_read_and_written_is_the_same_object() -> None:
    for line in (DATA / "every-type.jsonl").read_text().splitlines():
        (draft,) = native(line).drafts
        again = to_native(*draft)
        assert native(orjson.dumps(again)).drafts == [draft]
        assert orjson.loads(line).keys() == again.keys()


def test_an_event_knows_the_line_it_stands_on() -> None:
    outcomes = native(f"{DEPOSIT}\n\n{changed(id='d-2')}\n")
    sources = [d.source for o in outcomes.all if isinstance(o, Taken) for d in o.drafts]
    assert [(s.file, s.line) for s in sources if s] == [("events.jsonl", 1), ("events.jsonl", 3)]


def test_a_blank_line_is_no_row() -> None:
    assert len(native(f"\n{DEPOSIT}\r\n   \n\n").all) == 1


def test_a_byte_order_mark_windows_line_ends_and_a_missing_last_one_are_nothing() -> None:
    assert native(b"\xef\xbb\xbf" + DEPOSIT.encode() + b"\r\n" + DEPOSIT.encode()).said == []


def test_integers_are_numbers() -> None:
    ((_, event),) = native(changed(quantity=100)).drafts
    assert event == native(DEPOSIT).drafts[0][1]


def test_an_account_can_be_given_for_all_lines_but_the_books_own() -> None:
    decision = (
        '{"type":"method_elected","account":"book","at":"2025-01-01T00:00:00Z","id":"m",'
        '"method":"hifo"}'
    )
    outcomes = native(f"{DEPOSIT}\n{decision}\n", "kraken/mine")
    assert [account for account, _ in outcomes.drafts] == ["kraken/mine", "book"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "is not JSON: invalid literal, expected 'null' at character 1."),
        ('{"type":"deposited",}', "is not JSON: trailing comma is not allowed at character 20"),
        (DEPOSIT[:-20], "is not JSON: "),
        ("[1]", "is JSON, but no object such as"),
        ("5", "is JSON, but no object such as"),
        ('"text"', "is JSON, but no object such as"),
        ("null", "is JSON, but no object such as"),
        (changed(type=None), 'column "type": is missing'),
        (changed(type="bought"), 'column "type": "bought" is no event type; known: account_opened'),
        (changed(type=5), 'column "type": "5" is no event type'),
        (changed(account=None), 'column "account": is missing: write venue/name, or book'),
        (changed(account="kraken"), 'column "account": "kraken" must be venue/name'),
        (changed(quantity=None), 'column "quantity": is missing'),
        (changed(amount="5"), 'column "amount": "5" is no field here; known: at, id'),
        (changed(quantity=1.5), 'column "quantity": "1.5" is not exact: give a decimal string'),
        (changed(quantity="-5"), 'column "quantity": "-5" must be more than zero'),
        (changed(quantity="1,5"), 'column "quantity": "1,5" is not a decimal number'),
        (changed(quantity="NaN"), 'column "quantity": "NaN" is not a decimal number'),
        (changed(quantity="1E99"), 'column "quantity": "1E99" has over 24 digits'),
        (changed(quantity=True), 'column "quantity": "True" is not exact'),
        (changed(quantity=None).replace("}", ',"quantity":1E400}'), "is not JSON: number is inf"),
        (changed(quantity=None).replace("}", ',"quantity":NaN}'), "is not JSON: "),
        (changed(quantity=None).replace("}", ',"quantity":%s}' % (10**30)), "is not exact"),
        (changed(at="2025-03-04T10:00:05"), 'column "at": "2025-03-04T10:00:05" has no zone'),
        (changed(at="yesterday"), 'column "at": "yesterday" is not a time'),
        (changed(id=""), 'column "id": must be a text without spaces around it'),
        (changed(lots=[{"acquired": "2025-01-01", "quantity": "1"}]), 'column "basis": is missing'),
        (changed(lots=5), 'column "lots": "5" must be a list'),
        (changed(sequence="1"), 'column "sequence": "1" must be a whole number'),
        (DEPOSIT.replace("}", ',"asset":"EUR"}'), 'column "asset": "EUR" is given twice'),
        (changed(lots=[{"acquired": "2025-01-01", "quantity": "1", "basis": "1"}]).replace(
            '"basis":"1"', '"basis":"1","basis":"2"'), 'column "basis": "2" is given twice'),
        (DEPOSIT.replace("}", r',"asse\u0074":"EUR"}'), 'column "asset": "EUR" is given twice'),
    ],
)  # fmt: skip
def test_a_bad_line_says_where_and_what(line: str, said: str) -> None:
    outcomes = native(f"{DEPOSIT}\n{line}\n{DEPOSIT}\n")
    (fault,) = outcomes.faults
    assert (fault.line, fault.counts) == (2, True)
    assert said in str(fault)
    assert len(outcomes.drafts) == 2, (
        "the other lines are read, so that all faults are shown at once"
    )


def test_a_quote_within_a_text_is_no_second_key() -> None:
    assert native(changed(note='he said "asset":"EUR"')).said == []


def test_a_cut_off_last_line_says_so() -> None:
    (said,) = native(f"{DEPOSIT}\n{DEPOSIT[:50]}").said
    assert said.startswith("events.jsonl:2: is not JSON")
    assert "is the file cut off?" in said


def test_bytes_that_are_no_text_are_a_fault_of_their_line() -> None:
    (said,) = native(b"\xff\xfe\n" + DEPOSIT.encode()).said
    assert said.startswith("events.jsonl:1: is not JSON: ")


def test_a_line_without_end_is_a_fault() -> None:
    long = changed(note="x" * (1 << 24))
    assert native(f"{long}\n{DEPOSIT}\n").said == [
        "events.jsonl:1: is longer than 16 million characters."
    ]


def test_files_are_read_in_an_order_of_their_own() -> None:
    files = {"b.jsonl": DEPOSIT, "a.jsonl": changed(id="d-0", quantity="7")}
    assert [e.quantity for _, e in read(Native(), files).drafts] == [7, 100]  # type: ignore[attr-defined]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text(f"{DEPOSIT}\n" * 50_000)
    start()
    count = sum(1 for _ in Native().read([SourceFile(path=path, sha256="")], None))
    _, most = get_traced_memory()
    stop()
    assert count == 50_000
    assert most < 1_000_000


@given(st.binary(max_size=300))
def test_any_bytes_end_as_outcomes(noise: bytes) -> None:
    native(noise)
    native(DEPOSIT.encode() + noise)


KEYS = st.sampled_from(
    ["type", "account", "at", "id", "asset", "quantity", "lots", "from", "tiers", "x"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, JSON, max_size=4), st.sampled_from(sorted(TYPES)))
def test_any_object_ends_as_an_outcome(fields: dict[str, object], type_: str) -> None:
    line = orjson.loads(DEPOSIT) | {"type": type_} | fields
    assert len(native(orjson.dumps(line)).all) == 1


@given(
    st.text(max_size=30), st.decimals(min_value=Decimal("0.00000001"), max_value=10**9, places=8)
)
def test_what_is_written_is_what_is_read(note: str, quantity: Decimal) -> None:
    ((_, event),) = native(changed(note=note, quantity=str(quantity))).drafts
    assert (event.note, event.quantity) == (note, quantity)  # type: ignore[attr-defined]

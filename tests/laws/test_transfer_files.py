"""Which transfers are linked does not depend on the order in which venues' files are imported."""

from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from hypothesis import event, given, settings
from hypothesis import strategies as st

from projections.transfers.transfer_legs import Leg
from projections.transfers.transfer_pairs import pairs_of
from tests.adapters.test_linking import Desk
from tests.laws.test_transfer_pairs import Parted, legs

FILES = ("a", "b", "c")


@settings(max_examples=40, deadline=None)
@given(legs(), st.lists(st.sampled_from(FILES), min_size=14, max_size=14), st.permutations(FILES))
def test_files_in_any_order_lead_to_the_links_of_all_of_them_at_once(
    drawn: tuple[list[Leg], list[Leg], Parted], placed: list[str], order: list[str]
) -> None:
    outs, ins, _ = drawn
    lines = [_native(leg, "withdrawn") for leg in outs] + [_native(leg, "deposited") for leg in ins]
    found = pairs_of(outs, ins)
    expected = {(p.out.full_name, p.into.full_name) for p in found if p.is_sure}
    waiting = {(p.out.full_name, p.into.full_name) for p in found if not p.is_sure}
    event(f"{min(len(expected), 3)} pairs")
    with TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        for name in FILES:
            told = [line for line, file in zip(lines, placed, strict=False) if file == name]
            (desk.folder / name).write_bytes(b"".join(told) or _NOTHING)
        for name in order:
            desk.take(name)
        links = {(one.out, one.into) for one in desk.transfers.linked}
        head = desk.log.head()
        assert links == expected
        assert {(pair.out, pair.into) for pair in desk.transfers.pairs} == waiting
        assert desk.take(*FILES).head == head
        desk.log.close()


def _native(leg: Leg, kind: str) -> bytes:
    said = {
        "type": kind,
        "account": leg.account,
        "at": leg.at,
        "id": leg.id,
        "asset": leg.asset,
        "quantity": str(leg.quantity),
        "note": leg.note,
    }
    if leg.chain:
        said["txid"] = leg.chain
    if kind == "withdrawn":
        said["fee"] = str(leg.fee)
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


_NOTHING = (
    b'{"type":"price_observed","account":"book","at":"2025-01-01T00:00:00Z","id":"p",'
    b'"asset":"BTC","quote":"USD","price":"1"}'
)

"""What became of an order follows from the log: placed, less filled, until it is cancelled."""

from projections.paper.orders import Orders, OrderState
from projections.replay import replay
from tests.story import told

STORY = told("""
    2025-01-01  paper/main  ordered    buy 2 BTC limit  price 90  as whole
    2025-01-01  paper/main  ordered    buy 2 BTC limit  price 90  as part
    2025-01-01  paper/main  ordered    sell 2 BTC trailing_stop  trail 5 trigger 80  as rest
    2025-01-01  paper/main  ordered    sell 2 BTC market  as gone
    2025-01-01  paper/other ordered    sell 2 BTC market  as whole
    2025-01-02  paper/main  bought     2 BTC  @ 90  order whole
    2025-01-02  paper/main  bought     1.5 BTC  @ 90  order part
    2025-01-02  paper/main  bought     1 BTC  @ 90  order unheard_of
    2025-01-02  paper/main  bought     1 BTC  @ 90
    2025-01-03  paper/main  trailed    rest 85
    2025-01-03  paper/main  trailed    whole 85
    2025-01-04  paper/main  cancelled  gone mine
    2025-01-04  paper/main  cancelled  gone again
""")


def states(*, keep_ended: bool) -> dict[tuple[str, str], OrderState]:
    fold = Orders(keep_ended=keep_ended)
    replay(STORY.replayed, fold)
    return {(state.account, state.order): state for state in fold.all()}


def test_an_order_is_open_filled_or_cancelled() -> None:
    told_of = {
        name: (state.status, str(state.filled), state.reason, str(state.until or "")[:10])
        for (account, name), state in states(keep_ended=True).items()
        if account == "paper/main"
    }
    assert told_of == {
        "whole": ("filled", "2", "", "2025-01-02"),
        "part": ("open", "1.5", "", ""),
        "rest": ("open", "0", "", ""),
        "gone": ("cancelled", "0", "mine", "2025-01-04"),
    }


def test_what_has_ended_is_forgotten_unless_it_is_asked_for() -> None:
    assert list(states(keep_ended=False)) == [
        ("paper/main", "part"),
        ("paper/main", "rest"),
        ("paper/other", "whole"),
    ]


def test_a_trailing_stop_stands_where_it_was_moved_to() -> None:
    state = states(keep_ended=True)["paper/main", "rest"]
    assert (str(state.trigger), str(state.trail)) == ("85", "5")
    assert state.to_dict()["kind"] == "trailing_stop"


def test_orders_are_told_as_they_were_placed() -> None:
    fold = Orders(keep_ended=True)
    replay(STORY.replayed, fold)
    assert [state.order for state in fold.all()] == ["whole", "part", "rest", "gone", "whole"]
    assert [order.placed.id for order in fold.open("paper/main")] == ["part", "rest"]
    found = fold.find("paper/main", "part")
    assert found is not None
    assert str(found.left) == "0.5"
    assert fold.find("paper/main", "whole") is None

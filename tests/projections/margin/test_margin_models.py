"""Every venue's own model: worked examples, and the prices at which its levels are reached."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import terms as known
from domain.events import MarginTermsSet
from domain.terms import MODELS
from projections.margin.margin_state import MarginState
from projections.margin.thresholds import NEVER
from tests.projections.margin.test_margin import cents, said, state, states
from tests.story import Story, recorded, told

CROSS, ISOLATED = "binance/cross", "binance/isolated/BTCUSDT"


def with_terms(book: Story, account: str, **terms: Any) -> Story:
    """The same history in an account whose terms were set before it."""
    at = book.log[0].event.at
    event = MarginTermsSet(at=at, id="terms", **terms)
    return recorded([(account, event), *((r.account, r.event) for r in book.log)])


def figured(text: str, prices: Mapping[str, str] | None = None, **terms: Any) -> MarginState:
    """The state of the account `v/a`, whose lines these are, under such terms."""
    lines = "\n".join(f"2025-03-01  v/a  {line}" for line in text.splitlines() if line.strip())
    return state(with_terms(told(lines), "v/a", **terms), **(prices or {}))


# Worked examples --------------------------------------------------------------------------------


def test_binance_cross_3x() -> None:
    """0.3 BTC at 100,000, debt 20,000: level 1.5, call 86,666.67, liquidation 73,333.33."""
    account = figured(
        """
        deposited  10000 USD
        borrowed   20000 USD
        bought     0.3 BTC  @ 100000
        """,
        model="binance_cross",
        leverage=3,
    )
    assert (account.level, account.status) == (Decimal("1.5"), "healthy")
    assert account.level_shown == "margin level 1.5"
    reached = account.prices["BTC"]
    assert (cents(reached.call), cents(reached.liquidation)) == ("86666.67", "73333.33")
    assert said(account, "used_margin", "free_margin", "leverage") == ["10000", "0", "3"]


def test_binance_isolated_short_5x() -> None:
    """50,000, debt 0.4 BTC at 100,000: level 1.25, call 105,042.02, liquidation 108,695.65."""
    account = figured(
        """
        deposited  10000 USD
        borrowed   0.4 BTC
        sold       0.4 BTC  @ 100000
        """,
        model="binance_isolated",
        leverage=5,
    )
    assert account.level == Decimal("1.25")
    reached = account.prices["BTC"]
    assert (cents(reached.call), cents(reached.liquidation)) == ("105042.02", "108695.65")


def test_binance_interest_owed_is_debt() -> None:
    """P = L x Qdebt / Basset: (20,000 + 100) x 1.1 / 0.3."""
    account = figured(
        """
        deposited  10000 USD
        borrowed   20000 USD
        bought     0.3 BTC  @ 100000
        interest   100 USD debt
        """,
        model="binance_cross",
        leverage=3,
    )
    assert cents(account.prices["BTC"].liquidation) == "73700.00"


@pytest.mark.parametrize(
    ("side", "call", "liquidation"),
    [
        # (q P0 - W + F) / (q (1 - 1.5 mm)) and mm: (60,000 - 10,000 + 50) / (2 x 0.775), 0.85
        ("bought", "32290.32", "29441.18"),
        # (q P0 + W - F) / (q (1 + 1.5 mm)) and mm: (60,000 + 10,000 - 50) / (2 x 1.225), 1.15
        ("sold", "28551.02", "30413.04"),
    ],
)
def test_bitfinex(side: str, call: str, liquidation: str) -> None:
    """2 BTC at 30,000 with 10,000 of own money and 50 of funding cost, maintenance 15 %."""
    account = figured(
        f"""
        deposited  10000 USD
        {side}     2 BTC  @ 30000  on p  leverage 5
        interest   50 USD debt
        """,
        model="bitfinex",
        maintenance_rate="0.15",
    )
    reached = account.prices["BTC"]
    assert (cents(reached.call), cents(reached.liquidation)) == (call, liquidation)


def test_bitfinex_takes_closing_fees_off_net_equity() -> None:
    """10,000 - 0.2 % of 60,000 over 15 % of 60,000."""
    account = figured(
        "deposited  10000 USD\nbought  2 BTC  @ 30000  on p  leverage 5",
        model="bitfinex",
        maintenance_rate="0.15",
        taker_fee_rate="0.002",
    )
    assert said(account, "equity", "maintenance_margin") == ["9880", "9000"]
    assert account.level_shown == "net equity / required margin 109.78 %"


def test_okx_isolated() -> None:
    """Long (liab + int)(1 + MMR)(1 + taker) / assets, short assets / (the same of units)."""
    terms: dict[str, Any] = {
        "model": "okx_isolated",
        "maintenance_rate": "0.03",
        "taker_fee_rate": "0.001",
    }
    long = figured("deposited  4000 USD\nborrowed  16000 USD\nbought  0.2 BTC  @ 100000", **terms)
    assert cents(long.prices["BTC"].liquidation) == "82482.40"  # 16,000 x 1.03 x 1.001 / 0.2
    short = figured("deposited  4000 USD\nborrowed  0.2 BTC\nsold  0.2 BTC  @ 100000", **terms)
    assert cents(short.prices["BTC"].liquidation) == "116388.47"  # 24,000 / (0.2 x 1.03103)
    assert long.prices["BTC"].call is None


def test_okx_margin_ratio_is_equity_over_maintenance_margin_and_fees() -> None:
    """[assets - liab / mark] / (MM + fees): 4,000 / (16,000 x 0.03 + 16,480 x 0.001)."""
    account = figured(
        "deposited  4000 USD\nborrowed  16000 USD\nbought  0.2 BTC  @ 100000",
        model="okx_isolated",
        maintenance_rate="0.03",
        taker_fee_rate="0.001",
    )
    assert account.level is not None
    assert f"{account.level:.6f}" == "8.056719"  # 4,000 / 496.48


@pytest.mark.parametrize(
    ("side", "price"),
    [
        # (WB + cum - s Q P0) / (Q (mmr - s)), WB 5,000, Q 2, P0 20,000, mmr 1 %, cum 50
        ("bought", "17651.52"),  # (5,050 - 40,000) / (2 x (0.01 - 1))
        ("sold", "22301.98"),  # (5,050 + 40,000) / (2 x (0.01 + 1))
    ],
)
def test_a_perpetual_of_the_second_bracket(side: str, price: str) -> None:
    tiers = [
        {"from": "0", "maintenance_rate": "0.005", "deduction": "0"},
        {"from": "10000", "maintenance_rate": "0.01", "deduction": "50"},
    ]
    account = figured(
        f"deposited  5000 USD\n{side}  2 BTC  @ 20000  on p  leverage 10", model="perp", tiers=tiers
    )
    assert account.maintenance_margin == 350
    assert account.level == Decimal("0.07")
    assert cents(account.prices["BTC"].liquidation) == price


def test_bybit_sums_maintenance_margin_over_margin_balance() -> None:
    """5 % of a 2,000 loan and of a 20,000 position, over 10,000 x 0.9."""
    account = figured(
        """
        deposited  10000 USD
        borrowed   2000 USD
        bought     20 ETH   @ 100
        bought     0.2 BTC  @ 100000  on p  leverage 10
        """,
        model="bybit_unified",
        maintenance_rate="0.05",
        collateral_factors={"ETH": "0.5"},
    )
    assert account.equity == 10000 + 1000 - 2000
    assert account.maintenance_margin == 1100
    assert account.level_shown == "account maintenance margin rate 12.22 %"


def test_ten_thousand_at_two_times_controls_twenty_thousand() -> None:
    """The same by a position and by a loan, under plain terms."""
    terms: dict[str, Any] = {"model": "standard", "initial_rate": "0.5", "maintenance_rate": "0.25"}
    by_position = figured("deposited  10000 USD\nbought  0.2 BTC  @ 100000  on p", **terms)
    by_loan = figured(
        "deposited  10000 USD\nborrowed  10000 USD\nbought  0.2 BTC  @ 100000", **terms
    )
    for account in (by_position, by_loan):
        assert said(account, "exposure", "leverage") == ["20000", "2"]
        assert said(account, "equity", "maintenance_margin", "level") == ["10000", "5000", "2"]
        # 20,000 x p - 10,000 = 0.25 x 20,000 x p
        assert cents(account.prices["BTC"].liquidation) == "66666.67"
    assert said(by_position, "used_margin", "free_margin") == ["10000", "0"]


def test_an_isolated_account_risks_its_own_collateral_a_cross_account_all_of_it() -> None:
    """An isolated 3x long with 5,000 can lose 5,000 and not a cent more."""
    book = told("""
        2025-03-01  binance/cross  deposited  20000 USD
        2025-03-01  binance/cross  terms  binance_cross  leverage 3
        2025-03-01  binance/cross  transferred  5000 USD  to binance/isolated/BTCUSD
        2025-03-01  binance/isolated/BTCUSD  terms  binance_isolated  leverage 3
        2025-03-01  binance/isolated/BTCUSD  borrowed  10000 USD
        2025-03-01  binance/isolated/BTCUSD  bought  0.15 BTC  @ 100000
        2025-03-01  binance/cross  borrowed  10000 USD
        2025-03-01  binance/cross  bought  0.15 BTC  @ 100000
    """)
    cross, isolated = states(book)
    assert said(isolated, "at_risk", "recourse") == ["5000", False]
    assert said(cross, "at_risk", "recourse") == ["15000", True]
    fallen = states(book, BTC="40000")
    assert [account.status for account in fallen] == ["healthy", "liquidation"]
    assert [account.at_risk for account in fallen] == [6000, 0]


def test_an_account_in_tethers_has_its_level_without_a_price_of_the_tether() -> None:
    account = figured(
        """
        deposited  10000 USDT  bought 2024-01-01 for 10000
        borrowed   20000 USDT
        bought     0.3 BTC  @ 100000 USDT
        """,
        model="binance_cross",
        leverage=3,
    )
    assert (account.currency, account.level) == ("USDT", Decimal("1.5"))
    assert cents(account.prices["BTC"].liquidation) == "73333.33"
    assert [(f.kind, f.severity) for f in account.findings] == [("missing_price", "warning")]


# Interest ahead ---------------------------------------------------------------------------------


def test_a_day_of_interest_moves_the_liquidation_price_of_a_loan() -> None:
    """20,000 at 0.001 % an hour: 4.80 a day; x 1.1 / 0.3 BTC is 17.60 nearer."""
    account = figured(
        "deposited  10000 USD\nborrowed  20000 USD\nbought  0.3 BTC  @ 100000",
        model="binance_cross",
        leverage=3,
        interest_rates={"USD": "0.00001"},
    )
    assert cents(account.prices_per_day["BTC"].liquidation) == "17.60"
    assert cents(account.prices_per_day["BTC"].call) == "20.80"


def test_a_day_of_rollovers_moves_that_of_a_position() -> None:
    """Six times 0.025 % of 45,000: 67.50, over 1.5 BTC 45.00. A short pays in its coin."""
    terms: dict[str, Any] = {
        "model": "kraken",
        "interest_rates": {"USD": "0.00025", "BTC": "0.0001"},
    }
    long = figured("deposited  10000 USD\nbought  1.5 BTC  @ 30000  on p  leverage 5", **terms)
    assert cents(long.prices_per_day["BTC"].liquidation) == "45.00"
    short = figured(
        "deposited  10000 USD\ndeposited  1 BTC  bought 2024-01-01 for 1\n"
        "sold  1.5 BTC  @ 30000  on p  leverage 5",
        **terms,
    )
    moved = short.prices_per_day["BTC"].liquidation
    assert moved is not None
    assert moved < 0, "a short is liquidated at a lower price a day later"


def test_without_rates_nothing_is_forecast() -> None:
    account = figured("deposited  100 USD\nborrowed  50 USD", model="binance_cross", leverage=3)
    assert account.prices_per_day == {}


# Bad terms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "terms",
    [
        {"model": "perp"},
        {"model": "okx_isolated", "taker_fee_rate": "0.001"},
        {"model": "binance_isolated", "leverage": 4},
        {"model": "bitfinex"},
    ],
)
def test_terms_that_lack_something_give_no_level(terms: dict[str, Any]) -> None:
    account = figured("deposited  9000 USD\nborrowed  1 USD\nbought  1 BTC  @ 100  on p", **terms)
    assert (account.level, account.status, account.maintenance_margin) == (None, None, None)
    (found,) = account.findings
    assert (found.kind, found.event, found.severity) == ("terms_incomplete", "terms", "error")


def test_terms_that_contradict_each_other_give_no_level() -> None:
    account = figured(
        "deposited  9000 USD\nborrowed  1 USD",
        model="binance_cross",
        call="1.05",
        liquidation="1.1",
    )
    assert (account.level, account.status) == (None, None)
    (found,) = account.findings
    assert (found.kind, found.event, found.severity) == ("terms_contradict", "terms", "error")


@pytest.mark.parametrize(
    "terms",
    [
        {"model": "kraken", "leverage": "5"},
        {"model": "bitfinex", "maintenance_rate": "0.15"},
        {"model": "perp", "maintenance_rate": "0.01"},
        {"model": "standard", "initial_rate": "0.5", "maintenance_rate": "0.25"},
    ],
)
def test_a_loan_that_no_level_measures_has_no_margin_figures(terms: dict[str, Any]) -> None:
    """10,500 held less 500 owed is an equity; how much of it is free, no level says."""
    account = figured("deposited  10000 USD\nborrowed  500 USD", **terms)
    assert said(account, "equity", "debt") == ["10000", "500"]
    names = ("used_margin", "free_margin", "above_call", "above_liquidation", "maintenance_margin")
    assert said(account, *names) == [None] * 5
    assert (account.level, account.status, account.prices) == (None, None, {})
    assert [(f.kind, f.severity) for f in account.findings] == [("unmeasured_debt", "warning")]


def test_a_model_that_measures_debts_uses_margin_for_them() -> None:
    """Bybit at 10x: 500 lent use 50 of 10,000, and are liquidated at 4 % of them, 20."""
    account = figured(
        "deposited  10000 USD\nborrowed  500 USD",
        model="bybit_unified",
        leverage="10",
        maintenance_rate="0.04",
    )
    amounts = [account.used_margin, account.free_margin, account.maintenance_margin]
    assert amounts == [50, 9950, 20]
    assert account.above_liquidation == 9980
    assert account.findings == ()


def test_one_level_that_is_told_is_held_against_the_one_that_is_not() -> None:
    """Binance cross liquidates at 1.1: a call at 1.05 would come after it."""
    account = figured("deposited  9000 USD\nborrowed  1 USD", model="binance_cross", call="1.05")
    assert [found.kind for found in account.findings] == ["terms_contradict"]


def test_bitfinex_at_five_times_is_called_at_entry() -> None:
    """Exchanges: 2.3: 1.5 x 15 % is 22.5 %, more than the 20 % of initial margin."""
    account = figured(
        "deposited  100 USD\nbought  1 BTC  @ 500  on p  leverage 5",
        model="bitfinex",
        leverage=5,
        maintenance_rate="0.15",
    )
    assert account.status == "call"
    assert [(f.kind, f.severity) for f in account.findings] == [("terms_contradict", "warning")]


def test_every_model_of_the_contract_is_known() -> None:
    for model in MODELS:
        event = MarginTermsSet(at="2025-01-01T00:00:00Z", id="t", model=model)  # type: ignore[arg-type]
        found = known.terms_of("v/a", event)
        assert found is not None
        assert found.model.name == model
    assert len(MODELS) == 8


# At its threshold -------------------------------------------------------------------------------

RATE = st.decimals("0.004", "0.2", places=3)
UNITS = st.decimals("0.001", "30", places=3)


@st.composite
def tiers(draw: st.DrawFn) -> list[dict[str, str]]:
    """Brackets that join: each deduction makes the maintenance margin go on where it was."""
    begins = sorted(draw(st.sets(st.integers(1, 400), max_size=4)))
    rate, deduction = Decimal("0.01"), Decimal(0)
    found = [{"from": "0", "maintenance_rate": str(rate), "deduction": "0"}]
    for begin in begins:
        more = draw(st.decimals("0.001", "0.05", places=3))
        deduction += begin * 1000 * more
        rate += more
        found.append(
            {
                "from": str(begin * 1000),
                "maintenance_rate": str(rate),
                "deduction": str(deduction),
            }
        )
    return found


@st.composite
def terms_of(draw: st.DrawFn, model: str) -> dict[str, Any]:
    terms: dict[str, Any] = {"model": model}
    if model in ("okx_isolated", "bitfinex", "bybit_unified", "perp", "standard"):
        if draw(st.booleans()) and model != "okx_isolated":
            terms["tiers"] = draw(tiers())
        else:
            terms["maintenance_rate"] = str(draw(RATE))
        terms["taker_fee_rate"] = "0.001"
    if model == "binance_isolated":
        terms["leverage"] = draw(st.sampled_from([3, 5, 10]))
    if draw(st.booleans()):
        terms["collateral_factors"] = {"BTC": "0.9", "ETH": "0.7"}
    return terms


POSITIONS_ALONE = ("kraken", "bitfinex", "perp")
"""Models that weigh positions and nothing else."""


@st.composite
def histories(draw: st.DrawFn, model: str) -> str:
    """An account that is long or short, by a loan or by a position, with interest owed."""
    lines = [f"deposited  {draw(st.integers(500, 90_000))} USD"]
    if draw(st.booleans()):
        lines.append(f"deposited  {draw(UNITS)} ETH  bought 2024-01-01 for 1")
    if draw(st.booleans()):
        lines.append(f"deposited  {draw(UNITS)} BTC  bought 2024-01-01 for 1")
    lines.append("bought  1 ETH  @ 2000")
    units, price = draw(UNITS), draw(st.integers(5_000, 90_000))
    if model in POSITIONS_ALONE or draw(st.booleans()):
        side = draw(st.sampled_from(["bought", "sold"]))
        lines.append(f"{side}  {units} BTC  @ {price}  on p  leverage 5")
    elif draw(st.booleans()):
        lines += [f"borrowed  {units * price} USD", f"bought  {units} BTC  @ {price}"]
    else:
        lines += [f"borrowed  {units} BTC", f"sold  {units} BTC  @ {price}"]
    if draw(st.booleans()):
        lines.append(f"interest  {draw(st.integers(1, 400))} USD debt")
    return "\n".join(lines)


@pytest.mark.parametrize("model", sorted(MODELS))
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_at_its_price_a_level_is_reached_and_a_tick_before_it_is_not(
    model: str, data: st.DataObject
) -> None:
    """For every model, long and short, with interest, haircuts and brackets."""
    text, terms = data.draw(histories(model)), data.draw(terms_of(model))
    account = figured(text, **terms)
    assert account.terms is not None
    for asset, reached in account.prices.items():
        for name, price in (("call", reached.call), ("liquidation", reached.liquidation)):
            if price is None:
                continue
            there = figured(text, {asset: str(price)}, **terms)
            wanted = getattr(account.terms, name)
            assert there.level is not None
            assert abs(there.level - wanted) < Decimal("1E-15")
            assert there.status in ("liquidation", name)
            tick = price * Decimal("1E-12")
            near = [figured(text, {asset: str(price + way * tick)}, **terms) for way in (1, -1)]
            beyond = [one.status in ("liquidation", name) for one in near]
            assert sorted(beyond) == [False, True]


@settings(max_examples=100, deadline=None)
@given(st.integers(1_000, 60_000), st.integers(20_000, 120_000), st.booleans())
def test_where_tiers_of_debt_begin_the_level_that_counts_is_another(
    own: int, price: int, short: bool
) -> None:
    """Binance isolated: a larger debt is liquidated earlier."""
    trade = "borrowed  0.5 BTC\nsold" if short else f"borrowed  {price // 2} USD\nbought"
    text = f"deposited  {own} USD\n{trade}  0.5 BTC  @ {price}"
    terms: dict[str, Any] = {
        "model": "binance_isolated",
        "leverage": 10,
        "tiers": [
            {"from": "0", "call": "1.09", "liquidation": "1.05"},
            {"from": "40000", "call": "1.19", "liquidation": "1.15"},
        ],
    }
    account = figured(text, **terms)
    for name in ("call", "liquidation"):
        found = getattr(account.prices.get("BTC", NEVER), name)
        if found is None:
            continue
        tick = found * Decimal("1E-12")
        statuses = [
            figured(text, {"BTC": str(found + way * tick)}, **terms).status in ("liquidation", name)
            for way in (-1, 0, 1)
        ]
        assert statuses in ([True, True, False], [False, True, True])


def test_a_tier_without_a_deduction_carries_the_level_over_at_once() -> None:
    """40 % from 50,000 on: a short of 1 at 40,000 with 15,000 is liquidated where it begins."""
    account = figured(
        "deposited  15000 USD\nsold  1 BTC  @ 40000  on p  leverage 5",
        model="perp",
        tiers=[
            {"from": "0", "maintenance_rate": "0.01"},
            {"from": "50000", "maintenance_rate": "0.4"},
        ],
    )
    assert account.prices["BTC"].liquidation == 50000

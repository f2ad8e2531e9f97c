"""Policies: named readings where the law is open. The first value of each is the default.

Every report prints the policies it stands on. A policy counts for the whole book; the latest known
wins.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation

POLICIES: Mapping[str, tuple[str, ...]] = {
    "basis_scope": ("account", "universal"),
    "short_sale": ("open_transaction", "stock_like"),
    "loan": ("nonrecognition", "exchange"),
    "funding": ("net", "split"),
    "transfer_fee": ("disposal", "add_to_basis", "ignore"),
    "interest_purpose": ("investment", "business", "personal"),
    "credits_pay": ("interest_first", "principal_first"),
    "wash_sale": ("off", "on"),
    "liquidation_deficit": ("recourse", "nonrecourse"),
    "price_age": ("24h",),
    "withheld_fee": ("from_received", "by_method"),
    "lot_pool": ("account", "venue"),
    "rebate": ("price_adjustment", "income"),
}

TAX_FACTS = (
    "filing_status",
    "taxable_income",
    "investment_income",
    "qualified_dividends",
    "elected_gain",
    "investment_expenses",
    "interest_carryforward",
    "short_term_carryover",
    "long_term_carryover",
    "section_1256_carryback",
    "itemizes",
    "itemized_deductions",
    "trader",
    "section_1256_unrealized",
    "modified_agi",
    "insolvent_by",
    "investment_share",
)
"""The facts of a tax year that may be stated from outside the book (`tax_fact_stated`)."""

_TRUTH = ("true", "false", "yes", "no")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "filing_status": ("single", "mfj", "mfs", "hoh"),
    "itemizes": _TRUTH,
    "trader": _TRUTH,
}
_NOT_NEGATIVE = frozenset(
    {
        "investment_income",
        "qualified_dividends",
        "elected_gain",
        "investment_expenses",
        "interest_carryforward",
        "section_1256_carryback",
        "itemized_deductions",
        "insolvent_by",
        "investment_share",
    }
)
_SHARES = frozenset({"investment_share"})
"""Parts of a whole, from 0 to 1."""

DEFAULTS: Mapping[str, str] = {name: values[0] for name, values in POLICIES.items()}


def fault(name: str, value: str) -> str | None:
    """What is wrong with this policy, or None."""
    if name not in POLICIES:
        return f"no policy is called {name!r}; known: {', '.join(POLICIES)}"
    if name == "price_age":
        return None if _hours(value) is not None else f"price_age must be like 24h, not {value!r}"
    if value not in POLICIES[name]:
        return f"{name} must be one of {', '.join(POLICIES[name])}, not {value!r}"
    return None


def fact_fault(name: str, value: str) -> str | None:
    """What is wrong with this fact of a tax year, or None."""
    if name not in TAX_FACTS:
        return f"no fact of a tax year is called {name!r}; known: {', '.join(TAX_FACTS)}"
    words = _WORDS.get(name)
    if words is not None:
        return None if value in words else f"{name} must be one of {', '.join(words)}, not {value}"
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        return f"{name} must be an amount in USD such as 5000, not {value}"
    if amount < 0 and name in _NOT_NEGATIVE:
        return f"{name} must not be negative, as {value} is"
    if amount > 1 and name in _SHARES:
        return f"{name} is a part of the whole such as 0.8, not {value}"
    return None


def price_age(value: str) -> timedelta:
    """How much older than the event a price may be."""
    hours = _hours(value)
    return timedelta(hours=24 if hours is None else hours)


def _hours(value: str) -> int | None:
    number = value.removesuffix("h")
    return int(number) if value.endswith("h") and number.isdecimal() else None

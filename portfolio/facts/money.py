"""An amount of money, exact, with its currency."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple


class Money(NamedTuple):
    """An amount in a currency."""

    amount: Fraction
    currency: str


def money(amount: Decimal | None, currency: str | None) -> Money | None:
    """The amount, None where it or its currency is missing."""
    return None if amount is None or currency is None else Money(Fraction(amount), currency)

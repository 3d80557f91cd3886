"""Exact numbers and money."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracles.vocabulary import MONEY, Value


def exact(value: Any) -> Fraction:
    """Return a number as the fraction that its decimal text says."""
    return Fraction(repr(value) if isinstance(value, float) else value)


def half_up(value: Fraction) -> int:
    """Round to the nearest integer, halves upwards."""
    return math.floor(value + Fraction(1, 2))


def cents(value: Any) -> int:
    """Return an amount of money in minor units."""
    amount = exact(value) * 100
    if amount.denominator != 1:
        raise ValueError(f"{value} has more than two decimal places")
    return int(amount)


def presented(name: str, value: int | Fraction) -> Value:
    """Return money as a decimal in major units, other values as they are."""
    return Decimal(int(value)).scaleb(-2) if name in MONEY else value

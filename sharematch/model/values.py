"""Values of measures, and how files have them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

__all__ = ["GoalNumber", "Number", "write_value"]

Number = int | Fraction | Decimal
"""A count, length or time; a ratio; money in major units."""
GoalNumber = Number | tuple[Fraction, ...]
"""What a goal is worth; sorted ratios for leximin and leximax."""


def write_value(value: Any) -> Any:
    """Return a value of a measure as it stands in files."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, tuple):
        return [write_value(item) for item in value]
    return value

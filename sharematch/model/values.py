"""Values of measures: made of whole numbers, written to files and read from them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from sharematch.model.numbers import exact
from sharematch.model.vocabulary import MEASURES

__all__ = ["GoalNumber", "Number", "measured_number", "read_number", "write_value"]

Number = int | Fraction | Decimal
"""A count, length or time; a ratio; money in major units."""
GoalNumber = Number | tuple[Fraction, ...]
"""What a goal is worth; sorted ratios for leximin and leximax."""


def measured_number(measure: str, over: Any, under: Any) -> Number:
    """Return the value of a measure, given as a ratio of whole numbers."""
    unit = MEASURES[measure].unit
    if unit == "ratio":
        return Fraction(int(over), int(under)) if under else Fraction(0)
    if unit == "money":
        return Decimal(int(over)).scaleb(-2)
    return int(over)


def write_value(value: Any) -> Any:
    """Return a value of a measure as it stands in files."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, tuple):
        return [write_value(item) for item in value]
    return value


def read_number(measure: str, value: Any) -> Number:
    """Return a number of a file; ValueError for what is none, or out of range."""
    number, unit = exact(value), MEASURES[measure].unit
    scale = 100 if unit == "money" else 1
    if unit == "ratio" or (number * scale).denominator != 1:
        return number
    whole = int(number * scale)
    return Decimal(whole).scaleb(-2) if unit == "money" else whole

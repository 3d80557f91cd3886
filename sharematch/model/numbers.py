"""Exact numbers at the boundary: decimal text in, integers and fractions inside."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from numbers import Integral, Rational

import numpy as np
from numpy.typing import NDArray

from sharematch.text import Text

__all__ = [
    "LARGEST",
    "MOST_ASKED",
    "coordinate",
    "coordinates",
    "exact",
    "number_text",
    "to_date",
    "to_datetime",
    "to_decimal",
    "to_money",
    "to_units",
]

LARGEST = 10**12
"""Largest number of units, and of whole money or length, in one field."""
MOST_ASKED = 1000 * LARGEST
"""Largest number of units of one need in all its sessions."""

_LONGEST = 60
"""The most characters of a number."""
_LEAST_PLACE, _LARGEST_PLACE = 1e-9, 1e9
"""Between these a float is near enough to what a coordinate says; nearly all are."""


def exact(value: object) -> Fraction:
    """Return `value` as the fraction its decimal text says (0.1 is 1/10).

    Raises ValueError for booleans, text that is no number, NaN and infinities.
    """
    if isinstance(value, bool):
        raise ValueError(Text("value.must_be_a_number_not_true"))
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, (float, Decimal, str)):
        return _read(repr(value) if type(value) is float else str(value).strip())
    item = getattr(value, "item", None)  # a numpy scalar
    if item is not None:
        return exact(item())
    raise ValueError(Text("value.must_be_a_number"))


def _read(text: str) -> Fraction:
    # Fraction("1e999999999") would compute the power before we could refuse it.
    if len(text) > _LONGEST:
        raise ValueError(Text("value.has_too_many_digits"))
    if "_" in text:  # Python reads 1_0 as ten, nobody else does
        raise ValueError(Text("value.must_be_a_number"))
    try:
        if "/" in text:
            over, under = text.split("/")
            return Fraction(int(over), int(under))
        number = Decimal(text)
    except (ValueError, ZeroDivisionError, InvalidOperation):
        raise ValueError(Text("value.must_be_a_number")) from None
    if not number.is_finite():
        raise ValueError(Text("value.must_be_a_finite_number"))
    if number and not -30 < number.adjusted() < 30:
        raise ValueError(Text("value.is_out_of_range"))
    return Fraction(number)


def to_units(value: object) -> int:
    """Return a whole number of units; refuses text, fractions and booleans."""
    if type(value) is int and 0 <= value <= LARGEST:  # nearly always
        return value
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
    elif isinstance(value, (float, Decimal)) and exact(value).denominator == 1:
        number = int(exact(value))
    else:
        raise ValueError(Text("value.must_be_a_whole_number"))
    if abs(number) > LARGEST:
        raise ValueError(Text("value.must_not_be_beyond", limit=LARGEST))
    return number


def to_decimal(value: object) -> Decimal:
    """Return a decimal number with at most nine places."""
    number = exact(value)
    scaled = number * 10**9
    if scaled.denominator != 1:
        raise ValueError(Text("value.must_have_at_most_nine_decimal"))
    if abs(number) > LARGEST:
        raise ValueError(Text("value.must_not_be_beyond", limit=LARGEST))
    return Decimal(int(scaled)).scaleb(-9).normalize() + Decimal(0)


def to_money(value: object) -> Decimal:
    """Return an amount of money with exactly two decimal places."""
    if type(value) is int and 0 <= value <= LARGEST:  # nearly always
        return Decimal(value * 100).scaleb(-2)
    if type(value) is Decimal and value.as_tuple().exponent == -2:  # noqa: SIM102
        if 0 < value <= LARGEST:  # not of -0.00
            return value
    number = exact(value) * 100
    if number.denominator != 1:
        raise ValueError(Text("value.must_have_at_most_two_decimal"))
    if abs(number) > LARGEST * 100:
        raise ValueError(Text("value.must_not_be_beyond", limit=LARGEST))
    return Decimal(int(number)).scaleb(-2)


def coordinate(value: object) -> float:
    """Return a number of a place; ValueError as `exact`."""
    if isinstance(value, (float, Decimal)) and len(str(value)) <= _LONGEST:
        near = float(value)
        if _LEAST_PLACE < abs(near) < _LARGEST_PLACE:  # nearly always
            return near
    return float(exact(value))


def coordinates(values: Sequence[object] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers of places, as `coordinate` reads each; ValueError as `exact`."""
    try:
        near = _near(values)
    except ValueError:
        return np.array([*map(coordinate, values)], np.float64)
    size = np.abs(near)
    for i in np.flatnonzero((size <= _LEAST_PLACE) | (size >= _LARGEST_PLACE)).tolist():
        near[i] = coordinate(values[i])
    return near


def _near(values: Sequence[object] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the floats nearest to numbers; ValueError where one may be refused."""
    if isinstance(values, np.ndarray):
        return values.copy()
    kinds = set(map(type, values))
    if kinds - {Decimal, float, int, str}:
        raise ValueError
    if kinds != {float} and max(map(len, map(str, values)), default=0) > _LONGEST:
        raise ValueError
    near = np.fromiter(map(float, values), np.float64, len(values))  # type: ignore[arg-type]
    if str in kinds and (np.isnan(near).any() or any("_" in str(v) for v in values)):
        raise ValueError  # "nan" and "1_0" are texts that are no numbers
    return near


def number_text(value: Fraction) -> int | str:
    """Return `value` as files write it: an integer, else a decimal, else "a/b"."""
    if value.denominator == 1:
        return value.numerator
    under = value.denominator
    for prime in (2, 5):
        while under % prime == 0:
            under //= prime
    if under == 1:
        decimal = Decimal(value.numerator) / Decimal(value.denominator)
        if Fraction(decimal) == value:
            return format(decimal, "f")
    return f"{value.numerator}/{value.denominator}"


def to_datetime(value: object) -> datetime:
    """Return a time in whole minutes from a datetime or ISO 8601 text."""
    if isinstance(value, str):
        value = _read_time(value.strip())
    if not isinstance(value, datetime):
        raise ValueError(Text("value.must_be_a_time_such_as"))
    if value.second or value.microsecond:
        raise ValueError(Text("value.must_be_in_whole_minutes"))
    # A plain datetime: subclasses (a dataframe's timestamp) would leak their type.
    plain = value if type(value) is datetime else datetime.fromisoformat(str(value))
    offset = value.utcoffset()
    return plain if offset is None else _fixed(plain, offset)


def _fixed(value: datetime, offset: timedelta) -> datetime:
    """Return a time with its offset in place of its zone.

    Python compares two times of one zone by the clock, wrong where clocks change.
    """
    if offset.total_seconds() % 60:
        raise ValueError(Text("value.must_have_an_offset_in_whole"))
    if not 1 < value.year < 9999:
        raise ValueError(Text("value.is_out_of_range"))
    if type(value.tzinfo) is timezone:
        return value
    return value.replace(tzinfo=timezone(offset), fold=0)


def _read_time(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(Text("value.must_be_a_time_such_as")) from None
    if len(text) <= len("2026-W05-1"):
        raise ValueError(Text("value.must_have_a_time_of_day"))
    return value


def to_date(value: object) -> date:
    """Return a date from a date, a datetime or ISO 8601 text."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(Text("value.must_be_a_date_such_as")) from None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise ValueError(Text("value.must_be_a_date_such_as"))

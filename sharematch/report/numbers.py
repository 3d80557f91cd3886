"""Numbers as they are shown; None is one that may not be told."""

from decimal import Decimal
from fractions import Fraction

from sharematch import text

__all__ = ["HIDDEN", "difference", "money", "percent", "signed", "units", "width"]

HIDDEN = "•"


def units(value: int | None) -> str:
    """Return a number of units."""
    return HIDDEN if value is None else f"{value:,}"


def signed(value: int | None) -> str:
    """Return a difference, with its sign."""
    return HIDDEN if value is None else f"{value:+,}".replace("-", "–")


def percent(rate: Fraction | None, places: int = 0) -> str:
    """Return a ratio in percent."""
    return HIDDEN if rate is None else text.percent(rate, places)


def money(amount: Decimal, currency: str) -> str:
    """Return an amount in its currency."""
    return f"{amount:,.2f} {currency}".strip()


def width(rate: Fraction | None) -> float | None:
    """Return a ratio as the width of a bar, in percent."""
    return None if rate is None else round(float(100 * rate), 2)


def difference(one: int | None, other: int | None) -> int | None:
    """Return a difference, hidden where one side is."""
    return None if one is None or other is None else one - other

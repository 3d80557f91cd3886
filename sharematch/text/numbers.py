"""Numbers as people read them: shares in percent, lengths of ways, days."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from sharematch.text.saying import Text, say, told

__all__ = ["length", "month_text", "percent", "total_length", "total_length_said"]


def percent(share: Fraction | float, places: int = 0) -> str:
    """Return a share in percent.

    Examples
    --------
    >>> percent(Fraction(1, 3)), percent(Fraction(1, 3), places=1)
    ('33%', '33.3%')
    """
    return f"{float(100 * share):.{places}f}%"


def length(value: int, unit: str, lang: str = "en") -> str:
    """Return how long a way is, rounded as one would say it.

    Parameters
    ----------
    value
        In metres; in seconds where the `unit` of travel is ``min``.

    Examples
    --------
    >>> length(640, "km"), length(12_640, "km"), length(61, "min", "zh")
    ('640 m', '12.6 km', '2 分钟')
    """
    if unit == "min":
        number, word = f"{-(-value // 60):,}", "minutes"
    elif value < 1000:
        number, word = f"{value}", "metres"
    else:
        number, word = f"{Decimal(value) / 1000:,.1f}", "km"
    return str(told(_way(number, word), lang))


def total_length(
    value: int, unit: str, lang: str = "en", *, signed: bool = False
) -> str:
    """Return a sum of ways, or a difference of two; in metres it is not rounded.

    Examples
    --------
    >>> total_length(12_640, "km"), total_length(-90, "min", signed=True)
    ('12,640 m', '-1.5 minutes')
    """
    return str(told(total_length_said(value, unit, signed=signed), lang))


def total_length_said(
    value: int | Fraction, unit: str, *, signed: bool = False
) -> Text:
    """Return a sum of ways, or what is left of one for each unit, as a text.

    Examples
    --------
    >>> told(total_length_said(12_640, "km"), "zh")
    '12,640 米'
    """
    sign = "+" if signed else ""
    way = Decimal(value.numerator) / value.denominator
    if unit == "min":
        return _way(f"{way / 60:{sign},.1f}", "minutes")
    return _way(f"{way:{sign},.0f}", "metres")


def _way(number: str, word: str) -> Text:
    n = int(number) if number.isdecimal() else number
    return Text(f"length.{word}", number=number, n=n)


def month_text(day: date, lang: str = "en") -> str:
    """Return the month of a day.

    Examples
    --------
    >>> month_text(date(2026, 5, 1)), month_text(date(2026, 5, 1), "zh")
    ('May', '5月')
    """
    return say(f"date.month_{day.month}", lang)

"""Public holidays of countries and regions."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from sharematch.errors import InputError, Problem
from sharematch.io.openings import Cutting
from sharematch.model.extras import install
from sharematch.text import Text

__all__ = ["days_around", "days_from", "public_holidays"]

_DAY = timedelta(days=1)
_MARGIN = 35 * _DAY
"""Days around those asked for whose holidays may be meant, as in `PH -1 day`."""


def public_holidays(module: Any, country: str, cutting: Cutting) -> frozenset[date]:
    """Return the public holidays of a country or region around the days asked for."""
    first, last = cutting.first - _MARGIN, cutting.last + _MARGIN
    code, _, region = country.upper().partition("-")
    hint = Text("osm.a_code_such_as_fi_or")
    unknown = Problem(
        "osm.is_no_country_known_here", field="country", value=country[:20], hint=hint
    )
    if region:
        years = range(first.year, last.year + 1)
        if (days := _regional_holidays(_package(), code, region, years)) is None:
            raise InputError([unknown])
        return days
    try:
        hours = module.OpeningHours("PH", country=code)
    except module.UnknownCountryError:
        raise InputError([unknown]) from None
    start, end = datetime.combine(first, time()), datetime.combine(last, time())
    return frozenset(
        day
        for begin, until, state, _ in hours.intervals(start, end)
        if str(state) == "open"
        for day in days_from(begin.date(), (until or end).date() - _DAY)
    )


def _package() -> Any:
    try:
        import holidays
    except ImportError:
        hint = install("osm")
        message = Text("osm.needs_holidays_to_be_read")
        raise InputError([Problem(message, field="country", hint=hint)]) from None
    return holidays


@cache
def _regional_holidays(
    holidays: Any, code: str, region: str, years: range
) -> frozenset[date] | None:
    """Return the holidays of a region, None if it is not known."""
    try:
        return frozenset(holidays.country_holidays(code, subdiv=region, years=years))
    except NotImplementedError:
        return None


def days_around(cutting: Cutting) -> frozenset[date]:
    """Return the days asked for, and those around them that hours may name."""
    return frozenset(days_from(cutting.first - _MARGIN, cutting.last + _MARGIN))


def days_from(first: date, last: date) -> Iterator[date]:
    """Yield the days from one to another."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)

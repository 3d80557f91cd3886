"""Calendars as numbers: what stands in which cell. Templates draw them."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sharematch.core.columns.codes import NONE
from sharematch.report.facts import Facts
from sharematch.report.numbers import HIDDEN, units
from sharematch.report.words import Words, day_said, same, text
from sharematch.text import Text

__all__ = ["Cell", "Grid", "calendar", "hours", "shade"]

MOST_WEEKS = 53
SHADES = 5
"""Steps of a color scale, 0 the lightest."""


def shade(rate: Fraction | None) -> int | None:
    """Return the step of the color scale for a share, None where there is none."""
    if rate is None:
        return None
    return min(int(rate * SHADES), SHADES - 1)


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a calendar: units, how much of its places, and what it says."""

    value: str
    shade: int | None
    label: Words


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows with a heading and cells; None where there is nothing."""

    corner: Words
    heads: list[Words]
    rows: list[tuple[str, list[Cell | None]]]
    num_left_out: int = 0
    most: str = ""
    """Units of the darkest cells, where that is what shades say."""


def calendar(facts: Facts) -> Grid | None:
    """Return weeks by weekdays; None where no slot has a time."""
    if not facts.days:
        return None
    most = _most_a_day(facts)
    weeks: dict[date, list[Cell | None]] = {}
    for number, _, _ in facts.days:
        day = date.fromordinal(number)
        monday = day - timedelta(day.weekday())
        if monday not in weeks and len(weeks) == MOST_WEEKS:
            break
        row = weeks.setdefault(monday, [None] * 7)
        used, places = (
            facts.counts.shown(x, str(number)) for x in ("day", "places on")
        )
        row[day.weekday()] = _cell(day_said(day), used, places, most)
    last = date.fromordinal(facts.days[-1][0])
    left_out = max((last - max(weeks)).days // 7, 0)
    rows = [(monday.isoformat(), row) for monday, row in weeks.items()]
    told = "" if most is None else units(most)
    return Grid(text("report.week"), _weekdays(), rows, left_out, told)


def _most_a_day(facts: Facts) -> int | None:
    """Return the most units of a day where there are openings, else None.

    A place of an opening is used several times a day: units are no share of places.
    """
    if not (facts.columns.slot_step != NONE).any():
        return None
    shown = (facts.counts.shown("day", str(number)) for number, _, _ in facts.days)
    return max(filter(None, shown), default=0)


def hours(facts: Facts) -> Grid | None:
    """Return hours by weekdays, all weeks added up; None where counts are hidden."""
    used = facts.in_use
    # These counts overlap with those by day: not told where any may be too small.
    if not used or facts.counts.out:
        return None
    most = max(used.values())
    rows: list[tuple[str, list[Cell | None]]] = []
    for hour in range(min(used)[0], max(used)[0] + 1):
        row: list[Cell | None] = [None] * 7
        for day in range(7):
            if count := used.get((hour, day), 0):
                label = text("report.hour_cell", hour=_hour(day, hour), n=count)
                row[day] = Cell(units(count), shade(Fraction(count, most)), label)
        rows.append((f"{hour:02}:00", row))
    return Grid(text("report.hour"), _weekdays(), rows, most=units(most))


def _weekdays() -> list[Words]:
    return [same(Text(f"date.short_weekday_{day}")) for day in range(7)]


def _hour(day: int, hour: int) -> str:
    return Text(
        "date.hour", day=Text(f"date.short_weekday_{day}"), hour=f"{hour:02}:00"
    )


def _cell(name: str, used: int | None, places: int | None, most: int | None) -> Cell:
    if used is None:
        return Cell(HIDDEN, None, text("report.hidden"))
    if most is not None:
        step = shade(Fraction(used, most)) if most else None
        return Cell(units(used), step, text("report.hour_cell", hour=name, n=used))
    rate = Fraction(used, places) if places else None
    return Cell(
        units(used),
        shade(rate),
        text("report.day_cell", day=name, used=units(used), places=units(places)),
    )

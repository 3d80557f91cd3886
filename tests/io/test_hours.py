"""Opening hours: only what is open without a doubt, against a second evaluator."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import settings

from sharematch.errors import InputError
from sharematch.io.carry import Ledger
from sharematch.io.geo.hours import hours_of
from sharematch.openings import Cutting

# With Good Friday, Easter Monday and, in Berlin alone, a holiday on March 8.
SPRING = Cutting(first=date(2026, 3, 2), last=date(2026, 4, 12))
WEEK = Cutting(first=date(2026, 3, 30), last=date(2026, 4, 6))
EASTER = {date(2026, 4, 3), date(2026, 4, 6)}


def opened(text: str, cutting: Cutting = WEEK, **options: Any) -> tuple[list[str], Any]:
    """Return hours, such as Mo 30 10:00-12:00, and what is told."""
    ledger = Ledger()
    country = options.pop("country", "DE")
    spans = hours_of(text, cutting, "x", ledger, country, **options)
    shown = [f"{start:%d %H:%M}-{end:%H:%M}" for start, end in spans]
    return shown, [note.detail for note in ledger.notes]


# ── what is not known ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "hours", "told"),
    [
        ("Mo 18:00+", [], "hours without an end"),
        (
            "Mo 18:00-20:00+",
            ["30 18:00-20:00", "06 18:00-20:00"],
            "hours without an end",
        ),
        ("Mo 9:00-12:00,18:00+", ["30 09:00-12:00", "06 09:00-12:00"], ""),
        ("Mo 9:00-12:00; Tu 18:00+ open", ["30 09:00-12:00", "06 09:00-12:00"], ""),
        (
            "9:00-20:00; Mo 18:00+",
            [f"{day} 09:00-20:00" for day in ("31", "01", "02", "03", "04", "05")],
            "hours without an end",
        ),
        ("Mo sunset+", [], "hours without an end"),
        ("Mo (sunset-01:00)+", [], "hours without an end"),
        ('Mo "by appointment"', [], "in words: by appointment"),
        (
            'Tu 10:00-12:00 || "please call"',
            ["31 10:00-12:00"],
            "in words: please call",
        ),
        ('Tu 10:00-12:00 || unknown "call"', ["31 10:00-12:00"], "in words: call"),
        (
            "Tu 10:00-12:00 || 24/7 unknown",
            ["31 10:00-12:00"],
            "hours that may be open",
        ),
        ('Tu 9:00-12:00 "ring twice"', [], "in words: ring twice"),
        ('Tu 9:00-12:00 open "ring"', ["31 09:00-12:00"], "in words: ring"),
        ('Tu 9:00-12:00 off "18:00+ PH"', [], ""),
        ('Tu 9:00-12:00; "by appointment"', [], "in words: by appointment"),
        ("Tu 10:00-16:00/01:30", [], "times, not hours"),
        ("Tu 10:00-16:00/30", [], "times, not hours"),
        ("Tu 9:00-10:00,11:00-16:00/30", ["31 09:00-10:00"], "times, not hours"),
    ],
)
def test_what_is_not_known_is_told_and_not_offered(
    text: str, hours: list[str], told: str
):
    found, notes = opened(text)
    assert found == hours
    assert told in [*notes, ""]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Mo, Tu 9:00-12:00", "30 31 06"),
        ("Mo , Tu-We , PH 9:00-12:00", "30 31 01 03 06"),
        ("Mo-Fr 9:00-12:00, Sa 9:00-12:00, PH off", "30 31 01 02 04"),
        ("9:00-12:00; Mar 31, Apr 1 off", "30 02 03 04 05 06"),
        ("9:00-12:00; Mar 31 - Apr 2, Apr 4 off", "30 03 05 06"),
        ("Mar, Apr 9:00-12:00; Mo-Fr off", "04 05"),
    ],
)
def test_lists_may_have_spaces(text: str, hours: str):
    assert opened(text)[0] == [f"{day} 09:00-12:00" for day in hours.split()]


@pytest.mark.parametrize(
    "text",
    [
        *("We, Apr Mo", "PH, Apr-Sep 00:00-24:00", "2026, Apr Mo 9:00-12:00"),
        *("week 14, Apr Mo 9:00-12:00", "Mo 9:00-12:00, Tu, Apr We 9:00-12:00"),
        *("easter -2 days-easter +2 days 9:00-12:00", "easter-easter +1 day open"),
    ],
)
def test_days_without_hours_of_their_own_are_not_clear(text: str):
    found, notes = opened(text)
    assert not found
    assert notes[-1].startswith("cannot be read: ")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Tu 12:00-16:00,7:00+", []),
        ("Tu 13:00-02:00,17:00+", ["31 13:00-17:00"]),
        ("Tu 13:00-16:00,17:00+", ["31 13:00-16:00"]),
        ("Tu 8:00-20:00,sunset+", ["31 08:00-19:00"]),
        ("Tu 8:00-12:00+,11:00-14:00", ["31 08:00-12:00"]),
    ],
)
def test_what_has_no_end_hides_what_comes_after(text: str, hours: list[str]):
    assert opened(text)[0] == hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Tu 18:00+", ["31 18:00-22:00"]),
        ("Tu 18:00-20:00+", ["31 18:00-22:00"]),
        ("Tu 9:00-12:00,18:00+", ["31 09:00-12:00", "31 18:00-22:00"]),
        ("Tu sunset+", ["31 19:00-22:00"]),
        ("Tu 23:00+", []),
        ("Tu 21:00-23:00+", ["31 21:00-23:00"]),
    ],
)
def test_an_end_may_be_assumed(text: str, hours: list[str]):
    assert opened(text, open_end=time(22))[0] == hours


def test_hours_by_the_sun_of_a_place():
    winter = Cutting(
        first=date(2026, 1, 5), last=date(2026, 1, 6), zone="Europe/Berlin"
    )
    berlin = (13.4, 52.5)
    ledger = Ledger()
    (start, end), _ = hours_of("sunrise-sunset", winter, "x", ledger, at=berlin)
    for when, almanac in ((start, time(8, 16)), (end, time(16, 8))):
        exact = datetime.combine(date(2026, 1, 5), almanac, when.tzinfo)
        assert abs(when - exact) < timedelta(minutes=4)
    assert not ledger.notes
    spans = hours_of("Tu 12:00-sunset", winter, "x", Ledger(), at=berlin)
    assert [f"{end:%d %H}" for _, end in spans] == ["06 16"]
    bare = Cutting(first=winter.first, last=winter.last)
    for cutting, at in ((bare, berlin), (winter, None)):
        assert len(hours_of("sunrise-sunset", cutting, "x", ledger, at=at)) == 2
    assert [note.count for note in ledger.notes] == [2]


# ── holidays ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("PH 10:00-12:00", "03 06"),
        ("PH Mo 10:00-12:00", "06"),
        ("Mo PH 10:00-12:00", "06"),
        ("PH Fr 10:00-12:00", "03"),
        ("Tu,PH 10:00-12:00", "31 03 06"),
        ("PH,Tu 10:00-12:00", "31 03 06"),
        ("Tu, PH 10:00-12:00", "31 03 06"),
        ("PH,Mo-Fr 10:00-12:00; PH Mo off", "30 31 01 02 03"),
        ("Mo-Fr 10:00-12:00; PH off", "30 31 01 02"),
        ("Mo-Fr 10:00-12:00; PH Mo off", "30 31 01 02 03"),
        ("PH -1 day 10:00-12:00", "02 05"),
        ("PH +1 day 10:00-12:00", "04"),
        ("Apr PH 10:00-12:00; Apr 3 off", "06"),
    ],
)
def test_public_holidays(text: str, hours: str):
    found, notes = opened(text)
    assert found == [f"{day} 10:00-12:00" for day in hours.split()]
    assert not notes


def test_hours_that_pass_midnight_beside_a_holiday():
    # What goes on from a holiday, or into one, is offered only if it is sure.
    found, _ = opened("Mo-Fr 22:00-03:00; PH off")
    assert found == [
        *("30 22:00-03:00", "31 22:00-03:00", "01 22:00-03:00", "02 22:00-00:00"),
    ]
    assert opened("24/7; PH off")[0] == ["30 00:00-00:00", "04 00:00-00:00"]


def test_holidays_of_a_region():
    march = Cutting(first=date(2026, 3, 8), last=date(2026, 3, 8))
    for country, days in (("DE-BE", 1), ("de-be", 1), ("DE-BY", 0), ("DE", 0)):
        assert len(opened("PH 10:00-12:00", march, country=country)[0]) == days
    for country in ("XX", "DE-XX", "XX-BE"):
        with pytest.raises(InputError, match=f"country {country}: is no country"):
            opened("PH off", country=country)
    assert "holidays of no known country" in opened("PH off", country=None)[1]


@pytest.mark.parametrize(
    ("text", "unknown", "known"),
    [
        ("SH 10:00-12:00", "", "31 01"),
        ("SH Tu 10:00-12:00", "", "31"),
        ("Th,SH 10:00-12:00", "02", "31 01 02"),
        ("Mo-Fr 10:00-12:00; SH off", "", "30 02 03 06"),
        ("Mo-Fr 10:00-12:00; SH Tu off", "30 01 02 03 06", "30 01 02 03 06"),
        ("PH,SH off; Th 10:00-12:00", "02", "02"),
    ],
)
def test_school_holidays_are_known_or_nothing_depends_on_them(
    text: str, unknown: str, known: str
):
    found, notes = opened(text)
    assert found == [f"{day} 10:00-12:00" for day in unknown.split()]
    assert "school holidays are not known" in notes
    days = [date(2026, 3, 31), date(2026, 4, 1)]
    found, notes = opened(text, school_holidays=days)
    assert found == [f"{day} 10:00-12:00" for day in known.split()]
    assert not notes


# ── a second evaluator ───────────────────────────────────────────────────────────

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = {3: "Mar", 4: "Apr"}
STEP = timedelta(minutes=30)


@dataclass
class Rule:
    """A rule of hours, as it is meant and as it is written."""

    months: list[int]
    weekdays: list[int]
    holidays: list[str]
    is_either: bool
    hours: list[tuple[int, int]]
    state: str
    is_added: bool

    @property
    def text(self) -> str:
        days = ",".join(WEEKDAYS[n] for n in self.weekdays)
        named = ",".join(self.holidays)
        separator = "," if self.is_either else " "
        parts = [",".join(MONTHS[n] for n in self.months)]
        parts.append(separator.join(filter(None, (named, days))))
        parts.append(",".join(written(each, self.state) for each in self.hours))
        parts.append(
            {"words": '"by phone"', "+": "", "open": ""}.get(self.state, self.state)
        )
        return " ".join(filter(None, parts))

    def holds(self, day: date, school: set[date]) -> bool:
        if self.months and day.month not in self.months:
            return False
        calendars = {"PH": EASTER, "SH": school}
        is_holiday = any(day in calendars[name] for name in self.holidays)
        is_weekday = day.weekday() in self.weekdays
        if self.holidays and self.weekdays:
            either = is_holiday or is_weekday
            return either if self.is_either else is_holiday and is_weekday
        if self.holidays:
            return is_holiday
        return is_weekday or not self.weekdays


def written(hours: tuple[int, int], state: str) -> str:
    start, end = (f"{n // 2:02}:{n % 2 * 30:02}" for n in hours)
    return f"{start}+" if state == "+" else f"{start}-{end}"


def made(chance: random.Random, *, is_first: bool) -> Rule:
    starts = sorted(chance.sample(range(12, 46), 2))
    hours = [(starts[0], starts[1])]
    if chance.random() < 0.2 and starts[0] > 14:
        hours.insert(0, (13, starts[0] - 1))
    state = chance.choices(("open", "off", "unknown", "words", "+"), (8, 2, 1, 1, 1))[0]
    is_added = not is_first and state == "open" and chance.random() < 0.3
    weekdays = sorted(chance.sample(range(7), chance.randint(0, 5)))
    holidays = chance.choices(([], ["PH"], ["SH"], ["PH", "SH"]), (6, 3, 1, 1))[0]
    if is_added and not weekdays and not holidays:
        weekdays = [2]
    if state == "off":
        hours = []  # of the whole day
        weekdays = weekdays if weekdays or holidays else [4]
    months = chance.choices(([], [3], [4]), (8, 1, 1))[0]
    is_either = chance.random() < 0.5
    return Rule(months, weekdays, holidays, is_either, hours, state, is_added)


def second(rules: list[Rule], school: set[date]) -> set[datetime]:
    """Return the half hours that are open, day by day."""
    found: set[datetime] = set()
    for day in SPRING.days():
        states: dict[int, str] = {}
        for rule in rules:
            if not rule.holds(day, school):
                continue
            if not rule.is_added:
                states.clear()
            for start, end in rule.hours:
                last = 48 if rule.state == "+" else end
                states.update(dict.fromkeys(range(start, last), rule.state))
        found |= {
            datetime.combine(day, time()) + STEP * number
            for number, state in states.items()
            if state == "open"
        }
    return found


def first(text: str, **options: Any) -> set[datetime]:
    """Return the half hours that the reader offers."""
    found = set()
    for start, end in hours_of(text, SPRING, "x", Ledger(), "DE", **options):
        assert (end - start) % STEP == timedelta()
        found |= {start + STEP * n for n in range((end - start) // STEP)}
    return found


def test_hours_are_read_as_by_a_second_evaluator(capsys: Any):
    """Differences that are meant: none; what may be one of two is offered in both."""
    count = settings.default.max_examples * 5  # type: ignore[union-attr]
    says: Counter[str] = Counter()
    everyday = {*SPRING.days()}
    for seed in range(count):
        chance = random.Random(seed)
        rules = [made(chance, is_first=n == 0) for n in range(chance.randint(1, 4))]
        text = rules[0].text
        for rule in rules[1:]:
            text += (", " if rule.is_added else "; ") + rule.text
        for rule in rules:
            says.update([rule.state, *rule.holidays])
        expected = second(rules, set()) & second(rules, everyday)
        assert first(text) == expected, f"seed {seed}: {text}"
        some = {day for day in everyday if chance.random() < 0.3}
        known = first(text, school_holidays=some)
        assert known == second(rules, some), f"seed {seed}: {text} {sorted(some)}"
    with capsys.disabled():
        print(f"\n{count:,} opening hours alike, {dict(says)}")  # noqa: T201

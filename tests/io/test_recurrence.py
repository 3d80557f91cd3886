"""Recurrence rules: as dateutil follows them, but never without end."""

import time
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from sharematch.io.recurrence import WEEKDAYS, Recurrence

START = date(2026, 1, 15)


def days(rule: str, start: date = START, first: date = START, last: Any = None) -> Any:
    parts = dict(part.split("=") for part in rule.split(";"))
    last = last or first + timedelta(days=400)
    return [*Recurrence.of(parts).days(start, first, last)]


def by_dateutil(rule: str, start: date, first: date, last: date) -> list[date]:
    """The same by dateutil, which is asked only for rules that end."""
    begin = datetime.combine(start, datetime.min.time())
    if "COUNT" not in rule:
        rule += f";UNTIL={last:%Y%m%d}"
    found = rrulestr(f"RRULE:{rule}", dtstart=begin)
    return [when.date() for when in found if first <= when.date() <= last]


def joined(numbers: Any) -> Any:
    return st.lists(numbers, min_size=1, max_size=3, unique=True).map(
        lambda found: ",".join(map(str, found))
    )


def signed(limit: int) -> Any:
    return st.integers(1, limit) | st.integers(-limit, -1)


@st.composite
def rules(draw: Any) -> str:
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"FREQ": freq}
    if draw(st.booleans()):
        parts["INTERVAL"] = str(draw(st.integers(1, 5)))
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(WEEKDAYS))
    if draw(st.booleans()):
        parts["COUNT"] = str(draw(st.integers(1, 40)))
    options: dict[str, Any] = {"BYMONTH": st.integers(1, 12), "BYMONTHDAY": signed(31)}
    if freq == "YEARLY":
        options |= {"BYYEARDAY": signed(366), "BYWEEKNO": signed(53)}
    weekdays = st.sampled_from(WEEKDAYS)
    if freq in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        limit = 5 if freq == "MONTHLY" else 53
        numbered = st.tuples(signed(limit), weekdays).map("{0[0]}{0[1]}".format)
        options["BYDAY"] = numbered
    else:
        options["BYDAY"] = weekdays
    for name in draw(
        st.lists(st.sampled_from(sorted(options)), unique=True, max_size=2)
    ):
        parts[name] = draw(joined(options[name]))
    if len(parts) > 2 and draw(st.booleans()):
        parts["BYSETPOS"] = draw(joined(signed(4)))
    return ";".join(f"{name}={value}" for name, value in parts.items())


@given(
    rule=rules(),
    start=st.dates(date(2015, 1, 1), date(2027, 1, 1)),
    ahead=st.integers(-30, 900),
    length=st.integers(0, 500),
)
def test_as_dateutil(rule: str, start: date, ahead: int, length: int):
    first = start + timedelta(days=ahead)
    last = first + timedelta(days=length)
    # dateutil looks for ever, up to the year 9999, for days that are nowhere.
    assume("BYSETPOS" not in rule or rule.count("BY") > 1)
    # In the first week dateutil counts positions from the start, not from WKST.
    assume("BYSETPOS" not in rule or "WEEKLY" not in rule)
    assume(days_may_be(rule))
    assert days(rule, start, first, last) == by_dateutil(rule, start, first, last)


def days_may_be(rule: str) -> bool:
    """Say whether a rule holds on some day in 28 years, so that dateutil ends."""
    parts = dict(part.split("=") for part in rule.split(";"))
    parts.pop("COUNT", None)
    found = Recurrence.of(parts).days(
        date(2000, 1, 1), date(2000, 1, 1), date(2028, 1, 1)
    )
    return next(found, None) is not None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;COUNT=2", [date(2026, 1, 15), date(2026, 1, 22)]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", [date(2026, 1, 30), date(2026, 2, 27)]),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", [date(2026, 1, 31), date(2026, 3, 31)]),
        ("FREQ=YEARLY;COUNT=1", [START]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=1", [date(2026, 1, 30)]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", []),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", []),
    ],
)
def test_cases(rule: str, expected: list[date]):
    assert days(rule) == expected


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=9999", "FREQ=WEEKLY"],
)
def test_a_rule_from_long_ago_that_never_holds_ends_at_once(rule: str):
    begin = time.perf_counter()
    days(rule, start=date(1900, 1, 1))
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("FREQ=SECONDLY", "SECONDLY cannot be followed"),
        ("FREQ=", "frequency"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR cannot be followed"),
        ("FREQ=DAILY;INTERVAL=0", "from 1 to 9999"),
        (f"FREQ=DAILY;COUNT={'9' * 10**6}", "from 1 to"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "32 must be a number"),
        ("FREQ=MONTHLY;BYMONTHDAY=١", "must be a number"),  # noqa: RUF001
        ("FREQ=WEEKLY;BYDAY=1MO", "cannot count weekdays"),
        ("FREQ=WEEKLY;BYDAY=XX", "no weekday"),
        ("FREQ=WEEKLY;WKST=XX", "no weekday"),
    ],
)
def test_rules_that_cannot_be_followed(rule: str, message: str):
    with pytest.raises(ValueError, match=message):
        days(rule)


@pytest.mark.parametrize("rule", ["FREQ=DAILY;COUNT=9", "FREQ=DAILY"])
def test_starts_too_far_back(rule: str):
    with pytest.raises(ValueError, match="start"):
        days(rule, start=date(1, 1, 1))
    if "COUNT" in rule:
        with pytest.raises(ValueError, match="twenty years"):
            days(rule, start=date(1990, 1, 1))

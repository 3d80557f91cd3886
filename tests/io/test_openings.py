"""Slots from opening hours: clocks that change, holidays, breaks, own hours."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharematch.errors import InputError
from sharematch.openings import Cutting, Offer, Span, cut, merged, without

MONDAY = date(2026, 3, 2)
FIELDS = {"facility": "hall", "kinds": ["culture"]}


def cutting(**fields: Any) -> Cutting:
    return Cutting(**{"first": MONDAY, "last": MONDAY + timedelta(days=6), **fields})


def slots(spans: Iterable[Span], how: Cutting, **fields: Any) -> list[str]:
    """Start and end of the slots that spans are cut into."""
    made = cut([Offer("hall", spans, FIELDS, **fields)], how).slots
    assert all(slot.start and slot.end for slot in made)
    return [f"{slot.start:%d %H:%M}–{slot.end:%H:%M}" for slot in made]


def test_a_long_opening_becomes_slots_and_its_rest_is_told():
    how = cutting(minutes=60, pause=15)
    hall = how.span(MONDAY, time(9), time(12))
    assert slots([hall], how) == ["02 09:00–10:00", "02 10:15–11:15"]
    rests = cut([Offer("hall", [hall], FIELDS)], how).rests
    assert rests == [("hall", (how.moment(MONDAY, time(11, 15)), hall[1]))]
    assert slots([hall], cutting()) == ["02 09:00–12:00"]


def test_breaks_holidays_and_own_hours_are_left_out():
    how = cutting(
        minutes=60,
        breaks=[(time(12), time(13))],
        holidays=frozenset({MONDAY + timedelta(days=1)}),
    )
    days = [MONDAY + timedelta(days=n) for n in range(3)]
    spans = [how.span(day, time(11), time(15)) for day in days]
    own = [how.span(days[2], time(13), time(14, 30))]
    assert slots(spans, how, closed=own) == [
        *("02 11:00–12:00", "02 13:00–14:00", "02 14:00–15:00", "04 11:00–12:00"),
    ]


def test_openings_past_midnight_and_past_the_horizon():
    how = cutting(first=MONDAY, last=MONDAY, minutes=60)
    spans = [how.span(MONDAY, time(22), time(2))]
    spans += [how.span(MONDAY - timedelta(days=1), time(22), time(1))]
    assert slots(spans, how) == ["02 00:00–01:00", "02 22:00–23:00", "02 23:00–00:00"]


def test_openings_that_overlap_are_offered_once():
    how = cutting(minutes=60)
    spans = [how.span(MONDAY, time(9), time(11)), how.span(MONDAY, time(10), time(12))]
    assert len(slots(spans, how)) == 3


def test_seconds_are_cut_off_inwards():
    how = cutting()
    span = how.moment(MONDAY, time(9, 0, 1)), how.moment(MONDAY, time(9, 59, 59))
    assert slots([span], how) == ["02 09:01–09:59"]


@pytest.mark.parametrize(
    ("day", "hours", "starts"),
    [
        # At three the clock of Helsinki is put on to four: there is no 3:30.
        (date(2026, 3, 29), 4, ["01:00+02:00", "02:00+02:00", "04:00+03:00", "05:00"]),
        # At four it is put back to three: three o'clock is there twice.
        (date(2026, 10, 25), 6, ["01:00+03:00", "02:00", "03:00+03:00", "03:00+02:00"]),
    ],
)
def test_a_night_in_which_the_clock_changes(day: date, hours: int, starts: list[str]):
    how = cutting(first=day, last=day, zone="Europe/Helsinki", minutes=60)
    made = cut([Offer("hall", [how.span(day, time(1), time(6))], FIELDS)], how).slots
    assert len(made) == hours
    assert len({slot.id for slot in made}) == hours
    assert all(
        slot.start and slot.end and slot.end - slot.start == timedelta(hours=1)
        for slot in made
    )
    for slot, start in zip(made, starts, strict=False):
        assert start in slot.id


def test_nine_o_clock_is_nine_o_clock_all_year():
    how = cutting(last=date(2026, 11, 1), zone="Europe/Helsinki")
    spans = [how.span(day, time(9), time(10)) for day in how.days()]
    made = cut([Offer("hall", spans, FIELDS)], how).slots
    assert {slot.start.hour for slot in made if slot.start} == {9}
    assert {slot.start.utcoffset() for slot in made if slot.start} == {
        timedelta(hours=2),
        timedelta(hours=3),
    }


def test_a_time_the_clock_leaves_out_counts_from_the_hour_before():
    how = cutting(zone="Europe/Helsinki")
    assert how.moment(date(2026, 3, 29), time(3, 30)).isoformat() == (
        "2026-03-29T04:30:00+03:00"
    )
    assert how.moment(date(2026, 10, 25), time(3, 30)).isoformat() == (
        "2026-10-25T03:30:00+03:00"
    )


def test_an_instant_is_shown_on_the_clock_of_the_place():
    when = datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert cutting(zone="Asia/Shanghai").local(when).isoformat() == (
        "2026-03-02T09:00:00+08:00"
    )
    assert cutting().local(when).isoformat() == "2026-03-02T01:00:00"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"zone": "Mars/Olympus"}, 'zone Mars/Olympus.*\n.*"Asia/Shanghai"'),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"zone": "a\0b"}, "zone"),
        ({"last": date(2026, 3, 1)}, "last 2026-03-01"),
        ({"last": date(2999, 3, 1)}, "within ten years"),
        ({"first": date(1, 1, 1), "last": date(1, 1, 2)}, "between 1970 and 2999"),
        ({"minutes": 0}, "minutes 0: must be at least 1"),
        ({"pause": -1}, "pause -1"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], message: str):
    with pytest.raises(InputError, match=message):
        cutting(**fields)


def test_too_many_slots_are_refused():
    how = cutting(last=date(2030, 3, 2), minutes=1)
    with pytest.raises(InputError, match="more than 1,000,000 slots"):
        slots([how.horizon], how)


MINUTES = st.integers(0, 3000)
SPANS = st.lists(st.tuples(MINUTES, MINUTES), max_size=6)
CLOCK_CHANGES = st.sampled_from(
    [date(2026, 3, 28), date(2026, 10, 24), date(2026, 3, 7), date(2026, 10, 31)]
)
ZONES = ["Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", None]


def minutes_in(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {minute for start, end in spans for minute in range(start, end)}


@given(spans=SPANS, closed=SPANS)
def test_spans_are_sets_of_minutes(
    spans: list[tuple[int, int]], closed: list[tuple[int, int]]
):
    zero = datetime(2026, 1, 1)

    def times(pairs: list[tuple[int, int]]) -> list[Span]:
        return [
            (zero + timedelta(minutes=a), zero + timedelta(minutes=b)) for a, b in pairs
        ]

    left = without(merged(times(spans)), times(closed))
    found = [tuple(int((x - zero).total_seconds()) // 60 for x in s) for s in left]
    assert minutes_in(found) == minutes_in(spans) - minutes_in(closed)  # type: ignore[arg-type]
    assert all(a[1] < b[0] for a, b in pairwise(found))


@given(
    day=CLOCK_CHANGES,
    zone=st.sampled_from(ZONES),
    spans=SPANS,
    closed=SPANS,
    minutes=st.integers(1, 300),
    pause=st.integers(0, 60),
)
def test_slots_are_as_long_as_asked_inside_the_openings_and_apart(
    *, day: date, zone: str | None, spans: Any, closed: Any, minutes: int, pause: int
):
    how = cutting(
        first=day, last=day + timedelta(days=1), zone=zone, minutes=minutes, pause=pause
    )
    start = how.horizon[0]

    def times(pairs: list[tuple[int, int]]) -> list[Span]:
        return [
            (start + timedelta(minutes=a), start + timedelta(minutes=b))
            for a, b in pairs
        ]

    made = cut([Offer("hall", times(spans), FIELDS, times(closed))], how)
    horizon = int((how.horizon[1] - start).total_seconds()) // 60
    free = (minutes_in(spans) - minutes_in(closed)) & set(range(horizon))
    used: set[int] = set()
    for slot in made.slots:
        assert slot.start is not None
        assert slot.end is not None
        begin = int((slot.start - start).total_seconds()) // 60
        own = set(range(begin, begin + minutes))
        assert slot.end - slot.start == timedelta(minutes=minutes)
        assert own <= free - used
        used |= own
        if zone is not None:
            at = slot.start.astimezone(ZoneInfo(zone))
            assert at.utcoffset() == slot.start.utcoffset()
    for _, (begin_at, end_at) in made.rests:
        assert end_at - begin_at < timedelta(minutes=minutes + pause)

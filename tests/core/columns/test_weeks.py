"""Hours of every week against days written out one by one."""

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sharematch as sm
from sharematch.analysis.explanation.facts import NeedFacts
from sharematch.core.columns.encoding import encode
from sharematch.core.columns.filters import cell_mask
from sharematch.core.eligibility import arcs
from sharematch.model.week import DAYS, read_week, week_text
from sharematch.model.windows import Window

HOURS = ["", " 0:00-24:00", " 9:00-12:30", " 22:00-2:00", " 18:30-0:00", " 0:00-1:00"]
SPANS = ["mon", "tue-thu", "fri-mon", "sat,sun", "mon,wed,fri", "mon-sun", "sun"]


def written_out(text: str, start: datetime) -> list[tuple[datetime, datetime]]:
    """Return a weekly window on each day around a time, by the time's own clock."""
    week = read_week(text)
    midnight = start.replace(hour=0, minute=0)
    days = (midnight + timedelta(days=n) for n in range(-3, 12))
    return [
        (day + timedelta(minutes=week.start), day + timedelta(minutes=week.end))
        for day in days
        if day.weekday() in week.days
    ]


def drawn_town(rng: random.Random) -> sm.Instance:
    zones: list[timezone | None] = [None]
    if rng.random() < 0.5:
        zones = [timezone(timedelta(hours=h)) for h in (2, 1, -5.5)]
    slots = []
    for number in range(12):
        zone = rng.choice(zones)
        start = datetime(2026, 10, 22, tzinfo=zone)
        start += timedelta(minutes=30 * rng.randrange(48 * 8))
        length = timedelta(minutes=rng.choice([0, 30, 60, 90, 240, 1440, 3000, 9000]))
        end = None if rng.random() < 0.1 else start + length
        place = rng.choice("fg")
        slots.append(
            sm.Slot(
                id=f"s{number}",
                facility=place,
                kinds=["x"],
                capacity=1,
                start=None if end is None else start,
                end=end,
            )
        )

    def texts() -> list[str]:
        return [rng.choice(SPANS) + rng.choice(HOURS) for _ in range(rng.randrange(4))]

    dated = [(s.start, s.end) for s in slots[:2] if s.start and s.end]
    return sm.Instance(
        communities=[sm.Community(id="c")],
        facilities=[
            sm.Facility(id="f", community="c", closed=texts()),
            sm.Facility(id="g", community="c", closed=texts()[:1]),
        ],
        slots=slots,
        needs=[
            sm.Need(
                id=f"n{number}",
                community="c",
                kind="x",
                windows=[*texts(), *rng.sample(dated, rng.randint(0, len(dated)))],
            )
            for number in range(6)
        ],
    )


def refusal(
    need: sm.Need, slot: sm.Slot, closed: tuple[Window | str, ...]
) -> str | None:
    """Return why a pair is no arc, by days written out."""
    if slot.start is None or slot.end is None:
        return None
    start, end = slot.start, slot.end

    def spans(windows: tuple[Window | str, ...]) -> list[tuple[datetime, datetime]]:
        found = []
        for window in windows:
            if isinstance(window, str):
                found += written_out(window, start)
            else:
                found.append((window.start, window.end))
        return found

    mine = spans(need.windows)
    if need.windows and not any(w[0] <= start and end <= w[1] for w in mine):
        return "time"
    if any(w[0] < end and start < w[1] for w in spans(closed)):
        return "closed"
    return None


@pytest.mark.parametrize("seed", range(40))
def test_weekly_windows_and_closed_hours_are_days_written_out(seed):
    town = drawn_town(random.Random(seed))
    closed = {facility.id: facility.closed for facility in town.facilities}
    columns = encode(town)
    pairs = {
        (need.id, slot.id): refusal(need, slot, closed[slot.facility])
        for need in town.needs
        for slot in town.slots
    }
    graph = sm.graph.eligible_pairs(town)
    expected = {pair for pair, code in pairs.items() if code is None}
    assert {(n, s) for (_, n), (_, s) in graph.edges} == expected
    at = columns.position
    need, slot = (
        [at[kind][pair[place]] for pair in pairs]
        for place, kind in enumerate(("need", "slot"))
    )
    found = arcs.reasons(columns, np.array(need), np.array(slot)).tolist()
    codes = [None if code < 0 else arcs.CODES[code] for code in found]
    assert codes == [*pairs.values()]
    assert {"time", "closed", None} >= set(codes)


@given(
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.integers(0, 1439),
    st.integers(1, 1440),
)
def test_notation_is_written_in_one_way(days, start, length):
    end = (start + length - 1) % 1440 + 1
    text = (
        f"{','.join(days)} {start // 60:02}:{start % 60:02}-{end // 60}:{end % 60:02}"
    )
    if start == end % 1440 and (start, end) != (0, 1440):
        with pytest.raises(ValueError, match="another time"):
            read_week(text)
        return
    week = read_week(text)
    assert [DAYS[day] for day in week.days] == [day for day in DAYS if day in days]
    assert (week.start, week.minutes) == (start, length)
    assert read_week(str(week)) == week
    assert week_text(str(week)) == str(week)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("tue", "tue"),
        ("Mon-Fri 16:00-20:00", "mon-fri 16:00-20:00"),
        ("sun,sat  09:00-13:00", "sat,sun 9:00-13:00"),
        ("sun-tue", "sun-tue"),
        ("mon,fri-sun", "fri-mon"),
        ("mon-sun 0:00-24:00", "mon-sun"),
        ("sat 22:00-0:00", "sat 22:00-24:00"),
        ("mon-mon", "mon"),
    ],
)
def test_notation_as_people_write_it(text, written):
    assert week_text(text) == written


@pytest.mark.parametrize(
    "text",
    [
        *("", "xyz", "mon 9-10", "mon 9:00", "mon-wed-fri", "mon 9:60-10:00", "mon,"),
        *("mon 24:00-25:00", "mon 24:00-1:00", "mon 9:00-10:00 tue", "mon 9:00-9:00"),
        *("mo", "tuesday"),
    ],
)
def test_what_is_no_notation(text):
    with pytest.raises(ValueError, match=r"weekly|time|24:00"):
        read_week(text)


def test_a_time_off_hours_of_every_week_is_told_and_mended():
    """The slot begins half an hour too early, and the host has its own hour then."""
    friday: dict[str, Any] = {"start": "2026-12-04T15:30", "end": "2026-12-04T17:00"}
    town = sm.Instance(
        communities=[sm.Community(id="c")],
        facilities=[sm.Facility(id="f", community="c")],
        slots=[sm.Slot(id="s", facility="f", kinds=["x"], capacity=1, **friday)],
        needs=[
            sm.Need(id="n", community="c", kind="x", windows=["mon-fri 16:00-20:00"])
        ],
    )
    answer = sm.explain(sm.solve(town), need="n")
    assert isinstance(answer.facts, NeedFacts)
    (change,) = [c for c in answer.facts.changes if c.code == "time"]
    assert (change.before, change.off) == (None, 30)
    wider = town.needs[0].model_copy(
        update={"windows": (*town.needs[0].windows, tuple(friday.values()))}
    )
    assert sm.solve(town.replace(needs=[wider])).value("served") == 1
    closed = sm.Facility(id="f", community="c", closed=["fri 16:30-16:45", "sat"])
    shut = town.replace(needs=[wider], facilities=[closed])
    answer = sm.explain(sm.solve(shut), need="n")
    assert isinstance(answer.facts, NeedFacts)
    assert [c.code for c in answer.facts.changes if c.units] == ["closed"]


@pytest.mark.parametrize("seed", range(10))
def test_filters_of_time_are_days_written_out(seed):
    rng = random.Random(seed)
    town = drawn_town(rng)
    texts = [rng.choice(SPANS) + rng.choice(HOURS) for _ in range(2)]
    day = rng.choice(DAYS)
    columns = encode(town)
    for where, expected in (
        ({"time": texts}, [lies_in(texts, slot) for slot in town.slots]),
        (
            {"weekday": [day]},
            [
                s.start is not None and DAYS[s.start.weekday()] == day
                for s in town.slots
            ],
        ),
    ):
        goal = sm.Maximize("served", where=where)
        found = cell_mask(columns, "served", goal.where)
        by_id = {
            slot.id: is_in for slot, is_in in zip(town.slots, expected, strict=True)
        }
        assert found.tolist() == [by_id[id_] for id_ in columns.slot_ids]


def lies_in(texts: list[str], slot: sm.Slot) -> bool:
    """Return whether a slot lies inside, by days written out."""
    start, end = slot.start, slot.end
    if start is None or end is None:
        return False
    spans = [span for text in texts for span in written_out(text, start)]
    return any(first <= start and end <= last for first, last in spans)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"time": "monday"}, "mon-fri 16:00"),
        ({"weekday": "Monday"}, "none of mon, tue"),
    ],
)
def test_a_filter_of_time_that_is_none(where, message):
    with pytest.raises(sm.SharematchError, match=message):
        sm.Maximize("served", where=where)

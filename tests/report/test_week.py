"""The week plan: every booking of one week in its place, none on another, all told."""

from collections import Counter
from datetime import timedelta

import pytest

import sharematch as sm
from sharematch.plans.bookings import bookings_of
from sharematch.report import html_report
from sharematch.report.charts import hours
from sharematch.report.facts import Facts, gather
from sharematch.report.week import week_plan
from tests.halls import halls
from tests.report.conftest import Case
from tests.report.test_page import Reader


@pytest.fixture(scope="module")
def facts(booked: Case) -> Facts:
    return gather(*booked)


def clock(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    return hour * 60 + minute


def test_bookings_of_a_week_are_drawn_once_each_at_their_hours(
    booked: Case, facts: Facts
):
    plan = week_plan(facts)
    assert plan is not None
    drawn = [
        (hall.name, day.name["en"], block.name, block.hours["en"])
        for hall in plan.halls
        for day in hall.days
        for block in day.blocks
    ]
    instance, result = booked
    names = {"girls": "Tianfeng girls"}
    wanted = [
        (
            "School hall",
            f"{one.start:%a} {one.start.day} Sep",
            names.get(one.need, one.need),
            f"{one.start:%H:%M}\N{EN DASH}{one.end:%H:%M}",
        )
        for one in bookings_of(instance, result.allocation)
        if one.start.day < 13
    ]
    assert sorted(drawn) == sorted(wanted)
    assert len(wanted) == 5
    assert (plan.num_elsewhere, plan.num_free, plan.num_more_halls) == (1, 1, 0)
    assert plan.monday["en"] == "6 September 2027"


def test_boxes_are_as_high_as_long_and_none_is_on_another(facts: Facts):
    plan = week_plan(facts)
    assert plan is not None
    for hall in plan.halls:
        first, scale = clock(hall.hours[0][1]), 100 / 60 / hall.num_hours
        for day in hall.days:
            for block in day.blocks:
                start, end = map(clock, block.hours["en"].split("\N{EN DASH}"))
                for box in block.boxes:
                    assert box.top == pytest.approx((start - first) * scale, abs=0.01)
                    assert box.height == pytest.approx((end - start) * scale, abs=0.01)
                    assert box.left + box.width <= 100.01
            boxes = [box for block in day.blocks for box in block.boxes]
            for i, one in enumerate(boxes):
                for other in boxes[:i]:
                    assert (
                        one.top >= other.top + other.height - 0.01
                        or other.top >= one.top + one.height - 0.01
                        or one.left >= other.left + other.width - 0.01
                        or other.left >= one.left + one.width - 0.01
                    )


def test_parts_stand_where_they_lie_and_are_named(facts: Facts):
    plan = week_plan(facts)
    assert plan is not None
    (hall,) = plan.halls
    assert hall.lanes == 3
    widths = {
        block.size["en"]: [(round(box.left), round(box.width)) for box in block.boxes]
        for day in hall.days
        for block in day.blocks
        if block.size is not None
    }
    assert widths["parts A and B"] == [(0, 67)]
    assert widths["part C"] == [(67, 33)]


def test_the_table_holds_every_booking(booked: Case):
    instance, result = booked
    reader = Reader(html_report(instance, result))
    rows = {tuple(cell.strip() for cell in row) for row in reader.body("bookings")}
    assert len(rows) == len(result.allocation)
    assert ("Thu 9 Sep 20:30\N{EN DASH}22:00", "School hall", "parts A and B") in {
        row[:3] for row in rows
    }


def test_no_booking_is_told_where_small_counts_are_hidden(booked: Case):
    page = html_report(*booked, suppress_below=5)
    assert "Tianfeng girls" not in page
    assert 'id="week_plan"' not in page
    assert 'id="week_plan"' in html_report(*booked)


def test_plans_without_bookings_have_no_week(old_town: Case):
    assert week_plan(gather(*old_town)) is None


@pytest.mark.parametrize(("later", "shown"), [((20, 21, 22), 20), ((20, 21), 6)])
def test_the_first_week_with_most_open_days_is_shown(
    later: tuple[int, ...], shown: int
):
    openings = [
        sm.Slot(
            id=f"later-{day}",
            facility="hall",
            kinds=["x"],
            capacity=3,
            start=f"2027-09-{day}T17:00",
            end=f"2027-09-{day}T18:30",
            step=30,
        )
        for day in later
    ]
    town = halls(
        slots=[*halls().slots, *openings],
        needs=[
            sm.Need(id=f"all-{n}", community="tianfeng", kind="x", minutes=60, times=9)
            for n in range(3)
        ],
    )
    plan = week_plan(gather(town, sm.solve(town)))
    assert plan is not None
    assert plan.monday["zh"] == f"2027年9月{shown}日"


def test_hours_by_weekday_count_what_is_in_use_minute_by_minute(
    booked: Case, facts: Facts
):
    used: Counter[tuple[str, int]] = Counter()
    instance, result = booked
    for one in bookings_of(instance, result.allocation):
        minutes = int((one.end - one.start).total_seconds()) // 60
        moments = (one.start + timedelta(minutes=n) for n in range(minutes))
        for key in {(f"{moment:%H}:00", moment.weekday()) for moment in moments}:
            used[key] += one.quantity
    grid = hours(facts)
    assert grid is not None
    drawn = {
        (name, weekday): int(cell.value)
        for name, row in grid.rows
        for weekday, cell in enumerate(row)
        if cell is not None
    }
    assert drawn == used
    assert len({hour for hour, _ in drawn}) > 2


def test_a_hall_is_in_use_as_long_as_it_is_not_as_often(booked: Case):
    reader = Reader(html_report(*booked))
    heads, *rows = (
        [cell.strip() for cell in row] for row in reader.tables["facilities"]
    )
    shown = {row[0]: row[heads.index("In use")] for row in rows}
    use = {str(row["id"]): row["utilization"] for row in booked[1].by("facility")}
    assert shown["School hall"] == f"{float(use['hall']):.1%}"  # type: ignore[arg-type]
    page = html_report(*booked)
    assert "4 places in use" in page
    assert " of 3 places" not in page  # more bookings than places on one day
    small = Reader(html_report(*booked, suppress_below=5)).tables["facilities"]
    assert "•" in {row[heads.index("In use")].strip() for row in small[1:]}

"""Bookings as people read them: when, where, in which parts."""

import sharematch as sm
from sharematch.plans.bookings import bookings_of
from sharematch.text import told
from tests.halls import PLAN, halls


def test_bookings_say_when_where_and_in_which_parts():
    texts = [one.text(one.facility) for one in bookings_of(halls(), PLAN)]
    assert texts == [
        "Tue 7 Sep 17:00–18:30, gym",
        "Tue 14 Sep 17:00–18:30, gym",
        "Tue 7 Sep 17:30–19:00, hall, part A",
        "Tue 7 Sep 18:00–19:30, hall, parts B and C",
        "Thu 9 Sep 17:00–18:30, hall, part A",
        "Thu 9 Sep 18:30–20:00, hall, parts A and B",
    ]
    assert told(bookings_of(halls(), PLAN)[3].text("体育馆"), "zh") == (
        "9月7日（周二）18:00–19:30，体育馆，分区 B、C"
    )


def test_units_of_plain_slots_are_no_bookings():
    town = sm.scenario.old_town()
    assert bookings_of(town, sm.solve(town, sm.Policy.own_only()).allocation) == ()

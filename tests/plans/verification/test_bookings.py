"""Bookings that a plan by hand has wrong: too many a day, no series, out of step."""

import pytest

import sharematch as sm

DAYS = ("06", "13", "20", "27")
"""Mondays of September 2027."""


def town(**fields: object) -> sm.Instance:
    """Return a hall open on four Monday evenings and a club that asks for it."""
    return sm.Instance.model_validate(
        {
            "communities": [{"id": "junmiao"}],
            "facilities": [{"id": "hall", "community": "junmiao"}],
            "slots": [
                {
                    "id": f"mon-{day}",
                    "facility": "hall",
                    "kinds": ["sport"],
                    "start": f"2027-09-{day}T17:00",
                    "end": f"2027-09-{day}T21:00",
                    "capacity": 1,
                    "step": 30,
                }
                for day in DAYS
            ],
            "needs": [
                {
                    "id": "club",
                    "community": "junmiao",
                    "kind": "sport",
                    "minutes": 60,
                    **fields,
                }
            ],
        }
    )


def found(instance: sm.Instance, *starts: str) -> list[tuple[str, str]]:
    """Return code and sentence of what is wrong with bookings, as in "06 17:00"."""
    plan = sm.Allocation(
        [
            {
                "slot": f"mon-{day}",
                "need": "club",
                "quantity": 1,
                "start": f"2027-09-{day}T{clock}",
            }
            for day, clock in (start.split() for start in starts)
        ]
    )
    violations = sm.verify(instance, plan)
    assert {v.need for v in violations} <= {"club"}
    return [(v.code, v.message) for v in violations]


def test_bookings_of_a_day_are_counted():
    twice = town(times=3, per_day=1)
    assert found(twice, "06 17:00", "13 17:00") == []
    assert found(twice, "06 17:00", "06 18:00", "13 17:00") == [
        ("per_day", 'need "club": 2 bookings on one day, per_day 1')
    ]
    assert found(town(times=3, per_day=2), "06 17:00", "06 18:00", "13 17:00") == []


WEEKLY = {"every": 7 * 24 * 60, "sessions": 4}


@pytest.mark.parametrize(
    "starts",
    [
        ("06 17:00", "13 17:00", "20 17:00", "27 17:00"),
        ("06 17:30", "13 17:30", "27 17:30"),  # one date is lost
        ("06 17:00", "13 17:00", "20 17:00", "06 19:00", "13 19:00", "27 19:00"),
    ],
)
def test_series_may_lose_dates(starts: tuple[str, ...]):
    assert found(town(times=2, per_day=2, **WEEKLY, min_sessions=3), *starts) == []


@pytest.mark.parametrize(
    "starts",
    [
        ("06 17:00", "13 17:00"),  # too few
        ("06 17:00", "13 17:00", "20 17:30"),  # not in step
        ("06 17:00", "13 17:00", "20 17:00", "06 19:00", "13 19:00"),
    ],
)
def test_what_is_no_series_is_told(starts: tuple[str, ...]):
    ((code, message),) = found(
        town(times=2, per_day=2, **WEEKLY, min_sessions=3), *starts
    )
    assert code == "sessions"
    assert f"{len(starts)} bookings" in message
    assert "3–4" in message


def test_all_dates_of_a_series_are_one_number():
    ((_, message),) = found(town(**WEEKLY), "06 17:00", "13 17:00", "20 17:00")
    assert message == (
        'need "club": 3 bookings do not make 1 series of 4 dates, each at one facility'
    )


def test_a_booking_begins_where_something_can():
    assert found(town(), "06 17:15") == [
        (
            "start",
            'need "club" in slot "mon-06": '
            "starts at 2027-09-06T17:15, when nothing in the slot begins",
        )
    ]

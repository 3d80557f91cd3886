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


def test_bookings_are_no_more_than_asked_for():
    assert found(town(times=2), "06 17:00", "13 17:00", "20 17:00") == [
        ("quantity", 'need "club": 3 units served, asked for 2'),
        ("times", 'need "club": 3 bookings, times 2'),
    ]


TOO_LITTLE_REST = (
    "rest",
    'need "club": less than 120 minutes, and the way, between its bookings',
)


def test_a_need_rests_between_its_bookings():
    asks = {"times": 2, "per_day": 2, "rest": 120}
    assert found(town(**asks), "06 17:00", "06 20:00") == []
    assert found(town(**asks), "06 17:00", "06 19:30") == [TOO_LITTLE_REST]
    assert found(town(**asks), "06 19:30", "06 17:00") == [TOO_LITTLE_REST]


def test_a_need_rests_between_its_series():
    asks = {"times": 2, "per_day": 2, "rest": 120, **WEEKLY}
    first = [f"{day} 17:00" for day in DAYS]
    assert found(town(**asks), *first, *(f"{day} 20:00" for day in DAYS)) == []
    close = [f"{day} 19:30" for day in DAYS]
    assert found(town(**asks), *first, *close) == [TOO_LITTLE_REST]


def test_series_in_step_have_times():
    instance = sm.Instance.model_validate(
        {
            "communities": [{"id": "junmiao"}],
            "facilities": [{"id": "hall", "community": "junmiao"}],
            "slots": [
                {"id": id_, "facility": "hall", "kinds": ["sport"], "capacity": 1}
                for id_ in ("some-day", "another-day", "a-third-day")
            ],
            "needs": [
                {
                    "id": "club",
                    "community": "junmiao",
                    "kind": "sport",
                    "sessions": 3,
                    "min_sessions": 2,
                    "every": 60,
                }
            ],
        }
    )
    plan = [("some-day", "club", 1), ("another-day", "club", 1)]
    ((code, message),) = [(v.code, v.message) for v in sm.verify(instance, plan)]
    assert code == "every"
    assert "do not start every 60 minutes" in message


def test_a_booking_ends_when_it_is_over():
    row = {"slot": "mon-06", "need": "club", "quantity": 1, "start": "2027-09-06T17:30"}
    assert sm.verify(town(), sm.Allocation([{**row, "end": "2027-09-06T18:30"}])) == ()
    (found_one,) = sm.verify(
        town(), sm.Allocation([{**row, "end": "2027-09-06T19:00"}])
    )
    assert (found_one.code, found_one.need, found_one.slot) == (
        "length",
        "club",
        "mon-06",
    )
    assert "2027-09-06T19:00" in found_one.message
    assert "2027-09-06T18:30" in found_one.message


def test_a_booking_in_an_opening_says_when_it_begins():
    row = {"slot": "mon-06", "need": "club", "quantity": 1}
    (found_one,) = sm.verify(town(), sm.Allocation([row]))
    assert (found_one.code, found_one.need) == ("start", "club")
    few_moves = sm.Policy(rules=[sm.AtMost("moved", 1)])
    with pytest.raises(sm.InputError, match='"club" in slot "mon-06"'):
        sm.verify(town(), sm.Allocation(), few_moves, baseline=sm.Allocation([row]))


def test_an_opening_is_full_at_a_time():
    fields = town(times=1).model_dump(mode="json", exclude_defaults=True)
    fields["needs"].append({**fields["needs"][0], "id": "choir"})
    plan = sm.Allocation(
        [
            {"slot": "mon-06", "need": need, "quantity": 1, "start": start}
            for need, start in (
                ("club", "2027-09-06T17:00"),
                ("choir", "2027-09-06T17:30"),
            )
        ]
    )
    (found_one,) = sm.verify(sm.Instance(**fields), plan)
    assert (found_one.code, found_one.slot) == ("capacity", "mon-06")
    assert "2027-09-06T17:30" in found_one.message


def two_in_two_halls(plan: dict[str, str], **fields: object) -> list[tuple[str, ...]]:
    """Return what is wrong where two needs begin so in a hall of their own each."""
    one_hall = town(**fields).model_dump(mode="json", exclude_defaults=True)
    opening, need = one_hall["slots"][0], one_hall["needs"][0]
    instance = sm.Instance.model_validate(
        {
            "communities": one_hall["communities"],
            "facilities": [{"id": f, "community": "junmiao"} for f in plan],
            "slots": [
                {**opening, "id": f, "facility": f, "kinds": [f], "either": "e"}
                for f in plan
            ],
            "needs": [{**need, "id": f"of-{f}", "kind": f} for f in plan],
        }
    )
    rows = [
        {"slot": f, "need": f"of-{f}", "quantity": 1, "start": f"2027-09-06T{clock}"}
        for f, clock in plan.items()
    ]
    found = sm.verify(instance, sm.Allocation(rows))
    return [(v.code, v.message) for v in found]


def test_of_openings_that_exclude_each_other_one_is_used_at_a_time():
    assert two_in_two_halls({"half": "17:00", "whole": "18:00"}) == []
    ((code, message),) = two_in_two_halls({"half": "17:00", "whole": "17:30"})
    assert code == "either"
    assert "half, whole" in message


def test_a_person_rests_between_two_needs():
    asks = {"person": "trainer", "rest": 90}
    assert two_in_two_halls({"half": "17:00", "whole": "19:30"}, **asks) == []
    ((code, message),) = two_in_two_halls({"half": "17:00", "whole": "19:00"}, **asks)
    assert code == "person"
    assert '"trainer"' in message


def test_a_booking_begins_where_something_can():
    assert found(town(), "06 17:15") == [
        (
            "start",
            'need "club" in slot "mon-06": '
            "starts at 2027-09-06T17:15, when nothing in the slot begins",
        )
    ]


def test_nothing_begins_on_another_clock():
    start = "2027-09-06T17:00+08:00"
    row = {"slot": "mon-06", "need": "club", "quantity": 1, "start": start}
    (found_one,) = sm.verify(town(), sm.Allocation([row]))
    assert (found_one.code, found_one.need) == ("start", "club")

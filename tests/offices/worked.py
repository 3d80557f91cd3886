"""Nine offices worked by hand: what is asked, and the only answer that is as good."""

from typing import Any

__all__ = ["WORKED", "Fields"]

Fields = dict[str, Any]


def _town(name: str, **records: Any) -> Fields:
    """Return an instance of one community and one facility, but for what is said."""
    return {
        "format": "sharematch-instance",
        "version": 1,
        "name": name,
        "travel": {"unit": "km", "metric": "plane"},
        "communities": [{"id": "c"}],
        "facilities": [{"id": "f", "community": "c"}],
        **records,
    }


def _need(id_: str, kind: str, **fields: Any) -> Fields:
    return {"id": id_, "community": "c", "kind": kind, **fields}


def _slot(id_: str, kind: str, start: str, end: str, **fields: Any) -> Fields:
    times = {"start": start, "end": end}
    return {"id": id_, "facility": "f", "kinds": [kind], "capacity": 1} | times | fields


def _goal(op: str, measure: str, **fields: Any) -> Fields:
    return {"op": op, "measure": measure, **fields}


def _row(
    slot: str, need: str, start: str = "", end: str = "", units: int = 1
) -> Fields:
    times = {"start": start, "end": end} if start else {}
    return {"slot": slot, "need": need, "quantity": units, **times}


DAY = "2026-12-01T"  # a Tuesday

THIRDS = {
    # Five units fit in one way only: the choir before, since its set-up or the dance's
    # would fill the hall; the dance at 20, in its second window: 2 units × position 1.
    "instance": _town(
        "thirds and set-up",
        facilities=[{"id": "f", "community": "c", "setup": 30}],
        slots=[
            _slot("eve", "sport", f"{DAY}17:00", f"{DAY}21:00", capacity=3, step=60)
        ],
        needs=[
            _need(
                "choir", "sport", quantity=2, minutes=120, windows=["tue 17:00-20:00"]
            ),
            _need(
                "dance",
                "sport",
                quantity=2,
                minutes=60,
                preferred=["tue 19:00-20:00", "tue 18:00-21:00"],
            ),
            _need("yoga", "sport", minutes=120, windows=["mon,tue 17:00-19:00"]),
        ],
    ),
    "goals": [_goal("maximize", "served"), _goal("minimize", "unpreferred")],
    "values": [5, 2],
    "plan": [
        _row("eve", "choir", f"{DAY}17:00", f"{DAY}19:00", 2),
        _row("eve", "dance", f"{DAY}20:00", f"{DAY}21:00", 2),
        _row("eve", "yoga", f"{DAY}17:00", f"{DAY}19:00"),
    ],
    "measures": {"demand": 5, "used": 8, "bookings": 3, "minutes": 480},
}

MONEY = {
    # Fees are per unit and step, max_fee is the whole booking's; a pair cost is once a
    # unit. d pays 6 of 10.50, b pays 3 for 2.50: a subsidy of 0, not of -0.50.
    "instance": _town(
        "steps and money",
        currency="EUR",
        slots=[
            _slot(
                "s",
                "room",
                f"{DAY}18:00",
                f"{DAY}19:30",
                step=30,
                fee=2,
                unit_cost=3,
                concessions={"youth": 1, "low-income": 5},
            ),
            _slot(
                "t",
                "room",
                "2026-12-02T18:00",
                "2026-12-02T19:00",
                step=60,
                fee=3,
                unit_cost=1,
                staff_fee=2,
                opening_cost=2,
            ),
        ],
        needs=[
            _need("a", "room", minutes=60, max_fee="2.50"),
            _need("b", "room", minutes=60, groups=["youth"], max_fee=3),
            _need("d", "room", minutes=90, groups=["low-income"], max_fee=6),
        ],
        pairs=[
            {"need": "b", "slot": "t", "cost": "1.50"},
            {"need": "d", "slot": "s", "cost": "1.50"},
        ],
    ),
    "goals": [_goal("maximize", "served"), _goal("minimize", "unit_subsidy")],
    "values": [2, "4.50"],
    "plan": [
        _row("s", "d", f"{DAY}18:00", f"{DAY}19:30"),
        _row("t", "b", "2026-12-02T18:00", "2026-12-02T19:00"),
    ],
    "measures": {
        "demand": 3,
        "used": 4,
        "minutes": 150,
        "bookings": 2,
        "fees": "9.00",
        "unit_cost": "13.00",
        "cost": "15.00",
        "subsidy": "6.00",
        "parity_gap": "1.00",
    },
    "codes": [("s", "a", "fee"), ("t", "a", "fee"), ("t", "d", "length")],
}

CLOCK = {
    # Every week means the same clock time, also where the clocks go back; the 24th is
    # closed and falls out: two of three dates are held. The band has one a day.
    "instance": _town(
        "series and clock",
        facilities=[
            {
                "id": "hall",
                "community": "c",
                "closed": [
                    {"start": "2026-10-24T00:00+02:00", "end": "2026-10-24T23:00+02:00"}
                ],
            },
            {"id": "annex", "community": "c"},
        ],
        slots=[
            {
                "id": id_,
                "facility": facility,
                "kinds": ["x"],
                "capacity": 1,
                "start": f"2026-10-{day}T{begin}:00+0{offset}:00",
                "end": f"2026-10-{day}T{end}:00+0{offset}:00",
                "step": 60,
            }
            for id_, facility, day, begin, end, offset in (
                ("h17", "hall", 17, 18, 20, 2),
                ("h24", "hall", 24, 18, 20, 2),
                ("h31", "hall", 31, 18, 20, 1),
                ("a24", "annex", 24, "09", 12, 2),
            )
        ],
        needs=[
            _need("choir", "x", minutes=120, sessions=3, every=10080, min_sessions=2),
            _need("band", "x", minutes=60, times=3, preferred=["sat 10:00-11:00"]),
        ],
    ),
    "goals": [
        _goal("leximin", "fill_rate", by="need"),
        _goal("minimize", "unpreferred"),
    ],
    "values": [["1/3", "2/3"], 0],
    "plan": [
        _row("h17", "choir", "2026-10-17T18:00+02:00", "2026-10-17T20:00+02:00"),
        _row("h31", "choir", "2026-10-31T18:00+01:00", "2026-10-31T20:00+01:00"),
        _row("a24", "band", "2026-10-24T10:00+02:00", "2026-10-24T11:00+02:00"),
    ],
    "measures": {"served": 3, "demand": 6, "bookings": 3, "minutes": 300},
    "codes": [("h24", "choir", "closed"), ("h24", "band", "closed")],
}

WAY = {
    # Rest 15, the greater of two, and 30 minutes' way after 10:00; steps of 30 allow
    # 11:00, outside both preferred windows.
    "instance": _town(
        "rest and way",
        travel={"unit": "min", "metric": "plane", "speed": 5},
        communities=[{"id": "c", "location": [0, 0]}],
        facilities=[
            {"id": "f", "community": "c", "location": [0, 0]},
            {"id": "g", "community": "c", "location": [2.5, 0]},
        ],
        slots=[
            _slot("f1", "course", f"{DAY}09:00", f"{DAY}12:00", step=30),
            _slot("f8", "course", "2026-12-08T09:00", "2026-12-08T12:00", step=30),
            _slot("g1", "talk", f"{DAY}10:00", f"{DAY}12:00", step=30, facility="g"),
        ],
        needs=[
            _need(
                "weekly",
                "course",
                minutes=60,
                sessions=2,
                every=10080,
                person="li",
                rest=15,
                windows=[
                    {"start": f"{DAY}09:00", "end": f"{DAY}10:00"},
                    {"start": "2026-12-08T09:00", "end": "2026-12-08T12:00"},
                ],
            ),
            _need(
                "once",
                "talk",
                minutes=60,
                person="li",
                preferred=["tue 10:00-11:00", "tue 10:30-11:30"],
            ),
        ],
    ),
    "goals": [_goal("maximize", "served"), _goal("minimize", "unpreferred")],
    "values": [3, 2],
    "plan": [
        _row("f1", "weekly", f"{DAY}09:00", f"{DAY}10:00"),
        _row("f8", "weekly", "2026-12-08T09:00", "2026-12-08T10:00"),
        _row("g1", "once", f"{DAY}11:00", f"{DAY}12:00"),
    ],
    "measures": {"demand": 3, "travel": 1800},
}

BLOCKS = {
    # The seminar room is a fixed block for up to 30 heads, taken whole; an opening and
    # a need without minutes: length, before people. The team rests between its own.
    "instance": _town(
        "people and blocks",
        slots=[
            _slot("aula", "room", f"{DAY}09:00", f"{DAY}12:00", step=60, people="30-"),
            _slot(
                "seminar",
                "room",
                f"{DAY}09:00",
                f"{DAY}10:30",
                capacity=2,
                people="-30",
            ),
        ],
        needs=[
            _need("big", "room", minutes=60, people=50),
            _need("small", "room", minutes=60, people=12),
            _need("long", "room", minutes=120, people=20),
            _need("loose", "room", quantity=3, people=30),
            _need("team", "room", minutes=60, times=2, per_day=2, rest=60, people=40),
        ],
    ),
    "goals": [_goal("leximin", "fill_rate", by="need")],
    "values": [["0/1", "1/3", "1/1", "1/1", "1/1"]],
    "plan": [
        _row("aula", "team", f"{DAY}09:00", f"{DAY}10:00"),
        _row("aula", "big", f"{DAY}10:00", f"{DAY}11:00"),
        _row("aula", "team", f"{DAY}11:00", f"{DAY}12:00"),
        _row("seminar", "small"),
        _row("seminar", "loose"),
    ],
    "measures": {"served": 5, "demand": 8, "bookings": 5, "used": 5},
    "codes": [
        ("aula", "small", "people"),
        ("aula", "long", "people"),
        ("aula", "loose", "length"),
        ("seminar", "long", "length"),
        ("seminar", "big", "people"),
        ("seminar", "team", "people"),
    ],
}

MOVED = {
    # One room, sport or stage at each moment. The play's 19:00 was declined, and that
    # alone; karate must leave 19:00 for it: 3 units moved, not half hours.
    "instance": _town(
        "either and moved",
        slots=[
            _slot(
                "sport",
                "sport",
                f"{DAY}17:00",
                f"{DAY}21:00",
                capacity=3,
                step=60,
                either="room",
            ),
            _slot(
                "stage", "theatre", f"{DAY}17:00", f"{DAY}21:00", step=30, either="room"
            ),
        ],
        needs=[
            _need("judo", "sport", minutes=60),
            _need(
                "karate", "sport", quantity=2, minutes=60, preferred=["tue 18:00-19:00"]
            ),
            _need("play", "theatre", minutes=90),
        ],
        decisions=[
            {
                "need": "judo",
                "slot": "sport",
                "status": "accepted",
                "start": f"{DAY}18:00",
            },
            {
                "need": "play",
                "slot": "stage",
                "status": "declined",
                "start": f"{DAY}19:00",
            },
        ],
    ),
    "goals": [
        _goal("maximize", "served"),
        _goal("minimize", "moved"),
        _goal("minimize", "unpreferred"),
    ],
    "baseline": [
        _row("sport", "judo", f"{DAY}18:00", f"{DAY}19:00"),
        _row("sport", "karate", f"{DAY}19:00", f"{DAY}20:00", 2),
        _row("stage", "play", f"{DAY}19:00", f"{DAY}20:30"),
    ],
    "values": [4, 3, 0],
    "plan": [
        _row("sport", "judo", f"{DAY}18:00", f"{DAY}19:00"),
        _row("sport", "karate", f"{DAY}18:00", f"{DAY}19:00", 2),
        _row("stage", "play", f"{DAY}19:30", f"{DAY}21:00"),
    ],
    "measures": {"demand": 4, "used": 6},
}

AS_FAR = {
    # Six hours: both clubs as far as two hours (240 minutes), then minutes by minutes
    # asked. West may have 1 unit; the hour left is too short for the lions.
    "instance": _town(
        "as far as",
        communities=[{"id": "c", "entitlement": 4}, {"id": "west", "entitlement": 1}],
        slots=[_slot("hall", "x", f"{DAY}12:00", f"{DAY}18:00", step=60)],
        needs=[
            _need("t", "x", minutes=60, times=4, per_day=4, groups=["tigers"]),
            _need("l", "x", minutes=120, times=2, per_day=2, groups=["lions"]),
            _need(
                "g",
                "x",
                minutes=60,
                times=3,
                per_day=3,
                groups=["guests"],
                community="west",
            ),
        ],
    ),
    "rules": [
        {"op": "at_most", "measure": "served", "bound": "entitlement"}
        | {"by": "community"}
    ],
    "goals": [
        _goal(
            "maximize",
            "minutes",
            by="group",
            upto={"tigers": 120, "lions": 120, "guests": 0},
        ),
        _goal("leximin", "minutes", by="group", weights="demand"),
    ],
    "values": [240, ["1/3", "1/2", "3/4"]],
    "plan": None,
    "measures": {"served": 5, "demand": 9, "minutes": 360},
}

FILTERS = {
    # Girls and boys alike: 2 of 4 and 1 of 2; labels that are not named are not judged.
    # Every need once (4), adults twice (5), once on Friday evening at most.
    "instance": _town(
        "filters and groups",
        slots=[
            _slot("fri", "x", "2026-12-04T17:00", "2026-12-04T19:00", capacity=3),
            _slot("sat", "x", "2026-12-05T09:00", "2026-12-05T11:00", capacity=2),
        ],
        needs=[
            _need("g1", "x", quantity=2, groups=["girls", "north"]),
            _need("b1", "x", quantity=2, groups=["boys", "north"]),
            _need("g2", "x", quantity=2, groups=["girls", "south"], choices=["sat"]),
            _need("x", "x", quantity=2, groups=["adults"]),
        ],
    ),
    "rules": [
        {"op": "within", "measure": "fill_rate", "width": 0, "by": "group"}
        | {"where": {"group": ["girls", "boys"]}},
        {"op": "at_most", "measure": "served", "bound": 1, "by": "weekday"}
        | {"where": {"time": "mon-fri 16:00-20:00", "group": "adults"}},
    ],
    "goals": [
        _goal("maximize", "served", by="need", upto=1),
        _goal("maximize", "served"),
        _goal("maximize", "served", where={"weekday": "sat", "group": "girls"}),
    ],
    "values": [4, 5, 1],
    "plan": [
        _row("fri", "g1"),
        _row("fri", "b1"),
        _row("fri", "x"),
        _row("sat", "g2"),
        _row("sat", "x"),
    ],
    "measures": {"demand": 8},
}

CEILINGS = {
    # One migrant, so three units. The first person's ceiling of 5 pays two units of 2;
    # the other's is used up, though it would pay nothing. Fees 1 + 1 + 5.
    "instance": _town(
        "ceilings and mixing",
        currency="CNY",
        slots=[
            {"id": "s", "facility": "f", "kinds": ["class"], "capacity": 6}
            | {"fee": 5, "unit_cost": 3}
            | {"concessions": {"low-income": 1, "youth": 9, "jobless": 0}}
        ],
        needs=[
            _need(
                "a",
                "class",
                quantity=4,
                groups=["low-income", "youth"],
                person="p1",
                max_fee=2,
            ),
            _need("b", "class", quantity=5),
            _need("d", "class", groups=["jobless"], person="p2"),
            _need("m", "class", groups=["migrants"]),
        ],
    ),
    "rules": [
        {"op": "at_most", "measure": "unit_subsidy", "by": "person"}
        | {"bound": {"p1": 5, "p2": 0}},
        {"op": "at_least", "measure": "mix", "bound": "1/3", "by": "slot"}
        | {"where": {"group": "migrants"}},
    ],
    "goals": [_goal("maximize", "served"), _goal("minimize", "fees")],
    "values": [3, "7.00"],
    "plan": [_row("s", "a", units=2), _row("s", "m")],
    "measures": {"unit_subsidy": "4.00", "unit_cost": "9.00", "subsidy": "2.00"},
}

WORKED: list[Fields] = [
    *(THIRDS, MONEY, CLOCK, WAY, BLOCKS, MOVED),
    *(AS_FAR, FILTERS, CEILINGS),
]

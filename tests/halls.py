"""A week of a hall in thirds and a small gym, with a plan made by hand."""

from typing import Any

import sharematch as sm

__all__ = ["HALF_PAST_FIVE", "PLAN", "halls"]

HALF_PAST_FIVE = "2027-09-07T17:30"
_BOOKED = (
    ("hall-tue", "girls", 1, HALF_PAST_FIVE, "2027-09-07T19:00", ["A"]),
    ("hall-tue", "men", 2, "2027-09-07T18:00", "2027-09-07T19:30", ["B", "C"]),
    ("hall-thu", "girls", 1, "2027-09-09T17:00", "2027-09-09T18:30", ["A"]),
    ("hall-thu", "men", 2, "2027-09-09T18:30", "2027-09-09T20:00", ["A", "B"]),
)
_FIELDS = ("slot", "need", "quantity", "start", "end", "parts")
PLAN = sm.Allocation(
    [
        *(dict(zip(_FIELDS, row, strict=True)) for row in _BOOKED),
        ("gym-tue", "dance", 1),
        ("gym-next", "dance", 1),
    ]
)


def halls(**fields: Any) -> sm.Instance:
    """Return a hall open on two evenings and a gym let as fixed blocks, two weeks."""

    def opening(id_: str, facility: str, day: str, **own: Any) -> sm.Slot:
        times: dict[str, Any] = {"start": f"{day}T17:00", "end": f"{day}T22:00"}
        return sm.Slot(
            **{"id": id_, "facility": facility, "kinds": ["x"], **times} | own
        )

    every: dict[str, Any] = {
        "communities": [sm.Community(id="tianfeng"), sm.Community(id="junmiao")],
        "facilities": [
            sm.Facility(
                id="hall",
                name="School hall",
                community="tianfeng",
                parts=["A", "B", "C"],
            ),
            sm.Facility(id="gym", community="junmiao"),
        ],
        "slots": [
            opening("hall-tue", "hall", "2027-09-07", capacity=3, step=30),
            opening("hall-thu", "hall", "2027-09-09", capacity=3, step=30),
            opening("gym-tue", "gym", "2027-09-07", end="2027-09-07T18:30", capacity=1),
            opening(
                "gym-next", "gym", "2027-09-14", end="2027-09-14T18:30", capacity=1
            ),
        ],
        "needs": [
            sm.Need(
                id="girls",
                name="Tianfeng girls",
                community="tianfeng",
                kind="x",
                minutes=90,
                times=2,
            ),
            sm.Need(
                id="men",
                community="tianfeng",
                kind="x",
                quantity=2,
                minutes=90,
                times=3,
            ),
            sm.Need(id="dance", community="junmiao", kind="x", minutes=60, times=2),
        ],
    }
    return sm.Instance(**every | fields)

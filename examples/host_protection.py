"""How can the hospital lend its rehabilitation room without harm to its own work?

Lakeside's hospital owns one costly room. Unprotected, it is full of guests, and its
own neighborhood finds no place. Three protections, one after the other.
"""

import sharematch as sm

ASKED = {"lakeside": 24, "tianfeng": 40, "lianqiao": 40, "junmiao": 30}
DAYS = {"mon": 7, "tue": 8, "wed": 9, "thu": 10, "fri": 11}


def town(
    *, reserve: int = 0, max_units: int | None = None, closed: bool = False
) -> sm.Instance:
    """Return the week, with the protections given."""
    hours = [(f"2026-12-{day:02}T13:00", f"2026-12-{day:02}T17:00") for day in (8, 10)]
    return sm.Instance(
        communities=[sm.Community(id=name) for name in ASKED],
        providers=[sm.Provider(id="hospital", sector="host", community="lakeside")],
        facilities=[
            sm.Facility(
                id="rehabilitation",
                community="lakeside",
                provider="hospital",
                max_units=max_units,
                closed=hours if closed else (),
            )
        ],
        slots=[
            sm.Slot(
                id=day,
                facility="rehabilitation",
                kinds=["health/rehabilitation"],
                start=f"2026-12-{date:02}T14:00",
                end=f"2026-12-{date:02}T16:00",
                capacity=20,
                reserve=reserve,
            )
            for day, date in DAYS.items()
        ],
        needs=[
            sm.Need(id=name, community=name, kind="health", quantity=quantity)
            for name, quantity in ASKED.items()
        ],
    )


steps = {
    "unprotected": {},
    "at most 70 uses in a week": {"max_units": 70},
    "and closed Tue and Thu for staff": {"max_units": 70, "closed": True},
    "and 5 places a day for Lakeside": {"max_units": 70, "closed": True, "reserve": 5},
}
print(f"{'':34}{'Lakeside':>9}{'guests':>8}{'uses':>6}")
for name, protection in steps.items():
    result = sm.solve(town(**protection), sm.Policy.fair())
    served = {row["id"]: row["served"] for row in result.by("community").rows}
    used, lent = result.value("used"), result.value("lent")
    print(f"{name:34}{served['lakeside']:6}/{ASKED['lakeside']}{lent:8}{used:6}")

print(
    f"\nAnswer: with all three the room still gives {lent} guests a place, and the\n"
    "machines, two afternoons of the staff and Lakeside's own places are safe."
)

"""Which six of twenty points should pay 2,800 people on three days, the frail first?

Known: 2,800 people collect 900,000 CNY on days 7 to 9 of a month, at one counter, and
the frail find that hard. Assumed: one in six is frail; addresses and points are drawn
around four communities; a point pays 300 people a day; streets are 1.3 times as long
as the straight line.
"""

import random

import sharematch as sm

PEOPLE, POINTS, A_DAY, DAYS = 2800, 20, 300, (7, 8, 9)
dice = random.Random(5)  # noqa: S311 (a made-up town)
homes = sm.scenario.old_town().communities[:4]


def near(home: sm.Community) -> tuple[float, float]:
    """Return an address some hundred meters from the middle of a community."""
    return tuple(round(dice.gauss(middle, 0.004), 6) for middle in home.location)


points = [f"point {number + 1}" for number in range(POINTS)]
town = sm.Instance(
    travel={"metric": "geo", "detour": "1.3"},
    communities=[sm.Community(id=c.id, location=c.location) for c in homes],
    facilities=[
        sm.Facility(id=point, community=homes[n % 4].id, location=near(homes[n % 4]))
        for n, point in enumerate(points)
    ],
    slots=[
        sm.Slot(
            id=f"{point}, day {day}",
            facility=point,
            kinds=["pay-out"],
            start=f"2026-12-{day:02}T08:30",
            end=f"2026-12-{day:02}T16:30",
            capacity=A_DAY,
        )
        for point in points
        for day in DAYS
    ],
    needs=[
        sm.Need(
            id=f"resident {n + 1}",
            community=homes[n % 4].id,
            location=near(homes[n % 4]),
            kind="pay-out",
            groups={"frail"} if n % 6 == 0 else {"others"},
        )
        for n in range(PEOPLE)
    ],
)
frail = {need.id for need in town.needs if "frail" in need.groups}

print("open   way of the frail   within 500 m   way of all   busiest day")
opened, near_by = {}, {}
for most in (6, 7):
    policy = sm.Policy(
        rules=[sm.AtMost("opened_facilities", most), sm.AtLeast("served", PEOPLE)],
        goals=[sm.Minimize("travel", where={"group": "frail"}), sm.Minimize("travel")],
    )
    result = sm.solve(town, policy)
    opened[most] = {a.slot.partition(",")[0] for a in result.allocation}
    way = {row["id"]: row["travel"] for row in result.by("need").rows}
    hard = [way[name] for name in frail]
    near_by[most] = sum(meters <= 500 for meters in hard)
    busiest = max(row["used"] for row in result.by("slot").rows)
    print(
        f"{most:4}{sum(hard) / len(hard):15.0f} m{near_by[most]:8} of {len(hard)}"
        f"{sum(way.values()) / PEOPLE:11.0f} m{busiest:14}"
    )

six, seven = opened.values()
print("\nSix:", ", ".join(point for point in points if point in six))
print(
    f"\nAnswer: these six pay all {PEOPLE:,}. With seven,"
    f" {', '.join(seven - six)} opens too, and\n{near_by[7] - near_by[6]} more frail"
    " residents have a point within 500 m."
)

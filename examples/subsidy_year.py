"""Thirty courses, 600 learners, a limited subsidy: what does each step of it buy?

Known: services should reach people at the least cost to society. Assumed: all courses,
prices and requests, drawn by a seed; learners go 1 to 3 km.
"""

import random

import sharematch as sm

dice = random.Random(7)  # noqa: S311 (a made-up year)
homes = {c.id: c.location for c in sm.scenario.old_town().communities}
KINDS = ("cooking", "computer", "language", "care")
courses = {
    f"{KINDS[number % 4]} {number // 4 + 1}": {
        "community": dice.choice(list(homes)),
        "kinds": [KINDS[number % 4]],
        "capacity": dice.randint(10, 30),
        "opening_cost": dice.randrange(600, 3000, 100),  # of the room, for a year
        "unit_cost": dice.randint(20, 60),
        "fee": dice.choice((0, 10, 20)),
    }
    for number in range(30)
}
town = sm.Instance(
    travel={"metric": "geo", "detour": "1.3"},
    currency="CNY",
    communities=[sm.Community(id=c, location=at) for c, at in homes.items()],
    facilities=[
        sm.Facility(id=name, community=course.pop("community"))
        for name, course in courses.items()
    ],
    slots=[
        sm.Slot(id=name, facility=name, **course) for name, course in courses.items()
    ],
    needs=[
        sm.Need(
            id=f"learner {number + 1}",
            community=dice.choice(list(homes)),
            kind=dice.choice(KINDS),
            max_travel=dice.choice((1, 2, 3)),
        )
        for number in range(600)
    ],
)
print("subsidy at most   served  courses     cost   subsidy  for one more")
served, subsidy = 0, 0
for limit in (10_000, 20_000, 30_000):
    policy = sm.Policy(
        rules=[sm.AtMost("subsidy", limit)], goals=[sm.Maximize("served")]
    )
    result = sm.solve(town, policy, effort=2)
    more = result.value("served") - served
    each = (result.value("subsidy") - subsidy) / more
    served, subsidy = result.value("served"), result.value("subsidy")
    opened = len({a.slot for a in result.allocation})
    print(
        f"{limit:15,}{served:9}{opened:9}{result.value('cost'):9,.0f}"
        f"{subsidy:10,.0f}{each:14,.0f}"
    )
print(
    "\nAnswer: the first courses reach people for least; with 30,000 CNY a further"
    f"\nlearner costs the public {each:,.0f} CNY."
)

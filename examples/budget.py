"""The subsidy is limited: how many courses can open, and what does each step buy?

Rooms cost money to open and to run, residents pay small fees, the rest is subsidy.
Under each limit the plan serves most, then costs society least.
"""

import sharematch as sm

# room: community, places, cost to open it, cost per place, fee per place
ROOMS = {
    "school hall": ("tianfeng", 20, 900, 12, 10),
    "library": ("lianqiao", 12, 300, 8, 5),
    "factory canteen": ("junmiao", 30, 1500, 6, 5),
    "temple yard": ("qinqiao", 10, 100, 15, 0),
}
ASKED = {"tianfeng": 18, "lianqiao": 14, "junmiao": 22, "qinqiao": 9}

town = sm.Instance(
    currency="CNY",
    communities=[sm.Community(id=c) for c in ASKED],
    facilities=[
        sm.Facility(id=room, community=c, opening_cost=opening)
        for room, (c, _, opening, _, _) in ROOMS.items()
    ],
    slots=[
        sm.Slot(
            id=room,
            facility=room,
            kinds=["course"],
            capacity=places,
            unit_cost=cost,
            fee=fee,
        )
        for room, (_, places, _, cost, fee) in ROOMS.items()
    ],
    needs=[
        sm.Need(id=f"{c} learners", community=c, kind="course", quantity=units)
        for c, units in ASKED.items()
    ],
)

print(f"{'subsidy at most':>16}{'served':>8}{'cost':>10}{'subsidy':>10}  rooms")
for limit in (0, 500, 1000, 2000, 3500):
    policy = sm.Policy(
        rules=[sm.AtMost("subsidy", limit)],
        goals=[sm.Maximize("served"), sm.Minimize("cost")],
    )
    result = sm.solve(town, policy)
    rooms = sorted({a.slot for a in result.allocation})
    served, cost = result.value("served"), result.value("cost")
    subsidy = result.value("subsidy")
    print(f"{limit:16,}{served:8}{cost:10,}{subsidy:10,}  {', '.join(rooms) or '-'}")
print(f"\nAnswer: all {sum(ASKED.values())} learners cost {subsidy:,} CNY of subsidy.")

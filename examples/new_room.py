"""Ten candidates for a new room and a budget: which, if the worst-off come first?

Known: old Tianfeng and Lianqiao have no rooms, new quarters have what they need, and
money goes to these. Assumed: the map, 700 elderly people who ask for a lunch table and
walk 600 m, all places and all prices.
"""

import random

import sharematch as sm

BUDGET = 300_000  # CNY for a year
dice = random.Random(3)  # noqa: S311 (a made-up town)
district = sm.scenario.old_town()
homes = {c.id: c for c in district.communities}
OLD = {"tianfeng": 130, "lianqiao": 120, "junmiao": 90, "qinqiao": 110}
NEW = {"lakeside": 60, "garden": 70, "academy": 60, "market": 60}
THERE = {"qinqiao": 60, "lakeside": 50, "garden": 60, "academy": 40, "market": 40}
# candidate: community, places, rent and conversion for a year
CANDIDATES = {
    "temple wing": ("tianfeng", 40, 120_000),
    "old granary": ("tianfeng", 60, 190_000),
    "shop floor": ("lianqiao", 30, 110_000),
    "courtyard": ("lianqiao", 50, 180_000),
    "factory canteen": ("junmiao", 70, 130_000),
    "school annex": ("junmiao", 40, 90_000),
    "music pavilion": ("qinqiao", 60, 100_000),
    "club house": ("garden", 40, 40_000),
    "campus cafe": ("academy", 60, 60_000),
    "market loft": ("market", 50, 50_000),
}


def near(community: str, far: float = 0.003) -> tuple[float, ...]:
    """Return an address some hundred meters from the middle of a community."""
    middle = homes[community].location
    return tuple(round(dice.gauss(degrees, far), 6) for degrees in middle)


rooms = {f"{c} room": (c, places, 0) for c, places in THERE.items()} | CANDIDATES
town = sm.Instance(
    travel={"metric": "geo", "detour": "1.3"},
    currency="CNY",
    communities=[sm.Community(id=c.id, location=c.location) for c in homes.values()],
    facilities=[
        sm.Facility(id=room, community=c, location=near(c, 0.002), opening_cost=cost)
        for room, (c, _, cost) in rooms.items()
    ],
    slots=[
        sm.Slot(id=room, facility=room, kinds=["lunch"], capacity=places)
        for room, (_, places, _) in rooms.items()
    ],
    needs=[
        sm.Need(
            id=f"{c} {n + 1}",
            community=c,
            location=near(c),
            kind="lunch",
            max_travel="0.6",
        )
        for c, asked in (OLD | NEW).items()
        for n in range(asked)
    ],
)
fair = sm.Leximin("fill_rate", by="community")
most, near_home = sm.Maximize("served"), sm.Minimize("travel")
shares, opened = {}, {}
for name, limit, goals in (
    ("nothing new", 0, [fair, most, near_home]),
    ("most served", BUDGET, [most, near_home]),
    ("worst-off first", BUDGET, [fair, most, near_home]),
):
    result = sm.solve(town, sm.Policy(rules=[sm.AtMost("cost", limit)], goals=goals))
    rates = {row["id"]: float(row["fill_rate"]) for row in result.by("community").rows}
    shares[name] = rates | {"all": float(result.value("fill_rate"))}
    opened[name] = sorted({a.slot for a in result.allocation} & CANDIDATES.keys())

print("share served" + "".join(f"{name:>17}" for name in shares))
for home in *homes, "all":
    print(f"{home:12}" + "".join(f"{rates[home]:17.0%}" for rates in shares.values()))
for name, rooms_opened in opened.items():
    print(f"\n{name}: {', '.join(rooms_opened) or '-'}", end="")
print(
    "\n\nAnswer: with the worst-off first, no community is below"
    f" {min(rates.values()):.0%}; the plan\nthat serves most leaves the old town behind"
    " for the same money."
)

"""56 communities, a third of them with no room: how far should places be shared?

Known: share first within the subdistrict, then in the whole district; residents should
get more, providers earn something, government save building. Assumed: the district,
drawn by a seed, all requests, places and fees, and 6,000 CNY to build a place.
"""

import random

import sharematch as sm

BUILD = 6000  # CNY for a place
KINDS = {"health": 0, "sport": 5, "culture": 3, "training": 8, "advice": 0, "lunch": 6}
GROUPS = {"elderly": 0.3, "children": 0.2, "others": 0.5}
dice = random.Random(2)  # noqa: S311 (a made-up district)
quarters = [f"{area}{n}" for area in "ABCDEFG" for n in range(1, 9)]
old = {c for n, c in enumerate(quarters) if n % 3 == 0}
people = {c: round(dice.lognormvariate(8.5, 0.46)) for c in quarters}
rooms = {
    (c, kind): round(people[c] * dice.uniform(0.004, 0.02))
    for c in quarters
    if c not in old
    for kind in dice.sample(list(KINDS), 3)
}
town = sm.Instance(
    currency="CNY",
    areas=[
        sm.Area(id="district", level="district"),
        *(sm.Area(id=a, level="subdistrict", parent="district") for a in "ABCDEFG"),
    ],
    communities=[
        sm.Community(id=c, area=c[0], population=n, tags={"old"} if c in old else ())
        for c, n in people.items()
    ],
    facilities=[sm.Facility(id=f"{c} {kind}", community=c) for c, kind in rooms],
    slots=[
        sm.Slot(
            id=f"{c} {kind}",
            facility=f"{c} {kind}",
            kinds=[kind],
            capacity=places,
            fee=KINDS[kind],
        )
        for (c, kind), places in rooms.items()
    ],
    needs=[
        sm.Need(
            id=f"{c} {kind} {group}",
            community=c,
            kind=kind,
            groups={group},
            quantity=max(1, round(people[c] * 0.006 * part * dice.uniform(0.5, 1.5))),
        )
        for c in quarters
        for kind in KINDS
        for group, part in GROUPS.items()
    ],
)
print("shared in       served  old quarters  worst  hosts earn  building saved")
for tier in ("own", "subdistrict", "district"):
    policy = sm.Policy(
        rules=[sm.AtMost("tier", tier, by="assignment")],
        goals=[
            sm.Leximin("fill_rate", by="community"),
            sm.Maximize("served"),
            sm.Minimize("tier"),  # as near home as fairness allows
        ],
    )
    result = sm.solve(town, policy)
    rows = result.by("community").rows
    rates = [float(row["fill_rate"]) for row in rows]
    part = float(result.value("fill_rate", {"tags": "old"}))
    lent, earned = result.value("lent"), result.value("fees")
    print(
        f"{tier:14}{result.value('served'):8,}{part:14.0%}{min(rates):7.0%}"
        f"{earned:12,.0f}{lent * BUILD / 1_000_000:14.1f} m"
    )
for what in "lent", "borrowed":
    most = sorted(rows, key=lambda row: (-row[what], row["id"]))[:6]
    names = ", ".join(f"{row['id']} {row[what]}" for row in most)
    print(f"\n{what} most: {names}", end="")
print(
    f"\n\nAnswer: residents get {result.value('served'):,} places, hosts earn"
    f" {earned:,.0f} CNY, and\n{lent:,} places need not be built. Most of it comes"
    " within subdistricts; only the\nwhole district lifts the worst-off of them."
)

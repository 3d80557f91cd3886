"""How far should places be shared: not at all, in the subdistrict, in the district?

Four communities ask for the same thing, a health check. Lianqiao owns nothing, and
what its neighbors have is not enough; Garden, in the next subdistrict, has plenty.
"""

import sharematch as sm

AREA = {
    **dict.fromkeys(("tianfeng", "lianqiao", "qinqiao"), "old-town"),
    "garden": "new-town",
}
ASKED = {"tianfeng": 30, "lianqiao": 30, "qinqiao": 24, "garden": 20}
PLACES = {"tianfeng": 16, "qinqiao": 32, "garden": 56}

town = sm.Instance(
    areas=[
        sm.Area(id="district", level="district"),
        sm.Area(id="old-town", level="subdistrict", parent="district"),
        sm.Area(id="new-town", level="subdistrict", parent="district"),
    ],
    communities=[sm.Community(id=name, area=area) for name, area in AREA.items()],
    facilities=[sm.Facility(id=f"{name}-clinic", community=name) for name in PLACES],
    slots=[
        sm.Slot(
            id=f"{name}-checks",
            facility=f"{name}-clinic",
            kinds=["health/check"],
            capacity=places,
        )
        for name, places in PLACES.items()
    ],
    needs=[
        sm.Need(id=name, community=name, kind="health/check", quantity=quantity)
        for name, quantity in ASKED.items()
    ],
)

print(f"{'':12}" + "".join(f"{name:>10}" for name in ASKED) + f"{'all':>10}")
print(f"{'asked':12}" + "".join(f"{n:10}" for n in ASKED.values()))
results = {}
for tier in ("own", "subdistrict", "district"):
    policy = sm.Policy(
        rules=[sm.AtMost("tier", tier, by="assignment")],
        goals=[
            sm.Leximin("fill_rate", by="community"),
            sm.Maximize("served"),
            sm.Minimize("tier"),  # as near home as fairness allows
        ],
    )
    result = results[tier] = sm.solve(town, policy)
    served = {row["id"]: row["served"] for row in result.by("community").rows}
    total = result.value("served")
    print(f"{tier:12}" + "".join(f"{served[n]:10}" for n in ASKED) + f"{total:10}")

more = results["district"].value("served") - results["own"].value("served")
print(
    "\nAnswer: sharing among the poor brings Lianqiao in, at the cost of Qinqiao.\n"
    f"Sharing in the whole district serves {more} more than alone, and nobody less."
)

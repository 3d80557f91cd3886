"""One price for all, or free for low income: who comes then, and who pays for it?

Known: in principle residents pay what the host's own staff pay. Assumed: 500 residents
of eight communities, four in ten of them with a low income who pay 5 CNY at most, all
places and prices, drawn by a seed.
"""

import random

import sharematch as sm

dice = random.Random(13)  # noqa: S311 (made-up residents)
homes = sm.scenario.old_town().communities
# host's course: its places, what staff pay, what it asks of residents, what one costs
HOSTS = {
    "school swimming": (110, 8, 12, 10),
    "factory gym": (90, 10, 10, 12),
    "hospital gym": (60, 15, 20, 18),
    "college court": (120, 6, 9, 8),
}
needs = []
for number in range(500):
    is_low = dice.random() < 0.4
    needs.append(
        sm.Need(
            id=f"resident {number + 1}",
            community=dice.choice(homes).id,
            kind="sport",
            groups={"low income" if is_low else "others"},
            max_fee=5 if is_low else 20,
        )
    )


def town(*, as_staff: bool, concession: bool) -> sm.Instance:
    """Return the courses at these prices."""
    return sm.Instance(
        currency="CNY",
        communities=[sm.Community(id=c.id) for c in homes],
        facilities=[
            sm.Facility(id=host, community=homes[4 + n].id)
            for n, host in enumerate(HOSTS)
        ],
        slots=[
            sm.Slot(
                id=host,
                facility=host,
                kinds=["sport"],
                capacity=places,
                staff_fee=staff,
                fee=staff if as_staff else asked,
                unit_cost=cost,
                concessions={"low income": 0} if concession else {},
            )
            for host, (places, staff, asked, cost) in HOSTS.items()
        ],
        needs=needs,
    )


policy = sm.Policy(
    goals=[
        sm.Leximin("fill_rate", by="group"),
        sm.Maximize("served"),
        sm.Minimize("fees"),
    ]
)
print("                          low income  others  hosts earn  above staff  subsidy")
for name, as_staff, concession in (
    ("what hosts ask", False, False),
    ("the staff's price", True, False),
    ("free for low income", True, True),
):
    result = sm.solve(town(as_staff=as_staff, concession=concession), policy)
    rates = [
        float(result.value("fill_rate", {"group": group}))
        for group in ("low income", "others")
    ]
    money = [result.value(what) for what in ("fees", "parity_gap", "unit_subsidy")]
    print(
        f"{name:22}{rates[0]:14.0%}{rates[1]:8.0%}"
        f"{money[0]:12,.0f}{money[1]:13,.0f}{money[2]:9,.0f}"
    )
print(
    f"\nAnswer: only a concession lets people of low income come; it costs the public"
    f"\n{money[2]:,.0f} CNY, and nobody pays more than the host's staff."
)

"""Thirty evenings for old and new residents: do they meet, or does each have its own?

Known: the old town has many elderly people and many migrants; a home for migrants is in
Junmiao. Assumed: ten weeks of three evenings with 24 places, all requests, drawn by a
seed, and the wish that of those who come a third are elderly and a third are migrants.
"""

import random
from datetime import datetime, timedelta

import sharematch as sm

FIRST, WEEKS, PLACES = datetime(2027, 3, 1), 10, 24
PLACE = {"tue": "junmiao", "thu": "tianfeng", "sat": "qinqiao"}  # of each evening
DAY = {"tue": 1, "thu": 3, "sat": 5}
GROUPS = {"elderly": "tue thu", "migrants": "tue sat", "others": "thu sat"}  # are free
dice = random.Random(12)  # noqa: S311 (made-up requests)
homes = [c.id for c in sm.scenario.old_town().communities]

evenings, needs = [], []
for week in range(WEEKS):
    opens = {
        day: FIRST + timedelta(weeks=week, days=n, hours=18) for day, n in DAY.items()
    }
    evenings += [
        sm.Slot(
            id=f"{start:%a %d %b}",
            facility=PLACE[day],
            kinds=["evening"],
            capacity=PLACES,
            start=start,
            end=start + timedelta(hours=3),
        )
        for day, start in opens.items()
    ]
    for home in homes:
        for group, usual in GROUPS.items():
            free = [d for d in DAY if d in usual or dice.random() < 0.5]
            needs.append(
                sm.Need(
                    id=f"{home} {group}, week {week + 1}",
                    community=home,
                    kind="evening",
                    groups={group},
                    quantity=dice.randint(2, 5),
                    windows=[
                        {"start": opens[day], "end": opens[day] + timedelta(hours=3)}
                        for day in free
                    ],
                )
            )
season = sm.Instance(
    communities=[sm.Community(id=c) for c in homes],
    facilities=[sm.Facility(id=place, community=place) for place in PLACE.values()],
    slots=evenings,
    needs=needs,
)
THIRD = ("elderly", "migrants")
mixed = [sm.AtLeast("mix", "1/3", by="slot", where={"group": g}) for g in THIRD]
goals = [sm.Leximin("fill_rate", by="group"), sm.Maximize("served")]
group_of = {need.id: min(need.groups) for need in needs}
served = []
print("            served  evenings  with a third of each  all of one group")
for name, rules in ("as it comes", []), ("mixed", mixed):
    plan = sm.solve(season, sm.Policy(rules=rules, goals=goals), effort=1)
    seen = {}  # people of each group, by evening
    for a in plan.allocation:
        there = seen.setdefault(a.slot, dict.fromkeys(GROUPS, 0))
        there[group_of[a.need]] += a.quantity
    meet = sum(
        all(3 * there[g] >= sum(there.values()) for g in THIRD)
        for there in seen.values()
    )
    alone = sum(max(there.values()) == sum(there.values()) for there in seen.values())
    served.append(plan.value("served"))
    print(f"{name:12}{served[-1]:6}{len(seen):10}{meet:22}{alone:18}")
print(
    "\nAnswer: left alone, groups keep to themselves; that all evenings are mixed"
    f"\ncosts {served[0] - served[1]} of {served[0]} places."
)

"""200 choirs, classes and meetings, 26 rooms, eight weeks: who gets which evenings?

Known: a choir, a class, a training course come whole or not at all. Assumed: groups,
their sizes and the rooms, drawn by a seed; rooms are open from Monday to Thursday.
"""

import random
from datetime import datetime, timedelta

import sharematch as sm

FIRST, WEEKS, WEEKLY = datetime(2027, 3, 1), 8, 7 * 24 * 60
dice = random.Random(10)  # noqa: S311 (a made-up season)
homes = [c.id for c in sm.scenario.old_town().communities]
places = {f"room {n + 1}": dice.choice((12, 16, 24, 30, 40)) for n in range(26)}
# what comes: how many groups, of how many people, for how many weekly sessions
GROUPS = {
    "choir": (40, (16, 30), 8),
    "class": (60, (8, 14), 8),
    "training": (50, (6, 12), 4),
    "meeting": (50, (10, 40), 1),
}
needs = []
for what, (count, people, sessions) in GROUPS.items():
    for number in range(count):
        week = FIRST + timedelta(weeks=dice.randrange(WEEKS))
        one_week = [{"start": week, "end": week + timedelta(days=5)}]
        needs.append(
            sm.Need(
                id=f"{what} {number + 1}",
                community=dice.choice(homes),
                kind="evening",
                groups={what},
                quantity=dice.randint(*people),
                sessions=sessions,
                every=WEEKLY if sessions > 1 else None,
                whole=sessions == 1,
                windows=one_week if sessions == 1 else (),
            )
        )
season = sm.Instance(
    communities=[sm.Community(id=c) for c in homes],
    facilities=[
        sm.Facility(id=room, community=homes[n % len(homes)])
        for n, room in enumerate(places)
    ],
    slots=[
        sm.Slot(
            id=f"{room}, {start:%a %d %b}",
            facility=room,
            kinds=["evening"],
            capacity=capacity,
            start=start,
            end=start + timedelta(hours=2),
        )
        for room, capacity in places.items()
        for week in range(WEEKS)
        for day in range(4)
        if (start := FIRST + timedelta(weeks=week, days=day, hours=19))
    ],
    needs=needs,
)
most = sm.Policy(goals=[sm.Maximize("served")])
plans = {
    "first come": sm.solve(season, sm.Policy.first_come()),
    "most served": sm.solve(season, most, effort=1),
}
came = {name: {a.need for a in plan.allocation} for name, plan in plans.items()}
print("          groups" + "".join(f"{name:>13}" for name in plans))
for what, (count, *_) in GROUPS.items():
    held = [sum(name.startswith(what) for name in names) for names in came.values()]
    print(f"{what:10}{count:6}" + "".join(f"{number:13}" for number in held))
served = [plan.value("served") for plan in plans.values()]
print("places used     " + "".join(f"{number:13,}" for number in served))
print(
    f"\nAnswer: all {len(came['most served'])} come; one after the other,"
    f" {len(needs) - len(came['first come'])} would find no room."
)

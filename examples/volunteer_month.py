"""100 volunteers, 200 activities in a month: who helps where, and which take place?

Known: there are many volunteers and few activities that really help. Assumed: hours,
skills and free days of volunteers, what activities ask for, drawn by a seed; with fewer
than half of its helpers' hours an activity does not take place.
"""

import random
from datetime import datetime, timedelta

import sharematch as sm

VOLUNTEERS, ACTIVITIES, FIRST = 100, 200, datetime(2027, 3, 1)
SKILLS = ("visit", "cook", "drive", "teach", "repair", "listen")
dice = random.Random(9)  # noqa: S311 (a made-up month)
homes = sm.scenario.old_town().communities
days = [FIRST + timedelta(days=n) for n in range(28)]

helpers, hours = [], []
for number in range(VOLUNTEERS):
    name = f"volunteer {number + 1}"
    helpers.append(
        sm.Facility(
            id=name,
            community=dice.choice(homes).id,
            max_units=dice.choice((4, 8, 12, 16)),  # hours in the month
        )
    )
    skills = dice.sample(SKILLS, 2)
    hours += [
        sm.Slot(
            id=f"{name}, {day:%d %b}",
            facility=name,
            kinds=skills,
            capacity=3,
            start=day + timedelta(hours=13),
            end=day + timedelta(hours=19),
        )
        for day in sorted(dice.sample(days, 7))
    ]
activities = []
for number in range(ACTIVITIES):
    asked = dice.choice((4, 6, 8, 10))
    day = dice.choice(days)
    activities.append(
        sm.Need(
            id=f"activity {number + 1}",
            community=dice.choice(homes).id,
            kind=dice.choice(SKILLS),
            quantity=asked,
            min_quantity=asked // 2,
            windows=[{"start": day, "end": day + timedelta(days=1)}],
        )
    )
month = sm.Instance(
    communities=[sm.Community(id=c.id) for c in homes],
    facilities=helpers,
    slots=hours,
    needs=activities,
)
take_place = sm.Maximize("served", by="need", upto=1)
plans = {
    "first come": sm.solve(month, sm.Policy.first_come()),
    "most activities": sm.solve(
        month, sm.Policy(goals=[take_place, sm.Maximize("served")]), effort=1
    ),
}
print("                 take place  hours of help  worst community")
for name, plan in plans.items():
    held = {a.need for a in plan.allocation}
    given = plan.value("served")
    worst = min(float(row["fill_rate"]) for row in plan.by("community").rows)
    print(f"{name:17}{len(held):10}{given:15,}{worst:17.0%}")
print(
    f"\nAnswer: with some {given / len(held):.0f} hours each all"
    f" {len(held)} take place; if who comes first\ntakes all it asks for, a quarter of"
    " them finds nobody."
)

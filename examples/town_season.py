"""A town's halls for a season: which team trains when and where, and what stays free?

Sixty clubs ask for some 140 trainings a week of 60 to 120 minutes; 13 halls are open in
the afternoon and evening, six of them in two or three parts. The tables are made up, by
`town_season/build.py`. Work is limited, not seconds: the plan is the same everywhere.
"""

from pathlib import Path

import sharematch as sm

folder = Path(__file__).parent / "town_season"
town = sm.io.read_instance(folder)
policy = sm.io.read_policy(folder / "policy.toml")
result = sm.solve(town, policy, effort=20)
needs = {need.id: need for need in town.needs}
slots = {slot.id: slot for slot in town.slots}

youth = sum(a.quantity for a in result.allocation if "youth" in needs[a.need].groups)
asked = sum(need.times for need in town.needs)
print(f"{len(result.allocation)} trainings of {asked} asked for")
print(f"{result.value('served')} parts of halls, {youth} of them for youth")

print("\nhall     parts  hours open  hours used")
for hall in town.facilities:
    openings = [slot for slot in town.slots if slot.facility == hall.id]
    parts = max(slot.capacity for slot in openings)
    open_hours = sum(
        slot.capacity * (slot.end - slot.start).total_seconds() / 3600
        for slot in openings
    )
    used = sum(
        a.quantity * (a.end - a.start).total_seconds() / 3600
        for a in result.allocation
        if slots[a.slot].facility == hall.id
    )
    print(f"{hall.id}  {parts:5}  {open_hours:10g}  {used:10g}")

club = "junmiao-gymnastics-2"
print(f"\n{club}")
for a in sorted(result.allocation, key=lambda a: a.start):
    if needs[a.need].community == club:
        where = slots[a.slot].facility
        print(f"  {a.start:%a %H:%M}–{a.end:%H:%M}  {where}  {a.need} × {a.quantity}")

print("\nhall-01 on Monday")
for a in sorted(result.allocation, key=lambda a: a.start):
    if slots[a.slot].facility == "hall-01" and a.start.weekday() == 0:
        print(f"  {a.start:%H:%M}–{a.end:%H:%M}  {a.need} × {a.quantity}")

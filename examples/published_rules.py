"""Ice by standard hours, halls in thirds, rooms by lot: is a page of rules a plan?

Three made-up offices decide as many real ones have published that they do. Their rules
are policies of some twenty lines, `published_rules/*/policy.toml`; the tables are by a
seed, `published_rules/build.py`. Work is limited, not seconds: plans are the same
everywhere.
"""

from collections import Counter
from pathlib import Path

import sharematch as sm

folder = Path(__file__).parent / "published_rules"


def plan(office: str, lots: str = "") -> tuple[sm.Instance, sm.Result]:
    """Solve an office, and say by what; with lots where its policy sees equals."""
    town = sm.io.read_instance(folder / office)
    policy = sm.io.read_policy(folder / office / "policy.toml")
    if lots:
        result = sm.season.draw(town, policy, seed=lots).result
    else:
        result = sm.solve(town, policy, effort=5)
    print(f"{office}: {policy.name}")
    print(f"{result.value('bookings')} bookings, {result.status}")
    return town, result


def day(town: sm.Instance, result: sm.Result, hall: str, date: str) -> None:
    """Print a day of a hall as a caretaker reads it."""
    print(f"\n{hall} on {date}")
    needs = {need.id: need for need in town.needs}
    for a in sorted(result.allocation, key=lambda a: (a.start, a.parts)):
        if a.slot.startswith(f"{hall} {date}"):
            size = "/".join(a.parts) or f"{needs[a.need].people or ''}"
            print(f"  {a.start:%H:%M}–{a.end:%H:%M}  {a.need}  {size}".rstrip())


# Clubs are due two hours for each 16 registrants: `entitlement`.
town, result = plan("ice")
print("\nclub            due  got")
got = result.each("bookings", "community")
for club in town.communities:
    print(f"{club.id:15} {club.entitlement:3} {got[club.id]:4}")
day(town, result, "north-rink", "2027-09-06")

print()
town, result = plan("halls")
young = {need.id for need in town.needs if "youth" in need.groups}
late = [a for a in result.allocation if a.start.hour >= 20 or a.end.hour > 20]
print(
    f"after eight: {len(late)} bookings, {sum(a.need in young for a in late)} of youth"
)
print("want more:", ", ".join(u.need for u in result.unmet))
day(town, result, "school-hall", "2027-09-07")

print()
town, result = plan("rooms", lots="the first snow fell on a Tuesday")
a_month = Counter(a.need for a in result.allocation)
for who in ("residents", "visitors"):
    counts = Counter(a_month[n.id] for n in town.needs if who in n.groups)
    print(f"{who}: bookings a month by groups: {dict(sorted(counts.items()))}")
day(town, result, "tea-room", "2027-09-08")

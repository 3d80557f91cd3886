"""Ten hosts lend rooms for eight weeks: what is left when none of them is disturbed?

Known: hosts share if their own work comes first and what is costly or fragile is safe.
Assumed: the hosts, their hours, places and limits, and 4,000 requests, drawn by a seed.
"""

import random
from datetime import datetime, timedelta

import sharematch as sm

WEEKS, REQUESTS, FIRST = 8, 4000, datetime(2026, 9, 7)
HOURS = (9, 14, 19)  # a use begins then and lasts two hours
WORK, SCHOOL, EVENING = (
    "mon-fri 8:00-12:00",
    "mon-fri 8:00-17:00",
    "mon-thu 18:00-22:00",
)
# host's room: community, kind, places, own hours, own residents' places, most uses
HOSTS = {
    "hospital gym": ("lakeside", "rehabilitation", 6, WORK, 2, 220),
    "clinic pool": ("market", "rehabilitation", 4, "tue,thu 8:00-18:00", 1, 150),
    "school hall": ("academy", "sport", 8, SCHOOL, 2, None),
    "college court": ("garden", "sport", 6, EVENING, 2, None),
    "company gym": ("market", "sport", 5, EVENING, 0, 180),
    "school lab": ("academy", "computer", 4, SCHOOL, 1, 120),
    "bank training": ("qinqiao", "computer", 5, WORK, 0, None),
    "library studio": ("garden", "music", 3, "wed,fri 13:00-22:00", 1, 90),
    "theater stage": ("lakeside", "music", 4, EVENING, 0, 100),
    "temple court": ("junmiao", "music", 3, "mon,tue 8:00-12:00", 1, None),
}
SHARES = {"rehabilitation": 3, "sport": 5, "computer": 3, "music": 3}
dice = random.Random(8)  # noqa: S311 (a made-up district)
homes = {c.id: c.population for c in sm.scenario.old_town().communities}
starts = [
    FIRST + timedelta(weeks=week, days=day, hours=hour)
    for week in range(WEEKS)
    for day in range(5)
    for hour in HOURS
]
needs = []
for number in range(REQUESTS):
    (home,) = dice.choices(list(homes), list(homes.values()))
    (kind,) = dice.choices(list(SHARES), list(SHARES.values()))
    week = FIRST + timedelta(weeks=dice.randrange(WEEKS))
    window = sm.Window(start=week, end=week + timedelta(days=5))
    name = f"request {number + 1}"
    needs.append(sm.Need(id=name, community=home, kind=kind, windows=[window]))


def season(*, hours: bool, limits: bool, own: bool) -> sm.Instance:
    """Return the season with these protections."""
    return sm.Instance(
        communities=[sm.Community(id=c) for c in homes],
        facilities=[
            sm.Facility(
                id=room,
                community=home,
                closed=[closed] if hours else (),
                max_units=most if limits else None,
            )
            for room, (home, _, _, closed, _, most) in HOSTS.items()
        ],
        slots=[
            sm.Slot(
                id=f"{room} {start:%d %b %Hh}",
                facility=room,
                kinds=[kind],
                capacity=places,
                reserve=kept if own else 0,
                start=start,
                end=start + timedelta(hours=2),
            )
            for room, (_, kind, places, _, kept, _) in HOSTS.items()
            for start in starts
        ],
        needs=needs,
    )


print("protected                      served  worst  guests  what hosts object to")
for name, hours, limits, own in (
    ("nothing", False, False, False),
    ("own hours", True, False, False),
    ("own hours, limits", True, True, False),
    ("own hours, limits, own places", True, True, True),
):
    result = sm.solve(season(hours=hours, limits=limits, own=own))
    whole = season(hours=True, limits=True, own=True)
    objections = sm.verify(whole, result.allocation, sm.Policy.fair())
    served, guests = result.value("served"), result.value("lent")
    worst = min(float(row["fill_rate"]) for row in result.by("community").rows)
    print(f"{name:29}{served:8,}{worst:7.0%}{guests:8,}{len(objections):22,}")
print(
    f"\nAnswer: {guests:,} guests still find a place where no host is disturbed,"
    "\nnothing costly is worn out, and the hosts' neighbors keep places of their own."
)

"""A choir comes whole or not at all, a course needs eight evenings: who gets the hall?

Two rooms are open on Tuesday and Thursday evenings for eight weeks. A choir splits
into no halves, a course needs all its evenings, a workshop at least eight people.
"""

from datetime import datetime, timedelta

import sharematch as sm

FIRST = {"tue": datetime(2027, 3, 2, 19), "thu": datetime(2027, 3, 4, 19)}
ROOMS = {"hall": 30, "studio": 14}
WEEKLY = 7 * 24 * 60

season = sm.Instance(
    communities=[sm.Community(id=c) for c in ("tianfeng", "lianqiao", "junmiao")],
    facilities=[sm.Facility(id=room, community="tianfeng") for room in ROOMS],
    slots=[
        sm.Slot(
            id=f"{room}-{day}-{week + 1}",
            facility=room,
            kinds=["evening"],
            capacity=places,
            start=first + timedelta(weeks=week),
            end=first + timedelta(weeks=week, hours=2),
        )
        for room, places in ROOMS.items()
        for day, first in FIRST.items()
        for week in range(8)
    ],
    needs=[
        *(
            sm.Need(
                id=name,
                community=community,
                kind="evening",
                quantity=people,
                sessions=8,
                every=WEEKLY,
            )
            for name, community, people in (
                ("choir", "lianqiao", 24),
                ("tai-chi course", "junmiao", 12),
                ("calligraphy course", "tianfeng", 13),
            )
        ),
        sm.Need(
            id="opera group",
            community="junmiao",
            kind="evening",
            quantity=20,
            whole=True,
        ),
        sm.Need(
            id="repair workshop",
            community="tianfeng",
            kind="evening",
            quantity=15,
            min_quantity=8,
        ),
    ],
)
result = sm.solve(season)
evenings: dict[str, list[str]] = {}
for a in result.allocation:
    evenings.setdefault(a.need, []).append(f"{a.slot} ({a.quantity})")
for need in season.needs:
    got = evenings.get(need.id, [])
    shown = ", ".join(got[:2]) + (" …" if len(got) > 2 else "")
    print(f"{need.id:20}{len(got)} evenings  {shown}")
print(f"\nAnswer: everybody fits; unmet places: {result.value('unmet')}.")

"""Six volunteers, few hours, many activities: who should help where?

Everybody has a limit of hours and some skills. An activity with too few helpers does
not take place, and nobody does two things at once.
"""

import sharematch as sm

# volunteer: hours in the week, and what each can do
VOLUNTEERS = {
    "bridge": (6, ["cook", "visit"]),
    "garden": (4, ["visit"]),
    "harbor": (8, ["drive", "cook"]),
    "lake": (3, ["drive"]),
    "market": (5, ["cook", "teach"]),
    "temple": (4, ["teach", "visit"]),
}
# activity: community, skill, hours asked, the least that makes sense, weekday
ACTIVITIES = {
    "lunch table": ("tianfeng", "cook", 8, 6, 1),
    "home visits": ("lianqiao", "visit", 6, 2, 2),
    "clinic rides": ("junmiao", "drive", 6, 4, 2),
    "phone lessons": ("qinqiao", "teach", 4, 3, 3),
    "festival kitchen": ("lianqiao", "cook", 9, 9, 3),
}

week = sm.Instance(
    communities=[
        sm.Community(id=c) for c in ("tianfeng", "lianqiao", "junmiao", "qinqiao")
    ],
    providers=[sm.Provider(id="volunteers", sector="volunteer")],
    facilities=[
        sm.Facility(
            id=name, community="tianfeng", provider="volunteers", max_units=hours
        )
        for name, (hours, _) in VOLUNTEERS.items()
    ],
    slots=[
        sm.Slot(
            id=f"{name} {skill} day {day}",
            facility=name,
            kinds=[skill],
            capacity=4,
            start=f"2027-03-0{day}T14:00",
            end=f"2027-03-0{day}T18:00",
            either=f"{name} day {day}",
        )
        for name, (_, skills) in VOLUNTEERS.items()
        for skill in skills
        for day in (1, 2, 3)
    ],
    needs=[
        sm.Need(
            id=activity,
            community=community,
            kind=skill,
            quantity=hours,
            min_quantity=least,
            windows=[(f"2027-03-0{day}T13:00", f"2027-03-0{day}T19:00")],
        )
        for activity, (community, skill, hours, least, day) in ACTIVITIES.items()
    ],
)
result = sm.solve(week)
for activity, (_, skill, hours, least, _) in ACTIVITIES.items():
    helpers = [a for a in result.allocation if a.need == activity]
    given = sum(a.quantity for a in helpers)
    team = ", ".join(f"{a.slot.split()[0]} {a.quantity}" for a in helpers)
    print(f"{activity:18}{skill:7}{given} of {hours} h (least {least})  {team}")
unmet = ", ".join(u.need for u in result.unmet) or "none"
print(f"\nAnswer: {result.value('served')} hours of help; not fully met: {unmet}.")

"""Two clubs book everything: what does a limit of two places a week change?

Clubs ask often. At most two places a week for each club leave room for others; the
limit crosses weeks and clubs, so it is no simple cap on either.
"""

import sharematch as sm

DAYS = (
    "2027-05-03",
    "2027-05-05",
    "2027-05-07",
    "2027-05-10",
    "2027-05-12",
    "2027-05-14",
)
# club: community, evenings asked for
CLUBS = {
    "badminton": ("tianfeng", 6),
    "dancers": ("tianfeng", 6),
    "chess": ("lianqiao", 3),
    "seniors": ("junmiao", 2),
    "migrants": ("qinqiao", 2),
}

court = sm.Instance(
    communities=[
        sm.Community(id=c) for c in ("tianfeng", "lianqiao", "junmiao", "qinqiao")
    ],
    facilities=[sm.Facility(id="gym", community="tianfeng")],
    slots=[
        sm.Slot(
            id=f"{day} {hour}h",
            facility="gym",
            kinds=["court"],
            capacity=1,
            start=f"{day}T{hour}:00",
            end=f"{day}T{hour + 1}:00",
        )
        for day in DAYS
        for hour in (18, 20)
    ],
    needs=[
        sm.Need(
            id=f"{club} {number + 1}",
            community=community,
            kind="court",
            person=club,
        )
        for club, (community, times) in CLUBS.items()
        for number in range(times)
    ],
)
quota = sm.AtMost("served", 2, by=("person", "week"))
goals = [sm.Leximin("fill_rate", by="person"), sm.Maximize("served")]

print(f"{'':24}" + "".join(f"{club:>11}" for club in CLUBS))
for name, policy in (
    ("no limit, most served", sm.Policy(goals=[sm.Maximize("served")])),
    ("quota, most served", sm.Policy(rules=[quota], goals=[sm.Maximize("served")])),
    ("quota, then fair", sm.Policy(rules=[quota], goals=goals)),
):
    rows = sm.solve(court, policy).by("person").rows
    served = {row["id"]: f"{row['served']} of {row['demand']}" for row in rows}
    print(f"{name:24}" + "".join(f"{served[club]:>11}" for club in CLUBS))
print("\nAnswer: clubs that ask for two evenings get them, the busy ones three of six.")

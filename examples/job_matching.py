"""Which job seeker should get which post, if each post takes one person?

Posts ask for skills, seekers reach so far, some need a step-free way. As many as
possible find work, communities share the posts fairly, and the ways are short.
"""

import sharematch as sm

PLACE = {  # km east and north of Tianfeng
    "tianfeng": (0.0, 0.0),
    "lianqiao": (0.2, -0.3),
    "junmiao": (-0.3, 0.1),
    "market": (0.5, -1.3),
    "garden": (-0.9, -1.2),
}
# employer's community and skill: posts, and whether the way in is step-free
POSTS = {
    ("market", "cook"): (2, True),
    ("market", "repair"): (2, False),
    ("garden", "care"): (3, True),
    ("junmiao", "office"): (1, True),
}
# seeker's community and skill: how many, reach in km, step-free way needed
SEEKERS = {
    ("tianfeng", "cook"): (2, 2, False),
    ("tianfeng", "care"): (2, 1, False),
    ("lianqiao", "cook"): (2, 2, False),
    ("lianqiao", "care"): (2, 3, True),
    ("lianqiao", "office"): (1, 1, True),
    ("junmiao", "repair"): (1, 3, False),
    ("junmiao", "office"): (1, 3, False),
    ("garden", "repair"): (1, 2, True),
    ("garden", "care"): (1, 1, False),
}

town = sm.Instance(
    travel={"metric": "plane"},
    communities=[sm.Community(id=name, location=xy) for name, xy in PLACE.items()],
    facilities=[
        sm.Facility(
            id=f"{home}-{skill}",
            community=home,
            features={"step-free"} if step_free else (),
        )
        for (home, skill), (_, step_free) in POSTS.items()
    ],
    slots=[
        sm.Slot(
            id=f"{home}-{skill}-{number}",
            facility=f"{home}-{skill}",
            kinds=[f"job/{skill}"],
            capacity=1,
        )
        for (home, skill), (posts, _) in POSTS.items()
        for number in range(1, posts + 1)
    ],
    needs=[
        sm.Need(
            id=f"{home}-{skill}-{number}",
            community=home,
            kind=f"job/{skill}",
            max_travel=reach,
            requires={"step-free"} if step_free else (),
        )
        for (home, skill), (seekers, reach, step_free) in SEEKERS.items()
        for number in range(1, seekers + 1)
    ],
)

result = sm.solve(town)
post = {a.need: a.slot for a in sorted(result.allocation, key=lambda a: a.need)}
print("\n".join(f"{seeker:20}{slot}" for seeker, slot in post.items()))
print("\nwithout a post: " + ", ".join(n.id for n in town.needs if n.id not in post))
print("nobody for: " + ", ".join(s.id for s in town.slots if s.id not in post.values()))
way = result.value("travel") / len(post) / 1000
print(
    f"\nAnswer: {len(post)} of {len(town.needs)} seekers find work, {way:.1f} km away\n"
    "on average; the empty post would fill if its way in were step-free."
)

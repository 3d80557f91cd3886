"""900 seekers, 600 posts, several skills each: who should get which post?

Known: every post takes one person, and posts ask for skills. Assumed: seekers and
posts, drawn by a seed; seekers go 0.5 to 4 km; one way in three is not step-free.
"""

import random

import sharematch as sm

SEEKERS, POSTS = 900, 600
SKILLS = {"care": 2, "cook": 5, "repair": 3, "office": 4, "drive": 3, "sew": 2}
WANTED = {"care": 9, "cook": 4, "repair": 5, "office": 2, "drive": 3, "sew": 1}
dice = random.Random(6)  # noqa: S311 (a made-up fair)
homes = {c.id: c for c in sm.scenario.old_town().communities}
NEW = ("lakeside", "garden", "academy", "market")  # most employers are there


def near(home: str) -> list[float]:
    """Return an address some hundred meters from the middle of a community."""
    return [round(dice.gauss(x, 0.003), 6) for x in homes[home].location]


employers, posts = [], []
for number in range(POSTS):
    home = dice.choice(NEW if number % 4 else list(homes))
    (skill,) = dice.choices(list(WANTED), list(WANTED.values()))
    name = f"post {number + 1}"
    ways = {"step-free"} if dice.random() < 2 / 3 else ()
    employers.append(
        sm.Facility(id=name, community=home, location=near(home), features=ways)
    )
    posts.append(
        sm.Slot(id=name, facility=name, kinds=["job"], capacity=1, groups={skill})
    )
seekers = []
for number in range(SEEKERS):
    (home,) = dice.choices(list(homes), [c.population for c in homes.values()])
    skills = dice.choices(list(SKILLS), list(SKILLS.values()), k=2)
    seekers.append(
        sm.Need(
            id=f"seeker {number + 1}",
            community=home,
            location=near(home),
            kind="job",
            groups=set(skills),
            max_travel=dice.choice((0.5, 1, 2, 4)),
            requires={"step-free"} if dice.random() < 0.08 else (),
        )
    )
fair = sm.Instance(
    travel={"metric": "geo", "detour": "1.3"},
    communities=[sm.Community(id=c.id, location=c.location) for c in homes.values()],
    facilities=employers,
    slots=posts,
    needs=seekers,
)
plans = {
    "first come": sm.solve(fair, sm.Policy.first_come()),
    "fair": sm.solve(fair),
}
print("find work " + "".join(f"{name:>12}" for name in plans))
shares = {
    name: {row["id"]: float(row["fill_rate"]) for row in plan.by("community").rows}
    for name, plan in plans.items()
}
for home in homes:
    print(f"{home:10}" + "".join(f"{rates[home]:12.0%}" for rates in shares.values()))
found = [plan.value("served") for plan in plans.values()]
print("all       " + "".join(f"{count:12}" for count in found))
filled = {a.slot for a in plans["fair"].allocation}
print("\nskill    can do it  posts  filled")
for skill in SKILLS:
    wanted = [post for post in posts if skill in post.groups]
    able = sum(skill in seeker.groups for seeker in seekers)
    taken = sum(post.id in filled for post in wanted)
    print(f"{skill:8}{able:10}{len(wanted):7}{taken:8}")
print(
    f"\nAnswer: {found[1]} find work, {found[1] - found[0]} more than first come, and"
    " of\neach community the same share; the posts left are in care: teach it."
)

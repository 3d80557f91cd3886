"""One rule for all, or rules that fit each place?

The office wants short ways for elderly people. One limit for everybody shuts out the
old communities, which have nothing near; local rules keep what each place can do.
"""

import sharematch as sm
from sharematch.scenario import old_town

town = old_town()
goals = sm.Policy.fair().goals

policies = {
    "no rule": sm.Policy(goals=goals),
    "one rule: 600 m for everybody": sm.Policy(
        rules=[sm.AtMost("travel", 600, by="assignment")], goals=goals
    ),
    "local rules": sm.Policy(
        rules=[
            # Elderly people of newer communities have choirs and halls at the door.
            sm.AtMost(
                "travel",
                600,
                by="assignment",
                where={
                    "group": "elderly",
                    "kind": "culture",
                    "community": ["garden", "lakeside", "market", "qinqiao"],
                },
            ),
            # Training stays in the subdistrict where people live, except for the old.
            sm.AtMost(
                "tier",
                "subdistrict",
                by="assignment",
                where={"kind": "training", "community": ["garden", "academy"]},
            ),
            # Lianqiao has nothing: at least so many health services go there.
            sm.AtLeast("served", 40, where={"community": "lianqiao", "kind": "health"}),
            # Garden's sports people have their own courts: no more than so many.
            sm.AtMost("served", 45, where={"community": "garden", "kind": "sport"}),
        ],
        goals=goals,
    ),
}

results = {name: sm.solve(town, policy) for name, policy in policies.items()}
print(f"{'share of demand served':32}{'old':>8}{'others':>8}{'served':>8}")
old = [community.id for community in town.communities if "old" in community.tags]
new = [community.id for community in town.communities if "old" not in community.tags]
for name, result in results.items():
    shares = ""
    for part in old, new:
        where = {"community": part}
        share = result.value("served", where) / result.value("demand", where)
        shares += f"{float(share):8.0%}"
    print(f"{name:32}{shares}{result.value('served'):8}")

free, one, local = (result.value("served") for result in results.values())
print(
    f"\nAnswer: one rule for all costs {free - one} services, most of them where\n"
    f"least is near; the local rules cost {free - local}."
)

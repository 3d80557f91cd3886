"""318 residents, a yearly ceiling each and two budgets: who gets which help?

Known: 242 residents are disabled, 76 have a mental illness, and charity helped two or
three of them a year. Assumed: nobody is on both lists, and every other number here.
"""

import random
from textwrap import fill

import sharematch as sm

dice = random.Random(1)  # noqa: S311 (who asks for what is made up)
CITY = {"tianfeng": 6200, "lianqiao": 5400, "junmiao": 6300, "qinqiao": 9700}
CEILING = {"disabled": 3000, "mind": 2000}  # CNY a year that help may cost the budgets
BUDGET = {"charity": 90_000, "public": 360_000}
# help, who gives it: units a year, what one costs, what residents pay (low income: 0)
HELP = {
    ("ten treatments", "public"): (240, 900, 200),
    ("ten treatments", "charity"): (100, 600, 0),
    ("home help, a month", "public"): (330, 400, 100),
    ("home help, a month", "charity"): (160, 300, 0),
    ("ten talks", "public"): (80, 1500, 300),
    ("ramp and rails", "public"): (60, 2400, 400),
}
# what each group asks for, how likely, and how much of it
ASKS = {
    "disabled": [
        ("ten treatments", 0.6, (1, 2, 3)),
        ("home help, a month", 0.5, (2, 3, 4)),
        ("ramp and rails", 0.2, (1,)),
    ],
    "mind": [("ten talks", 0.8, (1, 2)), ("home help, a month", 0.4, (2, 3))],
}

needs, left = [], {}
for number in range(318):
    group = "disabled" if number < 242 else "mind"
    person = f"resident {number + 1:03}"
    (home,) = dice.choices(list(CITY), list(CITY.values()))
    groups = {group, *(["low income"] if dice.random() < 0.4 else [])}
    left[person] = CEILING[group] - dice.choice((0, 0, 0, 500, 1200))  # used already
    asks = [a for a in ASKS[group] if dice.random() < a[1]] or ASKS[group][:1]
    for kind, _, units in asks:
        needs.append(
            sm.Need(
                id=f"{person}: {kind}",
                person=person,
                community=home,
                kind=kind,
                quantity=dice.choice(units),
                groups=groups,
            )
        )
town = sm.Instance(
    currency="CNY",
    communities=[sm.Community(id=c, population=n) for c, n in CITY.items()],
    providers=[
        sm.Provider(id="charity", sector="volunteer"),
        sm.Provider(id="public", sector="public"),
    ],
    facilities=[sm.Facility(id=p, provider=p, community="qinqiao") for p in BUDGET],
    slots=[
        sm.Slot(
            id=f"{kind}, {payer}",
            facility=payer,
            kinds=[kind],
            capacity=units,
            unit_cost=cost,
            fee=fee,
            concessions={"low income": 0},
        )
        for (kind, payer), (units, cost, fee) in HELP.items()
    ],
    needs=needs,
)
spend = "unit_subsidy"
policy = sm.Policy(
    rules=[
        sm.AtMost(spend, left, by="person"),
        *(sm.AtMost(spend, n, where={"provider": p}) for p, n in BUDGET.items()),
    ],
    goals=[
        sm.Maximize("served", by="person", upto=1),
        sm.Maximize("served"),
    ],
)
result = sm.solve(town, policy, effort=1)
assert not sm.verify(town, result.allocation, policy)

got = {row["id"]: row for row in result.by("person").rows}
groups = {need.person: need.groups for need in needs}
print("             persons  got help  asked for  given  from the budgets, CNY")
for group in CEILING:
    rows = [row for person, row in got.items() if group in groups[person]]
    helped = sum(row["served"] > 0 for row in rows)
    asked, given = (sum(row[key] for row in rows) for key in ("demand", "served"))
    paid = result.value(spend, where={"group": group})
    print(f"{group:12}{len(rows):8}{helped:10}{asked:11}{given:7}{paid:24,.0f}")
for payer, limit in BUDGET.items():
    paid = result.value(spend, where={"provider": payer})
    print(f"\n{payer} budget: {paid:,.0f} of {limit:,} CNY", end="")
without = [need.id for need in needs if not got[need.person]["served"]]
print(f"\n\nWhy not {without[0]}?\n")
told = str(sm.explain(result, need=without[0])).replace("\n", " ").split(". ")
print(fill(next(reason for reason in told if "Your ceiling" in reason), 76))
some = sum(row["served"] > 0 for row in got.values())
print(
    f"\nAnswer: {some} of {len(got)} get help, and both budgets are spent; what the"
    f" other {len(got) - some}\nask for costs more than is left of their ceiling."
)

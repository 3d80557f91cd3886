"""What does it change to serve frail and disabled people before all others?

Fair sharing looks at communities. Here two groups come first, each in turn, and then
the same fair goals; reach (500 m) and step-free entrances stay hard conditions.
"""

import sharematch as sm
from sharematch.scenario import old_town

town = old_town()
fair = sm.solve(town, sm.Policy.fair())
first = sm.solve(town, sm.Policy.vulnerable_first("frail", "disabled"))
results = {"fair": fair, "vulnerable first": first}

print(f"{'served':16}{'asked':>8}" + "".join(f"{name:>18}" for name in results))
for group in ("frail", "disabled"):
    who = {"group": group}
    counts = "".join(f"{r.value('served', who):18}" for r in results.values())
    print(f"{group:16}{fair.value('demand', who):8}{counts}")
worst = {
    name: min(row["fill_rate"] for row in result.by("community").rows)
    for name, result in results.items()
}
print(
    f"{'everybody':16}{fair.value('demand'):8}"
    + "".join(f"{result.value('served'):18}" for result in results.values())
)
print(
    f"{'worst community':24}"
    + "".join(f"{float(value):18.1%}" for value in worst.values())
)

weak = {"group": ("frail", "disabled")}
gain = first.value("served", weak) - fair.value("served", weak)
price = fair.value("served") - first.value("served")
lacking = first.value("unmet", weak)
print(
    f"\nAnswer: {gain} more services for frail and disabled people, {price} fewer in\n"
    f"all. The {lacking} they still lack are a matter of places, not of their turn."
)

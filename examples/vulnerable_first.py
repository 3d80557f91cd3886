"""What does it change to serve frail and disabled people before all others?

Fair sharing looks at communities. Here two groups come first, each in turn, and then
the same fair goals; reach (500 m) and step-free entrances stay hard conditions.
"""

import sharematch as sm
from sharematch.scenario import old_town

GROUPS = ("frail", "disabled", "elderly", "low-income", "migrant", "unemployed")

town = old_town()
results = {
    "fair": sm.solve(town, sm.Policy.fair()),
    "vulnerable first": sm.solve(town, sm.Policy.vulnerable_first("frail", "disabled")),
}


def served_of(result: sm.Result, group: str) -> int:
    """Count the services of everybody in a group."""
    members = {need.id for need in town.needs if group in need.groups}
    return sum(a.quantity for a in result.allocation if a.need in members)


print(f"{'served':16}{'asked':>8}" + "".join(f"{name:>18}" for name in results))
for group in GROUPS:
    asked = sum(need.quantity for need in town.needs if group in need.groups)
    counts = "".join(f"{served_of(result, group):18}" for result in results.values())
    print(f"{group:16}{asked:8}{counts}")
worst = {
    name: min(row["fill_rate"] for row in result.by("community").rows)
    for name, result in results.items()
}
print(
    f"{'everybody':16}{sum(need.quantity for need in town.needs):8}"
    + "".join(f"{result.value('served'):18}" for result in results.values())
)
print(
    f"{'worst community':24}"
    + "".join(f"{100 * float(value):16.1f} %" for value in worst.values())
)

fair, first = results.values()
gain = sum(served_of(first, g) - served_of(fair, g) for g in ("frail", "disabled"))
price = fair.value("served") - first.value("served")
print(
    f"\nAnswer: {gain} more services for frail and disabled people, {price} fewer in\n"
    "all; who is still unserved among them lives beyond reach, not behind others."
)

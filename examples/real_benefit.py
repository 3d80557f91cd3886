"""Whom did it really help, beyond how many events there were?

Sessions held and places offered say little. What counts: groups that got something, all
they asked for or nothing; places used and places that stayed empty while people waited.
"""

import sharematch as sm

town = sm.scenario.old_town()
plans = {
    "own places only": sm.solve(town, sm.Policy.own_only()),
    "first come": sm.solve(town, sm.Policy.first_come()),
    "fair": sm.solve(town),
}

asked = {need.id: need.quantity for need in town.needs}
rows: dict[str, list[str]] = {}
for result in plans.values():
    got = dict.fromkeys(asked, 0)
    for a in result.allocation:
        got[a.need] += a.quantity
    left = sum(slot.capacity for slot in town.slots) - int(result.value("used"))
    rates = [r["fill_rate"] for r in result.by("community") if r["demand"]]
    share = float(result.value("fill_rate", {"group": "disabled"}))
    for name, value in {
        "sessions offered": f"{len(town.slots)}",
        "services used": f"{int(result.value('served')):,}",
        "requests met in full": f"{sum(got[n] == asked[n] for n in asked)}",
        "requests met in part": f"{sum(0 < got[n] < asked[n] for n in asked)}",
        "requests without anything": f"{sum(not got[n] for n in asked)}",
        "disabled residents served": f"{share:.0%}",
        "worst-off community served": f"{float(min(rates)):.0%}",
        "places in use": f"{float(result.value('utilization')):.0%}",
        "places left empty": f"{left:,}",
    }.items():
        rows.setdefault(name, []).append(value)

print(f"{'':28}" + "".join(f"{name:>17}" for name in plans))
for name, values in rows.items():
    print(f"{name:28}" + "".join(f"{value:>17}" for value in values))

print(
    "\nAnswer: the same sessions in all three. What changes is who comes: sharing fills"
    "\nplaces that stood empty, and fairness decides whom the last of them go to."
)

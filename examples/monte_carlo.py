"""Nobody knows how many will come: who is sure of a place, and who is not?

The old town's plan is made before the season. In each of 40 seasons drawn, requests are
up to 40% fewer or more in each community, and of each slot up to a third of the places
falls out. What would 20% more places change?
"""

import sharematch as sm
from sharematch.batch import Draw, Sweep, sensitivity

town = sm.scenario.old_town()
found = sensitivity(
    town,
    vary=[
        Draw("demand", 0.6, 1.4, by="community"),
        Draw("capacity", 0.67, 1),
        Sweep("capacity", [1, 1.2]),
    ],
    runs=40,
    seed=2026,
)
now, more = found.at(1), found.at(1.2)

print("Share of requests served: in poor, middling and good seasons\n")
print(f"{'':14}{'places as now':>20}{'20% more':>24}")
rates = now.by_community("fill_rate"), more.by_community("fill_rate")
for one, other in zip(*rates, strict=True):
    cells = [
        f"{float(row[q]):8.0%}" for row in (one, other) for q in ("q5", "q50", "q95")
    ]
    print(f"{one['id']:12}{''.join(cells)}")

print(f"\n{'requests served in full':32}{'as now':>8}{'20% more':>12}")
counts = {}
for name, low, high in (
    ("in every season", 1, 1),
    ("in more than half of them", 0.501, 0.999),
    ("in half of them or fewer", 0.001, 0.5),
    ("never", 0, 0),
):
    counts[name] = [
        sum(low <= row["full"] <= high for row in each.needs) for each in (now, more)
    ]
    print(f"{name:32}{counts[name][0]:8}{counts[name][1]:12}")

sure, surer = counts["in every season"]
worst, better = (min(row["q5"] for row in rate) for rate in rates)
print(
    f"\nAnswer: {sure} of {len(town.needs)} requests are sure of their places, "
    f"{surer} with 20% more.\nIn a poor season the community that fares worst gets "
    f"{float(worst):.0%}, then {float(better):.0%}."
)

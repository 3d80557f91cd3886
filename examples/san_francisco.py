"""Where sites are few, what do sharing and fairness change on a real map?

A check-up for older adults of 205 census tracts of San Francisco at 16 sites. Known:
places, people and distances along streets. Assumed: the service. See san_francisco/.
"""

from pathlib import Path

import sharematch as sm
from sharematch.io import read_instance, read_policy

FOLDER = Path(__file__).parent / "san_francisco"

city = read_instance(FOLDER / "instance.json")
asked = sum(need.quantity for need in city.needs)
places = sum(slot.capacity for slot in city.slots)
print(f"{len(city.communities)} tracts ask for {asked:,} check-ups in a week;")
print(f"{len(city.facilities)} sites offer {places:,}.\n")

print(f"{'':12}{'served':>8}{'tracts with none':>18}{'worst tenth':>13}{'way, m':>8}")
results = {}
for name in ("own_only", "efficient", "fair"):
    policy = read_policy(FOLDER / "policies" / f"{name}.toml")
    result = results[name] = sm.solve(city, policy)
    rates = sorted(row["fill_rate"] for row in result.by("community").rows)
    worst = rates[: len(rates) // 10]
    print(
        f"{name:12}{result.value('served'):8,}{rates.count(0):18}"
        f"{float(sum(worst) / len(worst)):13.0%}"
        f"{result.value('travel') / result.value('served'):8,.0f}"
    )

reached = {a.need for result in results.values() for a in result.allocation}
beyond = [need for need in city.needs if need.quantity and need.id not in reached]
efficient, fair = (
    {row["id"]: row["served"] for row in results[name].by("community").rows}
    for name in ("efficient", "fair")
)
moved = sum(max(0, fair[tract] - efficient[tract]) for tract in fair)
ways = results["fair"].value("travel") / results["efficient"].value("travel") - 1
print(
    f"\nAnswer: fairness serves as many as the cheapest plan. {moved} check-ups go to\n"
    f"tracts that had less, and ways grow by {float(ways):.0%}. No plan reaches the\n"
    f"{len(beyond)} tracts with no site within 4 km: only a new one helps them."
)

"""Each approval is a letter and a wait: how many remain if hosts agree beforehand?

Old town, one week. Whose facilities have `consent="standing"` is not asked any more; a
host that needs its room itself after all still says so, and is heard.
"""

import sharematch as sm
from sharematch.season import Answer, questions, resolve

old_town = sm.scenario.old_town()
sector = {provider.id: provider.sector for provider in old_town.providers}


def agreed(*sectors: str) -> sm.Instance:
    """Return the town in which hosts of some sectors have agreed beforehand."""
    places = [
        place.model_copy(update={"consent": "standing"})
        if sector.get(place.provider) in sectors
        else place
        for place in old_town.facilities
    ]
    return old_town.model_copy(update={"facilities": tuple(places)})


print("agreed beforehand            still to be asked")
for sectors in (
    (),
    ("public",),
    ("public", "volunteer"),
    ("public", "volunteer", "host"),
):
    town = agreed(*sectors)
    draft = sm.solve(town)
    asked = questions(town, draft.allocation)
    print(f"{', '.join(sectors) or 'nobody':29}{len(asked):17}")

own = next(a for a in draft.allocation if a.slot.startswith("lakeside-rehab"))
revision = resolve(draft, [Answer(own.need, own.slot, "declined")])
print(f"\nThe hospital declines {own.quantity} places; {revision.moved} units move.")
print(
    f"\nAnswer: {len(asked)} of {len(draft.allocation)} assignments are still to be"
    " asked about, all of the market's."
)

"""Hosts that ask residents for more than their own staff pay: refuse them, or agree?

Paid use should in principle cost what the host's own staff pay. In the old town a
sports club, the school's gym, a law firm and a repair firm ask for more.
"""

from collections import defaultdict

import sharematch as sm
from sharematch.scenario import old_town

town = old_town()
fair = sm.Policy.fair()
parity = sm.Policy(
    name="fair, at staff prices",
    rules=[sm.AtMost("parity_gap", 0, by="assignment")],
    goals=fair.goals,
)
agreed = town.replace(
    slots=[
        slot
        if slot.staff_fee is None
        else slot.model_copy(update={"fee": slot.staff_fee})
        for slot in town.slots
    ]
)

above = defaultdict(set)
for slot in town.slots:
    if slot.staff_fee is not None and slot.fee > slot.staff_fee:
        above[slot.facility].add((slot.fee, slot.staff_fee))
print("Above the price for staff (CNY)")
for facility, prices in above.items():
    for fee, staff_fee in prices:
        print(f"  {facility:20} residents pay {fee:5}, staff {staff_fee:5}")

poor = {"group": "low-income"}
print(f"\n{'':34}{'served':>8}{'low income':>12}{'paid, CNY':>12}")
results = {
    "as it is": sm.solve(town, fair),
    "refused: only at staff prices": sm.solve(town, parity),
    "agreed: prices lowered to staff's": sm.solve(agreed, parity),
}
for name, result in results.items():
    served, fees = result.value("served"), result.value("fees")
    print(f"{name:34}{served:8}{result.value('served', poor):12}{fees:12}")

first, refused, at_staff_price = results.values()
lost = first.value("served") - refused.value("served")
more = at_staff_price.value("served", poor) - first.value("served", poor)
saved = first.value("fees") - at_staff_price.value("fees")
print(
    f"\nAnswer: to refuse them costs residents {lost} services; to agree on the price\n"
    f"for staff keeps them all, saves {saved} CNY, and serves {more} more people of\n"
    "families with low income."
)

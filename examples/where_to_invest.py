"""Where would twenty more places do most for those who get least?

Places are shared within a subdistrict. Twenty more at one facility, one step-free
entrance, or one kilometer more to travel: what each brings is exact, not an estimate.
"""

import sharematch as sm

policy = sm.Policy(
    name="fair within the subdistrict",
    rules=[sm.AtMost("tier", "subdistrict", by="assignment")],
    goals=sm.Policy.fair().goals,
)
result = sm.solve(sm.scenario.old_town(), policy)
places = sm.advise(result, by="facility", amounts=[20])

lowest = min(places.rates.now.values())
print(f"Lowest share served now: {float(lowest):.1%}\n")
print(f"{'20 more places at':28}{'served':>7}{'lowest share':>14}")
for option in places:
    (step,) = option.steps
    name = option.place["facility"]
    share = float(places.rates_after(step)[0])
    print(f"{name:28}{step.served:7}{share:14.1%}")

print("\nWithout a single new place:")
other = sm.advise(result, add=["feature", "reach"], further=1)
for option in other:
    (step,) = option.steps
    what = "travels 1 km more" if option.add == "reach" else option.place["feature"]
    where = option.place.get("facility", option.place["community"])
    share = float(other.rates_after(step)[0])
    print(f"{f'{where} {what}':28}{step.served:7}{share:14.1%}")

bought = sm.advise(result, amounts=[1], budget=100).purchase
assert bought is not None
gains = ", ".join(
    f"{who} {units}" for who, units in sorted(bought.step.changes.items())
)
print(
    f"\nAnswer: places help the old town only if they are in it; elsewhere they go to"
    f"\nothers or stay empty. 100 of them, well chosen, bring\n{gains}."
)

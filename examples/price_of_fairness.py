"""What does fairness cost in people served, travel and money, and who pays?

Against plans under the same rules that serve as many as possible and then only save.
"""

import sharematch as sm
from sharematch.comparison import frontier, price_of_clauses, price_of_fairness

town = sm.scenario.old_town()
found = price_of_fairness(town, measures=["travel", "cost"])
print("The fair plan against the best plan in each measure")
print(found)

print("\nIf only travel counted instead")
print(found.comparison.changes[0])

print("\nSteps between: all get at least this share if fairness gives it to them")
print(frontier(town, measure="travel", points=5))

print("\nWhat each clause of the fair policy costs")
print(*price_of_clauses(town), sep="\n")

served, travel, _ = found.prices
meters = round(float(travel.price) / int(served.value))
moved = found.comparison.changes[0].losses
print(
    f"\nAnswer: {served.price} of {served.best:,} services, no money, and {meters} m "
    f"more travel for each. For this\n{sum(moved.values())} services go to those "
    f"who live far from places: {', '.join(moved)}."
)

"""Why did I get no place, who has it, and what would have helped?

Three answers an office of the old town owes its people: to those who got less than they
asked for, to those who ask who uses a room, and to a community that has no rooms of its
own. Facts come first, as codes and numbers; the prose is made from them, in two
languages.
"""

import sharematch as sm

town = sm.scenario.old_town()
result = sm.solve(town)

answer = sm.explain(result, need="lianqiao-frail-check")
print(answer)
print()
print(answer.text("zh"))

print("\nAs facts")
facts = answer.to_dict()["facts"]
for name in ("asked", "served", "reason", "decided_by"):
    print(f"  {name}: {facts[name]}")
for change in facts["changes"]:
    place = f"{change['record']} {change['id']}, {change['field']}"
    print(f"  {place}: {change['before']} -> {change['after']}, {change['code']}")

print("\nThe community")
print(sm.explain(result, community="lianqiao"))

busiest = max(result.by("slot"), key=lambda row: (row["lent"], row["id"]))["id"]
print("\nThe time slot that lends most")
print(sm.explain(result, slot=busiest))

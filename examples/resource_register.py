"""What does the old town have, who owns it, on which terms, and what is missing?

The register asks no policy and decides nothing: it is what there is to share.
"""

import sharematch as sm
from sharematch.register import register
from sharematch.text import say

found = register(sm.scenario.old_town())

print("Own places / units asked, a week\n")
print(found.matrix())

print("\nOn which terms\n")
for row in found.terms:
    term = say(f"word.{row['term']}")
    print(f"{term:32}{row['places']:6,} places")

print("\nPlaces that nobody can use, and why\n")
for row in found.idle:
    reason = say(f"idle.{row['reason']}")
    print(f"{row['slot']:36}{row['idle']:4}  {reason}")

print("\nServices that a community asks for and has no place of its own for\n")
lacking: dict[str, list[str]] = {}
for row in found.supply:
    if row["stands"] in ("elsewhere", "nowhere"):
        lacking.setdefault(str(row["community"]), []).append(str(row["kind"]))
for community, kinds in sorted(lacking.items(), key=lambda item: -len(item[1])):
    print(f"{community:12}{', '.join(kinds)}")

nowhere = sum(row["stands"] == "nowhere" for row in found.supply)
print(
    "\nAnswer: Lianqiao has no place of its own for anything it asks for. Services that"
    f"\nno other community could lend: {nowhere}."
)

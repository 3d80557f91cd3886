"""1,500 requests at three levels of a list of services: which offers meet them?

Known: services are named by codes of three levels, from a list as 211 help lines keep
one, and offers name the lowest. Assumed: the list, `services/codes.csv`, the offers and
requests, drawn by a seed. Who asks for all of "Health" takes any of it, who asks for an
"Eye test" nothing else.
"""

import csv
import random
from collections import Counter
from pathlib import Path

import sharematch as sm

REQUESTS = 1500
dice = random.Random(5)  # noqa: S311 (made-up offers)
homes = sm.scenario.old_town().communities
with (Path(__file__).parent / "services" / "codes.csv").open(encoding="utf-8") as file:
    listed = {row["code"]: row for row in csv.DictReader(file)}


def path(code: str) -> str:
    """Return the codes from the highest level down: a kind of the model."""
    above = listed[code]["parent"]
    return f"{path(above)}/{code}" if above else code


level = {code: path(code).count("/") + 1 for code in listed}
by_level = {depth: [c for c in listed if level[c] == depth] for depth in (1, 2, 3)}
offers = [
    (code, dice.choice(homes).id, dice.randint(5, 30))
    for code in by_level[3]
    for _ in range(dice.choice((0, 1, 2, 3, 4, 5)))
]
requests = [dice.choice(by_level[dice.choice((1, 2, 3, 3))]) for _ in range(REQUESTS)]
district = sm.Instance(
    communities=[sm.Community(id=c.id) for c in homes],
    facilities=[sm.Facility(id=c.id, community=c.id) for c in homes],
    slots=[
        sm.Slot(id=f"{n}: {code}", facility=home, kinds=[path(code)], capacity=places)
        for n, (code, home, places) in enumerate(offers)
    ],
    needs=[
        sm.Need(
            id=f"request {n + 1}",
            community=dice.choice(homes).id,
            kind=path(code),
            groups={f"level {level[code]}"},
        )
        for n, code in enumerate(requests)
    ],
)
result = sm.solve(district)
code_of = {need.id: need.kind.rpartition("/")[2] for need in district.needs}
print("asked at   such as          requests  offers that fit  served")
for depth, example in ((1, "H"), (2, "H-2"), (3, "H-2.20")):
    codes = by_level[depth]
    fitting = sum(
        f"{path(offer)}/".startswith(f"{path(code)}/")
        for code in codes
        for offer, *_ in offers
    )
    where = {"group": f"level {depth}"}
    asked, served = (result.value(what, where) for what in ("demand", "served"))
    term = listed[example]["term"]
    print(
        f"level {depth}    {term:16}{asked:9,}{fitting / len(codes):17.1f}{served:8,}"
    )
got = Counter(code_of[a.need] for a in result.allocation if a.slot.endswith(": H-2.20"))
print("\nAn eye test (H-2.20) went to who asked for", end=" ")
print(
    ", ".join(f"{listed[code]['term']} {count}" for code, count in sorted(got.items()))
)
offered = {code for code, *_ in offers}
nobody = [listed[code]["term"] for code in by_level[3] if code not in offered]
print(f"Nobody offers: {', '.join(nobody)}")
print(
    "\nAnswer: whoever asks more widely is served more often; the codes say which few"
    "\nservices are missing."
)

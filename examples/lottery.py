"""Ten families want a garden plot and there are four: who gets one, and who can check?

Before the draw the office publishes a hash of a sentence, the round and the closed list
of families, and the sentence after it.
Two plots are step-free; whoever needs that can use only these.
"""

import sharematch as sm
from sharematch.season import chances, commitment, draw

STREETS = ("mill lane", "plum court", "well street", "east gate", "canal row")
SEED = "The bell of Tianfeng rang at 09:14."

town = sm.Instance(
    communities=[sm.Community(id=c) for c in ("tianfeng", "lianqiao")],
    facilities=[
        sm.Facility(id="terrace", community="tianfeng", features=["step-free"]),
        sm.Facility(id="slope", community="tianfeng"),
    ],
    slots=[
        sm.Slot(id=place, facility=place, kinds=["garden"], capacity=2)
        for place in ("terrace", "slope")
    ],
    needs=[
        sm.Need(
            id=f"{street}, {community}",
            community=community,
            kind="garden",
            requires=["step-free"] if street == "mill lane" else [],
        )
        for community in ("tianfeng", "lianqiao")
        for street in STREETS
    ],
)

before = commitment(SEED, "spring", [need.id for need in town.needs])
print(f"Published before: {before.hash}")
print(f"Published after:  {SEED}\n")

alone = draw(town, seed=SEED, round="spring")
fair = draw(town, sm.Policy.fair(), seed=SEED, round="spring")
chance = {c.need: c for c in chances(town, draws=3000)}
plots = [{a.need: a.slot for a in drawn.result.allocation} for drawn in (alone, fair)]
print(f"{'number':10}{'family':24}{'chance':>8}  {'lots alone':12}after fairness")
for need, number in alone.numbers.items():
    got = [plot.get(need, "-") for plot in plots]
    share = f"{float(chance[need].share):.0%}"
    print(f"{number[:8]:10}{need:24}{share:>8}  {got[0]:12}{got[1]}")

again = draw(town, seed=SEED, round="spring")
same = again.result.allocation == alone.result.allocation
served = [fair.result.by("community").rows[i]["served"] for i in (0, 1)]
print(
    "\nAnswer: the order of SHA-256(sentence, round, family) decides; with fairness\n"
    f"first, each community gets {served[0]} of the 4 and lots decide within it.\n"
    f"Replayed by anybody, the plan is {'the same' if same else 'another'}."
)

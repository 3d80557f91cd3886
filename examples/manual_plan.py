"""The office has a plan made by hand: is it valid, how good, and what do ten moves buy?

The plan is a table of need, slot and quantity. It is checked, scored, and made better
by so many moves as the office can explain on the telephone.
"""

import tempfile
from pathlib import Path

import sharematch as sm
from sharematch.season import score

PLACES = {"tianfeng hall": ("tianfeng", 12), "lianqiao school": ("lianqiao", 8)}
ASKED = {"tianfeng": (10, 6), "lianqiao": (9, 4), "junmiao": (8, 5)}
BY_HAND = """\
need,slot,quantity
tianfeng elderly,tianfeng hall,10
tianfeng choir,tianfeng hall,2
lianqiao elderly,lianqiao school,8
"""

town = sm.Instance(
    communities=[sm.Community(id=c) for c in ASKED],
    facilities=[sm.Facility(id=f, community=c) for f, (c, _) in PLACES.items()],
    slots=[
        sm.Slot(id=f, facility=f, kinds=["evening"], capacity=places)
        for f, (_, places) in PLACES.items()
    ],
    needs=[
        sm.Need(id=f"{c} {who}", community=c, kind="evening", quantity=units)
        for c, asked in ASKED.items()
        for who, units in zip(("elderly", "choir"), asked, strict=True)
    ],
)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "plan.csv")
    path.write_text(BY_HAND, encoding="utf-8")
    plan = sm.io.read_plan(path)

print(f"By hand: {score(town, plan)}\n")
print(f"{'moves':>5}  share of demand served by community, the worst off first")
for moves in (0, 3, 6, 10):
    revision = sm.season.resolve(plan, instance=town, max_moved=moves)
    rates = revision.result.goals[0].value
    print(f"{revision.moved:5}  {', '.join(f'{float(r):.0%}' for r in rates)}")
print(f"\nAnswer: {revision.moved} moves make it the fairest plan; 3 go half the way.")

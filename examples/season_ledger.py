"""Four seasons of one hall: does who got little last time come first this time?

Four choirs share three evenings, which is never fair in one season; with a ledger the
next one makes up for the last. An evening that was not used does not count.
"""

import tempfile

import sharematch as sm
from sharematch.season import Rule, Season, Used, simulate

CLUBS = ("junmiao", "lianqiao", "qinqiao", "tianfeng")

season_town = sm.Instance(
    communities=[sm.Community(id=name) for name in CLUBS],
    facilities=[sm.Facility(id="hall", community="tianfeng")],
    slots=[
        sm.Slot(id=day, facility="hall", kinds=["hall"], capacity=1)
        for day in ("mon", "wed", "fri")
    ],
    needs=[sm.Need(id=f"{name}-choir", community=name, kind="hall") for name in CLUBS],
)

print("Evenings in the hall, season by season")
print(f"{'':10}{''.join(f'{name:>10}' for name in CLUBS)}")
with tempfile.TemporaryDirectory() as folder:
    season = Season.create(f"{folder}/season.db")
    for name in ("spring", "summer", "autumn", "winter"):
        season.open(name, season_town, ledger=Rule(unused="returned"))
        result = season.solve(name)
        season.finalize(name)
        served = dict.fromkeys(CLUBS, 0)
        for row in result.by("community"):
            served[str(row["id"])] = int(row["served"])  # type: ignore[arg-type]
        print(f"{name:10}{''.join(f'{served[club]:>10}' for club in CLUBS)}")
        if name == "spring":
            first = next(iter(result.allocation))
            season.usage(name, [Used(first.need, first.slot, 0)])
        season.close(name)
    past = season.past(Rule(unused="returned"))
    print(f"{'in all':10}{''.join(f'{p.served:>7} of {p.demand}' for p in past)}")
    print()
    print(f"The log has {len(season.log())} entries; changed: {list(season.audit())}")

print()
print("Fifty seasons of drawn demand, best minus worst share served")
played = simulate(season_town, rounds=50, seed=1)
for rounds in (1, 10, 50):
    with_it = float(played.spread(after=rounds))
    without = float(played.spread(after=rounds, ledger=False))
    print(f"after {rounds:>2}: with the ledger {with_it:5.1%}, without {without:5.1%}")

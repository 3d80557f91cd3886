"""One hall, one evening, three possible uses: which should it be?

The hall can be a sports court, a theater or a dining room, but on each evening only one
of them. Each evening of each use is a slot; slots of one evening share a label.
"""

import sharematch as sm

USES = {"sport": 12, "theater": 40, "dining": 24}
EVENINGS = ("2027-04-05", "2027-04-06", "2027-04-07")
# community: how many ask for what
ASKED = {
    "tianfeng": {"sport": 14, "dining": 10},
    "lianqiao": {"theater": 35},
    "junmiao": {"sport": 8, "theater": 12},
    "qinqiao": {"dining": 20},
}

hall = sm.Instance(
    communities=[sm.Community(id=c) for c in ASKED],
    facilities=[sm.Facility(id="hall", community="tianfeng")],
    slots=[
        sm.Slot(
            id=f"{evening} {use}",
            facility="hall",
            kinds=[use],
            capacity=places,
            start=f"{evening}T18:00",
            end=f"{evening}T21:00",
            either=evening,
        )
        for evening in EVENINGS
        for use, places in USES.items()
    ],
    needs=[
        sm.Need(id=f"{c} {use}", community=c, kind=use, quantity=units)
        for c, wishes in ASKED.items()
        for use, units in wishes.items()
    ],
)


def show(name: str, policy: sm.Policy) -> None:
    """Print what the hall becomes and who is served."""
    result = sm.solve(hall, policy)
    slots = {a.slot for a in result.allocation}
    days = ", ".join(sorted(slot.split()[1] for slot in slots))
    rates = {row["id"]: float(row["fill_rate"]) for row in result.by("community").rows}
    shares = ", ".join(f"{c} {rate:.0%}" for c, rate in rates.items())
    print(f"{name:12}{result.value('served'):4} served  {days}\n{'':12}{shares}")


show("most people", sm.Policy.efficient())
show("fair", sm.Policy.fair())
print("\nAnswer: an evening for each use, so that no community is left out.")

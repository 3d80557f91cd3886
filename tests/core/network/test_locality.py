"""Numbering by place: what shares slots comes to stand together."""

import random
from itertools import groupby

import numpy as np

import sharematch as sm
from sharematch.core.columns.encoding import encode
from sharematch.core.eligibility import arcs
from sharematch.core.measures.measures import Measures
from sharematch.core.network.locality import with_neighbors_near
from sharematch.core.network.lowering import lower

STREET = 5
SLOTS = 6


def street(rng: random.Random) -> sm.Instance:
    """Return communities in a row, each sharing a slot with the next; in any order."""
    place = rng.sample(range(STREET), STREET)
    halls = [
        (f"s{at}-{i}", [f"{at}", f"{at - 1}"] if at and i == 0 else [f"{at}"])
        for at in range(STREET)
        for i in range(SLOTS)
    ]
    return sm.Instance(
        communities=[sm.Community(id=f"c{at}") for at in place],
        facilities=[sm.Facility(id="hall", community="c0")],
        slots=[
            sm.Slot(id=id_, facility="hall", kinds=kinds, capacity=1)
            for id_, kinds in rng.sample(halls, len(halls))
        ],
        needs=[
            sm.Need(id=f"n{at}-{i}", community=f"c{at}", kind=f"{at}")
            for at, i in rng.sample([(at, i) for at in place for i in range(3)], 15)
        ],
    )


def test_neighbors_stand_together_on_both_sides():
    for seed in range(5):
        columns = encode(street(random.Random(seed)))
        measures = Measures(columns, arcs.build(columns))
        goal = sm.Leximin("served", by="community")
        program = with_neighbors_near(lower(measures, [], [goal]))
        network, own = program.network, program.arc_of_edge
        num = network.num_arcs
        need, slot = measures.arcs.need[own].tolist(), measures.arcs.slot[own].tolist()
        need_at = dict(zip(network.tail[:num].tolist(), need, strict=True))
        slot_at = dict(zip(network.head[:num].tolist(), slot, strict=True))
        needs = [int(columns.need_ids[n][1]) for _, n in sorted(need_at.items())]
        slots = [columns.slot_ids[s] for _, s in sorted(slot_at.items())]
        order = [at for at, _ in groupby(needs)]
        assert order in (list(range(STREET)), list(range(STREET))[::-1]), seed
        # The slot that two share stands between those of either.
        ahead = 1 if order[0] == 0 else -1
        mean = [int(s[1]) - 0.5 * (s[2:] == "-0" and s[1] != "0") for s in slots]
        assert mean == sorted(mean)[::ahead], seed
        assert np.diff(network.tail[:num]).min() >= 0

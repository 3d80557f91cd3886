"""Small random towns in which places are bounded in several ways at once."""

import random

import sharematch as sm


def town(seed: int, *, scale: int = 1) -> sm.Instance:
    """Return a town: reserves, wear limits, shared facilities, needs that reach some.

    `scale` multiplies communities, slots and needs.
    """
    rng = random.Random(seed)
    names = [f"c{i}" for i in range(rng.randint(2, 3) * scale)]
    halls = [f"f{i}" for i in range(rng.randint(1, 3) * scale)]
    slots = [f"s{i}" for i in range(rng.randint(2, 5) * scale)]
    return sm.Instance(
        communities=[sm.Community(id=name) for name in names],
        facilities=[
            sm.Facility(
                id=hall,
                community=rng.choice(names),
                max_units=rng.choice([None, None, 1, 2, 3]),
            )
            for hall in halls
        ],
        slots=[
            sm.Slot(
                id=slot,
                facility=rng.choice(halls),
                kinds=["help"],
                capacity=capacity,
                reserve=rng.choice([0, 0, capacity // 2, capacity]),
                unit_cost=rng.randint(1, 3),
            )
            for slot in slots
            for capacity in [rng.randint(0, 3)]
        ],
        needs=[
            sm.Need(
                id=f"n{i}",
                community=rng.choice(names),
                kind="help",
                quantity=rng.choice([0, 1, 1, 2, 2, 3, 3]),
                choices=rng.sample(slots, rng.randint(1, min(3, len(slots)))),
            )
            for i in range(rng.randint(3, 7) * scale)
        ],
        past=[
            sm.Past(community=name, served=rng.randint(0, 2), demand=rng.randint(2, 4))
            for name in names
            if rng.random() < 0.3
        ],
    )

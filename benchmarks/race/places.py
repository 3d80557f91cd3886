"""Places on a plane, in kilometres, and the way between two in whole metres."""

from math import hypot
from random import Random

__all__ = ["Place", "metres", "place"]

Place = tuple[float, float]


def place(rng: Random, width: float) -> Place:
    return round(width * rng.random(), 3), round(width * rng.random(), 3)


def metres(a: Place, b: Place) -> int:
    return round(1000 * hypot(a[0] - b[0], a[1] - b[1]))

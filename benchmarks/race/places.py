"""Places on a plane, in kilometres, and the way between two in whole metres."""

from math import hypot
from random import Random

__all__ = ["Place", "metres", "near", "place"]

Place = tuple[float, float]


def place(rng: Random, width: float) -> Place:
    return round(width * rng.random(), 3), round(width * rng.random(), 3)


def near(rng: Random, center: Place, spread: float) -> Place:
    x, y = center
    return round(x + rng.gauss(0, spread), 3), round(y + rng.gauss(0, spread), 3)


def metres(a: Place, b: Place) -> int:
    return round(1000 * hypot(a[0] - b[0], a[1] - b[1]))

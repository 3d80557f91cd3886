"""A lottery replayed with Python alone; see the guide to lotteries."""

from hashlib import sha256
from typing import Any


def numbers(seed: str, round_: str, needs: list[str]) -> dict[str, str]:
    """The number of each need, smallest first."""
    of = {n: sha256(f"{seed}\n{round_}\n{n}".encode()).hexdigest() for n in needs}
    return dict(sorted(of.items(), key=lambda item: item[1]))


def served(order: list[str], quantity: Any, capacity: Any, reach: Any) -> Any:
    """Units of each need: in turn each takes all it can, moving others if need be."""
    place: Any = {slot: [] for slot in capacity}  # who sits where, one entry a unit

    def seat(need: str, tried: set[str]) -> bool:
        for slot in reach[need]:
            if slot in tried:
                continue
            tried.add(slot)
            if len(place[slot]) < capacity[slot]:
                place[slot].append(need)
                return True
            for other in list(place[slot]):
                if seat(other, tried):
                    place[slot].remove(other)
                    place[slot].append(need)
                    return True
        return False

    return {n: sum(seat(n, set()) for _ in range(quantity[n])) for n in order}

"""Readers of the field's formats; a file is told apart by what it holds.

| name | format |
|---|---|
| `assign` | OR-Library linear assignment: n, then n × n costs |
| `gap` | OR-Library generalized assignment (several problems) or Yagiura's (one) |
| `cap` | OR-Library capacitated facility location |
| `holmberg` | Holmberg's single-source facility location, demands in one row |
| `pmed` | OR-Library p-median |
| `dimacs` | DIMACS minimum-cost flow (`p min`) |

`cap` and `holmberg` hold equally many numbers, so the latter must be named. Where a
`cap` file says `capacity` in place of a number, put the number there.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeVar

from benchmarks.known_optima.problems import (
    Assignment,
    Exact,
    FacilityLocation,
    GeneralizedAssignment,
    MinCostFlow,
    PMedian,
    Problem,
)

__all__ = ["FORMATS", "FormatError", "read"]


Found = TypeVar("Found")


class FormatError(ValueError):
    """A text that is not in the format."""


class _Numbers:
    """The numbers of a text, one after the other."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.at = 0

    def take(self, count: int) -> tuple[Exact, ...]:
        words = self.words[self.at : self.at + count]
        if count < 0 or len(words) < count:
            raise FormatError("too few numbers")
        self.at += count
        try:
            return tuple(Fraction(word) for word in words)
        except (ValueError, ZeroDivisionError):
            wrong = next(word for word in words if not _is_number(word))
            raise FormatError(f"{wrong!r} is not a number") from None

    def whole(self, count: int) -> tuple[int, ...]:
        numbers = self.take(count)
        for number in numbers:
            if number.denominator > 1 or number < 0:
                raise FormatError(f"{number} is not a whole number from 0")
        return tuple(int(number) for number in numbers)

    def rows(self, count: int, width: int) -> tuple[tuple[Exact, ...], ...]:
        return tuple(self.take(width) for _ in range(count))

    def whole_rows(self, count: int, width: int) -> tuple[tuple[int, ...], ...]:
        return tuple(self.whole(width) for _ in range(count))

    @property
    def is_done(self) -> bool:
        return self.at == len(self.words)


def _is_number(word: str) -> bool:
    try:
        Fraction(word)
    except (ValueError, ZeroDivisionError):
        return False
    return True


def read(text: str, name: str | None = None) -> tuple[str, list[Problem]]:
    """Return the format's name and the problems of a text.

    Parameters
    ----------
    name
        Of the format; found out if left out.

    Raises
    ------
    FormatError
        When the text is in no known format, or not in the one named.
    """
    reasons = []
    for each in [name] if name else FORMATS:
        try:
            return each, FORMATS[each](text)
        except FormatError as error:
            reasons.append(f"{each}: {error}")
    raise FormatError("; ".join(reasons))


def _assign(text: str) -> list[Problem]:
    numbers = _Numbers(text.split())
    (count,) = numbers.whole(1)
    cost = numbers.rows(count, count)
    return [_end(numbers, Assignment(cost))]


def _gap(text: str) -> list[Problem]:
    words = text.split()
    try:
        single = _Numbers(words)
        return [_end(single, _one_gap(single))]
    except FormatError:
        numbers = _Numbers(words)
        (count,) = numbers.whole(1)
        problems = [_one_gap(numbers) for _ in range(count)]
        _end(numbers, problems)
        return list(problems)


def _one_gap(numbers: _Numbers) -> GeneralizedAssignment:
    agents, jobs = numbers.whole(2)
    cost = numbers.whole_rows(agents, jobs)
    size = numbers.whole_rows(agents, jobs)
    return GeneralizedAssignment(numbers.whole(agents), cost, size)


def _cap(text: str) -> list[Problem]:
    numbers = _Numbers(text.split())
    facilities, customers = numbers.whole(2)
    ends = numbers.rows(facilities, 2)
    demand: list[int] = []
    cost = []
    for _ in range(customers):
        demand += numbers.whole(1)
        cost.append(numbers.take(facilities))
    return [_end(numbers, _location(ends, demand, cost))]


def _holmberg(text: str) -> list[Problem]:
    numbers = _Numbers(text.split())
    facilities, customers = numbers.whole(2)
    ends = numbers.rows(facilities, 2)
    demand = numbers.whole(customers)
    by_facility = numbers.rows(facilities, customers)
    cost = list(zip(*by_facility, strict=True))
    found = _location(ends, demand, cost, single_source=True)
    return [_end(numbers, found)]


def _location(
    ends: Sequence[tuple[Exact, ...]],
    demand: Sequence[int],
    cost: Sequence[tuple[Exact, ...]],
    *,
    single_source: bool = False,
) -> FacilityLocation:
    for capacity, opening in ends:
        if capacity.denominator > 1 or capacity < 0:
            raise FormatError(f"capacity {capacity} is not a whole number from 0")
        if opening < 0:
            raise FormatError(f"opening cost {opening} is below 0")
    if any(price < 0 for row in cost for price in row):
        raise FormatError("a cost is below 0")
    return FacilityLocation(
        capacity=tuple(int(capacity) for capacity, _ in ends),
        opening=tuple(opening for _, opening in ends),
        demand=tuple(demand),
        cost=tuple(cost),
        single_source=single_source,
    )


def _pmed(text: str) -> list[Problem]:
    numbers = _Numbers(text.split())
    vertices, count, p = numbers.whole(3)
    edges = [(a - 1, b - 1, c) for a, b, c in numbers.whole_rows(count, 3)]
    if any(not 0 <= x < vertices for a, b, _ in edges for x in (a, b)):
        raise FormatError("an edge between vertices that are not there")
    # Of an edge given twice the later length counts.
    last = {(min(a, b), max(a, b)): c for a, b, c in edges}
    kept = tuple((a, b, c) for (a, b), c in last.items())
    return [_end(numbers, PMedian(vertices, kept, p))]


def _dimacs(text: str) -> list[Problem]:
    heads: list[tuple[int, int]] = []
    supply: dict[int, int] = {}
    arcs: list[tuple[int, int, int, int, int]] = []
    for line in text.splitlines():
        kind, *words = line.split() or ["c"]
        try:
            match kind, words:
                case "c", _:
                    pass
                case "p", ["min", nodes, count]:
                    heads.append((int(nodes), int(count)))
                case "n", [node, units]:
                    supply[int(node) - 1] = int(units)
                case "a", [tail, head, least, most, cost]:
                    ends = int(tail) - 1, int(head) - 1
                    arcs.append((*ends, int(least), int(most), int(cost)))
                case _:
                    raise ValueError(line)  # noqa: TRY301 (one message for all)
        except ValueError:
            raise FormatError(f"line {line!r}") from None
    if len(heads) != 1:
        raise FormatError("not one line p min")
    return [_min_cost_flow(*heads[0], supply, arcs)]


def _min_cost_flow(
    nodes: int,
    count: int,
    supply: dict[int, int],
    arcs: list[tuple[int, int, int, int, int]],
) -> MinCostFlow:
    named = {*supply, *(node for tail, head, *_ in arcs for node in (tail, head))}
    beyond = sorted(named - set(range(nodes)))
    if beyond:
        raise FormatError(f"node {beyond[0] + 1} is not there")
    if len(arcs) != count:
        raise FormatError(f"{len(arcs)} arcs, not {count} as line p min says")
    for tail, head, least, most, _ in arcs:
        if not 0 <= least <= most:
            pair = f"{tail + 1} {head + 1}"
            raise FormatError(f"arc {pair}: at least {least}, at most {most}")
    return MinCostFlow(tuple(supply.get(i, 0) for i in range(nodes)), tuple(arcs))


def _end(numbers: _Numbers, found: Found) -> Found:
    if not numbers.is_done:
        raise FormatError("too many numbers")
    return found


FORMATS: dict[str, Callable[[str], list[Problem]]] = {
    "dimacs": _dimacs,
    "assign": _assign,
    "pmed": _pmed,
    "gap": _gap,
    "cap": _cap,
    "holmberg": _holmberg,
}
"""By name, in the order in which they are tried."""

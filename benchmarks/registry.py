"""The cases: what is built, in which sizes, under which policy.

By size they go from a community of 100 needs to a region of a million, by severity
along one option at a time. A new case is one entry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from benchmarks import arrays
from benchmarks.arrays import Arrays
from sharematch import generate
from sharematch.model.instance import Instance
from sharematch.model.policy import Policy
from sharematch.model.rules import AtLeast

__all__ = ["ARRAYS", "INSTANCES", "Case", "up_to"]

Built = TypeVar("Built")

SIZES = tuple(generate.SIZES)
_SMALL, _MIDDLE, _LARGE = SIZES[:2], SIZES[:3], SIZES


@dataclass(frozen=True)
class Case(Generic[Built]):
    """Something to solve.

    Parameters
    ----------
    name
        Unique among the cases.
    build
        Makes it from the name of a size.
    sizes
        The sizes in which it is of use, the smallest first.
    policy
        Makes the policy.
    """

    name: str
    build: Callable[[str], Built]
    sizes: tuple[str, ...]
    policy: Callable[[], Policy] = Policy.fair


def up_to(case: Case[Built], largest: str) -> tuple[str, ...]:
    """Return the sizes of a case that are no larger than one."""
    within = SIZES[: SIZES.index(largest) + 1]
    return tuple(size for size in case.sizes if size in within)


def _no_worse_off() -> Policy:
    """Nobody is served worse than by their own community's slots."""
    floor = AtLeast("fill_rate", "alone", by="community")
    return Policy(rules=[floor], goals=Policy.fair().goals)


def _shaped(shape: str, size: str) -> Arrays:
    return arrays.make(generate.SIZES[size]["needs"], shape=shape)


def _generated(name: str, sizes: tuple[str, ...], **severity: Any) -> Case[Instance]:
    return Case(name, partial(generate.make, **severity), sizes)


INSTANCES: tuple[Case[Instance], ...] = (
    _generated("fair", _LARGE),
    Case("efficient", generate.make, _MIDDLE, Policy.efficient),
    Case("own-only", generate.make, _MIDDLE, Policy.own_only),
    Case("no-worse-off", generate.make, _MIDDLE, _no_worse_off),
    Case("first-come", generate.make, _MIDDLE, Policy.first_come),
    _generated("scarce", _MIDDLE, scarcity=0.3),
    _generated("ample", _MIDDLE, scarcity=1.2),
    _generated("any-time", _MIDDLE, windows=0),
    _generated("part-time", _MIDDLE, windows=1),
    _generated("near", _MIDDLE, reach=0.5),
    _generated("far", _SMALL, reach=3),
    _generated("one-kind", _MIDDLE, kinds=1),
    _generated("many-kinds", _MIDDLE, kinds=12),
    _generated("even-owners", _MIDDLE, skew=0),
    _generated("skewed-owners", _MIDDLE, skew=2.5),
)
"""Whole instances, solved from records."""

ARRAYS: tuple[Case[Arrays], ...] = tuple(
    Case(shape, partial(_shaped, shape), sizes)
    for shape, sizes in {
        **dict.fromkeys(arrays.SHAPES, _MIDDLE),
        "district": _LARGE,
        "repeated": _LARGE,
        "tied": SIZES[:4],
        "chain": _SMALL,
        "dense": _SMALL,
    }.items()
)
"""Bare arrays, for the solver alone: usual ones and the worst we know."""

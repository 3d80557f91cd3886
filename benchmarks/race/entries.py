"""What a case is, and what somebody answers to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sharematch as sm

__all__ = ["Answer", "Case", "Row"]

Problem = TypeVar("Problem")

Row = tuple[str, str, int]
"""Slot, need, units."""


@dataclass(frozen=True)
class Answer:
    """A plan, or None where none was found, and what is known of each goal."""

    plan: Sequence[Row] | None
    is_proved: tuple[bool, ...] = ()
    bounds: tuple[float | None, ...] = ()
    """Of a leximin goal the bound of its first place."""
    done: tuple[float, ...] = ()
    """Seconds after which each goal was left for the next."""


@dataclass(frozen=True)
class Case(Generic[Problem]):
    """A family of problems by seed and size, our records of one, and a direct model."""

    name: str
    sizes: tuple[str, ...]
    problem: Callable[[int, str], Problem]
    ours: Callable[[Problem], tuple[sm.Instance, sm.Policy]]
    direct: Callable[[Problem, float], Answer]
    before: Callable[[Problem], Sequence[Row]] | None = None
    """The plan that was told, where the policy asks what is moved."""
    large: tuple[str, ...] = ()
    """Sizes that a run leaves out unless they are named or all are asked for."""
    seasons: tuple[str, ...] = ()
    """Sizes in which the prototype for seasons of halls can take part."""

    def records(self, seed: int, size: str) -> tuple[sm.Instance, sm.Policy]:
        return self.ours(self.problem(seed, size))

    def baseline(self, seed: int, size: str) -> sm.Allocation | None:
        if self.before is None:
            return None
        return sm.Allocation(self.before(self.problem(seed, size)))

    def answer(self, seed: int, size: str) -> Callable[[float], Answer]:
        """Return the direct model of one problem; building it is on its clock."""
        problem: Any = self.problem(seed, size)
        return lambda seconds: self.direct(problem, seconds)

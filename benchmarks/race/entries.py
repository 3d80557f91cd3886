"""What a case is, and what somebody answers to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sharematch as sm

__all__ = ["Answer", "Case", "Row"]

Problem = TypeVar("Problem")

Row = tuple[str, str, int] | tuple[str, str, int, datetime | None]
"""Slot, need, units, and when a booking in an opening begins."""


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
    half_hours: Callable[[Problem], sm.Instance] | None = None
    """What the prototype gets, where our records are not slots of half an hour."""
    joined: Callable[[Problem, Sequence[Row]], Sequence[Row]] | None = None
    """Its plan in our records."""

    def records(self, seed: int, size: str) -> tuple[sm.Instance, sm.Policy]:
        return self.ours(self.problem(seed, size))

    def baseline(self, seed: int, size: str) -> sm.Allocation | None:
        if self.before is None:
            return None
        return sm.Allocation(self.before(self.problem(seed, size)))

    def prototype(
        self, seed: int, size: str, solve: Callable[[sm.Instance], Sequence[Row]]
    ) -> Answer:
        """Return the plan of the prototype for a season."""
        problem = self.problem(seed, size)
        if self.half_hours is None or self.joined is None:
            return Answer(solve(self.ours(problem)[0]))
        return Answer(self.joined(problem, solve(self.half_hours(problem))))

    def answer(self, seed: int, size: str) -> Callable[[float], Answer]:
        """Return the direct model of one problem; building it is on its clock."""
        problem: Any = self.problem(seed, size)
        return lambda seconds: self.direct(problem, seconds)

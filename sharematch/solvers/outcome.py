"""What every solver answers: a plan, and what is known of each goal."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram

__all__ = ["IntegerOutcome", "Number", "Outcome", "Structure"]

Ints = NDArray[np.int64]
Number = Fraction | tuple[Fraction, ...]
Structure = Literal["network", "coupled", "mixed", "priced", "greedy"]


@dataclass(frozen=True)
class Outcome:
    """A plan with what is known of each goal.

    Attributes
    ----------
    units
        On each arc.
    bounds
        Of each goal what no plan can beat that is as good in all earlier ones: of a
        total in the measure's smallest unit, or a sorted vector; None where nothing is
        known.
    is_proved
        Whether each goal is at its best, and after the goals each turn, if there are
        turns.
    structure
        What was solved: flows (``network``), rows over integers (``coupled``), one
        around the other (``mixed``), flows with a price on moves (``priced``), or one
        need after the other (``greedy``).
    """

    units: Ints
    bounds: tuple[Number | None, ...]
    is_proved: tuple[bool, ...]
    structure: Structure

    @property
    def num_proved(self) -> int:
        """Goals that are proved before the first that is not."""
        return sum(takewhile(bool, self.is_proved))


@dataclass(frozen=True)
class IntegerOutcome(Outcome):
    """The outcome of rows over integers, with the values of the program's variables."""

    bounds: tuple[Number, ...]
    values: Ints

    @classmethod
    def of(
        cls,
        program: CoupledProgram,
        values: Ints,
        bounds: Iterable[Number],
        is_proved: Iterable[bool],
        *,
        is_mixed: bool = False,
    ) -> "IntegerOutcome":
        """Return the outcome of values, of whose plan a part may be a flow."""
        structure: Structure = "mixed" if is_mixed else "coupled"
        units = program.lift(values)
        return cls(units, tuple(bounds), tuple(is_proved), structure, values)

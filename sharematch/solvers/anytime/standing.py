"""A plan as it stands, and what it is worth: the better one takes its place.

Example: four needs, two of them served with rank 3. A plan that serves two with rank 3
otherwise takes its place, for from there other ways lead on; one with rank 4 does not.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.solvers.anytime.neighborhood import Incumbent
from sharematch.solvers.anytime.worth import Worth, worth

__all__ = ["Standing"]

Ints = NDArray[np.int64]


class Standing:
    """The best plan so far, which keeps all rows.

    Parameters
    ----------
    values
        Of all variables of the program; they keep all rows.

    Attributes
    ----------
    floors
        Of goals with slack that are done: how much of them counts.
    demand
        By need: the units that it and those who sit with it ask for.
    """

    def __init__(self, program: CoupledProgram, values: Ints) -> None:
        self.program = program
        self.incumbent = Incumbent(program, values)
        self.floors: list[Any] = []
        self.worth: Worth = worth(program, self.incumbent.values)
        self.rng = np.random.default_rng(0)
        self.demand = program.demand
        self._size = program.size[self.incumbent.column]

    def units(self) -> Ints:
        """Return the units of each need and those who sit with it."""
        incumbent = self.incumbent
        got = self._size * incumbent.values[incumbent.column]
        return np.bincount(incumbent.need, got, minlength=incumbent.num_needs).astype(
            np.int64
        )

    @property
    def values(self) -> Ints:
        """The best values so far."""
        return self.incumbent.values

    def offer(self, values: Ints) -> bool:
        """Take other values, which keep all rows, unless worse; return if better."""
        value = worth(self.program, values, self.floors)
        if value < self.worth:
            return False
        # What is as good is taken too: from there other ways may lead on.
        self.incumbent.set(values)
        is_better = value > self.worth
        self.worth = value
        return is_better

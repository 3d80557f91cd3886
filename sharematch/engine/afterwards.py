"""What is told of a plan of flows when somebody asks: its proof, and who waits why.

    the last plans keep the flows they were solved as, up to `MOST_HELD` arcs in all;
    of any other these are made anew from the records, which gives the same

A city's flows take a hundred times the memory of its plan, so who keeps many results
does not keep all of theirs.
"""

from collections.abc import Callable, Sequence
from typing import Any
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from sharematch.core.network.program import Program
from sharematch.model.policy import Policy
from sharematch.plans.certificates.prices import certify
from sharematch.plans.results.gaps import assure
from sharematch.plans.results.status import GoalValue, Unmet
from sharematch.plans.results.unmet import unmet_needs

__all__ = ["Afterwards"]

Ints = NDArray[np.int64]
MOST_HELD = 1_000_000
"""Arcs of all flows that are kept for plans of whom somebody may still ask."""


class Afterwards:
    """A plan of flows, and how to have these again.

    Parameters
    ----------
    program, units
        The flows, and the plan's units on each arc.
    remade
        Returns the same flows of the policy again.
    policy
        Whose goals were solved for; a copy is kept, as its weights may be changed.
    goals
        With their values.
    is_proved
        Whether prices are worth looking for.
    """

    def __init__(
        self,
        program: Program,
        units: Ints,
        remade: Callable[[Policy], Program],
        policy: Policy,
        goals: Sequence[GoalValue],
        *,
        is_proved: bool,
    ) -> None:
        self._program: Program | None = program
        self._used = np.flatnonzero(units)
        self._amount = units[self._used]
        self._remade, self._policy = remade, policy
        if _has_numbers_by_name(policy):
            self._policy = policy.model_copy(deep=True)
        self._goals = tuple(goals)
        self._is_proved = is_proved
        _hold(self)

    @property
    def size(self) -> int:
        """The arcs of the flows that it keeps, 0 if none."""
        return 0 if self._program is None else len(self._program.measures.arcs)

    def let_go(self) -> None:
        """Keep the flows no longer."""
        self._program = None

    def _flows(self) -> tuple[Program, Ints]:
        """Return the flows and the units on each arc."""
        program = self._program or self._remade(self._policy)
        units = np.zeros(len(program.measures.arcs), np.int64)
        units[self._used] = self._amount
        return program, units

    def unmet(self) -> tuple[Unmet, ...]:
        """Return every need with unmet units, and why."""
        return unmet_needs(*self._flows())

    def certificate(self) -> dict[str, Any] | None:
        """Return prices that prove the plan; else what is sure of it.

        None without goals, unless a plan is all that is asked for.
        """
        program, units = self._flows()
        rules, goals = self._policy.rules, self._policy.goals
        if self._is_proved:
            prices = certify(program, rules, goals, units)
            if prices is not None:
                return prices
        elif not self._goals:
            return None
        return assure(program.measures, units, rules, self._goals)


def _has_numbers_by_name(policy: Policy) -> bool:
    """Return whether some term holds what others may change."""
    terms = (*policy.rules, *policy.goals)
    return any(isinstance(x, dict) for term in terms for _, x in term)


_held: list["ref[Afterwards]"] = []
"""Those that keep their flows, the last one at the end."""


def _hold(newest: Afterwards) -> None:
    """Let the oldest go until what is kept is not too much; the newest stays."""
    kept = [one for each in _held if (one := each()) is not None and one.size]
    size = newest.size + sum(one.size for one in kept)
    while kept and size > MOST_HELD:
        oldest = kept.pop(0)
        size -= oldest.size
        oldest.let_go()
    _held[:] = map(ref, (*kept, newest))

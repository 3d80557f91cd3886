"""The start of a large coupled problem: the best of all plans that can be had at once.

    best of   nothing, constructive plans, first come, plans from elsewhere

compared by all goals in order; where none keeps all rows, a search for any that does.

Example: four clubs, three hours. First come serves two, a plan by scarcity three: it is
the start, and no later plan is worse.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.progress import Stop
from sharematch.solvers.anytime.construction import constructed
from sharematch.solvers.anytime.greedy import first_come_values
from sharematch.solvers.anytime.worth import Worth, upward, worth
from sharematch.solvers.integer.cpsat import Model
from sharematch.solvers.integer.search import simple_bound
from sharematch.solvers.monitor import Monitor

__all__ = ["WORK", "best_start"]

Ints = NDArray[np.int64]

START = 0.2
"""Share of the time that constructive plans may take."""
MANY = 200_000
"""Arcs beyond which a plan that is there is not compared with constructive ones."""
WORK = 60.0
"""Deterministic seconds for the whole model where there is no limit."""


def best_start(
    program: CoupledProgram,
    monitor: Monitor,
    more: Iterable[Ints] = (),
    *,
    only_at_once: bool = False,
) -> Ints | None:
    """Return the best plan that can be had at once, None where none was found.

    Parameters
    ----------
    more
        Other plans, as values of all variables.
    only_at_once
        Look at constructive plans alone, though none may keep all rows.
    """
    best = _Best(program)
    for values in more:
        best.look(values)
    if best.values is None or _is_quick(program):
        for plan in _simple(program, best, monitor, only_at_once=only_at_once):
            best.look(plan)
    elif not only_at_once:
        best.look(first_come_values(program, monitor, is_due=True))
    if best.values is None and not only_at_once:
        with suppress(Stop):
            best.look(_any(program, best.broken, monitor))
    return best.values


def _simple(
    program: CoupledProgram, best: "_Best", monitor: Monitor, *, only_at_once: bool
) -> Iterator[Ints | None]:
    """Yield first come in any case, and as many constructive plans as time allows."""
    share = monitor.share(START)
    plans = constructed(program, best.has_all, monitor)
    for values in islice(plans, 2):  # nothing, and the first plan made
        yield values
        if monitor.is_over():
            break
    if not only_at_once:
        yield first_come_values(program, monitor, is_due=True)
    for values in () if monitor.is_over() else plans:
        yield values
        if best.values is not None and share.is_over():
            return


def _any(program: CoupledProgram, broken: Ints | None, monitor: Monitor) -> Ints | None:
    """Return a plan that a search for any finds, near one that breaks rows."""
    monitor.check()
    model = Model(program.rows, monitor.check)
    return model.solve(
        monitor, hint=broken, seconds=monitor.remaining(), patience=WORK
    ).values


class _Best:
    """The best plan seen that keeps all rows, and the first that does not."""

    def __init__(self, program: CoupledProgram) -> None:
        self.program = program
        self.values: Ints | None = None
        self.broken: Ints | None = None
        self.worth: Worth = ()

    def has_all(self) -> bool:
        """Return whether the best plan has all that the first goal can have."""
        first = self.program.goals[0]
        bound = upward(first, simple_bound(self.program.rows, first))
        return self.values is not None and bool(self.worth[0] >= bound)

    def look(self, values: Ints | None) -> None:
        """Look at values of all variables."""
        if values is None:
            return
        if not self.program.rows.holds(values):
            self.broken = values if self.broken is None else self.broken
            return
        value = worth(self.program, values)
        if self.values is None or value > self.worth:
            self.values, self.worth = values, value


def _is_quick(program: CoupledProgram) -> bool:
    """Return whether constructive plans take no longer than a search would."""
    return len(program.variable) <= MANY

"""Parts that touch nothing else, solved one by one; those without coupling as flows.

    max Σ over parts p of f_p(x_p),   x_p within the rows of p alone

Sums of parts are best where each part is, and so are sorted vectors whose groups lie
in one part each: to replace some entries by worse ones never makes a vector better.
Parts are connected components (Tarjan 1972).

Example: needs A and B want slot s, C and D slot t: two parts of two needs each; a rule
on all four together makes it one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.partition import Part, coupled_arcs, labels, part
from sharematch.core.integer.program import Total, Vector
from sharematch.core.integer.relaxation import relaxation
from sharematch.core.network.uncoupled import Reason
from sharematch.solvers.integer.completion import completed, with_totals
from sharematch.solvers.integer.goals import optimize
from sharematch.solvers.integer.search import Search
from sharematch.solvers.monitor import Monitor
from sharematch.solvers.outcome import IntegerOutcome, Number
from sharematch.text import Text

__all__ = ["Division", "division_of", "is_mixed", "solve_parts"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LARGEST = 1_500
"""Variables up to which a part is left to branch and bound alone."""
BATCH = 60
"""Variables of small parts that are solved together.

One by one, 300 parts of 12 variables take 2.4 times as long; up to 1,000 variables
together, 60 parts of 48 take 1.9 times as long.
"""
FLOW = 0.1
"""Share of the seconds left that is kept for flows."""


@dataclass(frozen=True)
class _Solved:
    """Values of a part, and for each goal what none can beat and whether it is met."""

    part: Part
    values: Ints
    bounds: tuple[Number, ...]
    is_proved: tuple[bool, ...]


@dataclass(frozen=True)
class Division:
    """The part of each variable, NONE for none, and which parts couple."""

    label: Ints
    is_coupled: Bools

    @property
    def size(self) -> Ints:
        """Variables of each part."""
        part_of_free = self.label[self.label >= 0]
        return np.bincount(part_of_free, minlength=len(self.is_coupled))

    @property
    def is_mixed(self) -> bool:
        """Whether some parts are left to flows."""
        return not self.is_coupled.all()


def division_of(program: CoupledProgram) -> Division | Reason:
    """Return the parts of a program, or why they are not solved one by one."""
    division = _division(program)
    if isinstance(division, Reason):
        return division
    largest = division.size[division.is_coupled].max(initial=0)
    return (
        Text("unsuited.a_part_is_large", n=LARGEST) if largest > LARGEST else division
    )


def solve_parts(
    program: CoupledProgram, division: Division, monitor: Monitor
) -> IntegerOutcome | None:
    """Return the best plan, or None where some part has none."""
    label, is_coupled, size = division.label, division.is_coupled, division.size
    pieces = _batches(label, np.flatnonzero(is_coupled), size)
    solved = _solve_each(program, pieces, monitor)
    if solved is None:
        return None
    assembled = program.rows.lower.copy()
    for solved_part in solved:
        assembled[solved_part.part.variable] = solved_part.values
    values: Ints | None = assembled
    if division.is_mixed:
        fixed = np.append(is_coupled, True)[label[program.variable]]
        values = _completed(program, fixed, assembled, monitor)
    if values is None or not program.rows.holds(values):
        return None
    return _together(program, values, solved, is_mixed=division.is_mixed)


def is_mixed(program: CoupledProgram) -> bool:
    """Return whether parts of a program are left to flows, those that couple small."""
    division = _division(program)
    return isinstance(division, Division) and division.is_mixed


def _division(program: CoupledProgram) -> Division | Reason:
    """Return the parts of a program, however large."""
    num_parts, label = labels(program.rows)
    if num_parts < 2:
        return Text("unsuited.all_hangs_together")
    if any(getattr(goal, "slack", None) for goal in program.goals):
        return Text("coupling.slack_couples_goals")
    size = np.bincount(label[label >= 0], minlength=num_parts)
    coupled_part = label[program.cover[coupled_arcs(program)].nonzero()[1]]
    is_coupled = np.bincount(coupled_part[coupled_part >= 0], minlength=num_parts) > 0
    if size[is_coupled].max(initial=0) <= LARGEST and not _is_flow(program):
        is_coupled[:] = True  # rules or goals are those of no network
    return Division(label, is_coupled)


def _is_flow(program: CoupledProgram) -> bool:
    relaxed = relaxation(program)
    return relaxed is not None and relaxed.has_all


def _batches(label: Ints, chosen: Ints, size: Ints) -> list[Ints]:
    """Return the sorted variables of each part, small ones together."""
    batch = np.full(len(size), -1, np.int64)
    batch[chosen] = np.cumsum(size[chosen]) // BATCH
    batch_of = np.append(batch, -1)[label]
    batched = np.flatnonzero(batch_of >= 0)
    batched = batched[np.argsort(batch_of[batched], kind="stable")]
    pieces = np.split(batched, np.flatnonzero(np.diff(batch_of[batched])) + 1)
    return [piece for piece in pieces if len(piece)]


def _solve_each(
    program: CoupledProgram, pieces: Sequence[Ints], monitor: Monitor
) -> list[_Solved] | None:
    """Solve each piece in its share of the time; None where one has no plan."""
    monitor = monitor.share(1 - FLOW)
    solved: list[_Solved] = []
    for position, variable in enumerate(pieces):
        share = monitor.share(min(2 / (len(pieces) - position), 1))
        part_solved = _solve_one(part(program, variable), share)
        if part_solved is None:
            return None
        solved.append(part_solved)
    return solved


def _solve_one(piece: Part, monitor: Monitor) -> _Solved | None:
    search = Search(piece.rows, monitor)
    if not search.has_plan:
        search.best(None)
    if not search.has_plan:
        return None
    bounds: list[Number] = []
    proved: list[bool] = []
    for goal in piece.goals:
        bound, is_proved = optimize(search, goal, len(piece.goals))
        bounds.append(bound)
        proved.append(is_proved)
    values = search.values[: len(piece.variable)]
    return _Solved(piece, values, tuple(bounds), tuple(proved))


def _completed(
    program: CoupledProgram,
    fixed: Bools,
    values: Ints,
    monitor: Monitor,
) -> Ints | None:
    """Return values with flows in all parts that do not couple."""
    units = completed(
        program, fixed, program.lift(values), monitor.to_the_end(), for_all=True
    )
    if units is None:
        return None
    free = np.flatnonzero(~fixed)
    whole = values.copy()
    whole[program.variable[free]] = units[free] // program.step[free]
    return with_totals(program, whole)


def _together(
    program: CoupledProgram, values: Ints, solved: Sequence[_Solved], *, is_mixed: bool
) -> IntegerOutcome:
    """Return the plan of all parts with what is known of each goal."""
    bounds: list[Number] = []
    proved: list[bool] = []
    for position, goal in enumerate(program.goals):
        open_ = [open_part for open_part in solved if not open_part.is_proved[position]]
        if isinstance(goal, Total):
            value = int(goal.factor @ values[goal.variable]) + goal.constant
            more = sum(
                (_short(open_part, position) for open_part in open_), Fraction(0)
            )
            bounds.append(Fraction(value, goal.denominator) + more)
        else:
            bounds.append(_joined(goal, position, values, open_))
        proved.append(not open_)
    return IntegerOutcome.of(program, values, bounds, proved, is_mixed=is_mixed)


def _short(solved_part: _Solved, position: int) -> Fraction:
    """Return what a part's total may lack."""
    goal, bound = solved_part.part.goals[position], solved_part.bounds[position]
    assert isinstance(goal, Total)
    assert isinstance(bound, Fraction)
    return bound - Fraction(
        int(goal.factor @ solved_part.values[goal.variable]), goal.denominator
    )


def _joined(
    goal: Vector, position: int, values: Ints, open_: Sequence[_Solved]
) -> tuple[Fraction, ...]:
    """Return the sorted vector of all groups, with bounds for those of open parts."""
    unknown: set[object] = set()
    entries: list[Fraction] = []
    for open_part in open_:
        part_goal, bound = open_part.part.goals[position], open_part.bounds[position]
        assert isinstance(part_goal, Vector)
        assert isinstance(bound, tuple)
        unknown.update(part_goal.keys)
        entries += bound
    for key, total, weight in zip(goal.keys, goal.total, goal.weight, strict=True):
        if key not in unknown:
            entries.append(int(values[total]) / weight)
    return tuple(sorted(entries, reverse=goal.sign < 0))

"""Which arcs of a coupled program couple, and which parts of it touch nothing else.

Variables are joined by the rows that hold both: parts are connected components of the
graph of free variables and rows (Tarjan, 1972). A part is solved by itself, all others
kept: rows move what these add to their bounds.

Example: x + y ≤ 1, y + z ≤ 1, u ≤ 1: the parts {x, y, z} and {u}; with y fixed {x},
{z} and {u}.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import Rows, Total, Vector

__all__ = ["COUPLING", "Part", "coupled_arcs", "labels", "part"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

COUPLING = (
    *("min_quantity", "sessions", "every", "times", "per_day", "rest"),
    *("person", "min_units", "either", "use"),
)
"""Sources of rows that no network has."""


@dataclass(frozen=True)
class Part:
    """Some variables of a program, with all rows that they stand in.

    `variable` says where they stand in the program. Goals keep their positions; a
    vector has only the groups whose totals are here.
    """

    variable: Ints
    rows: Rows
    goals: tuple[Total | Vector, ...]


def coupled_arcs(program: CoupledProgram) -> Bools:
    """Return the arcs whose records couple: what is left is a network."""
    rows, arcs = program.rows, program.measures.arcs
    kind = np.array([source.kind in COUPLING for source in rows.sources], bool)
    entry = rows.matrix.tocoo()
    bound = np.zeros(rows.num_variables, bool)
    bound[entry.col[kind[rows.source][entry.row]]] = True
    arc, variable = program.cover.nonzero()
    # A series takes units on several arcs at once.
    bound |= np.bincount(variable, minlength=len(bound)) > 1
    live, held = np.zeros((2, len(arcs)), bool)
    live[arc[rows.upper[variable] > 0]] = True
    held[arc[bound[variable]]] = True
    large = (program.step > 1) | (arcs.units > 1) | (arcs.steps > 1)
    return np.asarray(live & (large | held), bool)


def labels(rows: Rows) -> tuple[int, Ints]:
    """Return how many parts there are, and the part of each variable.

    Two variables are in one part if a row holds both. Those with a single value belong
    to none: -1.
    """
    free = rows.lower < rows.upper
    entry = rows.matrix.tocoo()
    real = free[entry.col] & (entry.data != 0)
    num = rows.num_variables
    size = num + rows.matrix.shape[0]
    graph = coo_array(
        (np.ones(int(real.sum()), np.int8), (entry.col[real], num + entry.row[real])),
        shape=(size, size),
    )
    _, component = connected_components(graph, directed=False)
    part = np.full(num, -1, np.int64)
    names, part[free] = np.unique(component[:num][free], return_inverse=True)
    return len(names), part


def part(program: CoupledProgram, variable: Ints) -> Part:
    """Return the part of some sorted variables, all others having their least value."""
    rows = program.rows
    inside = np.zeros(rows.num_variables, bool)
    inside[variable] = True
    columns = rows.matrix[:, variable]
    touched = np.flatnonzero(np.diff(columns.indptr) > 0)
    others = rows.matrix[touched] @ np.where(inside, 0, rows.lower)
    place = np.cumsum(inside) - 1
    return Part(
        variable,
        rows.inside(variable, touched, columns[touched], others),
        tuple(_inside(goal, inside, place) for goal in program.goals),
    )


def _inside(goal: Total | Vector, inside: Bools, place: Ints) -> Total | Vector:
    if isinstance(goal, Total):
        is_inside = inside[goal.variable]
        return replace(
            goal,
            variable=place[goal.variable[is_inside]],
            factor=goal.factor[is_inside],
            constant=0,
            best=None,
        )
    is_inside = inside[goal.total]
    return replace(
        goal,
        keys=tuple(k for k, stays in zip(goal.keys, is_inside, strict=True) if stays),
        total=place[goal.total[is_inside]],
        weight=tuple(
            w for w, stays in zip(goal.weight, is_inside, strict=True) if stays
        ),
    )

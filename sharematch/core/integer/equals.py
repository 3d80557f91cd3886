"""Equal needs as one: columns that may change places are one column with a count.

    X_c = Σ over equal needs of x_c,   0 ≤ X_c ≤ k,   Σ_c X_c ≤ k

Needs that get one thing at most (a booking, a series, a unit) are equal if each column
of one stands in all rows, definitions and goals as one of the other does, but for what
limits a need by itself. k of them are one that may get k things: who of them gets which
is decided afterwards, and no goal can tell. The greatest of the orders that a proof has
to look into, k! for each such set, is gone.

Example: a team with one trainer asks for three trainings alike, each with 40 starts: 40
columns instead of 120, at most 3 of them, one at a time.

Grounds: in seasons of clubs 31 to 46 of a hundred needs are such, in other families of
the race none. With them as one the linear relaxation took 0.4 times as long, proofs
that all can be served 0.15 to 0.4 times; small problems took as long as before, for
plans a little better.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, vstack

from sharematch.core.columns.alike import mixed
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import expand
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.integer.program import FREE, Rows, Total

__all__ = ["Merged", "merged"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Merged:
    """A program in which equal needs are one, and the ways there and back.

    `column` holds the columns of the needs that stand for others, set by set. Row i of
    a set's part of `table`, which begins at `begin`, are the columns of its need i in
    the order of `column`; `set_of` says of which set each is.
    """

    program: CoupledProgram
    column: Ints
    set_of: Ints
    begin: Ints
    table: Ints

    @property
    def num_merged(self) -> int:
        """How many columns others stand for."""
        return len(self.table) - len(self.column)

    def fold(self, values: Ints) -> Ints:
        """Return values of the program with equal needs as one."""
        folded = values.copy()
        folded[self.table] = 0
        np.add.at(folded, self._stands_for, values[self.table])
        return folded

    def unfold(self, values: Ints) -> Ints:
        """Return values of the program as it was: each thing goes to a need."""
        count = values[self.column]
        chosen = np.repeat(np.arange(len(count)), count)
        of_set = self.set_of[chosen]
        turn = np.arange(len(chosen)) - np.searchsorted(of_set, of_set)
        first = np.searchsorted(self.set_of, of_set)
        width = np.bincount(self.set_of, minlength=len(self.begin))
        entry = self.begin[of_set] + turn * width[of_set] + chosen - first
        unfolded = values.copy()
        unfolded[self.table] = 0
        unfolded[self.table[entry]] = 1
        return unfolded

    @property
    def _stands_for(self) -> Ints:
        """By entry of the table: the column that stands for it."""
        width = np.bincount(self.set_of, minlength=len(self.begin))
        height = np.diff(np.append(self.begin, len(self.table))) // width
        of_set = np.repeat(np.arange(len(self.begin)), width * height)
        place = np.arange(len(self.table)) - self.begin[of_set]
        first = np.searchsorted(self.set_of, np.arange(len(self.begin)))
        stands_for: Ints = self.column[first[of_set] + place % width[of_set]]
        return stands_for


def merged(program: CoupledProgram) -> Merged:
    """Return a program with equal needs as one; itself where none are equal."""
    own = _own_rows(program)
    sets = _sets(program, _single(program, own), own)
    empty = np.empty(0, np.int64)
    columns = [group[0] for group in sets]
    tables = [group.ravel() for group in sets]
    column = np.concatenate([empty, *columns])
    begin = np.cumsum([0, *map(len, tables)], dtype=np.int64)[:-1]
    set_of = np.repeat(np.arange(len(sets)), [len(part) for part in columns])
    table = np.concatenate([empty, *tables])
    if sets:
        program = _joined(program, sets, own)
    return Merged(program, column, set_of, begin, table)


# ---- what limits a need by itself


class _Own(NamedTuple):
    """Rows in which one need's columns stand alone: whose, NONE of all others."""

    need: Ints
    is_limit: Bools
    """Whether one thing at most of all columns of the need is what it says."""
    is_needless: Bools
    """Whether it holds for each column alone, so besides a limit always."""


def _own_rows(program: CoupledProgram) -> _Own:
    rows = program.rows
    matrix = rows.matrix
    num_rows = matrix.shape[0]
    live = rows.upper > 0
    entry = matrix.tocoo()
    alive = live[entry.col] | ~program.is_choice[entry.col]
    row, owner, data = (
        entry.row[alive],
        program.owner[entry.col[alive]],
        entry.data[alive],
    )
    least = np.full(num_rows, np.iinfo(np.int64).max)
    most = np.full(num_rows, NONE)
    np.minimum.at(least, row, owner)
    np.maximum.at(most, row, owner)
    need = np.where((least == most) & (most != NONE), most, NONE)
    smallest = np.full(num_rows, FREE)
    largest = np.zeros(num_rows, np.int64)
    np.minimum.at(smallest, row, data)
    np.maximum.at(largest, row, data)
    is_own = need != NONE
    fits = is_own & (smallest > 0) & (largest <= rows.most) & (rows.least <= 0)
    width = np.bincount(row, minlength=num_rows)
    asked = np.diff(program.first)[np.maximum(need, 0)]
    is_limit = fits & (largest == 1) & (rows.most == 1) & (width == asked)
    return _Own(need, is_limit, fits)


def _single(program: CoupledProgram, own: _Own) -> Bools:
    """Return the needs that get one thing at most and are limited in no other way."""
    single = np.zeros(len(program.leader), bool)
    single[own.need[own.is_limit]] = True
    single[own.need[(own.need != NONE) & ~own.is_needless]] = False
    rows, column = program.rows, program.column
    odd = (rows.lower[column] != 0) | (rows.upper[column] != 1)
    single[program.owner[column[odd]]] = False
    return single


# ---- which needs are equal


def _sets(program: CoupledProgram, single: Bools, own: _Own) -> list[Ints]:
    """Return the columns of equal needs: a row for each need, a column for each way."""
    column = program.column[single[program.owner[program.column]]]
    if not len(column):
        return []
    need = program.owner[column]
    stands = _stands(program, own)[:, column]
    word = _words(stands)
    order = np.lexsort((column, word, need))
    column, need, word, stands = (
        column[order],
        need[order],
        word[order],
        stands[:, order],
    )
    first = np.flatnonzero(np.diff(need, prepend=NONE))
    count = np.diff(np.append(first, len(need)))
    place = np.repeat(np.arange(len(first)), count)
    whole = np.zeros(len(first), np.uint64)
    np.add.at(whole, place, mixed(word))
    # Who stands for the others does not depend on the order of records: variables
    # are numbered by keyed hashes.
    lead = np.minimum.reduceat(column, first)
    by_word = np.lexsort((lead, count, whole))
    same = (np.diff(whole[by_word]) == 0) & (np.diff(count[by_word]) == 0)
    group = np.cumsum(np.append(True, ~same)) - 1
    leader = by_word[np.searchsorted(group, group)]
    follows = leader != by_word
    follower, leader = by_word[follows], leader[follows]
    is_equal = _is_equal(stands, first, count, follower, leader)
    sets = []
    for head in np.unique(leader[is_equal]).tolist():
        members = [head, *follower[is_equal & (leader == head)].tolist()]
        table = column[first[members][:, None] + np.arange(int(count[head]))]
        sets.append(table[:, np.argsort(table[0])])
    return sorted(sets, key=lambda table: int(table[0, 0]))


def _stands(program: CoupledProgram, own: _Own) -> Any:
    """Return all that a column takes part in, but for limits of its need alone."""
    rows, dependents = program.rows, program.dependents
    sums = (
        dependents.switches,
        dependents.parts,
        dependents.totals,
        dependents.least,
    )
    goals = np.zeros((len(program.goals) + 1, rows.num_variables), np.int64)
    goals[-1] = program.size
    for position, goal in enumerate(program.goals):
        if isinstance(goal, Total):
            np.add.at(goals[position], goal.variable, goal.factor)
    parts = [
        rows.matrix[np.flatnonzero(own.need == NONE)],
        *(one.matrix for one in sums),
        csr_array(goals),
    ]
    stands = csc_array(vstack(parts, format="csc"))
    stands.eliminate_zeros()
    return stands


def _words(stands: Any) -> Words:
    """Return a number for each column: equal ones have the same."""
    weight = np.random.default_rng(0).integers(
        0, np.iinfo(np.uint64).max, stands.shape[0], np.uint64
    )
    words: Words = stands.astype(np.uint64).T @ weight
    return words


def _is_equal(
    stands: Any, first: Ints, count: Ints, follower: Ints, leader: Ints
) -> Bools:
    """Return whether followers' columns stand exactly where their leaders' do."""
    begin = first[follower]
    pair, column = expand(begin, begin + count[follower])
    leading = column + (first[leader] - begin)[pair]
    difference = (stands[:, column] - stands[:, leading]).tocoo()
    equal = np.ones(len(follower), bool)
    equal[pair[difference.col[difference.data != 0]]] = False
    return equal


# ---- one in place of several


def _joined(program: CoupledProgram, sets: list[Ints], own: _Own) -> CoupledProgram:
    rows = program.rows
    upper, most, demand = rows.upper.copy(), rows.most.copy(), program.demand.copy()
    for table in sets:
        upper[table] = 0
        upper[table[0]] = len(table)
        needs = program.owner[table[:, 0]]
        demand[needs[0]] = program.demand[needs].sum()
        demand[needs[1:]] = 0
    times = np.ones(len(demand), np.int64)
    times[[program.owner[table[0, 0]] for table in sets]] = [*map(len, sets)]
    # What is needless beside a limit is so for each thing: k times as much for k.
    mine = np.flatnonzero(own.need != NONE)
    most[mine] = np.minimum(most[mine], FREE // times.max()) * times[own.need[mine]]
    most[rows.most >= FREE] = FREE
    joined = replace(rows, upper=upper, most=most)
    joined = replace(joined, upper=np.minimum(upper, _fitting(joined)))
    return replace(program, rows=joined, demand=demand)


def _fitting(rows: Rows) -> Ints:
    """Return how often each variable fits into rows that only say how much room is."""
    entry = rows.matrix.tocoo()
    odd = (entry.data < 0) | (rows.lower[entry.col] < 0)
    is_room = rows.most < FREE
    is_room[entry.row[odd]] = False
    inside = is_room[entry.row] & (rows.upper[entry.col] > 1)
    times = np.full(rows.num_variables, FREE)
    most = rows.most[entry.row[inside]] // entry.data[inside]
    np.minimum.at(times, entry.col[inside], most)
    return times

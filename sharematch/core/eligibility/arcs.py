"""Arcs: the pairs of needs and slots that may be matched, and why others may not.

    arcs = {(need, slot): every condition in CODES holds}

In an opening there is one arc for each cell at which a booking may begin. `candidates`
proposes few pairs among which all arcs are, `conditions` judges them, each condition
written once; `build` and `reasons` both ask it.

Example: a need for health that may travel 1 km; slots for health at 0.5 km, at 2 km and
at 0.5 km while its hall is closed, and one for sport: one arc, and the reasons
"travel", "closed" and "kind".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.constant import constant, joined, taken
from sharematch.core.columns.given import Given
from sharematch.core.columns.lookup import SPAN, expand, find, pieces, spans
from sharematch.core.eligibility.blocks import blocks
from sharematch.core.eligibility.candidates import Candidates
from sharematch.core.eligibility.conditions import CODES, UNCHOSEN, Conditions, within
from sharematch.core.eligibility.pairs import Pairs
from sharematch.core.eligibility.travel import UNKNOWN, Travel
from sharematch.core.eligibility.ways_in import CHUNK

__all__ = ["CODES", "UNKNOWN", "Arcs", "build", "failures", "pairs", "reasons"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Positions = NDArray[np.integer[Any]]
MANY = 2000
"""Needs from which on it pays to look for such as are alike."""
REPEATING = 0.8
"""Blocks for each need, at most, where arcs are built block by block."""


@dataclass(frozen=True)
class Arcs:
    """Pairs that may be matched, as read-only arrays; from `build` sorted and unique.

    In an opening each start is one: then they are sorted by need, slot and `cell`.
    `travel` may be UNKNOWN. `rank` is the best position in the need's choices, 0 where
    it has none. `cost` (minor units) and `units` are those of the pair's own record.
    """

    need: Ints
    slot: Ints
    travel: Ints
    tier: Ints
    rank: Ints
    cost: Ints
    units: Ints
    wait: Ints | None = None
    """Days of waiting per unit, where dates do not tell them."""
    lateness: Ints | None = None
    unpreferred: Ints | None = None
    """The position among preferred windows, where these do not tell it."""
    cell: Ints = None  # type: ignore[assignment]  # filled below
    """The first cell it takes; left out, of slots that are a cell each."""
    steps: Ints = None  # type: ignore[assignment]  # filled below
    """How many cells it takes."""
    moment: Ints = None  # type: ignore[assignment]  # filled below
    """The cell at which its room is counted where that is done once; its first."""
    fee: Ints | None = None
    """What a unit pays per step, where records do not tell it."""

    def __post_init__(self) -> None:
        if self.cell is None:
            object.__setattr__(self, "cell", self.slot)
        if self.steps is None:
            object.__setattr__(self, "steps", constant(1, len(self.slot)))
        if self.moment is None:
            object.__setattr__(self, "moment", self.cell)
        for field in fields(self):
            if (array := getattr(self, field.name)) is not None:
                array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.need)

    def keep(self, mask: Bools | Positions, need: Ints | None = None) -> "Arcs":
        """Return the arcs where `mask` is true, or those at some positions.

        Parameters
        ----------
        need
            Whose they are then, if not their own need's.
        """
        if mask.dtype == bool and mask.all():
            return self
        columns = [getattr(self, field.name) for field in fields(self)]
        # Several names may be one array.
        distinct = {id(column): column for column in columns if column is not None}
        kept = {} if need is None else {id(self.need): need}
        for key, column in distinct.items():
            if key not in kept:
                kept[key] = taken(column, mask)
        kept_columns: list[Any] = [kept.get(id(column)) for column in columns]
        return Arcs(*kept_columns)

    @cached_property
    def distance(self) -> Ints:
        """Travel as sums count it: an unknown one as the largest known one, or 0."""
        largest = max(0, self.travel.max(initial=0))
        distance = np.where(self.travel == UNKNOWN, largest, self.travel)
        distance.setflags(write=False)
        return distance

    @property
    def num_unknown(self) -> int:
        """How many arcs have an unknown travel."""
        return int((self.travel == UNKNOWN).sum())


_GIVEN = tuple(field.name for field in fields(Arcs) if field.name != "moment")
"""What of arcs is given in a published instance."""


def pairs(columns: Columns, need: Ints, slot: Ints, cell: Ints | None = None) -> Arcs:
    """Return the values of given pairs in the given order, eligible or not.

    Parameters
    ----------
    cell
        Where their bookings begin; left out, at the slots' first cells.
    """
    copies = np.array(need, np.int64), np.array(slot, np.int64)
    is_whole = cell is None or np.array_equal(cell, copies[1])
    if columns.given is None and columns.cells.is_trivial and is_whole:
        return _values(Conditions(columns), Pairs(Travel(columns), *copies))
    begin = columns.cells.first[copies[1]] if cell is None else np.array(cell, np.int64)
    if columns.given is not None:
        return _given_pairs(columns, columns.given, *copies, begin)
    arcs = _values(Conditions(columns), Pairs(Travel(columns), *copies))
    steps = columns.booking_steps(*copies)
    cells_to_end = columns.cells.first[copies[1] + 1] - begin
    steps = np.minimum(steps, np.maximum(cells_to_end, 1))
    return replace(arcs, cell=begin, steps=steps, moment=begin)


def reasons(
    columns: Columns, need: Ints, slot: Ints, cell: Ints | None = None
) -> NDArray[np.int8]:
    """Return for each pair the position in CODES of the first reason against it.

    -1 where the pair is an arc. Never "rule": policies are not looked at here, but for
    a published instance, where it stands for whatever kept a pair out.

    Parameters
    ----------
    cell
        Where their bookings begin; left out, it is asked whether they may anywhere.
    """
    if columns.given is not None:
        place = _place(columns, columns.given, need, slot, cell)
        return np.where(place == NONE, CODES.index("rule"), -1).astype(np.int8)
    conditions, travel = Conditions(columns), Travel(columns)
    code = np.empty(len(need), np.int8)
    for some in spans(len(need)):
        begin = None if cell is None else cell[some]
        asked = Pairs(travel, need[some], slot[some], begin)
        code[some] = conditions.judge(asked)[0]
    return code


def failures(columns: Columns, need: Ints, slot: Ints) -> Bools:
    """Return (codes, pairs): all that stands against each pair, never "rule".

    Conditions are judged one by one, whatever the others say; of a published instance
    nothing is known.
    """
    if columns.given is not None:
        return np.zeros((len(CODES), len(need)), bool)
    return Conditions(columns).failures(Pairs(Travel(columns), need, slot))


def build(
    columns: Columns,
    max_travel: Ints | None = None,
    max_tier: Ints | None = None,
    *,
    look: Callable[[], object] = lambda: None,
) -> Arcs:
    """Return all eligible pairs.

    Parameters
    ----------
    columns
        The instance.
    max_travel, max_tier
        Further limits of each need (m or s; tiers), -1 where there is none. The result
        is the same as if arcs were filtered afterwards; an unknown distance satisfies
        no limit.
    look
        Called again and again on the way.
    """
    none = np.full(len(columns.need_ids), NONE, np.int64)
    far = none if max_travel is None else max_travel
    wide = none if max_tier is None else max_tier
    if columns.given is not None:
        given = columns.given
        arcs = Arcs(**{name: getattr(given, name) for name in _GIVEN})
        within_limits = within(far[arcs.need], arcs.travel)
        return arcs.keep(within_limits & within(wide[arcs.need], arcs.tier))
    needs = np.arange(len(none))
    if len(needs) >= MANY:
        first, block = blocks(columns, far, wide)
        if len(first) <= REPEATING * len(needs):
            arcs, order = _built(columns, first, far, wide, look)
            return _repeated(arcs, order, first[block])
    arcs, order = _built(columns, needs, far, wide, look)
    return arcs.keep(order)


def _repeated(arcs: Arcs, order: Ints, like: Ints) -> Arcs:
    """Return the arcs of all needs, given those of the needs that they are like."""
    ends = np.append(0, np.cumsum(np.bincount(arcs.need, minlength=len(like))))
    size = np.diff(ends)[like]
    place, done = np.empty(int(size.sum()), np.int32), 0
    for piece in pieces(size, SPAN):
        _, of_like = expand(ends[like[piece]], ends[like[piece] + 1])
        place[done : done + len(of_like)] = order[of_like]
        done += len(of_like)
    return arcs.keep(place, np.repeat(np.arange(len(like)), size))


def _built(
    columns: Columns,
    needs: Ints,
    far: Ints,
    wide: Ints,
    look: Callable[[], object],
) -> tuple[Arcs, Ints]:
    """Return the arcs of some needs within further limits, and what sorts them."""
    travel, conditions = Travel(columns), Conditions(columns)
    none = np.full(len(columns.need_ids), NONE, np.int64)
    parts = [_values(conditions, Pairs(travel, none[:0], none[:0]))]
    narrowing = (far != NONE).any(), (wide != NONE).any()
    # Who travels decides what a limit is measured from, so they are looked up apart.
    for visiting in (False, True):
        slots = np.flatnonzero((columns.slot_radius != NONE) == visiting)
        if not len(slots):
            continue
        reach = columns.need_max_travel
        if visiting:
            reach = np.full_like(none, columns.slot_radius[slots].max(initial=0))
        limit = np.where(
            (reach == NONE) | ((far != NONE) & (far < reach)),
            far,
            reach,
        )
        candidates = Candidates(travel, needs, slots, limit, wide, visiting=visiting)
        for need, slot in candidates.pairs():
            passing = conditions.passing(Pairs(travel, need, slot))
            if narrowing[0]:
                passing = passing.keep(within(far[passing.need], passing.travel))
            if narrowing[1]:
                passing = passing.keep(within(wide[passing.need], passing.tier))
            parts += _starting(conditions, passing, look)
    names = [
        field.name
        for field in fields(Arcs)
        if getattr(parts[0], field.name) is not None
    ]
    if columns.cells.is_trivial:  # else they follow from slots
        names = [name for name in names if name not in ("cell", "steps", "moment")]
    arcs = Arcs(**{name: joined([getattr(x, name) for x in parts]) for name in names})
    return arcs, np.argsort(arcs.need * len(columns.cells) + arcs.cell)


def _starting(
    conditions: Conditions, pairs: Pairs, look: Callable[[], object]
) -> Iterator[Arcs]:
    """Yield the arcs of pairs, one for each start, some at a time."""
    cells = conditions.columns.cells
    look()
    if cells.is_trivial:
        yield _values(conditions, pairs)
        return
    size = cells.first[pairs.slot + 1] - cells.first[pairs.slot]
    for piece in pieces(size, CHUNK):
        look()
        mask = np.zeros(len(size), bool)
        mask[piece] = True
        chunk = pairs.keep(mask)
        row, cell, steps = conditions.starts(chunk)
        arcs = _values(conditions, chunk).keep(row)
        yield replace(arcs, cell=cell, steps=steps, moment=cell)


def _place(
    columns: Columns, given: Given, need: Ints, slot: Ints, cell: Ints | None
) -> Ints:
    """Return where pairs stand among given ones; without a cell, some booking of it."""
    if cell is None:
        width = max(len(columns.slot_ids), 1)
        return find(given.need * width + given.slot, need * width + slot)
    width = max(len(columns.cells), 1)
    return find(given.need * width + given.cell, need * width + cell)


def _given_pairs(
    columns: Columns, given: Given, need: Ints, slot: Ints, cell: Ints
) -> Arcs:
    """Return pairs as they are given; of others nothing is known."""
    place = _place(columns, given, need, slot, cell)
    is_given = place != NONE
    given_arrays = {
        name: array for name in _GIVEN if (array := getattr(given, name)) is not None
    }
    values = {
        name: np.where(is_given, np.append(array, 0)[place], 0)
        for name, array in given_arrays.items()
    }
    values |= {"need": need, "slot": slot, "cell": cell}
    values["steps"] = np.maximum(values["steps"], 1)
    return Arcs(**values)


def _values(conditions: Conditions, pairs: Pairs) -> Arcs:
    """Return the values of pairs."""
    columns, count = conditions.columns, len(pairs.need)
    rank, cost, units = constant(0, count), constant(0, count), constant(1, count)
    if len(columns.choice_need):
        rank = conditions.rank(pairs)
        rank[rank == UNCHOSEN] = 0
    if len(columns.pair_need):
        key = columns.pair_need * len(columns.slot_ids) + columns.pair_slot
        record = find(key, pairs.key)
        has_record = record != NONE
        cost, units = cost.copy(), units.copy()
        cost[has_record] = columns.pair_cost[record[has_record]]
        units[has_record] = columns.pair_units[record[has_record]]
    need, slot = pairs.need, pairs.slot
    return Arcs(need, slot, pairs.travel, pairs.tier, rank, cost, units)

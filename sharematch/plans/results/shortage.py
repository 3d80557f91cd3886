"""How much the floors of a conflict need together, and how little there is of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.integers import total
from sharematch.core.eligibility.pins import Pin, find_arc
from sharematch.core.measures.admission import bounds_of
from sharematch.core.measures.groups import Grouping, group_members
from sharematch.core.measures.measures import Measures
from sharematch.model.measures import MEASURES
from sharematch.model.vocabulary import group_side, units_below_alone

__all__ = ["Shortage", "shortage_of"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shortage:
    """More units than there can be.

    Parameters
    ----------
    terms
        The positions of the floors that need them.
    least
        How many they need.
    asked, places
        How many are asked for, and how many places there are; None where enough.
    """

    terms: tuple[int, ...]
    least: int
    asked: int | None
    places: int | None


@dataclass(frozen=True)
class _Floor:
    """Units that must be on some arcs, which needs ask for."""

    term: int
    least: int
    arcs: Ints
    needs: Ints


def shortage_of(measures: Measures, terms: Sequence[Any]) -> Shortage | None:
    """Return what one floor, or several that share no arc, need beyond what there is.

    Parameters
    ----------
    measures
        Over the pairs that the records allow.
    terms
        Rules, and `Pin` values.
    """
    floors = [*_floors(measures, terms)]
    for floor in floors:
        if shortage := _short(measures, [floor]):
            return shortage
    taken = np.zeros(len(measures.arcs), bool)
    apart = []
    # Floors over the same arcs may be met by the same units: only others add up.
    for floor in sorted(floors, key=lambda floor: -floor.least):
        if not taken[floor.arcs].any():
            taken[floor.arcs] = True
            apart.append(floor)
    return _short(measures, apart) if len(apart) > 1 else None


def _short(measures: Measures, floors: Sequence[_Floor]) -> Shortage | None:
    columns = measures.columns
    least = sum(floor.least for floor in floors)
    needs = np.unique(np.concatenate([floor.needs for floor in floors]))
    asked = total(columns.need_demand[needs])
    places = _places(measures, np.concatenate([floor.arcs for floor in floors]))
    if least <= min(asked, places):
        return None
    return Shortage(
        tuple(sorted({floor.term for floor in floors})),
        least,
        asked if least > asked else None,
        places if least > places and places < asked else None,
    )


def _places(measures: Measures, arcs: Ints) -> int:
    """Return the most units that fit on some arcs, each need taking all it can."""
    columns = measures.columns
    slot, guest = measures.arcs.slot[arcs], measures.arcs.tier[arcs] > 0
    slots = np.unique(slot)
    room = columns.slot_capacity[slots]
    has_own = np.isin(slots, slot[~guest])
    room = np.where(has_own, room, room - columns.slot_reserve[slots])
    places = 0
    facility = columns.slot_facility[slots]
    for group in np.unique(facility).tolist():
        group_room = total(room[facility == group])
        limit = int(columns.facility_max_units[group])
        places += group_room if limit == NONE else min(group_room, limit)
    return places


def _floors(measures: Measures, terms: Sequence[Any]) -> Iterator[_Floor]:
    for position, term in enumerate(terms):
        if isinstance(term, Pin):
            arc = find_arc(measures.arcs, term.need, term.cell)
            if arc is not None:
                need = np.array([term.need])
                yield _Floor(position, term.quantity, np.array([arc]), need)
        elif _is_floor(term):
            yield from _floors_of(measures, position, term)


def _is_floor(rule: Any) -> bool:
    measure = MEASURES[rule.measure]
    # Its floor is so many units on arcs, each as one.
    is_plain = measure.counts and "pair.units" not in measure.reads
    if rule.op == "within" or not is_plain or rule.by == "assignment":
        return False
    return units_below_alone(rule) is None


def _floors_of(measures: Measures, position: int, rule: Any) -> Iterator[_Floor]:
    columns = measures.columns
    grouping = measures.grouping(rule.measure, rule.by, rule.where)
    judged = grouping.judged if rule.by is not None else np.ones(1, bool)
    form = measures.form(rule.measure)
    if rule.op != ("at_least" if form.unit_sign > 0 else "at_most"):
        return
    counts = measures.coefficients(rule.measure)[grouping.arc] != 0
    bounds = bounds_of(columns, rule, grouping)
    constant, size = (
        measures.constant(form, grouping),
        measures.denominator(form, grouping),
    )
    asking = _asking(columns, rule, grouping)
    order = np.argsort(grouping.group[counts], kind="stable")
    arc, group = grouping.arc[counts][order], grouping.group[counts][order]
    for nth in np.flatnonzero(judged).tolist():
        bound = bounds[nth]
        least = 0
        if bound is not None:
            units = bound * int(size[nth]) - int(constant[nth])
            least = ceil(form.unit_sign * units)
        if least > 0:
            arcs = arc[slice(*np.searchsorted(group, [nth, nth + 1]))]
            needs = asking.get(nth)
            if needs is None:
                needs = np.unique(measures.arcs.need[arcs])
            yield _Floor(position, least, arcs, needs)


def _asking(columns: Columns, rule: Any, grouping: Grouping) -> dict[int, Ints]:
    """Return the needs of each group, served or not, where needs make the groups."""
    if any(group_side(key, rule.measure) == "slot" for key in rule.groups):
        return {}
    needs_of: dict[int, Ints] = {}
    names: dict[Any, int] = {key: i for i, key in enumerate(grouping.keys)}
    for members in group_members(columns, rule.measure, rule.by, rule.where):
        if members.side != "need":
            continue
        for group in np.unique(members.group).tolist():
            name = members.name(group)
            key = tuple(name.split(" | ")) if isinstance(rule.by, tuple) else name
            if key in names:
                needs_of[names[key]] = members.record[members.group == group]
    return needs_of

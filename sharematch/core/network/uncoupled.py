"""What leaves the network class, by name: records and terms that couple units.

Told from records and policy alone. Who lowers to a network refuses it, and who checks
prices takes none where it is there: they prove plans of networks only.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import NONE
from sharematch.core.measures.bounds import members
from sharematch.core.measures.ceilings import Ceilings, has_ceilings
from sharematch.core.measures.measures import Measures
from sharematch.errors import UnsupportedError
from sharematch.model.vocabulary import MEASURES
from sharematch.text import Text, about

__all__ = ["coupled_records", "coupled_terms"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def coupled_records(measures: Measures) -> Iterator[UnsupportedError]:
    """Yield fields of records that couple needs or slots which arcs reach."""
    columns, arcs = measures.columns, measures.arcs
    reached = np.bincount(arcs.need, minlength=len(columns.need_ids)) > 0
    used = np.bincount(arcs.slot, minlength=len(columns.slot_ids)) > 0
    several = columns.need_quantity > 1
    together = columns.need_together
    grouped = (together != NONE) & reached & (_repeated(together) | several)
    tests: tuple[tuple[str, str, Bools, tuple[str, ...]], ...] = (
        ("need", "whole", columns.need_whole & several & reached, columns.need_ids),
        (
            "need",
            "min_quantity",
            (columns.need_min_quantity > 1) & reached,
            columns.need_ids,
        ),
        (
            "need",
            "sessions",
            (columns.need_sessions > 1) & reached,
            columns.need_ids,
        ),
        ("need", "person", _clashing(measures), columns.need_ids),
        ("need", "together", grouped, columns.need_ids),
        (
            "slot",
            "min_units",
            (columns.slot_min_units > 1) & used,
            columns.slot_ids,
        ),
        (
            "slot",
            "either",
            _repeated(columns.slot_either, used) & used,
            columns.slot_ids,
        ),
    )
    for record, field_, found, ids in tests:
        if found.any():
            yield _unsupported(f'{record} "{ids[int(found.argmax())]}"', field_)
    if (arcs.units > 1).any():
        at = int((arcs.units > 1).argmax())
        need, slot = (
            columns.need_ids[arcs.need[at]],
            columns.slot_ids[arcs.slot[at]],
        )
        yield _unsupported(f'pair "{need} → {slot}"', "units")


def _clashing(measures: Measures) -> Bools:
    """Return needs of one person that could be in two places at once."""
    columns, arcs = measures.columns, measures.arcs
    person = columns.need_person[arcs.need]
    at = np.flatnonzero((person != NONE) & columns.slot_is_timed[arcs.slot])
    at = at[np.lexsort((columns.slot_start[arcs.slot[at]], person[at]))]
    clash = np.zeros(len(columns.need_ids), bool)
    running: list[tuple[int, int, int]] = []  # need, end, slot of one person
    last = NONE
    for arc in at.tolist():
        need, slot = int(arcs.need[arc]), int(arcs.slot[arc])
        if person[arc] != last:
            last, running = int(person[arc]), []
        begin, end = int(columns.slot_start[slot]), int(columns.slot_end[slot])
        # The same slot clashes even if it lasts no time.
        running = [x for x in running if x[1] > begin or x[2] == slot]
        others = [x[0] for x in running if x[0] != need]
        clash[others] = True
        clash[need] |= bool(others)
        running.append((need, end, slot))
    return clash


def coupled_terms(
    measures: Measures, rules: Sequence[Any], goals: Sequence[Any]
) -> Iterator[UnsupportedError]:
    """Yield rules and goals that couple units, whatever their groups cross.

    Raises
    ------
    InputError
        For weights of groups that the instance does not have.
    """
    for position, rule in enumerate(rules, 1):
        if rule.by != "assignment":
            name = Text(
                "policy.named_rule", number=position, text=f"{rule.op} {rule.measure}"
            )
            yield from _coupled_rule(measures, rule, name)
    for position, goal in enumerate(goals, 1):
        name = Text(
            "policy.named_goal", number=position, text=f"{goal.op} {goal.measure}"
        )
        if goal.op in ("leximin", "leximax"):
            yield from _coupled_groups(measures, goal, name)
        else:
            yield from _coupled_total(measures, goal, name)


def _coupled_rule(
    measures: Measures, rule: Any, name: str
) -> Iterator[UnsupportedError]:
    measure = rule.measure
    facts = MEASURES[measure]
    if rule.op == "within":
        yield UnsupportedError(about(name, "coupling.within_couples_groups"))
    elif facts.priced in ("minimized", "never"):
        yield UnsupportedError(
            about(name, "coupling.a_bound_on_couples_slots", measure=measure)
        )
    else:
        yield from _opening(measures, measure, name)
        if not facts.counts and _differs(measures, rule):
            yield UnsupportedError(
                about(name, "coupling.a_bound_on_with_unequal_values", measure=measure)
            )


def _differs(measures: Measures, rule: Any) -> bool:
    """Return whether units that a rule counts add unequal amounts."""
    held = measures.grouping(rule.measure, rule.by, rule.where).arc
    worth = np.abs(measures.coefficients(rule.measure)[held])
    worth = worth[worth > 0]
    return len(worth) > 0 and bool(worth.min() < worth.max())


def _coupled_total(
    measures: Measures, goal: Any, name: str
) -> Iterator[UnsupportedError]:
    measure, priced = goal.measure, MEASURES[goal.measure].priced
    if goal.slack:
        yield UnsupportedError(about(name, "coupling.slack_couples_goals"))
    if priced == "never":
        yield UnsupportedError(
            about(name, "coupling.couples_the_units_of_a_slot", measure=measure)
        )
    elif priced == "minimized" and goal.op != "minimize":
        yield UnsupportedError(about(name, "coupling.to_move_as_much_as_possible"))
    else:
        yield from _opening(measures, measure, name)
        if has_ceilings(goal):
            yield from _coupled_ceilings(measures, goal, name)


def _coupled_ceilings(
    measures: Measures, goal: Any, name: str
) -> Iterator[UnsupportedError]:
    ceilings = Ceilings(measures, goal)
    if ceilings.steps() is None:
        yield UnsupportedError(
            about(name, "coupling.a_ceiling_with_unequal_values", measure=goal.measure)
        )
    elif ceilings.grouping.overlaps:
        yield from _overlapping(measures, goal, name, ceilings.has_ceiling)


def _coupled_groups(
    measures: Measures, goal: Any, name: str
) -> Iterator[UnsupportedError]:
    if not MEASURES[goal.measure].counts:
        yield UnsupportedError(
            about(name, "coupling.by_group_couples", measure=goal.measure)
        )
        return
    grouping = measures.grouping(goal.measure, goal.by, goal.where)
    if grouping.overlaps:
        weights = measures.weights(goal, grouping)
        takes_part = np.array([weight > 0 for weight in weights], bool)
        yield from _overlapping(measures, goal, name, takes_part)


def _overlapping(
    measures: Measures, goal: Any, name: str, takes_part: Bools
) -> Iterator[UnsupportedError]:
    labels = members(measures, goal, takes_part).labels
    sets = [(label != NONE).tobytes() for label in labels if (label != NONE).any()]
    if len({*sets}) < len(sets):
        yield UnsupportedError(about(name, "coupling.groups_that_overlap_couple"))


def _opening(measures: Measures, measure: str, name: str) -> Iterator[UnsupportedError]:
    """Yield why a total of money is more than a sum over arcs."""
    if MEASURES[measure].priced != "unopened":
        return
    columns, arcs = measures.columns, measures.arcs
    slots = np.unique(arcs.slot)
    slot_open = columns.slot_opening_cost[slots] > 0
    facility_open = columns.facility_opening_cost[columns.slot_facility[slots]] > 0
    if slot_open.any() or facility_open.any():
        yield UnsupportedError(
            about(name, "coupling.opening_cost_couples_the_units_of")
        )
    elif measure == "subsidy" and (arcs.cost > 0).any():
        yield UnsupportedError(about(name, "coupling.subsidy_with_pair_costs_couples"))


def _unsupported(record: str, field_: str) -> UnsupportedError:
    return UnsupportedError(
        about(record, "coupling.couples_needs_or_slots", field=field_)
    )


def _repeated(label: Ints, among: Bools | None = None) -> Bools:
    """Return the entries whose label stands at least twice among the marked ones."""
    there = label != NONE
    marked = there if among is None else there & among
    counts = np.bincount(label[marked], minlength=int(label.max(initial=0)) + 1)
    return np.asarray(there & (counts[np.maximum(label, 0)] > 1), bool)

"""What leaves the network class, by name: records and terms that couple units.

A problem is a flow if the units of any two arcs meet only in sums of nested sets. What
breaks that: a unit that takes another with it (whole, sessions, together), one that
shuts out another (person, either, rest), one that takes more room in one set than in
another (minutes, pair units), what is paid once for many (opening costs), and goals
that weigh two units of one set differently.

Example: of four needs one that is `whole` with 2 units couples, with 1 unit it does
not; a person's two needs couple only where slots they reach overlap.

Told from records and policy alone. Who lowers to a network refuses it, and who checks
prices takes none where it is there: they prove plans of networks only.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.labels import labels
from sharematch.core.columns.lookup import mask_of
from sharematch.core.eligibility.setup import setup_cells
from sharematch.core.measures.bounds import members
from sharematch.core.measures.ceilings import Ceilings, has_ceilings
from sharematch.core.measures.measures import Measures
from sharematch.model.measure import LinearForm
from sharematch.model.measures import MEASURES
from sharematch.model.wording import named_term
from sharematch.text import Text, about

__all__ = ["Reason", "coupled_record", "coupled_records", "coupled_terms"]

Reason = Text
"""Why something is not of a structure: the record or term that couples, and how."""
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


_looked_at: "WeakKeyDictionary[Measures, Reason | None]" = WeakKeyDictionary()
"""What was said of records first: each structure asks, and looking takes long."""


def coupled_record(measures: Measures) -> Reason | None:
    """Return the first of `coupled_records`, None where nothing couples."""
    if measures not in _looked_at:
        _looked_at[measures] = next(coupled_records(measures), None)
    return _looked_at[measures]


def coupled_records(measures: Measures) -> Iterator[Reason]:
    """Yield fields of records that couple needs or slots which arcs reach."""
    columns, arcs = measures.columns, measures.arcs
    reached = mask_of(arcs.need, len(columns.need_ids))
    used = mask_of(arcs.slot, len(columns.slot_ids))
    several = columns.need_quantity > 1
    together = columns.need_together
    grouped = (together != NONE) & reached & (_repeated(together) | several)
    either = columns.slot_either
    # In the order of fields; some take long to look at, and mostly the first is asked.
    tests: tuple[tuple[str, str, Callable[[], Bools]], ...] = (
        ("need", "whole", lambda: columns.need_whole & several & reached),
        ("need", "min_quantity", lambda: (columns.need_min_quantity > 1) & reached),
        ("need", "sessions", lambda: (columns.need_sessions > 1) & reached),
        ("need", "minutes", lambda: _in_large_bookings(measures)),
        ("need", "times", lambda: _several_at_once(measures)),
        ("slot", "setup", lambda: _with_setup(measures)),
        ("need", "person", lambda: _clashing(measures)),
        ("need", "together", lambda: grouped),
        ("slot", "min_units", lambda: (columns.slot_min_units > 1) & used),
        ("slot", "either", lambda: _repeated(either, used) & used),
    )
    for record, field_, test in tests:
        couples = test()
        if couples.any():
            ids = columns.need_ids if record == "need" else columns.slot_ids
            first = labels(columns)(record, ids[int(couples.argmax())])
            yield _unsupported(f'{record} "{first}"', field_)
    if (arcs.units > 1).any():
        label = labels(columns)
        arc = int((arcs.units > 1).argmax())
        need, slot = (
            label("need", columns.need_ids[arcs.need[arc]]),
            label("slot", columns.slot_ids[arcs.slot[arc]]),
        )
        yield _unsupported(f'pair "{need} → {slot}"', "units")


def _in_large_bookings(measures: Measures) -> Bools:
    """Return needs whose bookings take several units or steps at a time."""
    columns, arcs = measures.columns, measures.arcs
    large = np.zeros(len(columns.need_ids), bool)
    if columns.cells.is_trivial and not columns.is_booked.any():
        return large
    large[arcs.need[arcs.steps > 1]] = True
    several = columns.is_booked & (columns.need_quantity > 1)
    large[arcs.need[several[arcs.need]]] = True
    return large


def _several_at_once(measures: Measures) -> Bools:
    """Return needs two of whose own bookings, of those a day, could be too close."""
    columns, arcs, cells = measures.columns, measures.arcs, measures.columns.cells
    several = columns.need_times > 1
    couples = np.zeros(len(several), bool)
    if not several.any():
        return couples
    arc = np.flatnonzero(several[arcs.need] & columns.slot_is_timed[arcs.slot])
    loose = (columns.need_per_day > 1) | (columns.need_rest > 0)
    couples[arcs.need[arc][loose[arcs.need[arc]]]] = True
    # One a day: still one that goes on past midnight may meet the next day's.
    need, date = arcs.need[arc], cells.date[arcs.cell[arc]]
    order = np.lexsort((date, need))
    need, date, arc = need[order], date[order], arc[order]
    end = cells.last(arcs.cell[arc], arcs.steps[arc])
    begins = np.flatnonzero(
        np.append(True, (np.diff(need) != 0) | (np.diff(date) != 0))[: len(arc)]
    )
    if not len(begins):
        return couples
    latest = np.maximum.reduceat(end, begins)
    soonest = np.minimum.reduceat(cells.start[arcs.cell[arc]], begins)
    follows = need[begins[1:]] == need[begins[:-1]]
    couples[need[begins[1:]][follows & (soonest[1:] < latest[:-1])]] = True
    return couples


def _with_setup(measures: Measures) -> Bools:
    """Return openings in which bookings keep steps after them."""
    columns, arcs = measures.columns, measures.arcs
    arc = setup_cells(columns, arcs, np.arange(len(arcs)))[0]
    couples = np.zeros(len(columns.slot_ids), bool)
    couples[arcs.slot[arc]] = True
    return couples


def _clashing(measures: Measures) -> Bools:
    """Return needs of one person that could be in two places at once."""
    columns, arcs, cells = measures.columns, measures.arcs, measures.columns.cells
    if not (columns.need_person != NONE).any():
        return np.zeros(len(columns.need_ids), bool)
    person = columns.need_person[arcs.need]
    arc = np.flatnonzero((person != NONE) & columns.slot_is_timed[arcs.slot])
    need, slot = arcs.need[arc], arcs.slot[arc]
    begin = cells.start[arcs.cell[arc]]
    end = cells.last(arcs.cell[arc], arcs.steps[arc])
    of_others = _num_meeting(person[arc], begin, end) - _num_meeting(need, begin, end)
    clash = np.zeros(len(columns.need_ids), bool)
    clash[need[of_others > 0]] = True
    # The same slot clashes even if it lasts no time; in openings each has its own.
    instant = np.flatnonzero((begin == end) & (columns.slot_step[slot] == NONE))
    place = person[arc][instant] * len(columns.slot_ids) + slot[instant]
    place, there = np.unique(np.stack([place, need[instant]]), axis=1)
    _, seat, count = np.unique(place, return_inverse=True, return_counts=True)
    clash[there[count[seat] > 1]] = True
    return clash | _resting(measures)


def _num_meeting(group: Ints, begin: Ints, end: Ints) -> Ints:
    """Return how many of its group each span meets, itself included if it lasts.

    begin_j < end_i and begin_i < end_j: those begun before its end, less those over
    by its beginning; spans that last no time are counted apart.
    """
    times, moment = np.unique(np.concatenate([begin, end]), return_inverse=True)
    at = moment.reshape(2, -1) + group * len(times)
    lasts = begin < end
    (first, last), (empty, _) = at[:, lasts], at[:, ~lasts]
    met = _num_below(first, at[1]) - _num_below(last, at[0] + 1)
    inside = _num_below(empty, at[1]) - _num_below(empty, at[0] + 1)
    met[lasts] += inside[lasts]
    return met


def _num_below(values: Ints, bounds: Ints) -> Ints:
    """Return how many values are below each bound."""
    return np.searchsorted(np.sort(values), bounds)


def _resting(measures: Measures) -> Bools:
    """Return needs of persons with several, one of which asks for rest."""
    columns, need = measures.columns, np.unique(measures.arcs.need)
    person = columns.need_person[need]
    need, person = need[person != NONE], person[person != NONE]
    count = np.bincount(person, minlength=1)
    rests = np.bincount(person, columns.need_rest[need] > 0, minlength=1) > 0
    couples = np.zeros(len(columns.need_ids), bool)
    couples[need[(count > 1)[person] & rests[person]]] = True
    return couples


def coupled_terms(
    measures: Measures, rules: Sequence[Any], goals: Sequence[Any]
) -> Iterator[Reason]:
    """Yield rules and goals that couple units, whatever their groups cross.

    Raises
    ------
    InputError
        For weights of groups that the instance does not have.
    """
    for position, rule in enumerate(rules):
        if rule.by != "assignment":
            name = named_term("rule", position, rule)
            yield from _coupled_rule(measures, rule, name)
    for position, goal in enumerate(goals):
        name = named_term("goal", position, goal)
        if goal.op in ("leximin", "leximax"):
            yield from _coupled_groups(measures, goal, name)
        else:
            yield from _coupled_total(measures, goal, name)


def _coupled_rule(measures: Measures, rule: Any, name: str) -> Iterator[Reason]:
    measure = rule.measure
    facts = MEASURES[measure]
    if rule.op == "within":
        yield about(name, "coupling.within_couples_groups")
    elif facts.priced in ("minimized", "never"):
        yield about(name, "coupling.a_bound_on_couples_slots", measure=measure)
    else:
        yield from _opening(measures, measure, name)
        if not facts.counts and _differs(measures, rule):
            yield about(
                name, "coupling.a_bound_on_with_unequal_values", measure=measure
            )


def _differs(measures: Measures, rule: Any) -> bool:
    """Return whether units that a rule counts add unequal amounts."""
    held = measures.grouping(rule.measure, rule.by, rule.where).arc
    worth = np.abs(measures.coefficients(rule.measure)[held])
    worth = worth[worth > 0]
    return len(worth) > 0 and bool(worth.min() < worth.max())


def _coupled_total(measures: Measures, goal: Any, name: str) -> Iterator[Reason]:
    measure, priced = goal.measure, MEASURES[goal.measure].priced
    if goal.slack:
        yield about(name, "coupling.slack_couples_goals")
    if priced == "never":
        yield about(name, "coupling.couples_the_units_of_a_slot", measure=measure)
    elif priced == "minimized" and goal.op != "minimize":
        yield about(name, "coupling.to_move_as_much_as_possible")
    else:
        yield from _opening(measures, measure, name)
        if has_ceilings(goal):
            yield from _coupled_ceilings(measures, goal, name)


def _coupled_ceilings(measures: Measures, goal: Any, name: str) -> Iterator[Reason]:
    ceilings = Ceilings(measures, goal)
    if ceilings.steps() is None:
        yield about(
            name, "coupling.a_ceiling_with_unequal_values", measure=goal.measure
        )
    elif ceilings.grouping.overlaps:
        yield from _overlapping(measures, goal, name, ceilings.has_ceiling)


def _coupled_groups(measures: Measures, goal: Any, name: str) -> Iterator[Reason]:
    if not MEASURES[goal.measure].counts:
        yield about(name, "coupling.by_group_couples", measure=goal.measure)
        return
    grouping = measures.grouping(goal.measure, goal.by, goal.where)
    if grouping.overlaps:
        weights = measures.weights(goal, grouping)
        takes_part = np.array([weight > 0 for weight in weights], bool)
        yield from _overlapping(measures, goal, name, takes_part)


def _overlapping(
    measures: Measures, goal: Any, name: str, takes_part: Bools
) -> Iterator[Reason]:
    labels = members(measures, goal, takes_part).labels
    sets = [(label != NONE).tobytes() for label in labels if (label != NONE).any()]
    if len({*sets}) < len(sets):
        yield about(name, "coupling.groups_that_overlap_couple")


def _opening(measures: Measures, measure: str, name: str) -> Iterator[Reason]:
    """Yield why a total of money is more than a sum over arcs."""
    if MEASURES[measure].priced != "unopened":
        return
    form = measures.form(measure)
    uses = [use for use in (form.slot_use, form.facility_use) if use is not None]
    if any((use > 0).any() for use in uses):
        yield about(name, "coupling.opening_cost_couples_the_units_of")
    elif form.floor == "slot" and (measures.arcs.cost > 0).any():
        yield about(name, "coupling.pair_costs_couple", measure=measure)
    elif form.floor == "slot" and _has_unlike_signs(measures, form):
        yield about(name, "coupling.concessions_couple", measure=measure)


def _has_unlike_signs(measures: Measures, form: LinearForm) -> bool:
    """Return whether units of one slot add to a measure, and others take from it.

    What a slot adds is not below 0 then, but by the slot, not by the unit: some may pay
    more than their units cost, and some less.
    """
    if form.per_unit is None:
        return False
    slot, count = measures.arcs.slot, len(measures.columns.slot_ids)
    low, high = np.zeros((2, count), np.int64)
    np.minimum.at(low, slot, form.per_unit)
    np.maximum.at(high, slot, form.per_unit)
    return bool(((low < 0) & (high > 0)).any())


def _unsupported(record: str, field_: str) -> Reason:
    return about(record, "coupling.couples_needs_or_slots", field=field_)


def _repeated(label: Ints, among: Bools | None = None) -> Bools:
    """Return the entries whose label stands at least twice among the marked ones."""
    has_label = label != NONE
    marked = has_label if among is None else has_label & among
    counts = np.bincount(label[marked], minlength=int(label.max(initial=0)) + 1)
    return np.asarray(has_label & (counts[np.maximum(label, 0)] > 1), bool)

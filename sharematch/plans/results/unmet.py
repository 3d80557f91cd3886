"""Why needs stay unmet: the first reason that holds, as a code."""

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.columns.integers import sums
from sharematch.core.columns.lookup import pieces
from sharematch.core.eligibility import arcs as arcs_module
from sharematch.core.integer.coupled import CoupledProgram
from sharematch.core.measures.capacity import full_by
from sharematch.core.measures.measures import Measures
from sharematch.core.network.program import Program
from sharematch.model.garbage import without_collection
from sharematch.plans.results.status import Unmet
from sharematch.progress import Stop
from sharematch.solvers.monitor import UNWATCHED, Monitor

__all__ = ["commonest_codes", "commonest_slot_codes", "measures_of", "unmet_needs"]

Ints = NDArray[np.int64]
MOST_PAIRS = 1_000_000
"""Pairs looked at to name the commonest reason; beyond that, evenly chosen slots."""


def measures_of(form: Program | CoupledProgram | Measures) -> Measures:
    """Return what is measured over the arcs of a program, or of none."""
    return form if isinstance(form, Measures) else form.measures


def unmet_needs(
    form: Program | CoupledProgram | Measures,
    units: Ints,
    monitor: Monitor = UNWATCHED,
    *,
    values: Ints | None = None,
) -> tuple[Unmet, ...]:
    """Return every need with unmet units, in the order of ids, each with its reason.

    Where the monitor ends it, or the search ended before there was a program, the
    reason is ``search``: nobody could tell in time.

    Parameters
    ----------
    values
        Those of the variables of rows, where they are known.
    """
    columns, arcs = measures_of(form).columns, measures_of(form).arcs
    unmet_units = columns.need_demand - sums(arcs.need, units, len(columns.need_ids))
    has_arc = np.zeros(len(unmet_units), bool)
    has_arc[arcs.need] = True
    unmet = np.flatnonzero(unmet_units > 0)
    lone = unmet[~has_arc[unmet]]
    codes = dict(zip(lone.tolist(), commonest_codes(columns, lone), strict=True))
    if isinstance(form, CoupledProgram):
        values = form.values_of(units) if values is None else values
        reason = _coupled_reasons(form, units, values, unmet, monitor)
    elif isinstance(form, Program):
        reason = _reasons(form, units, unmet)
    else:
        reason = np.where(_has_room(form, units)[unmet], "search", "full")
    reason = np.where(has_arc[unmet], reason, "no_arc")
    with without_collection():
        return tuple(
            map(
                Unmet,
                map(columns.need_ids.__getitem__, unmet.tolist()),
                unmet_units[unmet].tolist(),
                reason.tolist(),
                (codes.get(need, "") for need in unmet.tolist()),
            )
        )


def _reasons(program: Program, units: Ints, unmet: Ints) -> NDArray[np.str_]:
    count, need = len(program.measures.columns.need_ids), program.measures.arcs.need
    full, capped = _blocked(program, units)
    has_room, has_leave = np.zeros((2, count), bool)
    has_room[need[~full]] = True
    has_leave[need[~full & ~capped]] = True
    return np.select([~has_room[unmet], has_leave[unmet]], ["full", "goal"], "rule")


def _has_room(measures: Measures, units: Ints) -> NDArray[np.bool_]:
    """Return the needs with an arc that records do not hold full."""
    has_room = np.zeros(len(measures.columns.need_ids), bool)
    has_room[measures.arcs.need[full_by(measures, units) == NONE]] = True
    return has_room


def _coupled_reasons(
    program: CoupledProgram, units: Ints, values: Ints, unmet: Ints, monitor: Monitor
) -> NDArray[np.str_]:
    """Return reasons by trying to serve each need with all others kept."""
    # Who verifies a plan has no solver, and flows need none.
    from sharematch.solvers.anytime.leftovers import Room  # noqa: PLC0415 (loads OR-Tools)

    rows = program.rows
    reason = np.full(len(unmet), "full", "<U7")
    asked = np.flatnonzero(_has_room(program.measures, units)[unmet])
    reason[asked] = "search"  # what is not looked at before the time is over
    if not len(asked) or monitor.is_over() or not rows.holds(values):
        return reason
    leader = program.leader[unmet]
    is_count, is_rule = (
        np.array([s.kind in kinds for s in rows.sources], bool)[rows.source]
        for kinds in (("goal",), ("goal", "rule"))
    )
    with suppress(Stop):
        ruled = Room(program, values, without=is_count, monitor=monitor)
        monitor.check()
        unruled = Room(program, values, without=is_rule, monitor=monitor)
        for place in asked.tolist():
            monitor.check()
            need = int(leader[place])
            why = "goal"
            if not ruled.is_possible(need):
                why = "rule" if unruled.is_possible(need) else "coupled"
            monitor.check()  # else what was cut off seems impossible
            reason[place] = why
    return reason


def _blocked(
    program: Program, units: Ints
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the arcs that records hold full, and those that caps of rules do."""
    full = np.zeros(len(units), bool)
    capped = np.zeros(len(units), bool)
    for source, label, _, upper in program.layers:
        if source.kind == "quantity":
            continue
        at_limit = np.append(sums(label, units, len(upper)) >= upper, False)
        (capped if source.kind == "rule" else full)[at_limit[label]] = True
    return full, capped


def commonest_codes(columns: Columns, needs: Ints) -> list[str]:
    """Return why these needs have no arc: the commonest code among fitting slots.

    "kind" where no slot fits the kind; "rule" where only a policy's rules stand
    between.
    """
    fits = _slots_by_kind(columns)
    slots = [fits[kind] for kind in columns.need_kind[needs].tolist()]
    return _commonest(columns, needs, slots)


def commonest_slot_codes(columns: Columns, slots: Ints) -> list[str]:
    """Return why these slots have no arc: the commonest code among fitting needs.

    "kind" where nobody asks for what the slot offers.
    """
    num_slots = len(columns.slot_ids)
    asked_by = _slots_by_kind(columns)
    kinds = np.repeat(np.arange(len(asked_by)), [*map(len, asked_by)])
    offered = np.concatenate([np.empty(0, np.int64), *asked_by])
    by_kind = [np.flatnonzero(columns.need_kind == k) for k in range(len(asked_by))]
    order = np.argsort(offered, kind="stable")
    first = np.searchsorted(offered[order], np.arange(num_slots + 1))
    shared: dict[tuple[int, ...], Ints] = {}  # slots of equal kinds: one array

    def asking(slot: int) -> Ints:
        offered_kinds = tuple(kinds[order[first[slot] : first[slot + 1]]].tolist())
        if offered_kinds not in shared:
            empty = np.empty(0, np.int64)
            shared[offered_kinds] = np.concatenate(
                [empty, *(by_kind[kind] for kind in offered_kinds)]
            )
        return shared[offered_kinds]

    return _commonest(columns, slots, [*map(asking, slots.tolist())], of_slots=True)


def _commonest(
    columns: Columns, ends: Ints, others: list[Ints], *, of_slots: bool = False
) -> list[str]:
    """Return the commonest code of each of `ends` with its possible others."""
    num_pairs = sum(map(len, others))
    step = -(-num_pairs // MOST_PAIRS)
    if step > 1:
        others = [x[:: min(step, max(len(x) // 20, 1))] for x in others]
    num_codes = len(arcs_module.CODES)
    codes: list[str] = []
    sizes = np.array([*map(len, others)], np.int64)
    for chunk in pieces(sizes, 1_000_000):
        partners = others[chunk]
        row = np.repeat(np.arange(len(partners)), sizes[chunk])
        pairs = ends[chunk][row], np.concatenate([np.empty(0, np.int64), *partners])
        need, slot = pairs[::-1] if of_slots else pairs
        code_of_pair = arcs_module.reasons(columns, need, slot).astype(np.int64)
        # An arc of the records that is none of the policy was taken by a rule.
        code_of_pair[code_of_pair < 0] = arcs_module.CODES.index("rule")
        counts = np.bincount(
            row * num_codes + code_of_pair, minlength=len(partners) * num_codes
        )
        # Where nothing fits, all counts are 0 and the first code says so: kind.
        most = counts.reshape(len(partners), num_codes).argmax(axis=1)
        codes += [arcs_module.CODES[code] for code in most.tolist()]
    return codes


def _slots_by_kind(columns: Columns) -> list[Ints]:
    """Return for each kind of need the slots that offer it or a kind within it."""
    rows, kinds = columns.slot_kinds.rows, columns.slot_kinds.indices
    names = columns.kinds
    offered = {
        name: np.array([n == name or n.startswith(f"{name}/") for n in names], bool)
        for name in {names[k] for k in np.unique(columns.need_kind).tolist()}
    }
    empty = np.empty(0, np.int64)
    return [
        np.unique(rows[offered[name][kinds]]) if name in offered else empty
        for name in names
    ]

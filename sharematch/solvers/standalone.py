"""What each community could be served by its own slots alone.

    alone(c) = maximum Σ x over flows from needs of c to slots of facilities of c

No community's own slots are another's, so the flows share no edge and one maximum flow
serves all (push-relabel; Goldberg and Tarjan 1988). Where records couple, the same
over integers: labels are parted by community first, so that nothing reaches across.

Four nodes: a source, a need of Tianfeng for three, its own hall with two places, and a
hall of Lianqiao with four. Alone Tianfeng has two of three, whatever Lianqiao offers.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.integer.lowering import lower_coupled
from sharematch.core.measures.measures import Measures
from sharematch.model.goals import Maximize
from sharematch.progress import Stop
from sharematch.solvers.flow.circulation import Graph, push
from sharematch.solvers.lexicographic import solve_coupled
from sharematch.solvers.monitor import Monitor

__all__ = ["served_alone"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def served_alone(measures: Measures, monitor: Monitor) -> dict[str, int]:
    """Return the most units each community can get from its own community's slots.

    `measures` is over the arcs admitted by the policy. Capacities, `max_units` and the
    coupled fields of records count, with the needs of others absent; reserves do not
    bind one's own needs. One flow serves all communities, for their own slots are
    nobody else's; one coupled search serves those whose needs or slots may couple.
    """
    columns = measures.columns
    own_measures = Measures(columns, measures.arcs.keep(measures.arcs.tier == 0))
    home = columns.need_community[own_measures.arcs.need]
    couples = np.zeros(len(columns.community_ids), bool)
    couples[home[_may_couple(own_measures)]] = True
    # Where one community couples the flow of the others still holds.
    served = _by_flow(own_measures)
    if couples.any():
        coupled_measures = Measures(
            _apart(columns), own_measures.arcs.keep(couples[home])
        )
        found_by_search = _by_search(coupled_measures, monitor)
        served = np.where(couples, found_by_search, served)
    return dict(zip(columns.community_ids, served.tolist(), strict=True))


def _may_couple(measures: Measures) -> Bools:
    """Return the arcs whose need or slot has a field that may couple."""
    columns, arcs = measures.columns, measures.arcs
    need = (columns.need_whole & (columns.need_quantity > 1)) | (
        (columns.need_min_quantity > 1)
        | (columns.need_sessions > 1)
        | columns.is_booked
        | (columns.need_together != NONE)
        | (columns.need_person != NONE)
    )
    slot = (columns.slot_min_units > 1) | (columns.slot_either != NONE)
    return np.asarray(need[arcs.need] | slot[arcs.slot] | (arcs.units > 1), bool)


def _apart(columns: Columns) -> Columns:
    """Return columns in which no person, team or label reaches beyond a community."""

    def split(label: Ints, community: Ints) -> Ints:
        key = label * len(columns.community_ids) + community
        own_label = np.unique(key, return_inverse=True)[1]
        return np.where(label == NONE, NONE, own_label)

    home = columns.need_community
    owner = columns.facility_community[columns.slot_facility]
    return replace(
        columns,
        need_person=split(columns.need_person, home),
        need_together=split(columns.need_together, home),
        slot_either=split(columns.slot_either, owner),
    )


def _by_search(measures: Measures, monitor: Monitor) -> Ints:
    columns, arcs = measures.columns, measures.arcs
    program = lower_coupled(measures, (), [Maximize("served")])
    outcome = solve_coupled(program, monitor.aside(), exact=True)
    assert outcome is not None  # the empty plan keeps all records
    if not all(outcome.is_proved):
        raise Stop
    served = np.zeros(len(columns.community_ids), np.int64)
    np.add.at(served, columns.need_community[arcs.need], outcome.units)
    return served


def _by_flow(measures: Measures) -> Ints:
    columns, arcs = measures.columns, measures.arcs
    num_needs, num_slots = len(columns.need_ids), len(columns.slot_ids)
    num_facilities = len(columns.facility_ids)
    slot_start, facility_start = num_needs, num_needs + num_slots
    used = np.unique(arcs.slot)
    needs = np.unique(arcs.need)
    limit = columns.facility_max_units
    total = int(columns.need_quantity.sum()) + 1
    graph = Graph(
        facility_start + num_facilities,
        np.concatenate([arcs.need, slot_start + used]),
        np.concatenate(
            [slot_start + arcs.slot, facility_start + columns.slot_facility[used]]
        ),
    )
    room = [columns.need_quantity[arcs.need], columns.slot_capacity[used]]
    pushed = push(
        graph,
        np.concatenate(room),
        np.zeros(len(graph.tail), np.int64),
        (needs, columns.need_quantity[needs]),
        (
            facility_start + np.arange(num_facilities),
            np.where(limit == NONE, total, limit),
        ),
    )
    served = np.zeros(len(columns.community_ids), np.int64)
    np.add.at(served, columns.need_community[needs], pushed.taken)
    return served

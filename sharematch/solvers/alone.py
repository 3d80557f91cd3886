"""What each community could be served by its own slots alone."""

import numpy as np

from sharematch.core.columns import NONE
from sharematch.core.measures import Measures
from sharematch.solvers.flow import Graph, push

__all__ = ["served_alone"]


def served_alone(measures: Measures) -> dict[str, int]:
    """Return the most units each community can get from its own community's slots.

    `measures` is over the arcs admitted by the policy. Capacities and `max_units`
    count; reserves do not bind one's own needs. One maximum flow serves all
    communities: their own slots are nobody else's.
    """
    columns = measures.columns
    own = measures.arcs.keep(measures.arcs.tier == 0)
    num_needs, num_slots = len(columns.need_ids), len(columns.slot_ids)
    num_facilities = len(columns.facility_ids)
    slot_start, facility_start = num_needs, num_needs + num_slots
    used = np.unique(own.slot)
    needs = np.unique(own.need)
    limit = columns.facility_max_units
    total = int(columns.need_quantity.sum()) + 1
    graph = Graph(
        facility_start + num_facilities,
        np.concatenate([own.need, slot_start + used]),
        np.concatenate(
            [slot_start + own.slot, facility_start + columns.slot_facility[used]]
        ),
    )
    room = [columns.need_quantity[own.need], columns.slot_capacity[used]]
    found = push(
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
    np.add.at(served, columns.need_community[needs], found.taken)
    return dict(zip(columns.community_ids, served.tolist(), strict=True))

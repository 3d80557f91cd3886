"""What communities could be served by their own slots, for the verifier.

A maximum flow, and for communities that may couple an integer program, pair by pair;
both by scipy. Shares neither rows nor solver with `solve`.
"""

import numpy as np
import scipy
from numpy.typing import NDArray

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.arcs import Arcs
from sharematch.errors import InputError
from sharematch.plans.verification.standalone_rows import StandaloneRows

__all__ = ["alone", "may_couple", "most_served"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def alone(columns: Columns, arcs: Arcs) -> dict[str, int]:
    """Return the most each community could be served by its own slots, others absent.

    One maximum flow: own needs, own slots, their facilities. Communities whose needs
    or slots may couple are looked at one by one.

    Parameters
    ----------
    arcs
        Those that the rules by assignment admit.

    Raises
    ------
    InputError
        Where more units are asked than scipy's maximum flow can count.
    """
    own_arcs = arcs.keep(arcs.tier == 0)
    n, s, f = len(columns.need_ids), len(columns.slot_ids), len(columns.facility_ids)
    source, sink = n + s + f, n + s + f + 1
    most = int(columns.need_quantity.sum())
    if most >= 2**31:
        raise InputError("large.the_bound_alone_takes_fewer_than")
    limit = columns.facility_max_units
    limit = np.where(limit == NONE, most, limit)
    tail = (np.full(n, source), own_arcs.need, n + np.arange(s), n + s + np.arange(f))
    head = (
        np.arange(n),
        n + own_arcs.slot,
        n + s + columns.slot_facility,
        np.full(f, sink),
    )
    room = (
        columns.need_quantity,
        columns.need_quantity[own_arcs.need],
        columns.slot_capacity,
        limit,
    )
    # Own slots serve own needs alone, so one flow is the maximum of every community.
    graph = scipy.sparse.csr_array(
        (
            np.minimum(np.concatenate(room), most).astype(np.int32),
            (np.concatenate(tail), np.concatenate(head)),
        ),
        shape=(sink + 1, sink + 1),
    )
    flow = scipy.sparse.csgraph.maximum_flow(graph, source, sink).flow
    served = flow[[source], :n].toarray()[0].astype(np.int64)
    total = np.zeros(len(columns.community_ids), np.int64)
    np.add.at(total, columns.need_community, served)
    home = columns.need_community[own_arcs.need]
    for community in np.unique(home[may_couple(columns, own_arcs)]).tolist():
        total[community] = most_served(columns, own_arcs.keep(home == community))
    return dict(zip(columns.community_ids, total.tolist(), strict=True))


def may_couple(columns: Columns, arcs: Arcs) -> Bools:
    """Return the pairs whose need or slot has a field that may couple."""
    special = columns.need_whole | (columns.need_min_quantity > 1)
    special |= (columns.need_sessions > 1) | (columns.need_together != NONE)
    special |= columns.is_booked | (columns.need_person != NONE)
    shared = (columns.slot_min_units > 1) | (columns.slot_either != NONE)
    couples = special[arcs.need] | shared[arcs.slot] | (arcs.units > 1)
    return np.asarray(couples, bool)


def most_served(columns: Columns, arcs: Arcs) -> int:
    """Return the most units that needs of one community can get on these arcs.

    Needs without an arc here are absent, but for those of the same community that are
    together with others.
    """
    return StandaloneRows(columns, arcs).most()

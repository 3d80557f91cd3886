"""Ways between places of bookings: how long it is from one to the next.

    way(p, q) = the path over links if there is one, else the distance of locations

A place is a facility, or a need's own where the service travels. Counted in whole
minutes, begun ones as whole: bookings start at whole minutes.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from sharematch.core.columns.arrays import Columns
from sharematch.core.columns.codes import NONE
from sharematch.core.eligibility.arcs import Arcs
from sharematch.core.eligibility.travel import UNKNOWN, Travel

__all__ = ["Ways"]

Ints = NDArray[np.int64]


class Ways:
    """The ways of one instance; none counts where travel is in km or nobody rests."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.travel = Travel(columns)

    @cached_property
    def matter(self) -> bool:
        """Whether any way can count."""
        columns = self.columns
        rests = bool((columns.need_rest > 0).any())
        return columns.unit == "min" and rests and not self.travel.is_nowhere

    def places(self, arcs: Arcs) -> Ints:
        """Return by arc the place of its booking: facilities first, then needs."""
        columns = self.columns
        facility = columns.slot_facility[arcs.slot]
        visits = columns.slot_radius[arcs.slot] != NONE
        return np.where(visits, len(columns.facility_ids) + arcs.need, facility)

    def minutes(self, origin: Ints, destination: Ints) -> Ints:
        """Return how long it is from places to others; 0 where nobody knows."""
        seconds = self.seconds(origin, destination)
        return -(-np.maximum(seconds, 0) // 60)

    def seconds(self, origin: Ints, destination: Ints) -> Ints:
        """Return the way in seconds, UNKNOWN where nothing says how long it is."""
        if not self.matter:
            return np.zeros(len(origin), np.int64)
        places = np.unique(np.concatenate([origin, destination]))
        table = self._table(places)
        cells = np.searchsorted(places, origin), np.searchsorted(places, destination)
        return table[cells]

    def _table(self, places: Ints) -> Ints:
        """Return (places, places) ways in seconds."""
        columns, travel = self.columns, self.travel
        count = len(columns.facility_ids)
        is_own = places >= count
        need = np.where(is_own, places - count, 0)
        facility = np.where(is_own, 0, places)
        empty = np.empty((0, travel.facility_points.shape[1]))
        points = np.full((len(places), empty.shape[1]), np.nan)
        points[is_own] = travel.need_points[need[is_own]]
        points[~is_own] = travel.facility_points[facility[~is_own]]
        home = np.zeros(len(places), np.int64)
        home[is_own] = columns.need_community[need[is_own]]
        home[~is_own] = columns.facility_community[facility[~is_own]]
        table = travel.apart(points, home)
        if travel.has_links:
            node = home.copy()
            node[~is_own] = travel.nodes[facility[~is_own]]
            far = dijkstra(travel.graph, indices=node)[:, node]
            linked = ~np.isinf(far)
            table[linked] = far[linked].astype(np.int64)
        np.fill_diagonal(table, 0)
        return np.where(table < 0, UNKNOWN, table)

"""Reach: which facilities lie within a limit of a need, found without trying them all.

    {facility: travel(need, facility) ≤ limit(need)}

Paths over links come from shortest paths cut at the widest limit of a community,
straight distances from a k-d tree (Bentley, 1975) asked once for all needs alike in
place and limit. What a limit is measured by is the business of `travel`.

Example: four facilities at 0, 1, 2 and 9 km, limits of 1 and 2 km from one place: two
balls, of two and of three facilities; how many is known before which.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sharematch.core.columns.codes import NONE
from sharematch.core.columns.lookup import Sorted, expand, find
from sharematch.core.eligibility.travel import Travel

__all__ = ["Reach"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Reach:
    """Which facilities lie within a limit of needs, without looking at all of them.

    Parameters
    ----------
    travel
        Of the instance.
    limit
        Of each need, in m or s; NONE: none, and such a need must not be asked for.
    visiting
        Whether the service travels.
    """

    def __init__(self, travel: Travel, limit: Ints, *, visiting: bool) -> None:
        self._travel, self._limit = travel, limit
        columns, points = travel.columns, travel.facility_points
        self._located = np.flatnonzero(~np.isnan(points[:, 0]))
        self._tree = cKDTree(points[self._located])
        nowhere = np.flatnonzero(np.isnan(points[:, 0]))
        home = columns.facility_community[nowhere]
        self._nowhere = nowhere[np.argsort(home, kind="stable")]
        self._nowhere_home = np.sort(home)
        widest = np.full(len(columns.community_ids), NONE, np.int64)
        np.maximum.at(widest, columns.need_community, limit)
        self._near = travel.near(widest, visiting=visiting)
        self._by_length = Sorted(self._near.community, self._near.travel)

    def count(self, need: Ints) -> Ints:
        """Return how many facilities `hits` looks at for each need."""
        first, last = self._along_paths(need)
        count = last - first
        first, last = self._at_home(need)
        count += last - first
        row, alike, points, radius = self._balls(need)
        in_ball = self._tree.query_ball_point(points, radius, return_length=True)
        count[row] += np.asarray(in_ball, np.int64)[alike]
        return count

    def hits(self, need: Ints) -> tuple[Ints, Ints]:
        """Return (row of `need`, facility) for every facility within its limit.

        None comes twice; a few that lie beyond the limit may come too.
        """
        linked, entry = expand(*self._along_paths(need))
        by_path = self._near.facility[self._by_length.order[entry]]
        home, entry = expand(*self._at_home(need))
        at_home = self._nowhere[entry]
        row, alike, points, radius = self._balls(need)
        size, inside = self._inside(points, radius)
        last = np.cumsum(size)[alike]
        ball, entry = expand(last - size[alike], last)
        row = np.concatenate((home, row[ball]))
        facility = np.concatenate((at_home, self._located[inside[entry]]))
        if not len(self._near.community):  # no paths, and none comes twice
            return row, facility
        new = ~self._has_near_path(need[row], facility)
        return (
            np.concatenate((linked, row[new])),
            np.concatenate((by_path, facility[new])),
        )

    def _inside(self, points: Floats, radius: Floats) -> tuple[Ints, Ints]:
        """Return how many places lie in each ball, and these ball by ball."""
        ball, place = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        # Balls of about one size at a time are pairs of two trees, as arrays: a list
        # for each ball is slow, and so is the garbage collector then. Sizes of a class
        # differ by a quarter at most: the upper bits of a float are its logarithm.
        sizes = np.ascontiguousarray(radius).view(np.int64) >> 50
        for size in np.unique(sizes):
            members = np.flatnonzero(sizes == size)
            tree = cKDTree(points[members], balanced_tree=False, compact_nodes=False)
            widest = float(radius[members].max())
            near = tree.sparse_distance_matrix(
                self._tree, widest, output_type="ndarray"
            )
            owner = members[near["i"]]
            within = near["v"] <= radius[owner]
            ball.append(owner[within])
            place.append(near["j"][within])
        owner, inside = np.concatenate(ball), np.concatenate(place)
        size = np.bincount(owner, minlength=len(points))
        return size, inside[np.argsort(owner, kind="stable")]

    def _along_paths(self, need: Ints) -> tuple[Ints, Ints]:
        home = self._travel.columns.need_community[need]
        ends = self._by_length.upto(home, self._limit[need])
        return self._by_length.begin(home), ends

    def _has_near_path(self, need: Ints, facility: Ints) -> Bools:
        near, facilities = self._near, len(self._travel.columns.facility_ids)
        home = self._travel.columns.need_community[need]
        path = find(
            near.community * facilities + near.facility, home * facilities + facility
        )
        is_near: Bools = path != NONE
        is_near[is_near] = near.travel[path[is_near]] <= self._limit[need[is_near]]
        return is_near

    def _at_home(self, need: Ints) -> tuple[Ints, Ints]:
        """Return the facilities without a location around needs without one."""
        home = self._travel.columns.need_community[need]
        home = np.where(np.isnan(self._travel.need_points[need, 0]), home, NONE)
        return (
            np.searchsorted(self._nowhere_home, home),
            np.searchsorted(self._nowhere_home, home, "right"),
        )

    def _balls(self, need: Ints) -> tuple[Ints, Ints, Floats, Floats]:
        """Return (row, alike, points, radius): row i asks for ball `alike[i]`."""
        columns, points = self._travel.columns, self._travel.need_points
        row = np.flatnonzero(~np.isnan(points[need, 0]))
        need = need[row]
        home = columns.need_community[need]
        away = ~np.isnan(columns.need_xy[need, 0])
        place = np.where(away, len(columns.community_ids) + need, home)
        limits, rank = np.unique(self._limit[need], return_inverse=True)
        _, first, alike = np.unique(
            place * len(limits) + rank, return_index=True, return_inverse=True
        )
        chosen = need[first]
        return row, alike, points[chosen], self._travel.straight(self._limit[chosen])
